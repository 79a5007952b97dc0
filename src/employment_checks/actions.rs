//! What can be made to happen to checks, by a person or by a supplier's system; and what they decide about an application.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::model::{Check, Fault, Standard, Status, number_of_another, read};
use super::store;
use crate::access::Caller;
use crate::applicants::actions::{Checked, StatusError, change_status_when_checked};
use crate::applicants::status::{self, Status as ApplicationStatus};
use crate::applicants::store as applications;
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::VpdTx;

/// Why a check was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    #[error("no such application")]
    NotFound,
    /// The application was withdrawn or ended: its checks are history.
    #[error("The application is “{}”, so its checks cannot be changed", .0.label())]
    Ended(ApplicationStatus),
    /// Somebody else was first: the check as it is now.
    #[error("The check was changed meanwhile, to “{}”", .0.status.label())]
    Changed(Box<Check>),
    #[error("the check cannot be taken")]
    Faulty(Vec<Fault>),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What somebody says of a check, and which version of it they had seen.
pub struct Said<'a> {
    pub standard: Standard,
    pub status: Status,
    pub fields: &'a BTreeMap<String, String>,
    pub seen: i32,
}

/// Sets a check as a whole: what is left out is empty. The same again changes nothing.
pub async fn set(
    tx: &mut VpdTx,
    by: &Actor,
    shown_as: &str,
    application_id: Uuid,
    said: &Said<'_>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Check, SetError> {
    // The application's row is the lock: accepting the offer and setting a check wait for each other.
    let held = applications::lock_status(tx, application_id).await?.ok_or(SetError::NotFound)?;
    if !held.status.is_live() {
        return Err(SetError::Ended(held.status));
    }
    let known = store::of_application(tx, application_id).await?.find(said.standard);
    let mut entry = read(said.standard, said.status, said.fields, today);
    if said.standard == Standard::Registration {
        let applicant = store::applicant(tx, application_id).await?.ok_or(SetError::NotFound)?;
        if let Some(fault) = number_of_another(said.status, said.fields, applicant.gmc_number.as_deref()) {
            let others = entry.err().into_iter().flatten().filter(|other| other.key != fault.key);
            entry = Err(others.chain([fault.clone()]).collect());
        }
    }
    let is_same = entry.as_ref().is_ok_and(|entry| *entry == known.entry) && known.status == said.status;
    if is_same && known.version > 0 {
        return Ok(known);
    }
    if known.version != said.seen {
        return Err(SetError::Changed(Box::new(known)));
    }
    let check = Check {
        standard: said.standard,
        status: said.status,
        entry: entry.map_err(SetError::Faulty)?,
        version: known.version + 1,
    };
    store::save(tx, application_id, &check, shown_as, matches!(by, Actor::Supplier(_)), now).await?;
    // The trail says what changed, not to what: the versions hold that.
    let keys = known.entry.keys().chain(check.entry.keys());
    let mut changed: Vec<&str> =
        keys.filter(|key| known.entry.get(*key) != check.entry.get(*key)).map(String::as_str).collect();
    changed.sort_unstable();
    changed.dedup();
    let detail = json!({ "application": application_id, "standard": check.standard.code(), "from": known.status.code(),
                         "to": check.status.code(), "version": check.version, "fields": changed });
    let about = Subject::new("person", &held.person_id);
    audit::record(tx, by, Event::EmploymentCheckChanged, about, detail, now).await?;
    Ok(check)
}

/// Moves an application on as its checks allow: an offer is accepted without a reason once nothing stands in the way.
pub async fn change_status(
    tx: &mut VpdTx,
    by: &Caller,
    application_id: Uuid,
    shown: ApplicationStatus,
    event: status::Event,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<String, StatusError> {
    applications::lock_status(tx, application_id).await?.ok_or(StatusError::NotFound)?;
    let applicant = store::applicant(tx, application_id).await?.ok_or(StatusError::NotFound)?;
    let blocking = store::of_application(tx, application_id).await?.blocking(applicant.hire_on);
    let checked = if blocking.is_empty() { Checked::Complete } else { Checked::Incomplete(blocking) };
    change_status_when_checked(tx, by, application_id, shown, event, reason, &checked, now).await
}
