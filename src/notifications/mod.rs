//! Messages and the items in them: one thing to do each, for the holders of a right in one organisation.
//!
//! A **message** is what ESR would have sent (one for each file, type and organisation); its **items** are the things to do in it.
//! States of an item: open → claimed → done; a release opens it, an undo gives it to whoever had it; closed_by_system with the reason, and open again when the
//! fact breaks again; an item for information expires 28 days after its day. An item names the fact that it is about by its `subject_key`: who mends the fact closes it by that key.
//! A claim says who has it and blocks nobody; it lapses after 24 hours. Tables: `messages`, `items`, `item_reads`, `item_events`.
//! Titles and words: Streamlined Doctors in Training Interface, December 2020.

pub mod actions;
mod claims;
mod expiry;
pub mod item;
mod model;
pub mod store;
pub mod summaries;

pub use claims::{RELEASE_CLAIMS, release_claims};
pub use expiry::{EXPIRE, INFORMATION_LASTS, expire, queue_expiry};
pub use model::{Cause, ItemClass, ItemDraft, MessageDraft, MessageType};
pub use store::{CHECK_COVER, TELL, close, close_many, raise};
