//! A Chromium of its own for each journey.

mod browser;
mod checks;
mod driver;
mod find;
mod keyboard;
mod walk;
mod ways;

pub use browser::{Browser, DESKTOP, PHONE};
pub use walk::{Walk, Way};
pub use ways::in_every_way;
