use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};

use crate::access::Authorised;
use crate::access::permissions::{ChangeApplications, SeeRotation};
use crate::app::App;
use crate::error::PageResult;
use crate::lead_and_host::store as lead_and_host;
use crate::organisations;
use crate::reference::store::whom_to_ask;
use crate::rotation::changeover;
use crate::rotation::store;
use crate::rotation::views::{BoardAsked, BoardPage};
use crate::ui::{self, dates};

pub async fn board(app: Data<App>, who: Authorised<SeeRotation>, asked: Query<BoardAsked>) -> PageResult {
    let today = app.today();
    let mut tx = who.begin(&app.db).await?;
    let chosen = dates::parse_day(&asked.on);
    let on = match chosen {
        Some(day) => day,
        None => changeover::default(today, &store::first_days(&mut tx, today).await?),
    };
    let posts = store::posts(&mut tx, on).await?;
    let holders = store::holders(&mut tx, on).await?;
    let applicants = store::applicants(&mut tx, on).await?;
    let said = store::said(&mut tx).await?;
    let names = organisations::store::site_names(&mut tx).await?;
    let codes: BTreeSet<&String> = posts.iter().filter_map(|post| post.workplace_code.as_ref()).collect();
    let named = |code: &String| (code.clone(), names.get(&code.trim().to_uppercase()).unwrap_or(code).clone());
    let sites = codes.into_iter().map(named).collect();
    let body = said.first().map(|(row, _)| row.body_code.clone());
    let contact = match &body {
        Some(body) => whom_to_ask(&mut tx, body, today).await?,
        None => None,
    };
    let keys: Vec<String> = posts.iter().map(|post| post.dpn_key.clone()).collect();
    let others = lead_and_host::others(&mut tx, &keys, on).await?;
    tx.done_reading();
    let lines = changeover::board(on, posts, holders, applicants, said, &others);
    let page = BoardPage::new(
        who.layout(),
        asked.into_inner(),
        on,
        today,
        lines,
        sites,
        contact,
        who.may::<ChangeApplications>(),
    );
    Ok(ui::page(if page.is_refused() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page))
}
