//! Why an operator reads what a file says of people: asked for first, recorded with each employer concerned, and told to it.

use serde_json::{Value, json};

use super::super::read::FileRow;
use crate::access::permissions::DecideHeldFiles;
use crate::access::{Authorised, Right};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::VpdTx;
use crate::ui::Field;

/// The reason as typed, or why it is none.
pub fn read(given: &str, missing: &str) -> Field {
    let given = given.trim();
    match given.chars().count() {
        0 => Field::refused("reason", given, missing),
        501.. => Field::refused("reason", given, "Enter a reason of 500 characters or fewer"),
        _ => Field::new("reason", given),
    }
}

/// What is read: one record, or a whole file that answers records.
pub enum Sight {
    Record(i32),
    Reply { rows: i64 },
}

impl Sight {
    fn event(&self) -> Event {
        match self {
            Self::Record(_) => Event::RecordViewed,
            Self::Reply { .. } => Event::FileDownloaded,
        }
    }

    fn detail(&self, file: &str, reason: &str) -> Value {
        match self {
            Self::Record(number) => json!({ "file": file, "record": number, "reason": reason }),
            Self::Reply { rows } => json!({ "file": file, "rows": rows, "reason": reason }),
        }
    }

    /// The name of the fact, the heading of its message, and what is said of who did it.
    fn words(&self, who: &str, file: &str) -> (&'static str, &'static str, String) {
        match self {
            Self::Record(number) => {
                ("record-read", "An operator read a record of yours", format!("{who} read record {number} of {file}"))
            }
            Self::Reply { .. } => {
                ("file-read", "An operator downloaded a file about your records", format!("{who} downloaded {file}"))
            }
        }
    }
}

/// Records the reading in the employer's audit trail, and tells its administrators who read what and why.
pub async fn tell(
    tx: &mut VpdTx,
    app: &App,
    who: &Authorised<DecideHeldFiles>,
    file: &FileRow,
    sight: &Sight,
    reason: &str,
) -> sqlx::Result<()> {
    let now = app.now();
    let about = Subject::new("file", file.file_id);
    audit::record(tx, &who.actor(), sight.event(), about, sight.detail(&file.file_name, reason), now).await?;
    if tx.vpd().is_operations() {
        return Ok(());
    }
    let (key, heading, title) = sight.words(&who.name, &file.file_name);
    let message = MessageDraft {
        kind: MessageType::DitFile,
        title: heading.to_owned(),
        dedupe_key: format!("{key}:{}:{}", file.file_id, app.today()),
        file: Some((file.file_id, file.file_name.clone())),
        body_code: file.sender.clone(),
        dated_on: app.today(),
    };
    let record_no = match sight {
        Sight::Record(number) => Some(*number),
        Sight::Reply { .. } => None,
    };
    let subject = format!("{key}:{}:{}:{now}", file.file_id, record_no.unwrap_or_default());
    let mut item = ItemDraft::new("data_quality", Right::VpdAdmin, ItemClass::Information, subject, title);
    item.file_id = Some(file.file_id);
    item.record_no = record_no;
    item.facts = json!({ "text": format!("Reason given: {reason}") });
    notifications::raise(tx, &message, &[item], now).await?;
    Ok(())
}
