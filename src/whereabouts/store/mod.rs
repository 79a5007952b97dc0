//! What the lines are read from, each in one statement.

mod lines;
mod placements;
mod reasons;

pub use lines::{
    Application, Expected, Key, Unloaded, Wanted, WantedRecords, applications, counts, expected, keys, unloaded,
};
pub use placements::{Facet, Placement, PlacementFilter, facets, placements};
pub use reasons::{PostKnown, known_position, known_post};
