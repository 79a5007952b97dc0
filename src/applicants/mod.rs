//! Applications for training posts: matching, statuses, duplicates.

pub mod matching;
pub mod model;
pub mod status;
