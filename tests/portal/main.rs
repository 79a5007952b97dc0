//! The portal as its users and neighbours meet it: a real server, a real database, one binary.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by stopping there")]

mod access;
mod applicants;
mod administration;
mod clocks;
mod commands;
mod deanery_changes;
mod deanery_outbound;
mod doctors;
mod employment_checks;
mod files;
mod generic_outbound;
mod hiring;
mod hostile;
mod inbox;
mod kept_boards;
mod lead_and_host;
mod demonstration;
mod long_lists;
mod mail;
mod operations;
mod permissions;
mod positions;
mod private_postgres;
mod processes;
mod reference;
mod release;
mod rotation;
mod sent_mail;
mod sign_in;
mod support;
mod tenancy;
mod whereabouts;
