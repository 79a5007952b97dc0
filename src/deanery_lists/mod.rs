//! The deanery's list: the posts that a managing body says are this employer's, beside the positions that carry them.
//!
//! What differs is worked out each time it is looked at, and each row has its action: assign the number to a position, draft a position,
//! query with the deanery. Tables: `deanery_lists`, `deanery_list_posts`. Columns of the list: layout version 1.

pub mod actions;
pub mod model;
mod routes;
pub mod store;
mod views;

pub use routes::configure;
