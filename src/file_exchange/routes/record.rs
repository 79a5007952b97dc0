use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::super::Processors;
use super::super::read::FileRow;
use super::super::records;
use super::super::views::{RecordPage, shown};
use super::show::visible;
use crate::access::permissions::DecideHeldFiles;
use crate::access::{Authorised, Caller, Form, Right};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{NotAVpd, Vpd, VpdTx};
use crate::ui::{ErrorSummary, Field};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfWhom {
    vpd: String,
}

impl OfWhom {
    /// Of whose record the address speaks: the caller's own, unless it says.
    fn vpd(&self, who: &Caller) -> Result<Vpd, PageError> {
        match self.vpd.trim() {
            "" if who.vpd.is_operations() => Err(PageError::BadRequest(
                "The address does not say whose record it is. Open the record from the page of its file.".to_owned(),
            )),
            "" => Ok(who.vpd.clone()),
            given => given.parse().map_err(|error: NotAVpd| PageError::BadRequest(format!("{error}."))),
        }
    }
}

#[derive(Deserialize)]
pub struct ReasonForm {
    vpd: Vpd,
    #[serde(default)]
    reason: String,
}

/// Asks an operator why a record's content is to be read.
pub async fn form(
    app: Data<App>,
    who: Authorised<DecideHeldFiles>,
    ids: Path<(Uuid, i32)>,
    of: Query<OfWhom>,
) -> PageResult {
    let (file_id, number) = *ids;
    let file = visible(&app, &who, file_id).await?;
    let vpd = of.vpd(&who)?;
    let mut tx = app.db.vpd(&vpd).await?;
    if records::find(&mut tx, file_id, number).await?.is_none() {
        return Err(PageError::NotFound);
    }
    let page = RecordPage {
        layout: who.layout(),
        errors: ErrorSummary::default(),
        file,
        vpd: vpd.to_string(),
        number,
        reason: Field::empty("reason"),
        content: None,
    };
    shown(StatusCode::OK, page)
}

/// Shows a record's content to an operator who gave a reason: it is audited, and the employer is told.
pub async fn show(
    app: Data<App>,
    processors: Data<Processors>,
    who: Authorised<DecideHeldFiles>,
    ids: Path<(Uuid, i32)>,
    Form(form): Form<ReasonForm>,
) -> PageResult {
    let (file_id, number) = *ids;
    let file = visible(&app, &who, file_id).await?;
    let mut tx = app.db.vpd(&form.vpd).await?;
    let record = records::find(&mut tx, file_id, number).await?.ok_or(PageError::NotFound)?;
    let given = form.reason.trim();
    let reason = match given.chars().count() {
        0 => Field::refused("reason", given, "Enter why you need to read this record"),
        501.. => Field::refused("reason", given, "Enter a reason of 500 characters or fewer"),
        _ => Field::new("reason", given),
    };
    let errors = ErrorSummary::of([&reason]);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut content = None;
    if errors.is_empty() {
        status = StatusCode::OK;
        let raw = record.masked(&processors, &file.interface);
        tell(&mut tx, &app, &who, &file, number, given).await?;
        tx.commit().await?;
        content = Some((record, raw));
    }
    let vpd = form.vpd.to_string();
    let page = RecordPage { layout: who.layout(), errors, file, vpd, number, reason, content };
    shown(status, page)
}

async fn tell(
    tx: &mut VpdTx,
    app: &App,
    who: &Authorised<DecideHeldFiles>,
    file: &FileRow,
    number: i32,
    reason: &str,
) -> sqlx::Result<()> {
    let now = app.now();
    let detail = json!({ "file": file.file_name, "record": number, "reason": reason });
    let about = Subject::new("file", file.file_id);
    audit::record(tx, &who.actor(), Event::RecordViewed, about, detail, now).await?;
    if tx.vpd().is_operations() {
        return Ok(());
    }
    let message = MessageDraft {
        kind: MessageType::DitFile,
        title: "An operator read a record of yours".to_owned(),
        dedupe_key: format!("record-read:{}:{}", file.file_id, app.today()),
        file: Some((file.file_id, file.file_name.clone())),
        body_code: file.sender.clone(),
        dated_on: app.today(),
    };
    let title = format!("{} read record {number} of {}", who.name, file.file_name);
    let subject = format!("record-read:{}:{number}:{now}", file.file_id);
    let mut item = ItemDraft::new("data_quality", Right::VpdAdmin, ItemClass::Information, subject, title);
    item.file_id = Some(file.file_id);
    item.record_no = Some(number);
    item.facts = json!({ "text": format!("Reason given: {reason}") });
    notifications::raise(tx, &message, &[item], now).await?;
    Ok(())
}
