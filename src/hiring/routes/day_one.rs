use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Query};
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::access::Authorised;
use crate::access::permissions::SeeDoctors;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::employment_checks::model::Checks;
use crate::employment_checks::store as checks;
use crate::error::{PageError, PageResult};
use crate::hiring::store::{self, StartFilter, Starter};
use crate::hiring::views::{DayOnePage, Row};
use crate::spreadsheets;
use crate::tenancy::VpdTx;
use crate::ui::{self, Field, dates};

/// How many lines a page has.
const PAGE: i64 = 50;
/// The most lines of a file.
const FILE: i64 = 20_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    to: String,
    show: String,
    page: u32,
}

impl Asked {
    /// The days that are asked for, of which each is shown again as typed where it cannot be read.
    fn days(&self, today: NaiveDate) -> (Field, Field, NaiveDate, NaiveDate) {
        let shown = |name: &'static str, day: NaiveDate| (Field::new(name, day.format("%-d/%-m/%Y").to_string()), day);
        let read = |name: &'static str, text: &str, otherwise: NaiveDate| match (text.trim(), dates::parse_day(text)) {
            ("", _) => shown(name, otherwise),
            (_, Some(day)) => shown(name, day),
            (text, None) => {
                (Field::refused(name, text, "Enter a date as day, month and year, such as 5/8/2026"), otherwise)
            }
        };
        let (from_field, from) = read("from", &self.from, today);
        let ahead = from.checked_add_days(Days::new(14)).unwrap_or(from);
        let (mut to_field, to) = read("to", &self.to, ahead);
        if to < from && from_field.error.is_none() && to_field.error.is_none() {
            to_field.error = Some("The last day must not be before the first".to_owned());
        }
        (from_field, to_field, from, to)
    }
}

async fn read(tx: &mut VpdTx, filter: &StartFilter) -> sqlx::Result<(Vec<Starter>, HashMap<Uuid, Checks>)> {
    let starters = store::list_starters(tx, filter).await?;
    let ids: Vec<Uuid> = starters.iter().map(|one| one.application_id).collect();
    let checks = checks::list(tx, &ids).await?;
    Ok((starters, checks))
}

/// Everybody who starts on these days, and what is not right yet about each.
pub async fn show(app: Data<App>, who: Authorised<SeeDoctors>, asked: Query<Asked>) -> PageResult {
    let (from_field, to_field, from, to) = asked.days(app.today());
    let page = asked.page.clamp(1, 10_000);
    let filter = StartFilter {
        from,
        to,
        only_waiting: asked.show == "waiting",
        offset: i64::from(page - 1) * PAGE,
        limit: PAGE,
    };
    let mut tx = who.begin(&app.db).await?;
    let (starters, mut checks) = read(&mut tx, &filter).await?;
    tx.commit().await?;
    let total = starters.first().map_or(0, |one| one.total);
    let rows = starters
        .into_iter()
        .map(|one| {
            let checks = checks.remove(&one.application_id).unwrap_or_default();
            Row::new(one, &checks, app.today())
        })
        .collect();
    let view = DayOnePage::new(who.layout(), rows, total, u64::from(page), (from_field, to_field), filter);
    Ok(ui::page(if view.is_refused() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &view))
}

/// The same as a file, all of it; that it was taken is recorded.
pub async fn export(app: Data<App>, who: Authorised<SeeDoctors>, asked: Query<Asked>) -> PageResult {
    let (from_field, to_field, from, to) = asked.days(app.today());
    if from_field.error.is_some() || to_field.error.is_some() {
        let text = "One of the days in the address is not a date, or the last is before the first. Go back, mend it and download again.";
        return Err(PageError::BadRequest(text.to_owned()));
    }
    let filter = StartFilter { from, to, only_waiting: asked.show == "waiting", offset: 0, limit: FILE };
    let mut tx = who.begin(&app.db).await?;
    let (starters, mut checks) = read(&mut tx, &filter).await?;
    let count = starters.len();
    let rows: Vec<Row> = starters
        .into_iter()
        .map(|one| {
            let checks = checks.remove(&one.application_id).unwrap_or_default();
            Row::new(one, &checks, app.today())
        })
        .collect();
    let detail = json!({ "list": "day-one", "from": from, "to": to, "rows": count });
    let about = Subject::new("list", "day-one");
    audit::record(&mut tx, &who.actor(), Event::ListExported, about, detail, app.now()).await?;
    tx.commit().await?;
    let bytes = spreadsheets::csv(Row::COLUMNS, rows.iter().map(Row::cells));
    let name = format!("attachment; filename=\"day-one-{from}-{to}.csv\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(bytes))
}
