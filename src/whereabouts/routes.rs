//! URLs of the list of doctors and of the exception view.

use actix_web::web::{Data, Query, ServiceConfig, get};
use chrono::{Days, NaiveDate};

use super::views::{ExceptionsAsked, ExceptionsPage, ListAsked, ListPage, Why};
use super::{read, store};
use crate::access::Authorised;
use crate::access::permissions::{EnterApplicants, SeeDoctors};
use crate::app::App;
use crate::error::PageResult;
use crate::lead_and_host::store as lead_and_host;
use crate::positions::dpn;
use crate::reference::store::whom_to_ask;
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
    let employer = format!("{} {}", who.vpd, who.vpd_name);
    let seen = read::exceptions(&mut tx, &asked, employer, today).await?;
    tx.commit().await?;
    let page = ExceptionsPage::new(who.layout(), asked.into_inner(), seen);
    Ok(ui::page(page.status(), &page))
}
