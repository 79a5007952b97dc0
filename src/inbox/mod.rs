//! The notifications inbox, the home page of each role, and the help pages.
//!
//! Reads messages and items for the caller's roles; what may happen to an item is decided in `notifications`. A message's page shows the
//! buttons of each feature, which post to that feature's own routes; the feature closes the item, so none depends on this module.
//! Owns no table. Titles and words: Streamlined Doctors in Training Interface, December 2020.

mod actions;
mod export;
mod filter;
mod kinds;
mod routes;
mod store;
mod views;

pub use routes::configure;
