//! What can be made to happen to applications and their people.

mod receive;

pub use receive::{Pair, Source, receive};
