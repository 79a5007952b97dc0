//! The SQL for managing bodies, their contacts, and the lists of codes.

mod bodies;
mod codes;

pub use bodies::*;
pub use codes::{Code, add_code, codes, lists, lock_code, save_code};
