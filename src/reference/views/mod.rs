//! Pages about managing bodies and about the lists of codes.

mod bodies;
mod codes;

pub use bodies::{ListPage, PURPOSES, ShowPage};
pub use codes::{ChangeCodePage, CodesPage, ListsPage};
