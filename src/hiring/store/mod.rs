//! The SQL for hires, leavings, and who starts when.

mod hires;
mod leavings;
mod starters;

pub use hires::{
    Applicant, Hire, applicant, find_hire, insert_hire, left_on, live_hire_of, live_hires, person_types, save_status,
    take_hire_back,
};
pub use leavings::{Leaving, codes, find_leaving, insert_leaving, latest_leaving, take_leaving_back};
pub use starters::{StartFilter, Starter, days_with_starts, list_starters};
