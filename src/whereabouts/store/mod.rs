//! What the lines are read from, each in one statement.

mod lines;
mod reasons;

pub use lines::{Application, Expected, Unloaded, applications, expected, unloaded};
pub use reasons::known_post;
