//! The SQL for messages and items.

mod annotate;
mod cover;
pub mod decide;
mod raise;

pub use annotate::{Annotation, annotate, hand_over, reopen};
pub use cover::{is_open, keys_about, open_items_by_role, roles_with_open_items};
pub use raise::{CHECK_COVER, TELL, close, close_many, raise};
