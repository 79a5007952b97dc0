//! Users, roles and role map, audit trail, sent mail, background work.

pub fn configure(_routes: &mut actix_web::web::ServiceConfig) {}
