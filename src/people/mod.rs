//! Persons, their assignments, addresses and telephones, effective-dated: employees by their employer's file, applicants by the deanery's.
//!
//! `people` holds what matching and lists need, as of today; `person_versions` the history. Ethnicity, disability, marital status and
//! country of birth are kept apart in `person_equality` and shown nowhere. Tables: those, `person_phones`, `person_addresses`,
//! `assignments`, `costings`. Layout: Generic Outbound records PRA, ASA, PHA, ADA, COA.

pub mod applicants;
mod merged;
mod routes;
pub mod store;
pub mod values;
mod views;

pub use routes::configure;
