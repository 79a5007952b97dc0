//! Employment checks of doctors in training before they start: the six NHS Employment Check Standards, for each application.
//!
//! A check goes through not started, in progress, received, and ends clear, clear with conditions, failed or not required; it may be
//! taken up again, and every version is kept. An offer is accepted when all six are complete, or by an override with a reason. Staff
//! record them on the doctor's page, a recruitment system by `/api/employment-checks/v1` (Get and Set). Of the work health assessment
//! only the outcome stands here. Tables: `employment_checks`, `employment_check_versions`. Rules: NHS Employment Check Standards; the
//! Employment Checks API of the interface catalogue.

pub mod actions;
pub mod api;
pub mod model;
mod routes;
pub mod store;
pub mod views;

pub use api::forget_the_old as forget_old_answers;
pub use routes::configure;
