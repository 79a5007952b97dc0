mod exceptions;
mod list;

pub use exceptions::{ExceptionsAsked, ExceptionsPage, Seen};
pub use list::{Found, ListAsked, ListPage, Why};
