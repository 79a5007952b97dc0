//! The SQL for applications and possible duplicates.

mod applications;
mod dates;
mod duplicates;
mod events;
mod merges;
mod moves;
mod pages;
mod starts;

pub use applications::{
    HeldStatus, Origin, at_position, insert_applications, list_by_people, lock_status, restore_status,
    save_applications, save_person, save_status,
};
pub use dates::{HeldDates, event_after, has_live_on, has_other_live, lock_dates, save_dates};
pub use duplicates::{
    Duplicate, OpenPair, PairRow, count_open_pairs, find_pair, insert_duplicates, list_open_pairs, lock_pair,
    open_pairs, save_pair,
};
pub use events::{EventRow, insert_events};
pub use merges::{Merge, insert_merge, list_merges, lock_merge, save_undone};
pub use moves::{move_application, place};
pub use pages::{ApplicationPage, History, histories, list_for_person};
pub use starts::count_starts;
