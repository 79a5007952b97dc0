//! Positions, effective-dated: what posts an employer has, with the Deanery Post Number that joins each to the deanery's.
//!
//! Several rows of one position with different starts are its history. A change made here cuts a stretch in two and is kept whole, so that
//! it can be undone while nothing followed. What a file says wins where it says something new; what no file brings (Host/Lead status, out
//! of hours band, rota pattern, prospective cover) a file never clears. Tables: `positions`, `position_changes`, `position_directory`
//! (shared: whose a position is, so that a deanery's file finds the employer). Layout: Generic Outbound record POA; rules: the DPN report.

pub mod actions;
mod claims;
pub mod dpn;
pub mod model;
pub mod name;
pub mod quality;
mod routes;
pub mod store;
pub mod views;

pub use claims::{TELL as TELL_OF_CLAIMS, look_again as look_again_at_claims, tell as tell_of_claims};
pub use routes::configure;
