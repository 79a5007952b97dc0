use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use chrono::NaiveDate;
use serde::Deserialize;

use super::super::expected;
use super::super::read::{self, FileFilter, Scope};
use super::super::views::{Chosen, ListPage, TodayPage, shown, states_of};
use super::scope_of;
use crate::access::Authorised;
use crate::access::permissions::{SeeInterfaces, UploadFiles};
use crate::app::App;
use crate::error::PageResult;
use crate::ui::{ErrorSummary, Field, dates};

const PAGE: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListQuery {
    view: String,
    interface: String,
    state: String,
    sender: String,
    name: String,
    from: String,
    to: String,
    failures: String,
    page: String,
}

/// Every file that the caller may see, and for operators what is expected today.
pub async fn list(app: Data<App>, who: Authorised<SeeInterfaces>, query: Query<ListQuery>) -> PageResult {
    let scope = scope_of(&who);
    if query.view == "today" {
        return today(app, who, scope).await;
    }
    let (from, from_on) = date("from", &query.from);
    let (to, to_on) = date("to", &query.to);
    let page = query.page.parse::<u64>().unwrap_or(1).clamp(1, 100_000);
    let text = |value: &str| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    let filter = FileFilter {
        direction: match query.view.as_str() {
            "outbound" => Some("out"),
            "inbound" => Some("in"),
            _ => None,
        },
        interface: text(&query.interface),
        states: if query.view == "held" { states_of("waiting") } else { states_of(&query.state) },
        sender: text(&query.sender).map(|sender| sender.to_uppercase()),
        name: text(&query.name),
        from: from_on,
        to: to_on,
        with_failures: query.failures == "yes",
        offset: (i64::try_from(page).unwrap_or(1) - 1) * PAGE,
        limit: PAGE,
    };
    let (files, total, held) = match &scope {
        Scope::All => {
            let mut tx = app.db.system().await?;
            let (files, total) = if query.view == "held" {
                read::list_waiting(&mut tx).await?
            } else {
                read::list(&mut tx, &scope, &filter).await?
            };
            let held = read::waiting_for_decision(&mut tx).await?;
            (files, total, Some(u64::try_from(held).unwrap_or_default()))
        }
        Scope::Of { .. } => {
            let mut tx = who.begin(&app.db).await?;
            let (files, total) = read::list(&mut tx, &scope, &filter).await?;
            (files, total, None)
        }
    };
    let chosen = Chosen {
        view: query.view.clone(),
        interface: Field::new("interface", query.interface.clone()),
        state: Field::new("state", query.state.clone()),
        sender: Field::new("sender", query.sender.clone()),
        name: Field::new("name", query.name.clone()),
        failures: query.failures == "yes",
        from,
        to,
    };
    let errors = ErrorSummary::of([&chosen.from, &chosen.to]);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let may_upload = who.may::<UploadFiles>();
    let pages = u64::try_from(total).unwrap_or_default().div_ceil(PAGE.unsigned_abs());
    let is_operator = matches!(scope, Scope::All);
    shown(
        status,
        ListPage { layout: who.layout(), errors, files, total, page, pages, held, chosen, may_upload, is_operator },
    )
}

async fn today(app: Data<App>, who: Authorised<SeeInterfaces>, scope: Scope) -> PageResult {
    let day = app.today();
    let mut tx = app.db.system().await?;
    let mut expected = expected::on(&mut tx, day).await?;
    let held = match scope {
        Scope::All => Some(u64::try_from(read::waiting_for_decision(&mut tx).await?).unwrap_or_default()),
        Scope::Of { interfaces, .. } => {
            // Which body sends when is nobody's secret; the file itself may concern others alone.
            expected.retain(|file| interfaces.contains(&file.interface.as_str()));
            for file in &mut expected {
                file.records = None;
                file.fail = None;
            }
            None
        }
    };
    let links_files = held.is_some();
    let page = TodayPage { layout: who.layout(), day, now: app.now(), expected, held, links_files };
    shown(StatusCode::OK, page)
}

/// `6/5/2026` or `2026-05-06`, or nothing.
fn date(name: &'static str, text: &str) -> (Field, Option<NaiveDate>) {
    let text = text.trim();
    if text.is_empty() {
        return (Field::empty(name), None);
    }
    match dates::parse_day(text) {
        Some(date) => (Field::new(name, text), Some(date)),
        None => (Field::refused(name, text, "Enter a date as day, month and year, such as 6/5/2026"), None),
    }
}
