//! Persons, their assignments, addresses and phones, effective-dated.

pub mod applicants;
pub mod values;

pub fn configure(_routes: &mut actix_web::web::ServiceConfig) {}
