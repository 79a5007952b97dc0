use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::settle_starts;
use crate::applicants::status::Status;
use crate::applicants::store::{self, EventRow, HeldDates};
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::VpdTx;
use crate::ui::dates;

/// Why an application did not get new dates.
#[derive(Debug, thiserror::Error)]
pub enum DatesError {
    #[error("no such application")]
    NotFound,
    #[error("The application is “{}”, so its dates cannot change.", .0.label())]
    Ended(Status),
    #[error("The end date {} would be before the hire date {}. Ask the deanery which is right.", dates::day(*.end_on), dates::day(*.hire_on))]
    EndBeforeHire { hire_on: NaiveDate, end_on: NaiveDate },
    #[error("This doctor was hired on {} already. Correct the hire on the doctor's page; the end date can still be changed.", dates::day(*.0))]
    AlreadyHired(NaiveDate),
    #[error("The doctor has another application for the same post and that day. End one of them first.")]
    Another,
    /// Something happened to the application after what is to be taken back.
    #[error("{0}")]
    Followed(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// New dates of an application, and the record that brought them; what is `None` stays.
#[derive(Clone, Debug)]
pub struct NewDates {
    pub hire_on: Option<NaiveDate>,
    pub end_on: Option<NaiveDate>,
    pub file_id: Uuid,
    pub record_no: i32,
}

/// Gives an application new dates; gives those that it had.
pub async fn change_dates(
    tx: &mut VpdTx,
    by: &Actor,
    name: &str,
    application_id: Uuid,
    new: &NewDates,
    now: DateTime<Utc>,
) -> Result<HeldDates, DatesError> {
    let held = store::lock_dates(tx, application_id).await?.ok_or(DatesError::NotFound)?;
    if !held.status.is_live() {
        return Err(DatesError::Ended(held.status));
    }
    let hire_on = new.hire_on.unwrap_or(held.hire_on);
    let end_on = new.end_on.or(held.end_on);
    if held.was_hired && hire_on != held.hire_on {
        return Err(DatesError::AlreadyHired(held.hire_on));
    }
    if let Some(end_on) = end_on.filter(|end| *end < hire_on) {
        return Err(DatesError::EndBeforeHire { hire_on, end_on });
    }
    save(tx, by, name, application_id, &held, (hire_on, end_on), Some(new), now).await?;
    Ok(held)
}

/// Gives an application its earlier dates back, while nothing has happened to it since `decided_at`.
pub async fn restore_dates(
    tx: &mut VpdTx,
    by: &Actor,
    name: &str,
    application_id: Uuid,
    dates: (NaiveDate, Option<NaiveDate>),
    decided_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), DatesError> {
    let held = store::lock_dates(tx, application_id).await?.ok_or(DatesError::NotFound)?;
    if let Some(later) = store::event_after(tx, application_id, decided_at.unwrap_or(now)).await? {
        return Err(DatesError::Followed(format!(
            "The application was changed since ({later}), so this cannot be undone."
        )));
    }
    save(tx, by, name, application_id, &held, dates, None, now).await
}

#[expect(clippy::too_many_arguments, reason = "one place where dates, history and trail are written together")]
async fn save(
    tx: &mut VpdTx,
    by: &Actor,
    name: &str,
    application_id: Uuid,
    held: &HeldDates,
    (hire_on, end_on): (NaiveDate, Option<NaiveDate>),
    from: Option<&NewDates>,
    now: DateTime<Utc>,
) -> Result<(), DatesError> {
    if hire_on != held.hire_on && store::has_live_on(tx, application_id, hire_on).await? {
        return Err(DatesError::Another);
    }
    store::save_dates(tx, application_id, hire_on, end_on, now).await?;
    let said = |day: Option<NaiveDate>| day.map(dates::day);
    let mut changes = serde_json::Map::new();
    if hire_on != held.hire_on {
        changes.insert("projected hire date".to_owned(), json!([said(Some(held.hire_on)), said(Some(hire_on))]));
    }
    if end_on != held.end_on {
        changes.insert("projected end date".to_owned(), json!([said(held.end_on), said(end_on)]));
    }
    let changes = Value::Object(changes);
    let happened = EventRow {
        application_id,
        what: "dates",
        from_status: None,
        to_status: None,
        reason: from.is_none().then(|| "Taken back".to_owned()),
        file_id: from.map(|new| new.file_id),
        record_no: from.map(|new| new.record_no),
        changes: changes.clone(),
    };
    store::insert_events(tx, &[happened], name, now).await?;
    let detail = json!({ "application": application_id, "changes": changes, "undone": from.is_none() });
    audit::record(tx, by, Event::ApplicationDatesChanged, Subject::new("person", &held.person_id), detail, now).await?;
    if hire_on != held.hire_on {
        for day in [held.hire_on, hire_on] {
            settle_starts(tx, day, by, now).await?;
        }
    }
    Ok(())
}
