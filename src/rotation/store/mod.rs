//! The SQL for the grid.

mod record;

pub use record::{Grid, GridCounts, Moved, Recorded, counts, earlier_files, end_unnamed, grid_of, moved, record};
