//! URLs of the pages about positions.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use serde::Deserialize;

use super::store::{self, PositionFilter};
use super::views::{ListPage, ShowPage};
use crate::access::Authorised;
use crate::access::permissions::{SeePeople, SeePositions};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::ui::{self, ErrorSummary, Field, dates};

const PAGE: i64 = 50;

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/positions", web::get().to(list)).route("/positions/{position}", web::get().to(show));
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    role: String,
    body: String,
    dpn: String,
    on: String,
    page: String,
}

/// Reads the day that a page is about: the business date where none is asked for.
fn day(app: &App, text: &str) -> (Field, chrono::NaiveDate) {
    let today = app.today();
    if text.trim().is_empty() {
        return (Field::new("on", ""), today);
    }
    match dates::parse_day(text) {
        Some(day) => (Field::new("on", text), day),
        None => (Field::refused("on", text, "Enter a date as day, month and year, such as 6/5/2026"), today),
    }
}

async fn list(app: Data<App>, who: Authorised<SeePositions>, query: Query<ListQuery>) -> PageResult {
    let (on, day) = day(&app, &query.on);
    let page = query.page.parse::<u64>().unwrap_or(1).clamp(1, 100_000);
    let text = |value: &str| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    let filter = PositionFilter {
        text: text(&query.q),
        job_role: text(&query.role),
        managing_body: text(&query.body).map(|body| body.to_uppercase()),
        has_dpn: match query.dpn.as_str() {
            "with" => Some(true),
            "without" => Some(false),
            _ => None,
        },
        on: day,
        offset: (i64::try_from(page).unwrap_or(1) - 1) * PAGE,
        limit: PAGE,
    };
    let mut tx = who.begin(&app.db).await?;
    let (positions, total) = store::list(&mut tx, &filter).await?;
    let roles = store::job_roles(&mut tx).await?;
    tx.commit().await?;
    let errors = ErrorSummary::of([&on]);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ListPage {
        layout: who.layout(),
        errors,
        positions,
        total,
        page,
        pages: u64::try_from(total).unwrap_or_default().div_ceil(PAGE.unsigned_abs()),
        q: Field::new("q", query.q.clone()),
        role: Field::new("role", query.role.clone()),
        body: Field::new("body", query.body.clone()),
        dpn: Field::new("dpn", query.dpn.clone()),
        on,
        day,
        roles,
    };
    Ok(ui::page(status, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShowQuery {
    on: String,
}

async fn show(app: Data<App>, who: Authorised<SeePositions>, id: Path<String>, query: Query<ShowQuery>) -> PageResult {
    let (on, day) = day(&app, &query.on);
    let mut tx = who.begin(&app.db).await?;
    let position = store::find(&mut tx, &id, day).await?.ok_or(PageError::NotFound)?;
    let versions = store::versions(&mut tx, &id).await?;
    // Who holds it is about people: for those who may see them.
    let holders = match who.may::<SeePeople>() {
        true => Some(store::holders(&mut tx, &id, day).await?),
        false => None,
    };
    tx.commit().await?;
    let errors = ErrorSummary::of([&on]);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ShowPage { layout: who.layout(), errors, position, versions, holders, on, day };
    Ok(ui::page(status, &page))
}
