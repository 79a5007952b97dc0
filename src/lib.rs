//! Changeover: moves NHS staff between employers without losing anyone's record, training or pay.
//!
//! Modules stand bottom to top: each may use itself and those above it in this list; `tests/architecture.rs` holds them to it.

pub mod config;
pub mod telemetry;
pub mod private_postgres;
pub mod tenancy;
pub mod schema;
pub mod app;
pub mod mailer;
pub mod ui;
pub mod spreadsheets;
pub mod pdf;
pub mod error;
pub mod audit;
pub mod jobs;
pub mod email;
pub mod access;
pub mod notifications;
pub mod file_exchange;
pub mod reference;
pub mod organisations;
pub mod lead_and_host;
pub mod positions;
pub mod people;
pub mod dpn_report;
pub mod readiness;
pub mod mass_updates;
pub mod deanery_lists;
pub mod generic_outbound;
pub mod applicants;
pub mod unbucketing;
pub mod employment_checks;
pub mod rotation;
pub mod deanery_changes;
pub mod hiring;
pub mod doctors_in_training;
pub mod whereabouts;
pub mod deanery_outbound;
pub mod inbox;
pub mod administration;
pub mod demo;
pub mod server;
pub mod worker;
pub mod cli;
