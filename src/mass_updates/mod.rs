//! Mass update: many positions changed by a spreadsheet, checked before by the code that makes the change.
//!
//! A file is checked row by row (a dry run), then applied now or tonight; a bad row does not stop the good ones; the user's own file comes
//! back with what became of each row; a whole update is undone while nothing followed. States: checked, waiting, applied; or cancelled,
//! undone. Tables: `mass_updates`, `mass_update_rows`. Template: layout version 1.

pub mod actions;
mod evaluate;
pub mod model;
mod routes;
pub mod store;
mod views;

pub use actions::{RUN, run};
pub use routes::configure;
