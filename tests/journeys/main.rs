//! Journeys of real role holders through the real portal in a real Chromium: at two widths, by keyboard,
//! without JavaScript, and judged by axe-core.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by stopping there")]

mod account;
mod checks;
mod changes;
mod changeover;
mod doctors;
mod doctors_at_work;
mod every_page;
mod files;
mod filters;
mod hiring;
#[path = "../portal/support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "journeys need the portal and its people, and little else of the other tests"
)]
mod portal;
mod inbox;
mod newcomer;
mod reports;
mod positions;
mod support;
mod upkeep;
