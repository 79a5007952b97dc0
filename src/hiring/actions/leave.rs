use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Map, json};
use uuid::Uuid;

use super::TakeBackError;
use crate::access::Caller;
use crate::audit::{self, Event, Subject};
use crate::deanery_changes::actions::{self as deanery, EmploymentDecision};
use crate::deanery_changes::store as changes;
use crate::hiring::model::Outcome;
use crate::hiring::store::{self, Leaving};
use crate::people::applicants as people;
use crate::people::store as employment;
use crate::tenancy::VpdTx;
use crate::ui::dates;

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

/// Ends an employment or honorary record after its last day, extends it, or says that the doctor stays; what waited about it is settled.
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
    let waiting = changes::list_about_employment(tx, person_id).await?;
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
    let words = match (decision.outcome, decision.last_day) {
        (Outcome::Ends, Some(day)) => format!("The record ends after {}.", dates::day(day)),
        (Outcome::Extended, Some(day)) => format!("The record goes on until {}.", dates::day(day)),
        (Outcome::Stays, _) | (_, None) => "The doctor stays as before.".to_owned(),
    };
    let settled = EmploymentDecision { leaving_id: leaving.leaving_id, ends, words: &words };
    deanery::settle(tx, by, &waiting, &settled, now).await?;
    Ok(leaving)
}

/// Takes such a decision back while nothing followed it; what it settled waits again.
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
    let settled = changes::list_settled_by(tx, &leaving.person_id, leaving_id).await?;
    let found = employment::snapshot(tx, &leaving.person_id).await?;
    if !employment::is_same(&found, &leaving.after) {
        return Err(TakeBackError::Followed);
    }
    employment::restore(tx, &leaving.person_id, &leaving.before, today, now).await?;
    store::take_leaving_back(tx, leaving_id, &by.name, now).await?;
    let about = Subject::new("person", &leaving.person_id);
    audit::record(tx, &by.actor(), Event::LeavingUndone, about, json!({ "leaving": leaving_id }), now).await?;
    deanery::unsettle(tx, by, &settled, now).await?;
    Ok(leaving)
}
