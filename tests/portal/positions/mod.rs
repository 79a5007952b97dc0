//! Positions kept right: changes, their rules, their undo.

mod changes;
mod pages;
mod report;
