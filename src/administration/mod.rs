//! Users, roles and role map, audit trail, sent mail, background work.
