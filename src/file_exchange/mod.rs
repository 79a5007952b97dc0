//! Interface files in and out: register, states, envelope, folders.

pub fn configure(_routes: &mut actix_web::web::ServiceConfig) {}
