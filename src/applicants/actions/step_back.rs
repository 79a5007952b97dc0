use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{StatusError, hire_key, settle_starts};
use crate::access::Caller;
use crate::applicants::status::Status;
use crate::applicants::store::{self, EventRow, History};
use crate::audit::{self, Event, Subject};
use crate::notifications::store as items;
use crate::tenancy::VpdTx;

/// What the event of a step that was taken back says of itself.
const TAKEN_BACK: &str = "taken_back";

/// The mark of the event that takes a step back.
pub(super) fn taken_back() -> Value {
    json!({ TAKEN_BACK: true })
}

/// A step of an application's status that stands, and after which nothing happened to the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastStep {
    pub event_id: Uuid,
    pub from: Status,
    pub to: Status,
    pub by: String,
    pub at: DateTime<Utc>,
    pub reason: Option<String>,
    /// Since when the application was as the step found it, and with which reason.
    was_so_since: DateTime<Utc>,
    was_so_because: Option<String>,
}

/// The step that can be taken back, out of an application's history with the newest first. A hire is taken back as a hire.
pub fn last_step(newest_first: &[&History]) -> Option<LastStep> {
    let status = |code: &Option<String>| code.as_deref().and_then(|code| code.parse::<Status>().ok());
    let mut cancelled = 0_usize;
    let mut standing = newest_first.iter().filter(|event| {
        let was_a_hire = event.what == "status" && status(&event.from_status) == Some(Status::Hired);
        if was_a_hire || event.changes[TAKEN_BACK].as_bool() == Some(true) {
            cancelled += 1;
            return false;
        }
        if event.what == "status" && cancelled > 0 {
            cancelled -= 1;
            return false;
        }
        true
    });
    let last = standing.next().filter(|event| event.what == "status")?;
    let (from, to) = (status(&last.from_status)?, status(&last.to_status)?);
    if to == Status::Hired {
        return None;
    }
    let before = standing.find(|event| matches!(event.what.as_str(), "status" | "received"))?;
    let is_its_reason = before.what == "status" && status(&before.to_status) == Some(from);
    Some(LastStep {
        event_id: last.event_id,
        from,
        to,
        by: last.actor.clone(),
        at: last.at,
        reason: last.reason.clone(),
        was_so_since: before.at,
        was_so_because: before.reason.clone().filter(|_| is_its_reason),
    })
}

/// The step of one application that can be taken back.
pub async fn find_last_step(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Option<LastStep>> {
    let history = store::histories(tx, &[application_id]).await?;
    Ok(last_step(&history.iter().collect::<Vec<_>>()))
}

/// Takes one step of an application's status back, exactly, while nothing followed it. Gives the person and the status.
pub async fn take_step_back(
    tx: &mut VpdTx,
    by: &Caller,
    application_id: Uuid,
    event_id: Uuid,
    now: DateTime<Utc>,
) -> Result<(String, Status), StatusError> {
    let held = store::lock_status(tx, application_id).await?.ok_or(StatusError::NotFound)?;
    let last = find_last_step(tx, application_id).await?;
    let Some(step) = last.filter(|step| step.event_id == event_id && step.to == held.status) else {
        return Err(StatusError::Followed(format!(
            "Something happened to the application since, which is “{}” now. So this step cannot be taken back.",
            held.status.label()
        )));
    };
    if !step.to.is_live() && store::has_other_live(tx, application_id).await? {
        return Err(StatusError::Followed(
            "The doctor has another application for the same post and day by now, so this one cannot come back."
                .to_owned(),
        ));
    }
    store::restore_status(tx, application_id, step.from, step.was_so_because.as_deref(), step.was_so_since, now)
        .await?;
    let happened = EventRow {
        application_id,
        what: "status",
        from_status: Some(step.to.code()),
        to_status: Some(step.from.code()),
        reason: Some("Taken back".to_owned()),
        file_id: None,
        record_no: None,
        changes: taken_back(),
    };
    store::insert_events(tx, &[happened], &by.name, now).await?;
    let detail =
        json!({ "application": application_id, "from": step.to.code(), "to": step.from.code(), "undone": true });
    let about = Subject::new("person", &held.person_id);
    audit::record(tx, &by.actor(), Event::ApplicationStatusChanged, about, detail, now).await?;
    if !step.to.is_live() {
        settle_starts(tx, held.hire_on, &by.actor(), now).await?;
        items::reopen(tx, &hire_key(application_id), "The application goes on", &by.actor(), now).await?;
    }
    Ok((held.person_id, step.from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(n: u128, what: &str, from: &str, to: &str, changes: Value) -> History {
        let code = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        History {
            application_id: Uuid::nil(),
            event_id: Uuid::from_u128(n),
            at: DateTime::from_timestamp(i64::try_from(n).unwrap(), 0).unwrap(),
            actor: "Sam".to_owned(),
            what: what.to_owned(),
            from_status: code(from),
            to_status: code(to),
            reason: Some(format!("reason {n}")),
            file_id: None,
            file_name: None,
            record_no: None,
            changes,
        }
    }

    #[test]
    fn the_last_step_is_taken_back_and_then_the_one_before_it() {
        let (new, offered, accepted) = ("preferred_applicant", "offered_post_conditional", "offer_accepted");
        let mut history = vec![event(1, "received", "", new, json!({}))];
        let last = |history: &[History]| last_step(&history.iter().rev().collect::<Vec<_>>());
        assert_eq!(last(&history), None, "what was received was no step");
        history.push(event(2, "status", new, offered, json!({})));
        let step = last(&history).unwrap();
        assert_eq!((step.from, step.was_so_because), (Status::PreferredApplicant, None));
        history.push(event(3, "status", offered, accepted, json!({})));
        let step = last(&history).unwrap();
        assert_eq!((step.event_id, step.was_so_because.as_deref()), (Uuid::from_u128(3), Some("reason 2")));
        history.push(event(4, "status", accepted, offered, taken_back()));
        assert_eq!(last(&history).unwrap().event_id, Uuid::from_u128(2));
        history.push(event(5, "status", offered, new, taken_back()));
        assert_eq!(last(&history), None);
        history.push(event(6, "updated", "", "", json!({})));
        assert_eq!(last(&history), None, "what the deanery sent since is not taken back with it");
        history.push(event(7, "status", accepted, "hired", json!({})));
        assert_eq!(last(&history), None, "a hire is taken back as a hire");
        history.truncate(3);
        history.push(event(8, "status", accepted, "hired", json!({})));
        history.push(event(9, "status", "hired", accepted, json!({})));
        assert_eq!(last(&history).unwrap().event_id, Uuid::from_u128(3), "as if there had been no hire");
    }
}
