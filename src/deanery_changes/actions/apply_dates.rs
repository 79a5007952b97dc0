use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{ChangeError, applied, find_again, lock_open};
use crate::access::Caller;
use crate::applicants::actions::{DatesError, NewDates, change_dates};
use crate::deanery_changes::model::{Change, Kind};
use crate::people::store as people;
use crate::tenancy::VpdTx;

/// Applies the deanery's dates to the application, or to the assignment of a doctor who holds the post.
pub async fn apply_dates(
    tx: &mut VpdTx,
    by: &Caller,
    change_id: Uuid,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Change, ChangeError> {
    let mut change = lock_open(tx, change_id, Kind::Dates).await?;
    find_again(tx, &mut change, today).await?;
    let mut before = json!({});
    let mut was_hired = false;
    if let Some(application_id) = change.application_id {
        let source = change.file_name.clone().unwrap_or_default();
        let new = NewDates {
            hire_on: change.hire_on,
            end_on: change.end_on,
            file_id: change.file_id,
            record_no: change.record_no,
        };
        match change_dates(tx, &by.actor(), &by.name, application_id, &new, now).await {
            Ok(held) => {
                was_hired = held.was_hired;
                before["application"] = json!({ "hire_on": held.hire_on, "end_on": held.end_on });
            }
            Err(DatesError::NotFound) => return Err(ChangeError::NotFound),
            Err(DatesError::Database(error)) => return Err(error.into()),
            Err(error) => return Err(ChangeError::NotPossible(format!("{error} ({source})"))),
        }
    } else if change.hire_on.is_some() {
        return Err(ChangeError::NotPossible(
            "There is no application of this doctor for this post to which a hire date could be applied. Dismiss this with a reason.".to_owned(),
        ));
    }
    if (change.application_id.is_none() || was_hired)
        && let (Some(person_id), Some(end_on)) = (&change.person_id, change.end_on)
    {
        match people::save_contract_end(tx, person_id, &change.dpn_key, end_on, today).await? {
            Some(held) => {
                before["assignment"] = json!({ "assignment_id": held.assignment_id, "effective_from": held.effective_from, "end_on": held.contract_end_on })
            }
            None if change.application_id.is_none() => {
                return Err(ChangeError::NotPossible(
                    "This doctor does not hold the post today, so there is no assignment to which an end date could be applied. Dismiss this with a reason."
                        .to_owned(),
                ));
            }
            None => {}
        }
    }
    let note = format!("{} applied the dates.", by.name);
    applied(tx, by, &change, before, note, now).await?;
    Ok(change)
}
