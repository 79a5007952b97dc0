//! What the inbox reads of messages and items; `notifications` writes them.

mod counts;
mod home;
mod list;
mod message;
mod walk;

pub use counts::Counts;
pub use home::{Gap, KindCount, RecentDeed, gaps, kind_counts, last_file_at, mine, recent_deeds};
pub use list::{ListRow, Reader, count, ids, next_after, page, roles_of};
pub use message::{HistoryRow, ItemRow, Message, SHOWN, history, item, items, message, message_of};
