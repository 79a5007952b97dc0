use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::access::Caller;
use crate::applicants::actions::starts_key;
use crate::applicants::status::Status;
use crate::applicants::store as applications;
use crate::audit::{self, Event, Subject};
use crate::deanery_changes::actions as deanery;
use crate::deanery_changes::store as changes;
use crate::hiring::store::{self, Hire};
use crate::notifications::store as items;
use crate::people::applicants as people;
use crate::people::store as employment;
use crate::tenancy::VpdTx;

/// Why a hire was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum TakeBackError {
    #[error("no such hire")]
    NotFound,
    #[error("The hire was taken back already")]
    Already,
    #[error(
        "The person's record has changed since the hire, so it cannot be taken back here. End the employment instead."
    )]
    Followed,
    #[error("Undo is for the press just before, by who made it. Cancel the hire, and say why it was an error")]
    NeedsReason,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// How long after a hire it can be undone without a word.
const UNDO_LASTS: TimeDelta = TimeDelta::minutes(30);

/// Takes a hire back: person, assignments and application are as they were before it. A hire that had been made in error has a reason;
/// the press of Undo just after it has none.
pub async fn take_back(
    tx: &mut VpdTx,
    by: &Caller,
    hire_id: Uuid,
    reason: Option<&str>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Hire, TakeBackError> {
    people::lock_applicants(tx).await?;
    let hire = store::find_hire(tx, hire_id).await?.ok_or(TakeBackError::NotFound)?;
    if hire.taken_back_at.is_some() {
        return Err(TakeBackError::Already);
    }
    if reason.is_none() && (hire.by != by.name || now - hire.at > UNDO_LASTS) {
        return Err(TakeBackError::NeedsReason);
    }
    let withdrawals = changes::list_withdrawals_of(tx, hire.application_id, &hire.person_id).await?;
    let held = applications::lock_status(tx, hire.application_id).await?.ok_or(TakeBackError::NotFound)?;
    let found = employment::snapshot(tx, &hire.person_id).await?;
    if held.status != Status::Hired || held.person_id != hire.person_id || !employment::is_same(&found, &hire.after) {
        return Err(TakeBackError::Followed);
    }
    employment::restore(tx, &hire.person_id, &hire.before, today, now).await?;
    store::take_hire_back(tx, hire_id, &by.name, reason, now).await?;
    let step = (Status::Hired, Status::OfferAccepted);
    store::save_status(tx, hire.application_id, step, reason, &by.name, now).await?;
    let detail = json!({ "hire": hire_id, "application": hire.application_id, "reason": reason });
    audit::record(tx, &by.actor(), Event::HireTakenBack, Subject::new("person", &hire.person_id), detail, now).await?;
    deanery::hire_taken_back(tx, by, &withdrawals, now).await?;
    if let Some(applicant) = store::applicant(tx, hire.application_id).await? {
        // It waits again, even where somebody had marked it as done.
        let key = [starts_key(applicant.hire_on)];
        items::reopen_done(tx, &key, "A hire of that day was taken back", &by.actor(), now).await?;
    }
    Ok(hire)
}
