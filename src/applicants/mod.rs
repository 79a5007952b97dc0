//! Applications for training posts: matching, statuses, duplicates.
