use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde_json::json;

use super::reader;
use crate::access::Authorised;
use crate::access::permissions::ReadInbox;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::PageResult;
use crate::inbox::export;
use crate::inbox::filter::{Filter, Window};
use crate::inbox::store;

/// How many rows are read and sent at a time.
const SLICE: usize = 500;

/// The list, as filtered, as CSV; sent as it is read, so that its length costs no memory.
pub async fn export(app: Data<App>, who: Authorised<ReadInbox>, request: HttpRequest) -> PageResult {
    let (filter, ..) = Filter::parse(request.query_string())?;
    let reader = reader(&who, &app);
    let mut tx = who.begin(&app.db).await?;
    // What is searched for is often a name: that it was is kept, not what.
    let kept = Filter { q: String::new(), ..filter.clone() };
    let detail = json!({ "list": "inbox", "filter": kept.query(), "searched": !filter.q.is_empty() });
    audit::record(&mut tx, &who.actor(), Event::ListExported, Subject::new("list", "inbox"), detail, reader.now)
        .await?;
    tx.commit().await?;
    let name = format!("inbox-{}-{}.csv", who.vpd, reader.today);

    // A transaction for each slice: who reads slowly keeps no connection.
    let (db, vpd) = (app.db.clone(), who.vpd.clone());
    let first = Some((Window::First, true));
    let rows = stream::unfold((first, filter, reader, db, vpd), |(at, filter, reader, db, vpd)| async move {
        let (window, is_first) = at?;
        let slice = async {
            let mut tx = db.vpd(&vpd).await?;
            let rows = store::page(&mut tx, &filter, &reader, window, SLICE).await?;
            tx.commit().await?;
            Ok::<_, sqlx::Error>(rows)
        };
        let (mut rows, _) = match slice.await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "an export was cut short");
                // The browser shows a failed download rather than a short one.
                return Some((Err(error), (None, filter, reader, db, vpd)));
            }
        };
        let more = rows.len() > SLICE;
        rows.truncate(SLICE);
        let mut text = if is_first { export::head() } else { String::new() };
        rows.iter().for_each(|row| export::line(&mut text, row, reader.now));
        let next = match rows.last() {
            Some(last) if more => Some((Window::After(last.cursor()), false)),
            _ => None,
        };
        Some((Ok::<_, sqlx::Error>(Bytes::from(text)), (next, filter, reader, db, vpd)))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(rows))
}
