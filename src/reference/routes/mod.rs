//! URLs of the pages about managing bodies, their contacts, and the lists of codes.

mod bodies;
mod codes;

use actix_web::web::{self, ServiceConfig};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/interfaces/bodies", web::get().to(bodies::list))
        .route("/interfaces/bodies/{body}", web::get().to(bodies::show))
        .route("/interfaces/bodies/{body}/hour", web::post().to(bodies::save_hour))
        .route("/interfaces/bodies/{body}/contacts", web::post().to(bodies::add))
        .route("/interfaces/bodies/{body}/contacts/confirm", web::post().to(bodies::confirm))
        .route("/interfaces/bodies/{body}/contacts/end", web::post().to(bodies::end))
        .route("/interfaces/codes", web::get().to(codes::lists))
        .route("/interfaces/codes/{code_list}", web::get().to(codes::show))
        .route("/interfaces/codes/{code_list}", web::post().to(codes::add))
        .route("/interfaces/codes/{code_list}/change", web::get().to(codes::form))
        .route("/interfaces/codes/{code_list}/change", web::post().to(codes::change));
}
