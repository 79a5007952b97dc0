//! What the pages about hiring and leaving say.

mod day_one;
mod hire;
mod leaving;

pub use day_one::{DayOnePage, Row};
pub use hire::{CancelPage, ConfirmPage, HirePage};
pub use leaving::{Entered, LeavingPage};
