use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, block};
use serde_json::json;

use crate::access::Authorised;
use crate::access::permissions::SeeDpnReport;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::dpn_report::{Report, files, report};
use crate::error::{PageError, PageResult};

/// Makes the report to be sent, and records that it was.
async fn make(app: &App, who: &Authorised<SeeDpnReport>, format: &str) -> Result<Report, PageError> {
    let mut tx = who.begin(&app.db).await?;
    let report = report::read(&mut tx, app.today(), app.now()).await?;
    let detail =
        json!({ "list": "dpn-report", "format": format, "positions": report.quality.statistics.positions_with_dpn });
    audit::record(&mut tx, &who.actor(), Event::ListExported, Subject::new("list", "dpn-report"), detail, app.now())
        .await?;
    tx.commit().await?;
    Ok(report)
}

fn sent(report: &str, format: &str, kind: &'static str, body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{report}.{format}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body)
}

pub async fn workbook(app: Data<App>, who: Authorised<SeeDpnReport>) -> PageResult {
    let (report, name) = (make(&app, &who, "xlsx").await?, who.name.clone());
    let file = report.file_name();
    let body = block(move || files::xlsx(&report, &name)).await.map_err(|error| PageError::unexpected(&error))?;
    let body = body.map_err(|error| PageError::unexpected(&error))?;
    Ok(sent(&file, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body))
}

pub async fn table(app: Data<App>, who: Authorised<SeeDpnReport>) -> PageResult {
    let report = make(&app, &who, "csv").await?;
    Ok(sent(&report.file_name(), "csv", "text/csv; charset=utf-8", files::csv(&report)))
}

pub async fn document(app: Data<App>, who: Authorised<SeeDpnReport>) -> PageResult {
    let report = make(&app, &who, "pdf").await?;
    let file = report.file_name();
    let body = block(move || files::pdf(&report)).await.map_err(|error| PageError::unexpected(&error))?;
    Ok(sent(&file, "pdf", "application/pdf", body.map_err(|error| PageError::unexpected(&error))?))
}
