//! `/admin/audit`: who did what, about whom and when, in the organisation that one acts for; and whether the chain is whole.

mod export;
mod words;

use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::London;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::access::permissions::ReadAudit;
use crate::access::{Authorised, Empty, Form};
use crate::app::App;
use crate::audit::{self, CHECK_CHAIN, Event, Filter};
use crate::error::PageResult;
use crate::jobs;
use crate::ui::{self, Choice, ErrorSummary, Field, Flash, Layout, Pagination, dates};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/admin/audit", web::get().to(show))
        .route("/admin/audit.csv", web::get().to(export::export))
        .route("/admin/audit/check", web::post().to(check));
}

const SIZE: i64 = 50;

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    layout: Layout,
    errors: ErrorSummary,
    organisation: String,
    actor: Field,
    event: Field,
    events: Vec<Choice>,
    object: Field,
    from: Field,
    until: Field,
    chips: Vec<(String, String)>,
    rows: Vec<Row>,
    older: Pagination,
    export_href: String,
    /// What is known of the chain, and whether it is broken.
    chain: Vec<String>,
    broken: bool,
}

struct Row {
    seq: i64,
    at: String,
    actor: String,
    sentence: String,
    about: String,
    link: Option<String>,
}

/// The filter as the address has it.
#[derive(Deserialize, Clone, Default)]
pub struct Query {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    object: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    before: Option<i64>,
}

impl Query {
    /// The address of a page with this filter, without one field.
    fn href(&self, path: &str, without: &str) -> String {
        let mut query = Serializer::new(String::new());
        let fields = [
            ("actor", &self.actor),
            ("event", &self.event),
            ("object", &self.object),
            ("from", &self.from),
            ("until", &self.until),
        ];
        for (name, value) in fields.into_iter().filter(|(name, value)| !value.trim().is_empty() && *name != without) {
            query.append_pair(name, value.trim());
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    fn filter(&self) -> Result<Filter, Vec<Field>> {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let from = day(&self.from).map_err(|problem| Field::refused("from", self.from.clone(), problem));
        let until = day(&self.until).map_err(|problem| Field::refused("until", self.until.clone(), problem));
        match (from, until) {
            (Ok(from), Ok(until)) => Ok(Filter {
                actor: some(&self.actor).map(|name| name.to_lowercase()),
                event: some(&self.event),
                object: some(&self.object),
                from: from.map(midnight),
                until: until.and_then(|day| day.checked_add_days(Days::new(1))).map(midnight),
                before: self.before,
                limit: SIZE + 1,
            }),
            (from, until) => Err([from.err(), until.err()].into_iter().flatten().collect()),
        }
    }
}

/// A day as people type it: `6/5/2026`, or as browsers send it: `2026-05-06`.
fn day(text: &str) -> Result<Option<NaiveDate>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let read = ["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    read.map(Some).ok_or("Enter a date such as 6/5/2026")
}

/// The instant at which a day begins in London.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN);
    London.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

async fn show(app: Data<App>, who: Authorised<ReadAudit>, query: web::Query<Query>) -> PageResult {
    let mut errors = ErrorSummary::default();
    let mut status = StatusCode::OK;
    let mut from = Field::new("from", query.from.clone());
    let mut until = Field::new("until", query.until.clone());
    let filter = match query.filter() {
        Ok(filter) => filter,
        Err(fields) => {
            status = StatusCode::UNPROCESSABLE_ENTITY;
            errors = ErrorSummary::of(&fields);
            for field in fields {
                if field.name == "from" { from = field } else { until = field }
            }
            Filter { limit: 0, ..Filter::default() }
        }
    };
    let mut tx = who.begin(&app.db).await?;
    let mut entries = audit::list(&mut tx, &filter).await?;
    let state = audit::chain_state(&mut tx).await?;
    tx.rollback().await?;
    let more = entries.len() > usize::try_from(SIZE).unwrap_or(50);
    entries.truncate(usize::try_from(SIZE).unwrap_or(50));
    let base = query.href("/admin/audit", "");
    let join = if base.contains('?') { "&" } else { "?" };
    let older = entries.last().filter(|_| more).map(|last| format!("{base}{join}before={}", last.seq));
    let newest = query.before.map(|_| base.clone());
    let mut events: Vec<Choice> = Event::ALL.iter().map(|event| Choice::new(event.code(), event.words())).collect();
    events.sort_by(|a, b| a.label.cmp(&b.label));
    events.insert(0, Choice::new("", "Anything"));
    let (chain, broken) = chain_words(&state);
    let view = AuditPage {
        layout: who.layout(),
        errors,
        organisation: if who.vpd.is_operations() {
            who.vpd_name.clone()
        } else {
            format!("{} {}", who.vpd, who.vpd_name)
        },
        actor: Field::new("actor", query.actor.clone()),
        event: Field::new("event", query.event.clone()),
        events,
        object: Field::new("object", query.object.clone()),
        from,
        until,
        chips: chips(&query),
        rows: entries.iter().map(row).collect(),
        older: Pagination::steps(newest, older),
        export_href: query.href("/admin/audit.csv", ""),
        chain,
        broken,
    };
    Ok(ui::page(status, &view))
}

fn row(entry: &audit::Entry) -> Row {
    Row {
        seq: entry.seq,
        at: dates::short_at(entry.at),
        actor: words::actor(entry),
        sentence: words::sentence(entry),
        about: words::about(entry),
        link: words::link(entry),
    }
}

fn chips(query: &Query) -> Vec<(String, String)> {
    let chip = |text: String, field: &str| (text, query.href("/admin/audit", field));
    let mut chips = Vec::new();
    if !query.actor.trim().is_empty() {
        chips.push(chip(format!("By {}", query.actor.trim()), "actor"));
    }
    if !query.event.is_empty() {
        chips.push(chip(Event::words_of(&query.event).to_owned(), "event"));
    }
    if !query.object.trim().is_empty() {
        chips.push(chip(format!("About {}", query.object.trim()), "object"));
    }
    if !query.from.trim().is_empty() {
        chips.push(chip(format!("From {}", query.from.trim()), "from"));
    }
    if !query.until.trim().is_empty() {
        chips.push(chip(format!("Until {}", query.until.trim()), "until"));
    }
    chips
}

/// What is known of the chain, in sentences.
fn chain_words(state: &audit::ChainState) -> (Vec<String>, bool) {
    let mut words = vec![format!("The trail has {}.", ui::count(state.rows, "row", "rows"))];
    if let Some((seq, at)) = state.sealed {
        words.push(format!("Sealed to row {} on {}.", ui::number(seq), dates::at(at)));
    }
    let broken = state.checked.as_ref().is_some_and(|check| check.broken.is_some());
    match &state.checked {
        None => words.push("Not checked yet.".to_owned()),
        Some(check) => words.push(match &check.broken {
            None => format!("Checked whole to row {} on {}.", ui::number(check.rows), dates::at(check.at)),
            Some((seq, fault)) => {
                format!(
                    "Broken at row {}: {fault}. Found on {}. Tell whoever is in charge of information governance.",
                    ui::number(seq),
                    dates::at(check.at)
                )
            }
        }),
    }
    (words, broken)
}

/// Has the chain checked from its first row; the page says what was found.
async fn check(app: Data<App>, who: Authorised<ReadAudit>, Form(Empty {}): Form<Empty>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    jobs::enqueue(&mut tx, CHECK_CHAIN, &serde_json::json!({}), Some("check")).await?;
    tx.commit().await?;
    who.flash(&Flash::success("The chain is being checked. Load this page again in a moment to see what was found."));
    Ok(ui::see_other("/admin/audit"))
}
