//! What administrators do: users and their rights, the role map, the audit trail.

mod audit;
mod roles;
mod users;
