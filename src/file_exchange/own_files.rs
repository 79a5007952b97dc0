//! What an employer is told of its own files: refused, waiting, stopped, with many failures, or with others missing before them.
//!
//! Its administrators have an item, in their words and with what to do. It closes itself when a later file mends it: a full file mends
//! whatever came before it, another file those of its own type that were refused.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::name::FileName;
use super::notices::subject_key;
use super::processor::InterfaceFile;
use super::{register, results};
use crate::access::Right;
use crate::app::App;
use crate::audit::Actor;
use crate::jobs::{self, Failure};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// The kind of the job that tells an employer of a file of its own; payload `{"file_id": …}`.
pub const TELL_EMPLOYER: &str = "file_exchange.tell_employer";

/// The kind of its items.
const KIND: &str = "own_file";

#[derive(Deserialize)]
struct Payload {
    file_id: Uuid,
}

/// Queues the telling in the transaction that settles the file; of a file that is no employer's, or of one unknown here, nobody is told.
pub(super) async fn tell_employer(tx: &mut SystemTx, name: &FileName, file_id: Uuid, state: &str) -> sqlx::Result<()> {
    let Some(vpd) = employer_of(name) else { return Ok(()) };
    if !register::sender_is_known(tx, name).await? {
        return Ok(());
    }
    let dedupe = format!("{file_id}:{state}");
    jobs::enqueue_system(tx, &vpd, TELL_EMPLOYER, &json!({ "file_id": file_id }), Some(&dedupe)).await
}

/// The employer whose own file this is.
fn employer_of(name: &FileName) -> Option<Vpd> {
    name.sender.parse().ok().filter(|_| name.sender_is_vpd())
}

/// What the register says of a file, as far as its employer is told.
struct Row {
    file_name: String,
    state: String,
    code: Option<String>,
    reason: Option<String>,
    gap: Option<String>,
    records: i32,
    fail: i32,
}

/// Raises the item of the employer's administrators about a file of theirs, by what the register says of it now.
pub async fn raise(work: jobs::Work) -> Result<(), Failure> {
    let Payload { file_id } = work.payload()?;
    let now = work.app.now();
    let mut tx = work.begin().await?;
    // The page that the item leads to is theirs from now on.
    results::concern(&mut tx, file_id).await?;
    let row = sqlx::query_as!(
        Row,
        "select file_name, state, code, reason, warnings->0->>'text' as gap, records, fail from interface_files where file_id = $1",
        file_id
    )
    .fetch_one(&mut *tx)
    .await?;
    let later = sqlx::query_scalar!(
        r#"select exists (select 1 from interface_files f join interface_files later on later.interface = f.interface
                             and later.sender = f.sender and later.direction = 'in' and later.received_at > f.received_at
                             and (later.file_type = 'GOF' or (later.file_type = f.file_type and f.state = 'refused'))
                             and later.state in ('processed', 'processed_with_errors', 'confirmed')
                           where f.file_id = $1) as "later!""#,
        file_id
    )
    .fetch_one(&mut *tx)
    .await?;
    if let Some((class, title, text)) = row.told().filter(|_| !later) {
        let message = MessageDraft {
            kind: MessageType::DitFile,
            title: format!("Interface file {}", row.file_name),
            dedupe_key: format!("file:{file_id}"),
            file: Some((file_id, row.file_name)),
            body_code: None,
            dated_on: work.app.today(),
        };
        let mut item = ItemDraft::new(KIND, Right::VpdAdmin, class, subject_key(file_id), title);
        item.file_id = Some(file_id);
        item.link = Some(format!("/interfaces/files/{file_id}"));
        item.facts = json!({ "code": row.code, "text": text });
        notifications::raise(&mut tx, &message, &[item], now).await?;
    }
    tx.commit().await?;
    Ok(())
}

