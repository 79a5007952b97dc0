//! The commands of `changeover`.
