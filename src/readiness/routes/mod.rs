//! URLs of readiness: the employer's pages, and those on which operators answer.

mod answer;
mod overview;
mod request;

use actix_web::web::{self, ServiceConfig};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/positions/readiness", web::get().to(overview::show))
        .route("/positions/readiness/steps", web::post().to(overview::save_steps))
        .route("/positions/readiness/request", web::get().to(request::form))
        .route("/positions/readiness/request", web::post().to(request::send))
        .route("/positions/readiness/requests/{request}", web::get().to(request::show))
        .route("/positions/readiness/requests/{request}/reply", web::post().to(request::reply))
        .route("/positions/readiness/requests/{request}/email", web::get().to(request::email))
        .route("/positions/readiness/requests/{request}/report", web::get().to(request::report))
        .route("/interfaces/requests", web::get().to(answer::list))
        .route("/interfaces/requests/{request}", web::get().to(answer::show))
        .route("/interfaces/requests/{request}/answer", web::post().to(answer::answer))
        .route("/interfaces/requests/{request}/email", web::get().to(answer::email))
        .route("/interfaces/requests/{request}/report", web::get().to(answer::report));
}
