//! Positions kept right: changes, their rules, their undo.

mod changes;
mod confirmations;
mod deanery_list;
mod mass_update;
mod pages;
mod readiness;
mod report;
