use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{ChangeError, Conclusion, conclude, decided_words};
use crate::access::Caller;
use crate::audit::Event;
use crate::deanery_changes::model::{Change, State};
use crate::deanery_changes::store;
use crate::tenancy::VpdTx;

/// Decides that nothing is to be done about a change, for a reason.
pub async fn dismiss(
    tx: &mut VpdTx,
    by: &Caller,
    change_id: Uuid,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Change, ChangeError> {
    let change = store::lock(tx, change_id).await?.ok_or(ChangeError::NotFound)?;
    match change.state {
        State::Open | State::Pending => {}
        State::Applied | State::Dismissed | State::Superseded | State::Expired => {
            return Err(ChangeError::Decided(decided_words(&change)));
        }
    }
    let note = format!("{} dismissed it: {reason}", by.name);
    let event = Event::DeaneryChangeDismissed;
    let decided = Conclusion { state: State::Dismissed, event, reason: Some(reason), before: json!({}), note };
    conclude(tx, by, &change, decided, now).await?;
    Ok(change)
}
