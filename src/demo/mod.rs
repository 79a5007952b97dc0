//! The demonstration: three invented employers before the August changeover, and a persona for each role.
//!
//! It takes its files in by the path that every file takes, and adds its users as an administrator would, so nothing of it is special but
//! its content. It fixes the business date of its database to 6 May 2026. It refuses a database that holds data and was not made by it;
//! run again it changes nothing. The file generators serve `seed` and the benches too.

mod begun;
pub mod files;
mod load;
pub mod names;
pub mod notifications;
mod odd_positions;
mod personas;
mod seed;

pub use load::{DemoError, employers, load};
pub use personas::{PASSWORD, PERSONAS, Persona};
pub use seed::{Seeded, Size, seed};
