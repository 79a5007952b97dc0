//! Lead and host: what the two employers of one training post see of each other, and nothing else.
//!
//! That the pair exists and since when comes from the directory of positions. Dates and stage of each placement are told by the employer
//! whose application it is, in the transaction that changes them, and are seen by the other side alone: one of the two is Host and the
//! other Lead on the first day. Whom to ask is an office that each employer names. No name and no number of a doctor crosses.
//! Tables: `placements_told`, `employer_contacts`. Source: Streamlined Doctors in Training Interface, December 2020.

pub mod actions;
pub mod model;
mod routes;
pub mod store;
mod views;

pub use routes::configure;
