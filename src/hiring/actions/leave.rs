use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Map, json};
use uuid::Uuid;

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
    /// The last day would be before the assignment's first, which is this: nothing of it would be left.
    #[error("The last day must not be before {}, when the doctor's assignment here began. A hire made in error is cancelled on the doctor's page instead", dates::day(*.0))]
    BeforeItBegan(NaiveDate),
    /// An extension would end it no later.
    #[error("The record runs until {} already. Enter a later day, or choose that it ends", dates::day(*.0))]
    RunsUntil(NaiveDate),
    /// What has no end is not extended.
    #[error("The record has no end date, so there is nothing to extend. Choose that the doctor stays")]
    Endless,
    /// Somebody was first.
    #[error("{} ended the record already", .0.by)]
    Ended(Box<Leaving>),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Why a decision was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoLeavingError {
    #[error("no such decision")]
    NotFound,
    #[error("This was taken back already. Nothing was done twice.")]
    Already { person_id: String },
    #[error("The person's record has changed since, so this cannot be taken back here. Change the record itself.")]
    Followed { person_id: String },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What was last decided of a person's record, and whether that is how it stands.
#[derive(Clone, Debug)]
pub struct Decided {
    pub leaving: Leaving,
    /// The record has ended by it: nothing is held here after the last day.
    pub has_ended: bool,
    /// Nothing followed it.
    pub may_be_taken_back: bool,
}

impl Decided {
    /// Who decided what, and when.
    pub fn said(&self) -> String {
        let Leaving { by, at, outcome, last_day, .. } = &self.leaving;
        let (at, day) = (dates::at(*at), last_day.map(dates::day).unwrap_or_default());
        match Outcome::from_code(outcome) {
            Some(Outcome::Ends) => format!("{by} ended the record here on {at}: the last day is {day}."),
            Some(Outcome::Extended) => format!("{by} extended the record here until {day}, on {at}."),
            Some(Outcome::Stays) | None => format!("{by} said on {at} that the doctor stays as before."),
        }
    }
}

/// What was last decided of a person's record and was not taken back.
pub async fn decided(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Option<Decided>> {
    let Some(leaving) = store::latest_leaving(tx, person_id).await? else { return Ok(None) };
    let has_ended = match leaving.last_day {
        Some(day) if leaving.outcome == Outcome::Ends.code() => !employment::holds_after(tx, person_id, day).await?,
        _ => false,
    };
    let found = employment::snapshot(tx, person_id).await?;
    let may_be_taken_back = employment::is_same(&found, &leaving.after);
    Ok(Some(Decided { leaving, has_ended, may_be_taken_back }))
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
    if let Some(decided) = decided(tx, person_id).await?.filter(|decided| decided.has_ended) {
        return Err(LeaveError::Ended(Box::new(decided.leaving)));
    }
    let before = employment::snapshot(tx, person_id).await?;
    match (decision.outcome, decision.last_day) {
        (Outcome::Ends, Some(last_day)) => {
            let first = employment::first_day(tx, person_id, today).await?.ok_or(LeaveError::HoldsNothing)?;
            if last_day < first {
                return Err(LeaveError::BeforeItBegan(first));
            }
            if employment::end_employment(tx, person_id, last_day).await? == 0 {
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
            let held = employment::assignments(tx, person_id, today).await?;
            if held.is_empty() {
                return Err(LeaveError::HoldsNothing);
            }
            if employment::extend_contracts(tx, person_id, today, until).await? == 0 {
                let ends = held.iter().filter_map(|one| one.contract_end_on.max(one.effective_to)).max();
                return Err(ends.map_or(LeaveError::Endless, LeaveError::RunsUntil));
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
) -> Result<Leaving, UndoLeavingError> {
    people::lock_applicants(tx).await?;
    let leaving = store::find_leaving(tx, leaving_id).await?.ok_or(UndoLeavingError::NotFound)?;
    if leaving.taken_back_at.is_some() {
        return Err(UndoLeavingError::Already { person_id: leaving.person_id });
    }
    let settled = changes::list_settled_by(tx, &leaving.person_id, leaving_id).await?;
    let found = employment::snapshot(tx, &leaving.person_id).await?;
    if !employment::is_same(&found, &leaving.after) {
        return Err(UndoLeavingError::Followed { person_id: leaving.person_id });
    }
    employment::restore(tx, &leaving.person_id, &leaving.before, today, now).await?;
    store::take_leaving_back(tx, leaving_id, &by.name, now).await?;
    let about = Subject::new("person", &leaving.person_id);
    audit::record(tx, &by.actor(), Event::LeavingUndone, about, json!({ "leaving": leaving_id }), now).await?;
    deanery::unsettle(tx, by, &settled, now).await?;
    Ok(leaving)
}
