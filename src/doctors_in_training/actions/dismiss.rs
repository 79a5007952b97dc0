use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{RecordError, lock_waiting};
use crate::access::Caller;
use crate::audit::{self, Event, Subject};
use crate::doctors_in_training::processor::record_key;
use crate::file_exchange::failed_records::{self, Settled, Settlement};
use crate::notifications;
use crate::tenancy::VpdTx;

/// Decides that nothing is to be done about a failed record, for a reason.
pub async fn dismiss(
    tx: &mut VpdTx,
    by: &Caller,
    file_id: Uuid,
    record_no: i32,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), RecordError> {
    let failed = lock_waiting(tx, file_id, record_no).await?;
    let note = format!("{} dismissed it: {reason}", by.name);
    let settled = Settled { file_id, record_no, by: Settlement::Dismissed, note: &note, became: None };
    failed_records::settle(tx, &settled, now).await?;
    notifications::close(tx, &record_key(file_id, record_no), &note, &by.actor(), now).await?;
    let detail = json!({ "file": failed.file_name, "record": record_no, "reason": reason });
    let about = Subject::new("file_record", format!("{file_id}/{record_no}"));
    audit::record(tx, &by.actor(), Event::RecordDismissed, about, detail, now).await?;
    Ok(())
}
