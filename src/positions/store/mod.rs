//! The SQL for positions and the directory that says whose they are.

mod load;
mod read;

pub use load::{PositionVersion, claimed_elsewhere, delete, save};
pub use read::{Holder, Position, PositionFilter, find, holders, job_roles, list, versions};
