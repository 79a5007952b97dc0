//! Managing deanery bodies and how to reach them; the lists of codes.
//!
//! Every notice tells its reader to contact the deanery: operators keep here whom that means, by purpose and with dates. Offices, not
//! persons. Tables: `managing_bodies`, `managing_body_contacts`, `code_values`; shared, without personal data.

mod routes;
pub mod store;
mod views;

pub use routes::configure;
