//! The portal as its users and neighbours meet it: a real server, a real database, one binary.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by stopping there")]

mod access;
mod applicants;
mod administration;
mod commands;
mod generic_outbound;
mod inbox;
mod mail;
mod permissions;
mod private_postgres;
mod sign_in;
mod support;
mod tenancy;
