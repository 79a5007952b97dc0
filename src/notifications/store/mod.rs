//! The SQL for messages and items.

mod annotate;
mod cover;
pub mod decide;
mod expire;
mod raise;

pub use annotate::{Annotation, Turned, annotate, hand_over, name_person, reopen, reopen_done, turn};
pub use cover::{is_open, open_among, open_files, open_items_by_role, roles_with_open_items};
pub use expire::expire;
pub use raise::{CHECK_COVER, TELL, close, close_many, raise};
