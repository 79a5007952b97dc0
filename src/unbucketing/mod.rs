//! Un-bucketing: from a position that several doctors share, one position for each Deanery Post Number, with its holders and applicants.
//!
//! Somebody says whose post is which; what would come of it is shown first, by the code that does it; it is taken back while nothing
//! followed. Table: `unbucketings`. The condition: Streamlined Doctors in Training Interface, December 2020 (unique positions).

mod actions;
mod routes;
mod store;
mod views;

pub use routes::configure;
