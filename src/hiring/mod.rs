//! Hiring a doctor from an accepted application, the reminder before, the list of the first days, and leaving again.
//!
//! A hire writes the person (a new stretch from the hire date), an assignment on the position, and the application's status; the person
//! type is Honorary for a host by default. It is taken back or corrected with a reason while nothing followed it. Leaving ends the
//! employment or the honorary record, extends it, or says that the person stays; who comes back is hired on the same person record. A
//! withdrawal of somebody who is hired never ends an employment: it leads here, and is settled by what is decided here. Tables: `hires`, `leavings`. Source: Streamlined Doctors in
//! Training Interface, December 2020.

pub mod actions;
pub mod model;
pub mod reminders;
mod routes;
pub mod starting;
pub mod store;
mod views;

pub use routes::configure;
pub use views::Row as Starting;
