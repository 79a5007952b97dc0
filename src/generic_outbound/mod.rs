//! The Generic Outbound file: an employer's organisations, locations, positions and staff, full or changes only.

pub mod files;
