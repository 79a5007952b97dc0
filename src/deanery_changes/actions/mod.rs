//! What can be made to happen to a change: it comes, meets its applicant, is acted upon, dismissed, taken back or handed over.

mod apply_dates;
mod deal_with;
mod dismiss;
mod employment;
mod hand_over;
mod meet;
mod new_post;
mod receive;
mod undo;
mod withdraw;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

pub use apply_dates::apply_dates;
pub use deal_with::{Replacements, SAID_SINCE, lock_replacements};
pub use dismiss::dismiss;
pub use employment::{EmploymentDecision, hire_taken_back, hired, settle, unsettle};
pub use hand_over::hand_over;
pub use meet::{expire, meet};
pub use new_post::{NewPostError, draft_post, link_post, suggest};
pub use receive::{Became, Received, receive};
pub use undo::undo;
pub use withdraw::withdraw;

use super::model::{Change, Kind, State};
use super::store;
use crate::access::Caller;
use crate::audit::{self, Event, Subject};
use crate::notifications;
use crate::tenancy::VpdTx;

/// Why nothing was done about a change.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("no such change")]
    NotFound,
    /// Somebody, or a later file, was first: what happened.
    #[error("{0}")]
    Decided(String),
    /// It cannot be done as things stand, and what to do instead.
    #[error("{0}")]
    NotPossible(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A change of this kind that still waits for a decision, locked.
async fn lock_open(tx: &mut VpdTx, change_id: Uuid, kind: Kind) -> Result<Change, ChangeError> {
    let change = store::lock(tx, change_id).await?.filter(|change| change.kind == kind).ok_or(ChangeError::NotFound)?;
    match change.state {
        State::Open => Ok(change),
        _ => Err(ChangeError::Decided(decided_words(&change))),
    }
}

/// Looks again for whom a change is about: the applicant may have come after it.
async fn find_again(tx: &mut VpdTx, change: &mut Change, today: NaiveDate) -> sqlx::Result<()> {
    if change.application_id.is_some() {
        return Ok(());
    }
    let told = change.told();
    let around = receive::Around::read(tx, std::slice::from_ref(&told), today).await?;
    if let Some(found) = around.standing(&told) {
        store::save_found(tx, change.change_id, Some(&found.who.person_id), found.who.application_id, None).await?;
        change.person_id = Some(found.who.person_id);
        change.application_id = found.who.application_id;
    }
    Ok(())
}

/// What becomes known of a change when its page is opened: the post, the person and how he or she stands.
pub async fn around(
    tx: &mut VpdTx,
    change: &Change,
    today: NaiveDate,
) -> sqlx::Result<(Option<store::Post>, Option<store::Standing>, HashMap<String, String>)> {
    let told = change.told();
    let mut around = receive::Around::read(tx, std::slice::from_ref(&told), today).await?;
    let standing = around
        .candidates
        .iter()
        .find(|one| change.application_id.is_some() && one.application_id == change.application_id)
        .map(|one| store::Standing { who: one.clone(), by_gmc_number: true })
        .or_else(|| around.standing(&told));
    Ok((around.posts.remove(&told.dpn_key), standing, around.labels))
}

/// What became of a change, in a sentence.
pub fn decided_words(change: &Change) -> String {
    let by = change.decided_by.as_deref().unwrap_or("somebody");
    let when = change.decided_at.map(crate::ui::dates::at).unwrap_or_default();
    let why = change.reason.as_deref().map(|reason| format!(" Reason: {reason}")).unwrap_or_default();
    if change.settled_by_leaving().is_some() && matches!(change.state, State::Applied | State::Dismissed) {
        let reason = change.reason.as_deref().unwrap_or_default();
        return format!("{by} decided about the employment on {when}: {reason}");
    }
    match (change.state, change.kind) {
        (State::Open, _) => "This waits for a decision.".to_owned(),
        (State::Pending, _) => match change.pending_until {
            Some(day) => format!("This waits for its applicant until {}.", crate::ui::dates::day(day)),
            None => "This waits for its applicant.".to_owned(),
        },
        (State::Applied, Kind::Withdrawal) => format!("{by} withdrew the application on {when}."),
        (State::Applied, Kind::Dates) => format!("{by} applied the dates on {when}."),
        (State::Applied, Kind::NewPost) => format!("{by} made the position on {when}."),
        (State::Applied, Kind::Replacement) => format!("{by} marked this as done on {when}."),
        (State::Dismissed, _) => format!("{by} dismissed this on {when}.{why}"),
        (State::Superseded, _) => format!("{by} said something later on {when}, which counts."),
        (State::Expired, _) => format!("No applicant came for this by {when}."),
    }
}

/// What was decided about a change.
struct Conclusion<'a> {
    state: State,
    event: Event,
    reason: Option<&'a str>,
    /// What was changed, as it was.
    before: Value,
    /// What the history of its items says.
    note: String,
}

/// Concludes that a change was applied, with what it changed as it was before.
async fn applied(
    tx: &mut VpdTx,
    by: &Caller,
    change: &Change,
    before: Value,
    note: String,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (state, event) = (State::Applied, Event::DeaneryChangeApplied);
    conclude(tx, by, change, Conclusion { state, event, reason: None, before, note }, now).await
}

/// Saves what was decided, closes the items about it and writes the audit row.
async fn conclude(
    tx: &mut VpdTx,
    by: &Caller,
    change: &Change,
    decided: Conclusion<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let Conclusion { state, event, reason, before, note } = decided;
    store::decide(tx, change.change_id, state, &by.name, reason, &before, now).await?;
    notifications::close_many(tx, &change.subject_keys(), &note, &by.actor(), now).await?;
    let detail = json!({ "kind": change.kind.code(), "dpn": change.dpn, "file": change.file_name, "record": change.record_no,
                         "application": change.application_id, "before": before, "reason": reason });
    audit::record(tx, &by.actor(), event, Subject::new("deanery_change", change.change_id), detail, now).await
}
