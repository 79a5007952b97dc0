use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{RecordError, lock_waiting};
use crate::access::Caller;
use crate::applicants::actions::Source;
use crate::audit::{self, Event, Subject};
use crate::doctors_in_training::checks::{dropped, faults_by_hand};
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::doctors_in_training::messages::Message;
use crate::doctors_in_training::processor::{About, Input, judge, raise_duplicates, record_key};
use crate::file_exchange::failed_records::{self, Settled, Settlement};
use crate::notifications;
use crate::tenancy::VpdTx;

/// An applicant who was entered: the person, and what is to be said.
#[derive(Debug)]
pub struct Entered {
    pub person_id: String,
    pub messages: Vec<Message>,
}

/// Why an applicant was not entered.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The same rules as for a file, and their messages.
    #[error("the entry breaks the rules")]
    Faulty(Vec<Message>),
}

impl From<sqlx::Error> for EnterError {
    fn from(error: sqlx::Error) -> Self {
        Self::Record(error.into())
    }
}

/// Whether something is said of the same entry already.
fn is_said(faults: &[Message], one: &Message) -> bool {
    one.column.is_some() && faults.iter().any(|fault| fault.column == one.column)
}

/// Enters an applicant whom a person typed in; where that puts a failed record right, the record is settled.
pub async fn enter_by_hand(
    tx: &mut VpdTx,
    by: &Caller,
    (record, typed): (AppRecord, &[Column]),
    instead_of: Option<(Uuid, i32)>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Entered, EnterError> {
    let failed = match instead_of {
        Some((file_id, record_no)) => Some(lock_waiting(tx, file_id, record_no).await?),
        None => None,
    };
    let body = failed.as_ref().and_then(|failed| failed.sender.clone());
    let source = Source { origin: "by_hand", file_id: None, actor: by.name.clone() };
    // A person can put right what a file would only lose: every fault at once, and nothing dropped.
    let mut faults = faults_by_hand(&record);
    let input = Input { no: 1, record: record.clone(), was_utf8: true, same_as: None };
    let (judged, positions) = judge(tx, vec![input], &source, body.as_deref(), today, now).await?;
    let Some(judged) = judged.into_iter().next() else { return Err(EnterError::Faulty(faults)) };
    let said = match &judged.receipt {
        Some(_) => dropped(&judged.messages, &record, |column| typed.contains(&column)),
        None => judged.messages.clone(),
    };
    faults.extend(said.into_iter().filter(|one| !is_said(&faults, one)).collect::<Vec<_>>());
    let receipt = match judged.receipt.clone() {
        Some(receipt) if faults.is_empty() => receipt,
        _ => return Err(EnterError::Faulty(faults)),
    };

    let about = Subject::new("person", &receipt.person_id);
    let detail = json!({ "application": receipt.application_id, "origin": "by hand" });
    audit::record(tx, &by.actor(), Event::ApplicationReceived, about, detail, now).await?;
    if let Some(failed) = &failed {
        let note = format!("{} entered it by hand.", by.name);
        let became = Some((receipt.person_id.as_str(), receipt.application_id));
        let settled = Settled {
            file_id: failed.file_id,
            record_no: failed.record_no,
            by: Settlement::ByHand,
            note: &note,
            became,
        };
        failed_records::settle(tx, &settled, now).await?;
        let key = record_key(failed.file_id, failed.record_no);
        notifications::close(tx, &key, &note, &by.actor(), now).await?;
        let about = Subject::new("file_record", format!("{}/{}", failed.file_id, failed.record_no));
        let detail = json!({ "file": failed.file_name, "record": failed.record_no, "person": receipt.person_id });
        audit::record(tx, &by.actor(), Event::RecordEnteredByHand, about, detail, now).await?;
    }
    let file = failed.map(|failed| (failed.file_id, failed.file_name));
    raise_duplicates(tx, &About { file, body_code: body, today }, &judged, &positions, now).await?;
    Ok(Entered { person_id: receipt.person_id, messages: judged.messages })
}
