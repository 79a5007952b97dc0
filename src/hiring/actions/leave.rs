use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Map, json};
use uuid::Uuid;

use super::TakeBackError;
use crate::access::Caller;
use crate::audit::{self, Event, Subject};
use crate::hiring::model::Outcome;
use crate::hiring::store::{self, Leaving};
use crate::notifications;
use crate::people::applicants as people;
use crate::people::store as employment;
use crate::tenancy::VpdTx;

/// The kind of the items that a withdrawal of somebody employed raises.
const LEAVER: &str = "dit_leaver";

/// Names the question what becomes of somebody's employment, to its task: whoever raises such a task gives it this key.
pub fn employment_key(person_id: &str) -> String {
    format!("employment:{person_id}")
}

/// What somebody decides of an employment or honorary record.
#[derive(Clone, Debug)]
pub struct Decision {
    pub outcome: Outcome,
    /// The last day of the record, or of the extension; nothing where the doctor stays as before.
    pub last_day: Option<NaiveDate>,
    pub reason_code: String,
    pub destination: String,
    pub note: String,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum LeaveError {
    #[error("no such person")]
    NotFound,
    /// Nobody who is employed or honorary here on that day.
    #[error("The doctor holds no assignment here on that day")]
    HoldsNothing,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Ends an employment or honorary record after its last day, extends it, or says that the doctor stays; the task about it closes.
pub async fn leave(
    tx: &mut VpdTx,
    by: &Caller,
    person_id: &str,
    decision: &Decision,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Leaving, LeaveError> {
    people::lock_applicants(tx).await?;
    people::find(tx, person_id).await?.ok_or(LeaveError::NotFound)?;
    let before = employment::snapshot(tx, person_id).await?;
    match (decision.outcome, decision.last_day) {
        (Outcome::Ends, Some(last_day)) => {
            if employment::end_assignments(tx, person_id, last_day).await? == 0 {
                return Err(LeaveError::HoldsNothing);
            }
            let mut changes = Map::new();
            for (name, value) in [
                ("SystemPersonType", json!("EX_EMP")),
                ("UserPersonType", json!("Ex-employee")),
                ("ActualTerminationDate", json!(last_day.format("%Y%m%d").to_string())),
                ("TerminationReason", json!(decision.reason_code)),
            ] {
                changes.insert(name.to_owned(), value);
            }
            let after = last_day.checked_add_days(Days::new(1)).unwrap_or(last_day);
            employment::begin_version(tx, person_id, after, &changes, today, now).await?;
        }
        (Outcome::Extended, Some(until)) => {
            if employment::extend_contracts(tx, person_id, today, until).await? == 0 {
                return Err(LeaveError::HoldsNothing);
            }
        }
        (Outcome::Stays, _) | (_, None) => {}
    }
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let ends = decision.outcome == Outcome::Ends;
    let leaving = Leaving {
        leaving_id: Uuid::now_v7(),
        person_id: person_id.to_owned(),
        outcome: decision.outcome.code().to_owned(),
        last_day: decision.last_day,
        reason_code: some(&decision.reason_code).filter(|_| ends),
        destination: some(&decision.destination).filter(|_| ends),
        note: some(&decision.note),
        after: employment::snapshot(tx, person_id).await?,
        before,
        by: by.name.clone(),
        at: now,
        taken_back_at: None,
    };
    store::insert_leaving(tx, &leaving).await?;
    let detail = json!({ "leaving": leaving.leaving_id, "outcome": leaving.outcome, "last_day": leaving.last_day,
                         "reason": leaving.reason_code, "destination": leaving.destination, "note": leaving.note });
    audit::record(tx, &by.actor(), Event::LeavingDecided, Subject::new("person", person_id), detail, now).await?;
    let closing = format!("{} decided: {}", by.name, decision.outcome.label().to_lowercase());
    let mut keys = notifications::store::keys_about(tx, LEAVER, person_id, "open").await?;
    keys.push(employment_key(person_id));
    notifications::close_many(tx, &keys, &closing, &by.actor(), now).await?;
    Ok(leaving)
}

/// Takes such a decision back while nothing followed it; the task about it opens again.
pub async fn undo_leaving(
    tx: &mut VpdTx,
    by: &Caller,
    leaving_id: Uuid,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Leaving, TakeBackError> {
    people::lock_applicants(tx).await?;
    let leaving = store::find_leaving(tx, leaving_id).await?.ok_or(TakeBackError::NotFound)?;
    if leaving.taken_back_at.is_some() {
        return Err(TakeBackError::Already);
    }
    let found = employment::snapshot(tx, &leaving.person_id).await?;
    if !employment::is_same(&found, &leaving.after) {
        return Err(TakeBackError::Followed);
    }
    employment::restore(tx, &leaving.person_id, &leaving.before, today, now).await?;
    store::take_leaving_back(tx, leaving_id, &by.name, now).await?;
    let about = Subject::new("person", &leaving.person_id);
    audit::record(tx, &by.actor(), Event::LeavingUndone, about, json!({ "leaving": leaving_id }), now).await?;
    let why = "The decision about the employment was taken back";
    let mut keys = notifications::store::keys_about(tx, LEAVER, &leaving.person_id, "closed_by_system").await?;
    keys.push(employment_key(&leaving.person_id));
    for key in keys {
        notifications::store::reopen(tx, &key, why, &by.actor(), now).await?;
    }
    Ok(leaving)
}
