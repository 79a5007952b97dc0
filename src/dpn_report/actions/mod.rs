//! What can be made to happen from the report: the positions of one number are settled together.

mod settle;

pub use settle::{Deed, Settled, Settlement, settle};
