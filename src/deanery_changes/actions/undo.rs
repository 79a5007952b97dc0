use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ChangeError;
use crate::access::Caller;
use crate::applicants::actions::{self as applications, DatesError, StatusError};
use crate::applicants::status::Status;
use crate::audit::{self, Event, Subject};
use crate::deanery_changes::model::{Change, Kind, State};
use crate::deanery_changes::store;
use crate::notifications;
use crate::people::store as people;
use crate::positions::actions::{self as positions, UndoError};
use crate::positions::model::ChangeId;
use crate::tenancy::VpdTx;

/// Takes back what was done about a change, whole, while nothing has followed; its items open again.
pub async fn undo(tx: &mut VpdTx, by: &Caller, change_id: Uuid, now: DateTime<Utc>) -> Result<Change, ChangeError> {
    let change = store::lock(tx, change_id).await?.ok_or(ChangeError::NotFound)?;
    if change.settled_by_leaving().is_some() && matches!(change.state, State::Applied | State::Dismissed) {
        return Err(ChangeError::NotPossible(
            "This was settled by a decision about the employment. Take that decision back, and this waits again."
                .to_owned(),
        ));
    }
    match (change.state, change.kind) {
        (State::Dismissed, _) | (State::Applied, Kind::Replacement) => {
            if store::has_later(tx, &change).await? {
                return Err(ChangeError::NotPossible(
                    "The deanery has said something newer about this since. Decide that; what was decided before stays so."
                        .to_owned(),
                ));
            }
        }
        (State::Applied, Kind::Withdrawal) => restore_status(tx, by, &change, now).await?,
        (State::Applied, Kind::Dates) => restore_dates(tx, by, &change, now).await?,
        (State::Applied, Kind::NewPost) => take_position_back(tx, by, &change, now).await?,
        (State::Open | State::Pending, _) => {
            return Err(ChangeError::Decided("This is open already: there is nothing to undo.".to_owned()));
        }
        (State::Superseded | State::Expired, _) => return Err(ChangeError::Decided(super::decided_words(&change))),
    }
    open_again(tx, by, &change, &format!("{} took back what was done.", by.name), now).await?;
    Ok(change)
}

/// Makes a decided change wait again, with its items.
pub(super) async fn open_again(
    tx: &mut VpdTx,
    by: &Caller,
    change: &Change,
    why: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    store::save_open(tx, change.change_id).await?;
    // A replacement's item is marked as done by a person; those of the other kinds close with their change.
    notifications::store::reopen_done(tx, &change.subject_keys(), why, &by.actor(), now).await?;
    let detail = json!({ "kind": change.kind.code(), "dpn": change.dpn, "application": change.application_id });
    let about = Subject::new("deanery_change", change.change_id);
    audit::record(tx, &by.actor(), Event::DeaneryChangeUndone, about, detail, now).await
}

async fn restore_status(tx: &mut VpdTx, by: &Caller, change: &Change, now: DateTime<Utc>) -> Result<(), ChangeError> {
    let status = change.before["status"].as_str().and_then(|code| code.parse::<Status>().ok());
    let (Some(application_id), Some(status)) = (change.application_id, status) else {
        return Err(ChangeError::NotFound);
    };
    match applications::restore_status(tx, by, application_id, Status::Withdrawn, status, change.decided_at, now).await
    {
        Ok(()) => Ok(()),
        Err(StatusError::Database(error)) => Err(error.into()),
        Err(StatusError::NotFound) => Err(ChangeError::NotFound),
        Err(error) => Err(ChangeError::NotPossible(format!("{error}"))),
    }
}

fn day(value: &Value) -> Option<NaiveDate> {
    value.as_str().and_then(|text| text.parse().ok())
}

async fn restore_dates(tx: &mut VpdTx, by: &Caller, change: &Change, now: DateTime<Utc>) -> Result<(), ChangeError> {
    if let (Some(application_id), Some(held)) = (change.application_id, change.before.get("application")) {
        let was = (day(&held["hire_on"]), day(&held["end_on"]));
        let Some(hire_on) = was.0 else { return Err(ChangeError::NotFound) };
        let actor = by.actor();
        let restored =
            applications::restore_dates(tx, &actor, &by.name, application_id, (hire_on, was.1), change.decided_at, now);
        match restored.await {
            Ok(()) => {}
            Err(DatesError::Database(error)) => return Err(error.into()),
            Err(DatesError::NotFound) => return Err(ChangeError::NotFound),
            Err(error) => return Err(ChangeError::NotPossible(error.to_string())),
        }
    }
    if let (Some(held), Some(now_on)) = (change.before.get("assignment"), change.end_on) {
        let id = held["assignment_id"].as_str().unwrap_or_default();
        let from = day(&held["effective_from"]).unwrap_or_default();
        if !people::restore_contract_end(tx, id, from, now_on, day(&held["end_on"])).await? {
            return Err(ChangeError::NotPossible(
                "The assignment's end date was changed since, so this cannot be undone. Correct the date itself."
                    .to_owned(),
            ));
        }
    }
    Ok(())
}

async fn take_position_back(
    tx: &mut VpdTx,
    by: &Caller,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<(), ChangeError> {
    let made = change.before["position_change"].as_str().and_then(|id| Uuid::parse_str(id).ok());
    let made = made.ok_or(ChangeError::NotFound)?;
    match positions::undo(tx, &by.actor(), ChangeId(made), now).await {
        Ok(_) | Err(UndoError::Already { .. }) => Ok(()),
        Err(UndoError::NotFound) => Err(ChangeError::NotFound),
        Err(UndoError::Followed(why)) => {
            Err(ChangeError::NotPossible(format!("{}. So this cannot be undone.", why.join(". "))))
        }
        Err(UndoError::Database(error)) => Err(error.into()),
    }
}
