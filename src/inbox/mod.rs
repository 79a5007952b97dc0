//! The notifications inbox: list, message, claim, done, undo.

pub fn configure(_routes: &mut actix_web::web::ServiceConfig) {}
