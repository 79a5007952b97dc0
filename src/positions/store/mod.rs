//! The SQL for positions, their changes, and the directory that says whose they are.

mod changes;
mod claims;
mod edit;
mod load;
mod quality;
mod read;
mod sent;
mod values;

pub use changes::{
    Change, Followed, Split, changes_of, find_change, history, keep_changes, restore, splits, what_followed,
};
pub use claims::{Side, borne_elsewhere, keys_of_changes, sides};
pub use edit::{around, bearers, insert_draft, lock, next_position_id, number_is_taken, stretches, write};
pub use load::{Loaded, PositionVersion, claimed_elsewhere, delete, save};
pub use quality::quality;
pub use read::{Holder, Position, PositionFilter, find, holders, id_of_number, job_roles, list, people_of, versions};
pub use sent::{Refusal, last_refusal, last_sent};
pub use values::{Values, after_day, count_bearers, people_after, values};
