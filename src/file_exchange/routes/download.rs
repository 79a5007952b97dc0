use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use futures_util::stream;
use serde_json::json;
use uuid::Uuid;

use super::show::visible;
use crate::access::Authorised;
use crate::access::permissions::DecideHeldFiles;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::tenancy::Vpd;

/// A file that we sent, as it was sent; what came in is shown record by record instead.
pub async fn download(app: Data<App>, who: Authorised<DecideHeldFiles>, id: Path<Uuid>) -> PageResult {
    let file = visible(&app, &who, *id).await?;
    if file.direction != "out" {
        return Err(PageError::NotFound);
    }
    let mut tx = app.db.system().await?;
    let detail = json!({ "file": file.file_name });
    let about = Subject::new("file", file.file_id);
    audit::record_for(&mut tx, &Vpd::operations(), &who.actor(), Event::ListExported, about, detail, app.now()).await?;
    tx.commit().await?;
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
