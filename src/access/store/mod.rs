//! The SQL for users, their rights and their sessions.

mod grants;
mod sessions;
mod users;

pub use grants::*;
pub use sessions::*;
pub use users::*;
