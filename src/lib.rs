//! Changeover: moves NHS staff between employers without losing anyone's record, training or pay.
//!
//! Modules stand bottom to top: each may use itself and those above it in this list; `tests/architecture.rs` holds them to it.

pub mod access;
pub mod administration;
pub mod app;
pub mod applicants;
pub mod audit;
pub mod cli;
pub mod config;
pub mod demo;
pub mod doctors_in_training;
pub mod email;
pub mod error;
pub mod file_exchange;
pub mod generic_outbound;
pub mod inbox;
pub mod jobs;
pub mod mailer;
pub mod notifications;
pub mod organisations;
pub mod people;
pub mod positions;
pub mod private_postgres;
pub mod reference;
pub mod schema;
pub mod server;
pub mod telemetry;
pub mod tenancy;
pub mod ui;
pub mod worker;
