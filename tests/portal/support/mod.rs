//! What tests use to stand where the portal's users and neighbours stand.
//!
//! `Portal::start(pool)` in a `#[sqlx::test]` gives a real server on a port of its own, with the test's own database behind
//! it through a login that owns nothing. The business date is 6 May 2026 unless the test says otherwise.

mod builders;
mod client;
pub mod files;
mod page;
pub mod payloads;
mod running;
pub mod program;
pub mod smtp;

pub use builders::{ItemBuilder, PASSWORD, User};
pub use client::Visitor;
pub use page::Page;
pub use running::Portal;
