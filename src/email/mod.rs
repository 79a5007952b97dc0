//! A mail is queued with the change that causes it, and sent by a job. Every mail and its fate is kept and can be read.
//!
//! Nothing personal that a sign-in should protect is in a mail, and no one-time link is in the table: the text bears `{{link}}`, the link
//! itself stands apart, encrypted, until the mail has left. Table: `emails`, `summary_marks`.

mod address;
mod store;

pub use address::{Address, BadAddress};
pub use store::{Draft, Purpose, queue, queue_system};
