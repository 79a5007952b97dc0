use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::access::Authorised;
use crate::access::permissions::{ChangeApplications, SeeChanges};
use crate::app::App;
use crate::deanery_changes::store::{self, ListFilter};
use crate::deanery_changes::views::ListPage;
use crate::error::PageResult;
use crate::ui;

/// How many lines a page has.
const PAGE: i64 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    kind: String,
    state: Option<String>,
    page: u32,
}

pub async fn list(app: Data<App>, who: Authorised<SeeChanges>, asked: Query<Asked>) -> PageResult {
    let page = asked.page.clamp(1, 10_000);
    let filter = ListFilter {
        kind: asked.kind.clone(),
        state: asked.state.clone().unwrap_or_else(|| "open".to_owned()),
        search: asked.q.chars().take(100).collect(),
        limit: PAGE,
        offset: i64::from(page - 1) * PAGE,
    };
    let mut tx = who.begin(&app.db).await?;
    let (changes, total) = store::list(&mut tx, &filter).await?;
    tx.commit().await?;
    let may_act = who.may::<ChangeApplications>();
    let page = ListPage::new(who.layout(), &filter, changes, total, u64::from(page), may_act);
    Ok(ui::page(StatusCode::OK, &page))
}
