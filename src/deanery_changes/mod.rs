//! What the deanery changed after a doctor was released: withdrawals, replacements, new dates, new training posts.
//!
//! A change is raised as an item of the notification that brought it, and is acted upon from there: the application withdrawn, the dates
//! applied, the position drafted or linked, or the change dismissed with a reason. States: open → applied | dismissed | superseded (the
//! deanery said something later); pending (new dates before their applicant) → open when the applicant loads, expired after three days.
//! What was applied can be undone while nothing followed. Table: `deanery_changes`. Titles and fields: Streamlined Doctors in Training
//! Interface, December 2020.

pub mod actions;
mod jobs;
pub mod model;
pub mod notices;
mod routes;
pub mod store;
mod views;

pub use jobs::{EXPIRE_PENDING, expire_pending, queue_expiry};
pub use routes::configure;
