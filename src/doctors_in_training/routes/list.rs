use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::access::Authorised;
use crate::access::permissions::{EnterApplicants, SeeDoctors};
use crate::app::App;
use crate::applicants::store::{self, ListFilter};
use crate::doctors_in_training::views::ListPage;
use crate::error::PageResult;
use crate::ui;

/// How many lines a page has.
const PAGE: i64 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    status: String,
    page: u32,
}

pub async fn list(app: Data<App>, who: Authorised<SeeDoctors>, asked: Query<Asked>) -> PageResult {
    let page = asked.page.clamp(1, 10_000);
    let filter = ListFilter {
        search: asked.q.chars().take(100).collect(),
        status: asked.status.clone(),
        limit: PAGE,
        offset: i64::from(page - 1) * PAGE,
    };
    let mut tx = who.begin(&app.db).await?;
    let rows = store::list(&mut tx, &filter).await?;
    tx.commit().await?;
    let may_enter = who.may::<EnterApplicants>();
    let page = ListPage::new(who.layout(), &filter, rows, u64::from(page), app.today(), may_enter);
    Ok(ui::page(StatusCode::OK, &page))
}
