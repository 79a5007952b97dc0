//! Signing in, sessions, forms and one-time links, under attack.

mod account;
mod csrf;
mod http_edges;
mod links;
mod sessions;
mod sign_in;
