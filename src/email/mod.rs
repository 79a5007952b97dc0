//! A mail is queued with the change that causes it, and sent by a job. Every mail and its fate is kept and can be read.
//!
//! States: queued, then sent, kept (no server is set), dead (given up; an administrator can queue it again) or dropped (its
//! reader's account was disabled). Nothing personal that a sign-in should protect is in a mail, and no one-time link is in the
//! table: the text bears `{{link}}`, the link itself stands apart, encrypted, until the mail has left.
//! Tables: `emails`, `summary_marks`.

mod address;
mod fate;
mod list;
mod preferences;
mod store;

pub use address::{Address, BadAddress};
pub use fate::{LINK, RefusedAddress, send};
pub use list::{Filter, Mail, Row, State, find, list, requeue, stuck_since};
pub use preferences::{Frequency, Mark, find_mark, save_mark};
pub use store::{Draft, Purpose, SEND, queue, queue_system};
