//! What can be made to happen to a record that failed, and an applicant entered by hand.

mod ask_again;
mod by_hand;
mod dismiss;
mod try_again;

use chrono::{DateTime, Utc};

pub use ask_again::{AskError, ask_again};
pub use by_hand::{EnterError, Entered, enter_by_hand};
pub use dismiss::dismiss;
pub use try_again::{Tried, try_again};

use crate::file_exchange::failed_records::{self, FailedRecord};
use crate::tenancy::VpdTx;
use uuid::Uuid;

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 4_000;

/// Why nothing was done about a failed record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("no such record")]
    NotFound,
    /// Somebody, or a later file, was first: what happened.
    #[error("{0}")]
    Settled(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A failed record that still waits, locked.
async fn lock_waiting(tx: &mut VpdTx, file_id: Uuid, record_no: i32) -> Result<FailedRecord, RecordError> {
    let failed = failed_records::lock(tx, file_id, record_no).await?.ok_or(RecordError::NotFound)?;
    match (&failed.settled_at, &failed.settled_note) {
        (Some(at), note) => Err(RecordError::Settled(settled_words(*at, note.as_deref().unwrap_or_default()))),
        (None, _) => Ok(failed),
    }
}

fn settled_words(at: DateTime<Utc>, note: &str) -> String {
    format!("This record was put right on {}. {note}", crate::ui::dates::at(at))
}
