//! URLs of the list of doctors and of the exception view.

use actix_web::web::{Data, Query, ServiceConfig, get};
use chrono::{Days, NaiveDate};

use super::store::PostKnown;
use super::views::{ExceptionsAsked, ExceptionsPage, ListAsked, ListPage, Why};
use super::{read, store};
use crate::access::Authorised;
use crate::access::permissions::{EnterApplicants, SeeDoctors};
use crate::app::App;
use crate::error::PageResult;
use crate::lead_and_host::store as lead_and_host;
use crate::positions::dpn;
use crate::reference::store::whom_to_ask;
use crate::rotation::model::VACANCY;
use crate::tenancy::VpdTx;
use crate::ui::{self, dates};

pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/doctors", get().to(list)).route("/doctors/exceptions", get().to(exception_view));
}

async fn list(app: Data<App>, who: Authorised<SeeDoctors>, asked: Query<ListAsked>) -> PageResult {
    let today = app.today();
    let mut tx = who.begin(&app.db).await?;
    let found = read::list(&mut tx, &asked, today).await?;
    let why = match asked.q.trim() {
        search if found.total() == 0 && !search.is_empty() => Some(why(&mut tx, search, today).await?),
        _ => None,
    };
    tx.commit().await?;
    let may_enter = who.may::<EnterApplicants>();
    let page = ListPage::new(who.layout(), asked.into_inner(), found, why, may_enter, today);
    Ok(ui::page(page.status(), &page))
}

/// What was of a position that is no more.
fn about(post: &PostKnown, which: &str, today: NaiveDate) -> Option<String> {
    let number = &post.position_number;
    match (post.deleted_on, post.effective_to) {
        (Some(day), _) => {
            Some(format!("Position {number}{which} was deleted on {}: applicants for it fail.", dates::day(day)))
        }
        (None, Some(day)) if day < today => {
            Some(format!("Position {number}{which} ended on {}: applicants for it fail.", dates::day(day)))
        }
        (None, _) => None,
    }
}

/// The position that a text names by its number or id, if it is figures alone.
async fn known_position(tx: &mut VpdTx, search: &str) -> sqlx::Result<Option<PostKnown>> {
    let number: String = search.split_whitespace().collect();
    match !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        true => store::known_position(tx, &number).await,
        false => Ok(None),
    }
}

/// Why a search found nothing.
async fn why(tx: &mut VpdTx, search: &str, today: NaiveDate) -> sqlx::Result<Why> {
    let mut said = Vec::new();
    let mut body = None;
    if search.contains('/') {
        let key = dpn::key(search);
        body = key.split('/').next().map(str::to_owned);
        match store::known_post(tx, &key).await? {
            Some(post) => said.push(about(&post, ", which bore this number,", today).unwrap_or_else(|| {
                let number = &post.position_number;
                match post.effective_from > today {
                    true => format!("Position {number} bears this number from {} on.", dates::day(post.effective_from)),
                    false => format!("Position {number} bears this number, and no applicant for it has come."),
                }
            })),
            None => said.push("No position here bears this Deanery Post Number, so an applicant for it cannot load here. Check the number on the position.".to_owned()),
        }
        let keys = [key];
        for other in lead_and_host::others(tx, &keys, today).await?.into_values().flatten() {
            said.push(format!("Another employer has a post of this number: {}.", other.words()));
        }
    } else if search.split_whitespace().collect::<String>() == VACANCY {
        said.push(format!(
            "{VACANCY} is no doctor's number: the deanery gives it for a vacancy (RECRUIT - VACANCY). The exception view shows vacancies."
        ));
    } else {
        if let Some(post) = known_position(tx, search).await? {
            let number = &post.position_number;
            let starts = || format!("Position {number} begins on {}.", dates::day(post.effective_from));
            let is_here = || format!("Position {number} is here, and no applicant for it has come.");
            let is_to_come = post.effective_from > today;
            let other = || if is_to_come { starts() } else { is_here() };
            said.push(about(&post, "", today).unwrap_or_else(other));
            body = post.body;
        }
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
    let employer = format!("{} {}", who.vpd, who.vpd_name);
    let seen = read::exceptions(&mut tx, &asked, employer, today).await?;
    tx.commit().await?;
    let page = ExceptionsPage::new(who.layout(), asked.into_inner(), seen);
    Ok(ui::page(page.status(), &page))
}
