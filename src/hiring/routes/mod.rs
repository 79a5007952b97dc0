//! URLs of hiring, leaving, and the list of first days.

mod day_one;
mod hire;
mod leaving;
mod take_back;

use actix_web::web::{ServiceConfig, get, post};

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/doctors/day-one", get().to(day_one::show))
        .route("/doctors/day-one.csv", get().to(day_one::export))
        .route("/doctors/applications/{id}/hire", get().to(hire::form))
        .route("/doctors/applications/{id}/hire", post().to(hire::hire))
        .route("/doctors/applications/{id}/hand-over", post().to(hire::hand_over))
        .route("/doctors/hires/{hire}/undo", post().to(take_back::undo))
        .route("/doctors/hires/{hire}/cancel", get().to(take_back::ask))
        .route("/doctors/hires/{hire}/cancel", post().to(take_back::cancel))
        .route("/doctors/{person}/leaving", get().to(leaving::form))
        .route("/doctors/{person}/leaving", post().to(leaving::decide))
        .route("/doctors/leavings/{leaving}/undo", post().to(leaving::undo));
}

/// A day out of the three entries of a date field, as typed: nothing where all are empty.
fn typed(fields: &std::collections::BTreeMap<String, String>, name: &str) -> String {
    let part = |end: &str| fields.get(&format!("{name}-{end}")).map(|value| value.trim()).unwrap_or_default();
    let parts = [part("day"), part("month"), part("year")];
    if parts == [""; 3] { String::new() } else { parts.join("/") }
}
