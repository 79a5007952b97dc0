//! Medical rotation: who holds each training post now and who next, as the deanery told it, and the board of a changeover.
//!
//! A row is keyed by employer, Deanery Post Number, current and next holder: several holders of one post never overwrite each other.
//! Each telling (a notification file with rows for the employer) ends the rows that it says otherwise about, so that the grid of any past
//! day can be shown again. Tables: `rotation_grids`, `rotation_rows`. It replaces the spreadsheet of Streamlined Doctors in Training
//! Interface, December 2020 (MEDROT).

mod board_sheet;
mod boards;
pub mod changeover;
pub mod model;
mod routes;
mod sheet;
pub mod store;
mod views;

pub use boards::Boards;
pub use routes::configure;
