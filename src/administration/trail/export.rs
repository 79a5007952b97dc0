use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use futures_util::stream;
use serde_json::json;

use super::{Query, words};
use crate::access::Authorised;
use crate::access::permissions::ReadAudit;
use crate::app::App;
use crate::audit::{self, Event, Filter, Subject};
use crate::error::{PageError, PageResult};
use crate::ui::dates;

const SLICE: i64 = 1_000;
const HEAD: &str = "\u{feff}Row,At (UTC),At (London),By,Kind,What,About,Event,Detail\r\n";

/// The trail, as filtered, as CSV; sent as it is read. That it was taken is in the trail.
pub async fn export(app: Data<App>, who: Authorised<ReadAudit>, query: web::Query<Query>) -> PageResult {
    let filter =
        query.filter().map_err(|_| PageError::BadRequest("A date in the address cannot be read.".to_owned()))?;
    let mut tx = who.begin(&app.db).await?;
    let detail = json!({ "list": "audit trail", "filter": query.href("", "") });
    audit::record(&mut tx, &who.actor(), Event::ListExported, Subject::new("list", "audit trail"), detail, app.now())
        .await?;
    tx.commit().await?;
    let name = format!("audit-{}-{}.csv", who.vpd, dates::london_day(app.now()));
    let first = Filter { before: None, limit: SLICE, ..filter };
    // A transaction for each slice: who reads slowly keeps no connection.
    let (db, vpd) = (app.db.clone(), who.vpd.clone());
    let rows = stream::unfold(Some((first, true, db, vpd)), |at| async move {
        let (filter, is_first, db, vpd) = at?;
        let slice = async {
            let mut tx = db.vpd(&vpd).await?;
            let entries = audit::list(&mut tx, &filter).await?;
            tx.commit().await?;
            Ok::<_, sqlx::Error>(entries)
        };
        let entries = match slice.await {
            Ok(entries) => entries,
            Err(error) => {
                tracing::error!(%error, "an export was cut short");
                return Some((Err(error), None));
            }
        };
        let mut text = if is_first { HEAD.to_owned() } else { String::new() };
        entries.iter().for_each(|entry| line(&mut text, entry));
        let next = match entries.last() {
            Some(last) if entries.len() == SLICE.unsigned_abs() as usize => {
                Some((Filter { before: Some(last.seq), ..filter }, false, db, vpd))
            }
            _ => None,
        };
        Some((Ok::<_, sqlx::Error>(Bytes::from(text)), next))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(rows))
}

fn line(text: &mut String, entry: &audit::Entry) {
    let fields = [
        entry.seq.to_string(),
        entry.at.to_rfc3339(),
        dates::short_at(entry.at),
        entry.actor.clone(),
        entry.actor_kind.clone(),
        words::sentence(entry),
        words::about(entry),
        entry.event.clone(),
        entry.detail.to_string(),
    ];
    let cells: Vec<String> = fields.iter().map(|field| cell(field)).collect();
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}

/// A cell that a spreadsheet shows and never calculates.
fn cell(text: &str) -> String {
    let harmless =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if harmless.contains([',', '"', '\n', '\r', ';']) {
        format!("\"{}\"", harmless.replace('"', "\"\""))
    } else {
        harmless
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_spreadsheet_calculates_nothing_of_it() {
        for (text, written) in [
            ("sam", "sam"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+44,1", "\"'+44,1\""),
            ("said \"no\"", "\"said \"\"no\"\"\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
