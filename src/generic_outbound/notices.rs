//! What operators are told of a Generic Outbound file: an employer that was not known, a position that is another's.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::Right;
use crate::file_exchange::processor::Work;
use crate::jobs::{self, Failure};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// The kind of the job that tells operators of an employer that a file registered.
pub const TELL_OF_REGISTRATION: &str = "generic_outbound.tell_of_registration";
/// The kind of the job that tells operators of positions that two employers claim.
pub const TELL_OF_CLAIMS: &str = "generic_outbound.tell_of_claims";

#[derive(Deserialize)]
struct Registered {
    vpd: Vpd,
    name: String,
    file_id: Uuid,
    file_name: String,
}

pub(super) async fn tell_of_registration(tx: &mut SystemTx, payload: &Value, vpd: &Vpd) -> sqlx::Result<()> {
    let operations = Vpd::operations();
    jobs::enqueue_system(tx, &operations, TELL_OF_REGISTRATION, payload, Some(vpd.as_str())).await
}

/// Names the fact that an employer has nobody yet who administers it.
pub fn registration_key(vpd: &Vpd) -> String {
    format!("organisation:{vpd}")
}

/// Raises the operators' item about a new employer.
pub async fn raise_registration(work: jobs::Work) -> Result<(), Failure> {
    let Registered { vpd, name, file_id, file_name } = work.payload()?;
    let title = format!("Add an administrator for {vpd} {name}");
    let text = format!(
        "The employer was registered by its first file, {file_name}, and nobody can sign in for it yet. Its administrator invites the \
         others and gives out roles. This closes by itself once there is one."
    );
    let key = registration_key(&vpd);
    let mut item = ItemDraft::new("organisation", Right::SysAdmin, ItemClass::Action, key, title);
    item.file_id = Some(file_id);
    item.link = Some(format!("/admin/users/new?organisation={vpd}"));
    item.facts = json!({ "text": text });
    raise(&work, file_id, file_name, item).await
}

#[derive(Deserialize)]
struct Claimed {
    file_id: Uuid,
    file_name: String,
    records: usize,
}

pub(super) async fn tell_of_claims(tx: &mut VpdTx, work: &Work<'_>, records: usize) -> sqlx::Result<()> {
    let payload = json!({ "file_id": work.file.file_id, "file_name": work.file.name.text, "records": records });
    let dedupe = work.file.file_id.to_string();
    jobs::enqueue(tx, TELL_OF_CLAIMS, &payload, Some(&dedupe)).await
}

/// Raises the operators' item about positions that belong to another employer.
pub async fn raise_claims(work: jobs::Work) -> Result<(), Failure> {
    let Claimed { file_id, file_name, records } = work.payload()?;
    let noun = if records == 1 { "position" } else { "positions" };
    let title = format!("{file_name} claims {noun} of another employer");
    let text = "The records were rejected with code G007. Find out with both employers whose position it is.";
    let subject = format!("claims:{file_id}");
    let mut item = ItemDraft::new("data_quality", Right::SysAdmin, ItemClass::Action, subject, title);
    item.file_id = Some(file_id);
    item.link = Some(format!("/interfaces/files/{file_id}"));
    item.facts = json!({ "text": text });
    raise(&work, file_id, file_name, item).await
}

async fn raise(work: &jobs::Work, file_id: Uuid, file_name: String, item: ItemDraft) -> Result<(), Failure> {
    let message = MessageDraft {
        kind: MessageType::DataQuality,
        title: format!("Interface file {file_name}"),
        dedupe_key: format!("file:{file_id}:data"),
        file: Some((file_id, file_name)),
        body_code: None,
        dated_on: work.app.today(),
    };
    let mut tx = work.app.db.vpd(&Vpd::operations()).await?;
    notifications::raise(&mut tx, &message, &[item], work.app.now()).await?;
    tx.commit().await?;
    Ok(())
}
