use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::access::Caller;
use crate::applicants::status::{self, Status, StepError};
use crate::applicants::store::{self, EventRow};
use crate::audit::{self, Event, Subject};
use crate::tenancy::VpdTx;

/// Why an application did not take a step.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    #[error("no such application")]
    NotFound,
    #[error(transparent)]
    Step(#[from] StepError),
    /// Somebody else was first: what the status is now.
    #[error("The application is “{}” now, not “{}” as the page showed. Somebody changed it meanwhile.", .now.label(), .shown.label())]
    Changed { now: Status, shown: Status },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Moves an application on, or ends it. `shown` is the status that the page showed.
pub async fn change_status(
    tx: &mut VpdTx,
    by: &Caller,
    application_id: Uuid,
    shown: Status,
    event: status::Event,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<String, StatusError> {
    let held = store::lock_status(tx, application_id).await?.ok_or(StatusError::NotFound)?;
    if held.status != shown {
        return Err(StatusError::Changed { now: held.status, shown });
    }
    let to = held.status.step(event, reason)?;
    let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
    store::save_status(tx, application_id, to, reason, now).await?;
    let happened = EventRow {
        application_id,
        what: "status",
        from_status: Some(held.status.code()),
        to_status: Some(to.code()),
        reason: reason.map(str::to_owned),
        file_id: None,
        record_no: None,
        changes: json!({}),
    };
    store::insert_events(tx, &[happened], &by.name, now).await?;
    let detail =
        json!({ "application": application_id, "from": held.status.code(), "to": to.code(), "reason": reason });
    let about = Subject::new("person", &held.person_id);
    audit::record(tx, &by.actor(), Event::ApplicationStatusChanged, about, detail, now).await?;
    Ok(held.person_id)
}
