//! Persons, their assignments, addresses and phones, effective-dated.

pub mod values;
