//! Layouts of the deanery interface, one file for each type.

pub mod apc;
pub mod app;
pub mod dcc;
pub mod dnc;
