//! The SQL for messages and items.

mod annotate;
mod cover;
pub mod decide;
mod expire;
mod handed;
mod raise;

pub use annotate::{Annotation, Turned, annotate, name_person, reopen, reopen_done, turn};
pub use cover::{is_open, open_among, open_beginning, open_files, open_items_by_role, roles_with_open_items};
pub use expire::expire;
pub use handed::{give, give_back, hand_over, handed_key, own_key, save_handed_to};
pub use raise::{CHECK_COVER, TELL, close, close_many, raise};
