//! Managing deanery bodies and how to reach them; the lists of codes.
//!
//! Every notice tells its reader to contact the deanery: operators keep here whom that means, by purpose and with dates. Offices, not
//! persons. They also keep the lists that records and forms are held to; which job roles make a training post is one. Tables:
//! `managing_bodies`, `managing_body_contacts`, `code_values`; shared, without personal data.

mod model;
mod routes;
pub mod store;
mod views;

pub use routes::configure;
