//! What can be made to happen to positions. A page, a spreadsheet, an item and the deanery's list all come by here.

mod book;
mod checks;
mod draft;
mod load;
mod lost;
mod undo;

pub use book::{Book, Judged};
pub use checks::{Around, Elsewhere};
pub use draft::{Drafted, draft};
pub use load::{delete, load};
pub use lost::{PEOPLE, REPLACES, borne};
pub use undo::{UndoError, undo, undo_all, what_followed};

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{ChangeField, ChangeId, PositionChange, Source, Stretch};
use super::store;
use crate::audit::Actor;
use crate::tenancy::VpdTx;

/// What is wrong with a change, at the field that it is wrong in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub field: ChangeField,
    /// The rule, such as `D4`, or a word of ours, such as `DUPLICATE`.
    pub code: &'static str,
    pub text: String,
    /// The position that has the Deanery Post Number already.
    pub holder: Option<Held>,
}

/// What somebody should know before a change is made all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub field: ChangeField,
    pub code: &'static str,
    pub text: String,
}

/// A position that bears a Deanery Post Number over some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub position_id: String,
    pub position_number: String,
    pub title: String,
    pub dpn: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

/// Why a change is not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such position in this organisation.
    #[error("no such position")]
    NotFound,
    #[error("the change breaks rules")]
    Refused(Vec<Refusal>),
    /// Nothing is wrong, and something should be looked at first: send it again with `confirmed`.
    #[error("the change is to be confirmed")]
    Unconfirmed(Vec<Warning>),
    /// The position is not as the caller saw it.
    #[error("the position changed meanwhile")]
    ChangedMeanwhile,
    #[error("everything is so already")]
    NothingChanges,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Changes a position from a day on; both employers' directories, the trail and the undo know of it.
pub async fn change(
    tx: &mut VpdTx,
    by: &Actor,
    change: &PositionChange,
    source: Source,
    now: DateTime<Utc>,
) -> Result<ChangeId, ChangeError> {
    // One change of this employer's positions at a time: of two that give the same number, one finds the other's.
    store::lock(tx).await?;
    let book = Book::open(tx, std::slice::from_ref(change)).await?;
    let judged = book.judge(change)?;
    if !change.confirmed && !judged.warnings.is_empty() {
        return Err(ChangeError::Unconfirmed(judged.warnings));
    }
    let made = Book::save(tx, by, std::slice::from_ref(&judged), source, now).await?;
    made.first().copied().ok_or(ChangeError::NothingChanges)
}

/// Judges a change without making it: what it would warn of.
pub async fn check(tx: &mut VpdTx, change: &PositionChange) -> Result<Judged, ChangeError> {
    Book::open(tx, std::slice::from_ref(change)).await?.judge(change)
}

/// Tells whether a position is still as somebody saw it.
pub fn fingerprint(stretches: &[Stretch]) -> String {
    use sha2::{Digest, Sha256};
    let text = serde_json::to_vec(stretches).unwrap_or_default();
    Sha256::digest(&text)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
