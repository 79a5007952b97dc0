use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{RecordError, lock_waiting};
use crate::access::Caller;
use crate::applicants::actions::Source;
use crate::audit::{self, Event, Subject};
use crate::doctors_in_training::files::app::AppRecord;
use crate::doctors_in_training::processor::{
    About, Input, Judged, judge, raise_duplicates, record_key, repeats, shown,
};
use crate::file_exchange::failed_records::{self, Settled, Settlement};
use crate::notifications::{self, store::Annotation};
use crate::tenancy::VpdTx;

/// What another try came to.
#[derive(Debug)]
pub enum Tried {
    /// It loaded: the person whom it is about.
    Loaded { person_id: String },
    /// It failed again, for these reasons.
    FailedAgain(Vec<String>),
}

/// Applies a failed record once more: the same rules, today's positions and date.
pub async fn try_again(
    tx: &mut VpdTx,
    by: &Caller,
    file_id: Uuid,
    record_no: i32,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Tried, RecordError> {
    let failed = lock_waiting(tx, file_id, record_no).await?;
    let record = AppRecord::parse(&failed.raw);
    let same_as = repeats(tx, file_id, record_no, &record).await?;
    let source = Source { origin: "deanery", file_id: Some(file_id), actor: by.name.clone() };
    let input = Input { no: record_no, record, was_utf8: true, same_as };
    let (judged, positions) = judge(tx, vec![input], &source, failed.sender.as_deref(), today, now).await?;
    let Some(judged) = judged.into_iter().next() else { return Err(RecordError::NotFound) };

    let detail = json!({ "file": failed.file_name, "record": record_no, "loaded": judged.receipt.is_some() });
    let about = Subject::new("file_record", format!("{file_id}/{record_no}"));
    audit::record(tx, &by.actor(), Event::RecordTriedAgain, about, detail, now).await?;
    let key = record_key(file_id, record_no);
    let Some(receipt) = &judged.receipt else { return failed_again(tx, by, &key, &judged, now).await };
    let note = format!("{} tried it again, and it loaded.", by.name);
    let became = Some((receipt.person_id.as_str(), receipt.application_id));
    let settled = Settled { file_id, record_no, by: Settlement::TriedAgain, note: &note, became };
    failed_records::settle(tx, &settled, now).await?;
    notifications::close(tx, &key, &note, &by.actor(), now).await?;
    let about = About { file: Some((file_id, failed.file_name.clone())), body_code: failed.sender.clone(), today };
    raise_duplicates(tx, &about, &judged, &positions, now).await?;
    Ok(Tried::Loaded { person_id: receipt.person_id.clone() })
}

async fn failed_again(
    tx: &mut VpdTx,
    by: &Caller,
    key: &str,
    judged: &Judged,
    now: DateTime<Utc>,
) -> Result<Tried, RecordError> {
    let reasons: Vec<String> = judged.messages.iter().map(|message| message.shown().to_owned()).collect();
    let note = format!("It failed again: {}", reasons.join(" "));
    let note: String = note.chars().take(super::LONGEST_REASON).collect();
    let facts = json!({ "messages": shown(&judged.messages), "text": format!("{} tried it again on {}: it failed again.", by.name, crate::ui::dates::at(now)) });
    let annotation = Annotation { what: "tried", note: &note, facts };
    notifications::store::annotate(tx, key, &annotation, &by.actor(), Some(by.user_id), now).await?;
    Ok(Tried::FailedAgain(reasons))
}
