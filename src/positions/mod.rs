//! Positions, effective-dated: what posts an employer has, with the Deanery Post Number that joins each to the deanery's.
//!
//! Several rows of one position with different starts are its history. Tables: `positions`, `position_directory` (shared: whose a
//! position is, so that a deanery's file finds the employer). Layout: Generic Outbound record POA; rules: the DPN report.

pub mod dpn;
mod routes;
pub mod store;
mod views;

pub use routes::configure;
