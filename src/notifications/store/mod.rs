//! The SQL for messages and items.

mod raise;

pub use raise::{close, close_many, raise};
