//! What can be made to happen to applications and their people.

mod dates;
mod duplicates;
mod receive;
mod starts;
mod status;
mod step_back;

pub use dates::{DatesError, NewDates, change_dates, restore_dates};
pub use duplicates::{Difference, SettleError, duplicate_key, found_different, merge, undo_merge};
pub use receive::{NotReceived, Pair, Source, receive};
pub use starts::{hire_key, settle_starts, starts_key};
pub use status::{Checked, StatusError, change_status, change_status_when_checked, restore_status};
pub use step_back::{LastStep, find_last_step, last_step, take_step_back};
