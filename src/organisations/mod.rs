//! Employing organisations (VPDs) as their files name them, their departments and their locations.
//!
//! Departments are effective-dated: several rows of one id with different starts are its history. Locations have none. Tables:
//! `vpds` (registered here; changed by operators), `organisations`, `locations`. Layout: Generic Outbound records ORA and LCA.

pub mod store;
