use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Path};
use futures_util::stream;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::super::read::{self, FileRow};
use super::super::views::{DownloadPage, shown};
use super::reason::{self, Sight};
use super::show::visible;
use crate::access::permissions::DecideHeldFiles;
use crate::access::{Authorised, Caller, Form};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::tenancy::Vpd;
use crate::ui::{ErrorSummary, Field};

#[derive(Deserialize)]
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
}

/// A file that we sent; what came in is shown record by record instead.
async fn sent(app: &App, who: &Caller, file_id: Uuid) -> Result<FileRow, PageError> {
    let file = visible(app, who, file_id).await?;
    if file.direction == "out" { Ok(file) } else { Err(PageError::NotFound) }
}

/// Asks an operator why a file is to be read whose messages repeat values of people.
pub async fn form(app: Data<App>, who: Authorised<DecideHeldFiles>, id: Path<Uuid>) -> PageResult {
    let file = sent(&app, &who, *id).await?;
    let mut tx = app.db.system().await?;
    let concerned = read::concerned(&mut tx, &file).await?;
    let (layout, errors, reason) = (who.layout(), ErrorSummary::default(), Field::empty("reason"));
    shown(StatusCode::OK, DownloadPage { layout, errors, file, concerned, reason })
}

/// Sends a file as it was sent, to an operator who gave a reason: recorded with each employer that it speaks of, and told to it.
pub async fn download(
    app: Data<App>,
    who: Authorised<DecideHeldFiles>,
    id: Path<Uuid>,
    Form(form): Form<ReasonForm>,
) -> PageResult {
    let file = sent(&app, &who, *id).await?;
    let mut tx = app.db.system().await?;
    let concerned = read::concerned(&mut tx, &file).await?;
    let reason = reason::read(&form.reason, "Enter why you need to download this file");
    let errors = ErrorSummary::of([&reason]);
    if !errors.is_empty() {
        let page = DownloadPage { layout: who.layout(), errors, file, concerned, reason };
        return shown(StatusCode::UNPROCESSABLE_ENTITY, page);
    }
    let detail = json!({ "file": file.file_name, "reason": reason.value });
    let about = Subject::new("file", file.file_id);
    audit::record_for(&mut tx, &Vpd::operations(), &who.actor(), Event::FileDownloaded, about, detail, app.now())
        .await?;
    tx.commit().await?;
    // All are told before the first byte leaves.
    for (vpd, rows) in concerned.iter().filter(|(vpd, _)| !vpd.is_operations()) {
        let mut tx = app.db.vpd(vpd).await?;
        reason::tell(&mut tx, &app, &who, &file, &Sight::Reply { rows: *rows }, &reason.value).await?;
        tx.commit().await?;
    }
    let pieces = stream::try_unfold((app, *id, 0), |(app, file_id, number)| async move {
        let mut connection = app.db.system_connection().await?;
        let piece =
            sqlx::query_scalar!("select bytes from file_chunks where file_id = $1 and chunk_no = $2", file_id, number)
                .fetch_optional(&mut *connection)
                .await?;
        drop(connection);
        Ok::<_, sqlx::Error>(piece.map(|bytes| (Bytes::from(bytes), (app, file_id, number + 1))))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.file_name)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(Box::pin(pieces)))
}
