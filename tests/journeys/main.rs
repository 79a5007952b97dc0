//! Journeys of real role holders through the real portal in a real Chromium: at two widths, by keyboard,
//! without JavaScript, and judged by axe-core.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by stopping there")]

mod checks;
mod support;
