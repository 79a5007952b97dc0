//! What operators are told of files: refused, held for order, a gap, many failures, given up. What an employer is told of its own: `own_files`.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::Right;
use crate::app::App;
use crate::audit::Actor;
use crate::jobs::{self, Failure};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{SystemTx, Vpd};

/// The kind of the job that raises an operators' item about a file; payload `{"file_id": …}`.
pub const TELL_OPERATORS: &str = "file_exchange.tell_operators";

#[derive(Deserialize)]
struct Payload {
    file_id: Uuid,
}

/// Queues the telling in the transaction that settles the file.
pub(super) async fn tell_operators(tx: &mut SystemTx, payload: &Value, dedupe: &str) -> sqlx::Result<()> {
    jobs::enqueue_system(tx, &Vpd::operations(), TELL_OPERATORS, payload, Some(dedupe)).await
}

/// The key of the fact that a file needs an operator.
pub fn subject_key(file_id: Uuid) -> String {
    format!("file:{file_id}")
}

/// Raises the operators' item about a file, by what the register says of it now.
pub async fn raise(work: jobs::Work) -> Result<(), Failure> {
    let Payload { file_id } = work.payload()?;
    let mut system = work.app.db.system().await?;
    let row = sqlx::query!(
        "select file_name, state, code, reason, warnings, records, fail, sender from interface_files where file_id = $1",
        file_id
    )
    .fetch_optional(&mut *system)
    .await?;
    // A refused file whose name was taken since is mended.
    let mended = sqlx::query_scalar!(
        r#"select exists (select 1 from interface_files f, interface_files taken
                           where f.file_id = $1 and f.state = 'refused' and taken.file_name = f.file_name and taken.direction = 'in'
                             and taken.received_at > f.received_at and taken.state not in ('refused', 'duplicate', 'receiving')) as "mended!""#,
        file_id
    )
    .fetch_one(&mut *system)
    .await?;
    system.commit().await?;
    let Some(row) = row.filter(|_| !mended) else { return Ok(()) };
    let share = if row.records > 0 { i64::from(row.fail) * 100 / i64::from(row.records) } else { 0 };
    let gap = row.warnings[0]["text"].as_str();
    let (class, title, text) = match (row.state.as_str(), gap) {
        ("refused", _) => (ItemClass::Action, format!("{} was refused", row.file_name), row.reason.unwrap_or_default()),
        ("held_for_order", _) => {
            (ItemClass::Action, format!("{} waits for your decision", row.file_name), row.reason.unwrap_or_default())
        }
        ("failed", _) => (
            ItemClass::Action,
            format!("{} could not be processed", row.file_name),
            row.reason.unwrap_or_else(|| "It was tried several times. See the log of the program.".to_owned()),
        ),
        (_, Some(gap)) => {
            (ItemClass::Information, format!("Files are missing before {}", row.file_name), gap.to_owned())
        }
        _ if share > 30 => (
            ItemClass::Information,
            format!("{share}% of {} failed", row.file_name),
            format!("{} of {} records failed. Ask the sender whether something changed.", row.fail, row.records),
        ),
        _ => return Ok(()),
    };
    let now = work.app.now();
    let message = MessageDraft {
        kind: MessageType::DitFile,
        title: format!("Interface file {}", row.file_name),
        dedupe_key: format!("file:{file_id}"),
        file: Some((file_id, row.file_name)),
        body_code: row.sender,
        dated_on: work.app.today(),
    };
    // What waits or stands still is settled by what becomes of the file; a refused one may be left as it is.
    let kind = match row.state.as_str() {
        "held_for_order" | "failed" => "held_file",
        _ => "file",
    };
    let mut item = ItemDraft::new(kind, Right::SysAdmin, class, subject_key(file_id), title);
    item.file_id = Some(file_id);
    item.link = Some(format!("/interfaces/files/{file_id}"));
    item.facts = json!({ "code": row.code, "text": text });
    let mut tx = work.app.db.vpd(&Vpd::operations()).await?;
    notifications::raise(&mut tx, &message, &[item], now).await?;
    tx.commit().await?;
    Ok(())
}

/// Closes the operators' item about a file, because its fact was mended.
pub(super) async fn mended(app: &App, file_id: Uuid, reason: &str, by: &Actor) -> sqlx::Result<()> {
    let mut tx = app.db.vpd(&Vpd::operations()).await?;
    notifications::close(&mut tx, &subject_key(file_id), reason, by, app.now()).await?;
    tx.commit().await
}
