//! URLs of the pages about positions.

mod edit;
mod end;
mod list;
mod show;
mod undo;

pub use edit::EditForm;

use actix_web::web::{self, ServiceConfig};
use chrono::NaiveDate;

use crate::app::App;
use crate::ui::{Field, dates};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/positions", web::get().to(list::list))
        .route("/positions/changes/{position_change}/undo", web::post().to(undo::undo))
        .route("/positions/{position}", web::get().to(show::show))
        .route("/positions/{position}/edit", web::get().to(edit::form))
        .route("/positions/{position}/edit", web::post().to(edit::save))
        .route("/positions/{position}/end", web::get().to(end::form))
        .route("/positions/{position}/end", web::post().to(end::save));
}

/// Reads the day that a page is about: the business date where none is asked for.
fn day(app: &App, text: &str) -> (Field, NaiveDate) {
    let today = app.today();
    if text.trim().is_empty() {
        return (Field::new("on", ""), today);
    }
    match dates::parse_day(text) {
        Some(day) => (Field::new("on", text), day),
        None => (Field::refused("on", text, "Enter a date as day, month and year, such as 6/5/2026"), today),
    }
}
