//! The deanery's files: applicants in (APP), notifications in (DNC, DNF), confirmations out (APC, DCC).
//!
//! One record is one doctor for one post. `files` reads and writes the layouts, `checks` judges a record by itself
//! and beside its position, `applicants` decides whom it is about. Rules: "The Streamlined ESR and Junior Doctors
//! Interface" as far as it is public, and `docs/glossary.md` for the words.

pub mod actions;
pub mod checks;
mod emails;
pub mod files;
pub mod messages;
pub mod notified;
pub mod processor;
mod routes;
pub mod store;
mod views;

pub use routes::configure;
