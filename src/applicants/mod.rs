//! Applications for training posts: matching, statuses, duplicates.

pub mod actions;
pub mod matching;
pub mod model;
pub mod plan;
pub mod status;
pub mod store;
