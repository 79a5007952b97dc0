//! The SQL for the grid, and for what a changeover's board is made of.

mod board;
mod grid;
mod record;

pub use board::{AROUND, AtPost, Post, Said, applicants, first_days, held, holders, posts, said};
pub use grid::{GridFilter, GridRow, Telling, rows, sites, specialties, telling, tellings};
pub use record::{Grid, GridCounts, Moved, Recorded, counts, earlier_files, end_unnamed, grid_of, moved, record};
