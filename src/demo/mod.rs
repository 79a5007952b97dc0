//! The demonstration: three invented employers before the August changeover, and a persona for each role.
//!
//! The file generators serve `seed` and the benches too.

pub mod files;
pub mod names;
