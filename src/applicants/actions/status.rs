use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::step_back::taken_back;
use super::{hire_key, settle_starts};
use crate::access::Caller;
use crate::applicants::status::{self, Status, StepError};
use crate::applicants::store::{self, EventRow};
use crate::audit::{self, Event, Subject};
use crate::notifications;
use crate::notifications::store as items;
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
    /// Something happened to the application after what is to be taken back.
    #[error("{0}")]
    Followed(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What is known of an application's employment checks by whoever moves it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    Complete,
    /// What stands in the way, each in words: an override, with a reason, is kept with it.
    Incomplete(Vec<String>),
}

/// Moves an application on, or ends it. `shown` is the status that the page showed. Nothing is known of its checks here.
pub async fn change_status(
    tx: &mut VpdTx,
    by: &Caller,
    application_id: Uuid,
    shown: Status,
    event: status::Event,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<String, StatusError> {
    let unknown = Checked::Incomplete(Vec::new());
    change_status_when_checked(tx, by, application_id, shown, event, reason, &unknown, now).await
}

/// The same by somebody who knows how the employment checks stand.
#[expect(clippy::too_many_arguments, reason = "an action names all that it depends on")]
pub async fn change_status_when_checked(
    tx: &mut VpdTx,
    by: &Caller,
    application_id: Uuid,
    shown: Status,
    event: status::Event,
    reason: &str,
    checked: &Checked,
    now: DateTime<Utc>,
) -> Result<String, StatusError> {
    let held = store::lock_status(tx, application_id).await?.ok_or(StatusError::NotFound)?;
    if held.status != shown {
        return Err(StatusError::Changed { now: held.status, shown });
    }
    let to = held.status.step(event, reason, *checked == Checked::Complete)?;
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
    let mut detail =
        json!({ "application": application_id, "from": held.status.code(), "to": to.code(), "reason": reason });
    if let (true, Checked::Incomplete(open)) = (event.rests_on_checks(), checked) {
        detail["overridden_checks"] = json!(open);
    }
    let about = Subject::new("person", &held.person_id);
    audit::record(tx, &by.actor(), Event::ApplicationStatusChanged, about, detail, now).await?;
    if !to.is_live() {
        settle_starts(tx, held.hire_on, &by.actor(), now).await?;
        let why = format!("The application is “{}” now", to.label());
        notifications::close(tx, &hire_key(application_id), &why, &by.actor(), now).await?;
    }
    Ok(held.person_id)
}

/// Takes an application back to an earlier status, while nothing has happened to it since `decided_at`.
pub async fn restore_status(
    tx: &mut VpdTx,
    by: &Caller,
    application_id: Uuid,
    from: Status,
    to: Status,
    decided_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), StatusError> {
    let held = store::lock_status(tx, application_id).await?.ok_or(StatusError::NotFound)?;
    if held.status != from {
        return Err(StatusError::Changed { now: held.status, shown: from });
    }
    if let Some(later) = store::event_after(tx, application_id, decided_at.unwrap_or(now)).await? {
        return Err(StatusError::Followed(format!(
            "The application was changed since ({later}), so this cannot be undone."
        )));
    }
    if store::has_other_live(tx, application_id).await? {
        return Err(StatusError::Followed(
            "The doctor has another application for the same post and day by now, so this one cannot come back."
                .to_owned(),
        ));
    }
    store::save_status(tx, application_id, to, None, now).await?;
    let happened = EventRow {
        application_id,
        what: "status",
        from_status: Some(from.code()),
        to_status: Some(to.code()),
        reason: Some("Taken back".to_owned()),
        file_id: None,
        record_no: None,
        changes: taken_back(),
    };
    store::insert_events(tx, &[happened], &by.name, now).await?;
    let detail = json!({ "application": application_id, "from": from.code(), "to": to.code(), "undone": true });
    let about = Subject::new("person", &held.person_id);
    audit::record(tx, &by.actor(), Event::ApplicationStatusChanged, about, detail, now).await?;
    settle_starts(tx, held.hire_on, &by.actor(), now).await?;
    items::reopen(tx, &hire_key(application_id), "The application goes on", &by.actor(), now).await?;
    Ok(())
}
