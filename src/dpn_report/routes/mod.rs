//! URLs of the DPN report.

mod export;
mod forecast;
mod pages;
mod settle;

use actix_web::web::{self, ServiceConfig};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/positions/dpn-report", web::get().to(pages::summary))
        .route("/positions/dpn-report/duplicates", web::get().to(pages::duplicates))
        .route("/positions/dpn-report/all", web::get().to(pages::all))
        .route("/positions/dpn-report/report.xlsx", web::get().to(export::workbook))
        .route("/positions/dpn-report/report.csv", web::get().to(export::table))
        .route("/positions/dpn-report/report.pdf", web::get().to(export::document))
        .route("/positions/dpn-report/settle", web::get().to(settle::form))
        .route("/positions/dpn-report/settle", web::post().to(settle::settle))
        .route("/positions/dpn-report/settled/{id}/undo", web::post().to(settle::undo))
        .route("/positions/forecast", web::get().to(forecast::forecast));
}
