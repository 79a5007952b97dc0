use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, Request};
use crate::access::Right;
use crate::audit::Actor;
use crate::jobs::{Failure, Work};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::Vpd;

/// Tells the operators of a request, or of a reply on it.
pub const TELL_REQUEST: &str = "readiness.tell_request";
/// Tells an employer of an answer.
pub const TELL_ANSWER: &str = "readiness.tell_answer";

#[derive(Deserialize)]
struct Payload {
    request: Uuid,
    /// The employer, where operators answered.
    #[serde(rename = "for")]
    employer: Option<Vpd>,
}

fn subject(request: Uuid, what: &str) -> String {
    format!("readiness:{request}:{what}")
}

/// Raises the operators' item about a request.
pub async fn tell_request(work: Work) -> Result<(), Failure> {
    let payload: Payload = work.payload()?;
    let mut tx = work.app.db.vpd(&Vpd::operations()).await?;
    let Some(request) = store::find(&mut tx, payload.request).await? else { return Ok(()) };
    let title = format!("{} {} asks to go live with {}", request.vpd, request.vpd_name, request.body_name);
    let mut item =
        ItemDraft::new("request", Right::SysAdmin, ItemClass::Action, subject(request.request_id, "request"), &title);
    item.link = Some(format!("/interfaces/requests/{}", request.request_id));
    raise(&mut tx, &work, MessageType::Request, &title, &request, item).await?;
    tx.commit().await?;
    Ok(())
}

/// Raises the employer's item about an answer, and closes the operators'.
pub async fn tell_answer(work: Work) -> Result<(), Failure> {
    let payload: Payload = work.payload()?;
    let Some(employer) = payload.employer else { return Ok(()) };
    let now = work.app.now();
    let mut tx = work.app.db.vpd(&Vpd::operations()).await?;
    let asked = subject(payload.request, "request");
    notifications::close(&mut tx, &asked, "The request was answered", &Actor::System("readiness"), now).await?;
    tx.commit().await?;
    let mut tx = work.app.db.vpd(&employer).await?;
    let Some(request) = store::find(&mut tx, payload.request).await? else { return Ok(()) };
    let said = store::said(&mut tx, payload.request).await?.len();
    let title = format!("Your request to go live with {} was answered", request.body_name);
    let mut item = ItemDraft::new(
        "request_answered",
        Right::LocalWorkstructuresAdministration,
        ItemClass::Information,
        subject(payload.request, &format!("answer-{said}")),
        &title,
    );
    item.link = Some(format!("/positions/readiness/requests/{}", payload.request));
    raise(&mut tx, &work, MessageType::RequestAnswered, &title, &request, item).await?;
    tx.commit().await?;
    Ok(())
}

async fn raise(
    tx: &mut crate::tenancy::VpdTx,
    work: &Work,
    kind: MessageType,
    title: &str,
    request: &Request,
    mut item: ItemDraft,
) -> sqlx::Result<()> {
    item.facts = json!({ "text": format!("Required by {}.", crate::ui::dates::day(request.required_by)) });
    let message = MessageDraft {
        kind,
        title: title.to_owned(),
        dedupe_key: item.subject_key.clone(),
        file: None,
        body_code: Some(request.body_code.clone()),
        dated_on: work.app.today(),
    };
    notifications::raise(tx, &message, &[item], work.app.now()).await?;
    Ok(())
}
