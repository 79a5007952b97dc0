//! The SQL for changes, and what it asks of people, posts and applications to say whom a change is about.

mod changes;
mod found;
mod pages;

pub use changes::{
    Known, NewChange, decide, has_later, insert, list_known, list_outdone, list_pending_due, list_waiting_for, lock,
    lock_all, save_all_open, save_dealt_with, save_found, save_open, supersede,
};
pub use found::{Candidate, Post, Standing, candidates, posts, withdrawal_reasons};
pub use pages::{
    ListFilter, find, for_person, list, list_about_employment, list_by_ids, list_new_posts, list_settled_by,
    list_withdrawals_of,
};
