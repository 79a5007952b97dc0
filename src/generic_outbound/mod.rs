//! The Generic Outbound file: an employer's organisations, locations, positions and staff, full (`GOF`) or changes only (`GOC`).
//!
//! What a record says replaces what was said of the same id and start; what is the same again is unchanged; only delete records end
//! anything. The first full file of an employer that is not known registers it. Owns no table: `organisations`, `positions` and
//! `people` keep what it brings. Layout: the Generic Outbound file family, version 01.

pub mod files;
pub mod notices;
mod processor;

pub use processor::GenericOutbound;
