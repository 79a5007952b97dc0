//! A Chromium of its own for each journey.

mod browser;
mod checks;
mod driver;

pub use browser::{Browser, DESKTOP, PHONE};
