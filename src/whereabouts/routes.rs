//! URLs of the list of doctors and of the exception view.

use std::collections::HashMap;

use actix_web::web::{Data, Query, ServiceConfig, get};
use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::exceptions::{ExceptionsAsked, ExceptionsPage, exceptions};
use super::lines::{lines, of_application};
use super::model::{Line, Stage};
use super::store;
use super::views::{ListAsked, ListPage, Why};
use crate::access::Authorised;
use crate::access::permissions::{EnterApplicants, SeeDoctors};
use crate::app::App;
use crate::employment_checks;
use crate::error::PageResult;
use crate::lead_and_host::store as lead_and_host;
use crate::organisations;
use crate::positions::dpn;
use crate::reference::store::whom_to_ask;
use crate::tenancy::VpdTx;
use crate::ui::{self, dates};

/// So many days after the first day a doctor is still on the list.
const AFTER: u64 = 31;

pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/doctors", get().to(list)).route("/doctors/exceptions", get().to(exception_view));
}

async fn list(app: Data<App>, who: Authorised<SeeDoctors>, asked: Query<ListAsked>) -> PageResult {
    let today = app.today();
    let mut tx = who.begin(&app.db).await?;
    let mut all = outline(&mut tx, today).await?;
    all.retain(|line| asked.keeps(line));
    if asked.asks_what_blocks() {
        // What blocks a doctor is known of whole lines alone.
        fill(&mut tx, &mut all, today).await?;
        all.retain(|line| asked.keeps_blocked(line));
    } else {
        let shown = asked.shown(all.len());
        fill(&mut tx, &mut all[shown], today).await?;
    }
    let why = if all.is_empty() && !asked.q.trim().is_empty() {
        Some(why(&mut tx, asked.q.trim(), today).await?)
    } else {
        None
    };
    tx.commit().await?;
    let may_enter = who.may::<EnterApplicants>();
    let page = ListPage::new(who.layout(), asked.into_inner(), all, why, may_enter, today);
    Ok(ui::page(page.status(), &page))
}

/// Every doctor on the way to a post here: of those with an application what a list is filtered and ordered by.
async fn outline(tx: &mut VpdTx, today: NaiveDate) -> sqlx::Result<Vec<Line>> {
    let from = today - Days::new(AFTER);
    let keys = store::keys(tx, from).await?;
    let unloaded = store::unloaded(tx).await?;
    let expected = store::expected(tx, from).await?;
    Ok(lines(keys, unloaded, expected, today))
}

/// Says of lines with an application everything else: what blocks it, who has it, what mends it.
async fn fill(tx: &mut VpdTx, lines: &mut [Line], today: NaiveDate) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = lines.iter().filter_map(|line| line.application_id).collect();
    let applications = store::applications(tx, &ids).await?;
    let checks: HashMap<Uuid, _> = employment_checks::store::list(tx, &ids).await?;
    let mut keys: Vec<String> = applications.iter().map(|one| dpn::key(&one.dpn)).collect();
    keys.sort_unstable();
    keys.dedup();
    let others = lead_and_host::others(tx, &keys, today).await?;
    let mut whole: HashMap<Uuid, Line> = applications
        .iter()
        .map(|one| (one.application_id, of_application(one, checks.get(&one.application_id), &others)))
        .collect();
    for line in lines {
        if let Some(found) = line.application_id.and_then(|id| whole.remove(&id)) {
            *line = found;
        }
    }
    Ok(())
}

/// Why a search found nothing.
async fn why(tx: &mut VpdTx, search: &str, today: NaiveDate) -> sqlx::Result<Why> {
    let mut said = Vec::new();
    let mut body = None;
    if search.contains('/') {
        let key = dpn::key(search);
        body = key.split('/').next().map(str::to_owned);
        match store::known_post(tx, &key).await? {
            Some(post) => said.push(match (post.deleted_on, post.effective_to) {
                (Some(day), _) => format!("Position {}, which bore this number, was deleted on {}: applicants for it fail.", post.position_number, dates::day(day)),
                (None, Some(day)) if day < today => {
                    format!("Position {}, which bore this number, ended on {}: applicants for it fail.", post.position_number, dates::day(day))
                }
                (None, _) if post.effective_from > today => {
                    format!("Position {} bears this number from {} on.", post.position_number, dates::day(post.effective_from))
                }
                _ => format!("Position {} bears this number, and no applicant for it has come.", post.position_number),
            }),
            None => said.push("No position here bears this Deanery Post Number, so an applicant for it cannot load here. Check the number on the position.".to_owned()),
        }
        let keys = [key];
        for other in lead_and_host::others(tx, &keys, today).await?.into_values().flatten() {
            said.push(format!("Another employer has a post of this number: {}.", other.words()));
        }
    } else {
        said.push(
            "No application, failed record, held record or next holder in the deanery's grid has this name or number."
                .to_owned(),
        );
    }
    said.push(format!(
        "A doctor is released from 13 weeks before the first day: for somebody who starts after {} nothing has come yet.",
        dates::day(today + Days::new(91))
    ));
    said.push("The deanery may have sent the doctor to another employer: each sees its own alone.".to_owned());
    let contact = match &body {
        Some(body) => whom_to_ask(tx, body, today).await?,
        None => None,
    };
    Ok(Why { said, contact })
}

async fn exception_view(app: Data<App>, who: Authorised<SeeDoctors>, asked: Query<ExceptionsAsked>) -> PageResult {
    let today = app.today();
    let mut tx = who.begin(&app.db).await?;
    let from = today - Days::new(AFTER);
    let ids: Vec<Uuid> = store::keys(&mut tx, from).await?.into_iter().map(|one| one.application_id).collect();
    let applications = store::applications(&mut tx, &ids).await?;
    let unloaded = store::unloaded(&mut tx).await?;
    let expected = store::expected(&mut tx, from).await?;
    let mut keys: Vec<String> = applications
        .iter()
        .map(|one| dpn::key(&one.dpn))
        .chain(expected.iter().map(|one| dpn::key(&one.dpn)))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let others = lead_and_host::others(&mut tx, &keys, today).await?;
    let sites = organisations::store::site_names(&mut tx).await?;
    tx.commit().await?;
    let employer = format!("{} {}", who.vpd, who.vpd_name);
    let rows = exceptions(&employer, applications, unloaded, expected, &others, &sites);
    let page = ExceptionsPage::new(who.layout(), asked.into_inner(), rows);
    Ok(ui::page(page.status(), &page))
}

/// Which lines a stage filter may name.
pub(super) fn stage_of(code: &str) -> Option<Stage> {
    Stage::ALL.into_iter().find(|stage| stage.code() == code)
}
