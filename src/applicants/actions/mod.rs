//! What can be made to happen to applications and their people.

mod dates;
mod duplicates;
mod receive;
mod starts;
mod status;

pub use dates::{DatesError, NewDates, change_dates, restore_dates};
pub use duplicates::{Difference, SettleError, duplicate_key, found_different, merge, undo_merge};
pub use receive::{NotReceived, Pair, Source, receive};
pub use starts::{settle_starts, starts_key};
pub use status::{Checked, StatusError, change_status, change_status_when_checked, restore_status};
