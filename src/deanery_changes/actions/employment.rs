use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::undo::open_again;
use super::{Conclusion, conclude};
use crate::access::Caller;
use crate::audit::Event;
use crate::deanery_changes::model::{Change, Kind, State};
use crate::deanery_changes::notices::{LEAVER, WITHDRAWN, WITHDRAWN_APPLICANT, WITHDRAWN_EMPLOYEE};
use crate::deanery_changes::store;
use crate::notifications::{self, store::Turned};
use crate::tenancy::VpdTx;

/// What was decided about somebody's employment, as far as the deanery's changes need it.
#[derive(Clone, Copy, Debug)]
pub struct EmploymentDecision<'a> {
    /// Names the decision, which is taken back by the same name.
    pub leaving_id: Uuid,
    /// Whether the employment ends.
    pub ends: bool,
    /// What was decided, as a sentence.
    pub words: &'a str,
}

/// A doctor was hired whom the deanery had withdrawn ([`store::list_withdrawals_of`]): what waits is a question about the employment now, never an ending by itself.
pub async fn hired(
    tx: &mut VpdTx,
    by: &Caller,
    withdrawals: &[Change],
    application_id: Uuid,
    person_id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for change in withdrawals {
        store::save_found(tx, change.change_id, Some(person_id), Some(application_id), None).await?;
        let note = format!("{} hired the doctor, so this is about the employment now.", by.name);
        let (title, text) = WITHDRAWN_EMPLOYEE;
        let turned = Turned { kind: LEAVER, title, text, note: &note };
        notifications::store::turn(tx, &change.subject_keys(), &turned, &by.actor(), now).await?;
        notifications::store::name_person(tx, &change.subject_keys(), person_id, application_id).await?;
    }
    Ok(())
}

/// The hire was taken back: the withdrawal is about the application again.
pub async fn hire_taken_back(
    tx: &mut VpdTx,
    by: &Caller,
    withdrawals: &[Change],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for change in withdrawals {
        let note = format!("{} took the hire back, so this is about the application again.", by.name);
        let (title, text) = WITHDRAWN_APPLICANT;
        let turned = Turned { kind: WITHDRAWN, title, text, note: &note };
        notifications::store::turn(tx, &change.subject_keys(), &turned, &by.actor(), now).await?;
    }
    Ok(())
}

/// Somebody decided about an employment: what waited about it ([`store::list_about_employment`]) is settled with it. What is about an application that nobody was hired from
/// goes on waiting, and so do new dates while the employment goes on.
pub async fn settle(
    tx: &mut VpdTx,
    by: &Caller,
    waiting: &[Change],
    decision: &EmploymentDecision<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for change in waiting {
        let (state, event) = match (change.kind, decision.ends) {
            (Kind::Withdrawal, true) => (State::Applied, Event::DeaneryChangeApplied),
            (Kind::Withdrawal, false) | (Kind::Dates | Kind::Replacement, true) => {
                (State::Dismissed, Event::DeaneryChangeDismissed)
            }
            (Kind::Dates | Kind::Replacement, false) | (Kind::NewPost, _) => continue,
        };
        let decided = Conclusion {
            state,
            event,
            reason: Some(decision.words),
            before: json!({ "leaving": decision.leaving_id }),
            note: format!("{} decided about the employment: {}", by.name, decision.words),
        };
        conclude(tx, by, change, decided, now).await?;
    }
    Ok(())
}

/// The decision about the employment was taken back: what it settled ([`store::list_settled_by`]) waits again, but for that of which the
/// deanery said something newer.
pub async fn unsettle(tx: &mut VpdTx, by: &Caller, settled: &[Change], now: DateTime<Utc>) -> sqlx::Result<()> {
    for change in settled {
        if !store::has_later(tx, change).await? {
            open_again(tx, by, change, "The decision about the employment was taken back.", now).await?;
        }
    }
    Ok(())
}
