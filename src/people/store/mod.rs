//! The SQL for people as their employer's files bring them, and for the page of one person.

mod assignments;
mod contract_end;
mod contacts;
mod employment;
mod moves;
mod persons;
mod read;
mod today;

pub use assignments::{
    AssignmentVersion, CostingVersion, delete_assignments, delete_costings, save_assignments, save_costings,
};
pub use contacts::{AddressVersion, PhoneVersion, delete_addresses, delete_phones, save_addresses, save_phones};
pub use contract_end::{HeldEnd, restore_contract_end, save_contract_end};
pub use employment::{
    NewAssignment, begin_version, end_employment, end_held, extend_contracts, first_day, holds_after,
    insert_assignment, is_same, restore, snapshot,
};
pub use moves::move_assignment;
pub use persons::{PersonVersion, delete_persons, save_persons};
pub use read::{Address, Assignment, Person, Phone, Version, addresses, assignments, find, phones, versions};
pub use today::{roll_all_forward, roll_forward};
