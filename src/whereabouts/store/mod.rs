//! What the lines are read from, each in one statement.

mod lines;
mod reasons;

pub use lines::{Application, Expected, Key, Unloaded, applications, expected, keys, unloaded};
pub use reasons::known_post;