impl Row {
    /// Whether it needs somebody, as a title, and in a sentence or two what was wrong and what to do.
    fn told(&self) -> Option<(ItemClass, String, String)> {
        let name = &self.file_name;
        let reason = || without_errands(self.reason.as_deref().unwrap_or_default());
        let share = if self.records > 0 { i64::from(self.fail) * 100 / i64::from(self.records) } else { 0 };
        let told = match (self.state.as_str(), &self.gap) {
            ("refused", _) => {
                let advice = match self.code.as_deref() {
                    Some("F09") => "If this is newer data, send it under the next number.",
                    Some("F07") => "Send the data again under the next number, if it is still wanted.",
                    _ => {
                        "What was loaded before stays as it is. Put the file right and send it again: its name is free."
                    }
                };
                (ItemClass::Action, format!("{name} was refused"), format!("{} {advice}", reason()))
            }
            ("held_for_order" | "held", _) => (
                ItemClass::Information,
                format!("{name} waits"),
                format!(
                    "{} Nothing of it is loaded yet. If you sent it by mistake, or did not send it, tell National operations; \
                     otherwise there is nothing for you to do.",
                    reason()
                ),
            ),
            ("failed", _) => (
                ItemClass::Information,
                format!("{name} could not be processed"),
                "Processing stopped at a fault that is not the file's. National operations were told and will process it again: \
                 do not send it again. What is loaded of it stays, the rest waits."
                    .to_owned(),
            ),
            _ if share > 30 => (
                ItemClass::Action,
                format!("{share}% of {name} failed"),
                format!(
                    "{} of {} records were not loaded. The file's page says which, and why. Correct them in ESR, so that the next file brings \
                     them right.",
                    self.fail, self.records
                ),
            ),
            (_, Some(gap)) => (
                ItemClass::Information,
                format!("Files are missing before {name}"),
                format!("{gap} Find out whether they were made and never sent. A full file (GOF) brings all that is missing."),
            ),
            (_, None) => return None,
        };
        Some(told)
    }
}

/// A reason without the sentences that send its reader, an operator, to the sender: here the sender is reading.
fn without_errands(reason: &str) -> String {
    let sentences = reason.split_inclusive(". ").filter(|sentence| !sentence.starts_with("Ask the sender"));
    sentences.collect::<String>().trim_end().to_owned()
}

/// Closes what the employer was told of one file, because that file goes on or is discarded.
pub(super) async fn settled(app: &App, file_id: Uuid, reason: &str, by: &Actor) -> sqlx::Result<()> {
    let mut system = app.db.system().await?;
    let file = register::find(&mut system, file_id).await?;
    system.commit().await?;
    let Some(vpd) = file.and_then(|row| employer_of(&row.file.name)) else { return Ok(()) };
    let mut tx = app.db.vpd(&vpd).await?;
    notifications::close(&mut tx, &subject_key(file_id), reason, by, app.now()).await?;
    tx.commit().await
}

/// Closes what this employer was told of earlier files of its own that this one mends, in the transaction that finishes this one.
pub(super) async fn mended_by(tx: &mut VpdTx, file: &InterfaceFile, now: DateTime<Utc>) -> sqlx::Result<()> {
    if employer_of(&file.name).as_ref() != Some(tx.vpd()) {
        return Ok(());
    }
    let told = notifications::store::open_files(tx, KIND).await?;
    let mended = sqlx::query_scalar!(
        "select file_id from interface_files
          where file_id = any($1) and interface = $2 and ($4 or (file_type = $3 and state = 'refused')) and received_at < $5",
        &told,
        file.name.interface.code(),
        file.name.file_type,
        file.name.is_full_generic_outbound(),
        file.received_at
    )
    .fetch_all(&mut **tx)
    .await?;
    let keys: Vec<String> = mended.into_iter().map(subject_key).collect();
    let reason = format!("{} was processed.", file.name.text);
    notifications::close_many(tx, &keys, &reason, &Actor::File(file.name.text.clone()), now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_employer_is_not_sent_to_ask_itself() {
        for (reason, told) in [
            (
                "The trailer counts 3 records; the file holds 2. Nothing of it was taken. Ask the sender to send it again.",
                "The trailer counts 3 records; the file holds 2. Nothing of it was taken.",
            ),
            (
                "The file is empty: it has no header. Ask the sender to send it again.",
                "The file is empty: it has no header.",
            ),
            (
                "The file changed while it was read. Send it again.",
                "The file changed while it was read. Send it again.",
            ),
        ] {
            assert_eq!(without_errands(reason), told);
        }
    }
}
