use chrono::{DateTime, Utc};
use serde_json::json;

use crate::audit::{self, Actor, Event, Subject};
use crate::positions::claims;
use crate::positions::model::{ChangeId, Source};
use crate::positions::store;
use crate::tenancy::VpdTx;
use crate::ui::{self, dates};

/// Why a change is not undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    #[error("no such change")]
    NotFound,
    /// It was undone before, by whom.
    #[error("it was undone already by {by}")]
    Already { by: String },
    /// Something has happened since: what, in sentences.
    #[error("something followed")]
    Followed(Vec<String>),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Takes a change back, whole, while nothing followed from it.
pub async fn undo(tx: &mut VpdTx, by: &Actor, id: ChangeId, now: DateTime<Utc>) -> Result<String, UndoError> {
    store::lock(tx).await?;
    let change = store::find_change(tx, id).await?.ok_or(UndoError::NotFound)?;
    if let Some(undone) = change.undone_by {
        return Err(UndoError::Already { by: undone });
    }
    let followed = what_followed(tx, &[id]).await?;
    if !followed.is_empty() {
        return Err(UndoError::Followed(followed));
    }
    let keys = store::keys_of_changes(tx, &[id]).await?;
    store::restore(tx, &[id], by, now).await?;
    claims::queue(tx, keys).await?;
    let about = Subject::new("position", &change.position_id);
    audit::record(tx, by, Event::PositionChangeUndone, about, json!({ "change": id.0 }), now).await?;
    Ok(change.position_id)
}

/// Takes back all that came from one source, such as a mass update; gives how many changes that were.
pub async fn undo_all(tx: &mut VpdTx, by: &Actor, source: Source, now: DateTime<Utc>) -> Result<usize, UndoError> {
    store::lock(tx).await?;
    let Some(source_id) = source.id() else { return Err(UndoError::NotFound) };
    let changes = store::changes_of(tx, source_id).await?;
    if changes.is_empty() {
        return Err(UndoError::NotFound);
    }
    let followed = what_followed(tx, &changes).await?;
    if !followed.is_empty() {
        return Err(UndoError::Followed(followed));
    }
    let keys = store::keys_of_changes(tx, &changes).await?;
    store::restore(tx, &changes, by, now).await?;
    claims::queue(tx, keys).await?;
    let about = Subject::new(source.code(), source_id);
    audit::record(tx, by, Event::PositionChangeUndone, about, json!({ "changes": changes.len() }), now).await?;
    Ok(changes.len())
}

/// What has happened to the positions since, in sentences; nothing, if the changes can be taken back.
pub async fn what_followed(tx: &mut VpdTx, changes: &[ChangeId]) -> sqlx::Result<Vec<String>> {
    let followed = store::what_followed(tx, changes).await?;
    let said = followed.iter().take(10).map(|one| {
        let number = &one.position_number;
        if one.applications > 0 {
            let count = ui::count(one.applications, "application", "applications");
            return format!("Position {number}: {count} came in for it since");
        }
        if one.assignments > 0 {
            let count = ui::count(one.assignments, "assignment stands", "assignments stand");
            return format!("Position {number} was made by this, and {count} on it");
        }
        match (&one.later_by, one.later_at) {
            (Some(by), Some(at)) => format!("Position {number} was changed again by {by} on {}", dates::at(at)),
            _ => format!("Position {number} was changed since by a file of ESR"),
        }
    });
    let mut said: Vec<String> = said.collect();
    if followed.len() > 10 {
        said.push(format!("And {}", ui::count(followed.len() - 10, "more position", "more positions")));
    }
    Ok(said)
}
