use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::Deserialize;

use super::day;
use crate::access::Authorised;
use crate::access::permissions::SeePositions;
use crate::app::App;
use crate::error::PageResult;
use crate::positions::dpn;
use crate::positions::model::HostOrLead;
use crate::positions::quality::{self, Fault, Line};
use crate::positions::store::{self, PositionFilter};
use crate::positions::views::{ListPage, Listed, section};
use crate::ui::{self, ErrorSummary, Field};

const PAGE: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    role: String,
    body: String,
    dpn: String,
    problem: String,
    holder: String,
    status: String,
    on: String,
    page: String,
}

/// Positions as on a day, with what is wrong with each.
pub async fn list(app: Data<App>, who: Authorised<SeePositions>, query: Query<ListQuery>) -> PageResult {
    let (on, day) = day(&app, &query.on);
    let page = query.page.parse::<u64>().unwrap_or(1).clamp(1, 100_000);
    let text = |value: &str| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    let mut tx = who.begin(&app.db).await?;
    let only = match query.problem.as_str() {
        "" => None,
        wanted => {
            // What is wrong is found by the rules, not by the database: one pass over the positions.
            let quality = store::quality(&mut tx, day).await?;
            let fits = |line: &&Line| match Fault::from_code(wanted) {
                Some(fault) => line.faults.contains(&fault),
                None => !line.faults.is_empty(),
            };
            Some(quality.lines.iter().filter(fits).map(|line| line.position_id.clone()).collect())
        }
    };
    let filter = PositionFilter {
        text: text(&query.q),
        job_role: text(&query.role),
        managing_body: text(&query.body).map(|body| body.to_uppercase()),
        has_dpn: match query.dpn.as_str() {
            "with" => Some(true),
            "without" => Some(false),
            _ => None,
        },
        host_or_lead: match query.status.as_str() {
            "none" => Some(None),
            status => HostOrLead::parse(status).map(Some),
        },
        held: match query.holder.as_str() {
            "filled" => Some(true),
            "vacant" => Some(false),
            _ => None,
        },
        only,
        on: day,
        offset: (i64::try_from(page).unwrap_or(1) - 1) * PAGE,
        limit: PAGE,
    };
    let (positions, total) = store::list(&mut tx, &filter).await?;
    let ids: Vec<String> = positions.iter().map(|position| position.position_id.clone()).collect();
    let keys: Vec<String> = positions.iter().filter_map(|position| position.dpn.as_deref().map(dpn::key)).collect();
    let people = store::people_of(&mut tx, &ids, day).await?;
    let bearers = store::count_bearers(&mut tx, &keys, day).await?;
    let sent = store::last_sent(&mut tx, &ids).await?;
    let around = store::around(&mut tx, &[]).await?;
    let roles = store::job_roles(&mut tx).await?;
    tx.commit().await?;

    let listed = positions.into_iter().map(|position| {
        let line = Line::of(&position);
        let mut faults = quality::faults(&line, &around);
        if line.has_dpn() && bearers.get(&line.key()).is_some_and(|count| *count > 1) {
            faults.insert(0, Fault::Duplicate);
        }
        let (now, next) = people.get(&position.position_id).copied().unwrap_or_default();
        let sent = sent.get(&position.position_id).copied();
        Listed { position, faults, now, next, sent }
    });
    let positions = listed.collect();
    let errors = ErrorSummary::of([&on]);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ListPage {
        layout: who.layout(),
        section: section(&who, "/positions"),
        errors,
        positions,
        total,
        page,
        pages: u64::try_from(total).unwrap_or_default().div_ceil(PAGE.unsigned_abs()),
        q: Field::new("q", query.q.clone()),
        role: Field::new("role", query.role.clone()),
        body: Field::new("body", query.body.clone()),
        dpn: Field::new("dpn", query.dpn.clone()),
        problem: Field::new("problem", query.problem.clone()),
        holder: Field::new("holder", query.holder.clone()),
        host_or_lead: Field::new("status", query.status.clone()),
        on,
        day,
        roles,
    };
    Ok(ui::page(status, &page))
}
