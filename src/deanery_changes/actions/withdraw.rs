use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{ChangeError, applied, find_again, lock_open};
use crate::access::Caller;
use crate::applicants::actions::{StatusError, change_status};
use crate::applicants::status::{Event as Step, Status};
use crate::applicants::store as applications;
use crate::deanery_changes::model::Kind;
use crate::deanery_changes::notices::withdrawal_reason;
use crate::deanery_changes::store;
use crate::tenancy::VpdTx;

/// Withdraws the application of a doctor whom the deanery withdrew; never ends an employment. Gives the person's id.
pub async fn withdraw(
    tx: &mut VpdTx,
    by: &Caller,
    change_id: Uuid,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<String, ChangeError> {
    let mut change = lock_open(tx, change_id, Kind::Withdrawal).await?;
    find_again(tx, &mut change, today).await?;
    let Some(application_id) = change.application_id else {
        return Err(ChangeError::NotPossible(
            "There is no application of this doctor for this post, so there is nothing to withdraw. Dismiss this with a reason.".to_owned(),
        ));
    };
    let held = applications::lock_status(tx, application_id).await?.ok_or(ChangeError::NotFound)?;
    if held.status == Status::Hired {
        return Err(ChangeError::NotPossible(
            "This doctor has been hired. End the employment from the doctor's page: that never happens by itself."
                .to_owned(),
        ));
    }
    let labels = store::withdrawal_reasons(tx).await?;
    let reason = format!(
        "The deanery withdrew the doctor ({}), {}, record {}",
        withdrawal_reason(change.reason_code.as_deref(), &labels),
        change.file_name.as_deref().unwrap_or_default(),
        change.record_no
    );
    let person = match change_status(tx, by, application_id, held.status, Step::Withdraw, &reason, now).await {
        Ok(person) => person,
        Err(StatusError::Database(error)) => return Err(error.into()),
        Err(StatusError::NotFound) => return Err(ChangeError::NotFound),
        Err(error @ (StatusError::Step(_) | StatusError::Changed { .. } | StatusError::Followed(_))) => {
            return Err(ChangeError::NotPossible(format!("{error}.")));
        }
    };
    let before = json!({ "status": held.status.code() });
    let note = format!("{} withdrew the application.", by.name);
    applied(tx, by, &change, before, note, now).await?;
    Ok(person)
}
