//! A Chromium of its own for each journey.

mod browser;
mod checks;
mod driver;
mod find;
mod keyboard;
mod walk;
mod ways;

pub use crate::portal::Portal;
pub use browser::{Browser, DESKTOP, PHONE};
pub use walk::{Account, Walk, Way};
pub use ways::in_every_way;
