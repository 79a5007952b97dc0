use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::super::Processors;
use super::super::records;
use super::super::views::{RecordPage, shown};
use super::reason::{self, Sight};
use super::show::visible;
use crate::access::permissions::DecideHeldFiles;
use crate::access::{Authorised, Caller, Form};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::tenancy::{NotAVpd, Vpd};
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
    let reason = reason::read(&form.reason, "Enter why you need to read this record");
    let errors = ErrorSummary::of([&reason]);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut content = None;
    if errors.is_empty() {
        status = StatusCode::OK;
        let raw = record.masked(&processors, &file.interface);
        reason::tell(&mut tx, &app, &who, &file, &Sight::Record(number), &reason.value).await?;
        tx.commit().await?;
        content = Some((record, raw));
    }
    let vpd = form.vpd.to_string();
    let page = RecordPage { layout: who.layout(), errors, file, vpd, number, reason, content };
    shown(status, page)
}
