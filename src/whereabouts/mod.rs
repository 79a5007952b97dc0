//! Where is my doctor? One line for each doctor from the deanery's release to the first day: the stage, who has it now, what blocks it,
//! since when, and the action that mends it; and the deanery's own exception view.
//!
//! It reads what other features keep and writes nothing: it owns no table. Columns and filters of the exception view: Streamlined Doctors
//! in Training Interface, December 2020.

mod exceptions;
mod lines;
mod model;
mod read;
mod routes;
mod store;
mod views;

pub use routes::configure;
