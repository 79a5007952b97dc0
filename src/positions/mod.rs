//! Positions and their Deanery Post Numbers, effective-dated.

pub mod dpn;
