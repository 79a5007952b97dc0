//! Positions and their Deanery Post Numbers, effective-dated.

pub mod dpn;

pub fn configure(_routes: &mut actix_web::web::ServiceConfig) {}
