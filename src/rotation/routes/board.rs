use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};

use crate::access::Authorised;
use crate::access::permissions::{ChangeApplications, SeeRotation};
use crate::app::App;
use crate::error::PageResult;
use crate::lead_and_host::store as lead_and_host;
use crate::reference::store::whom_to_ask;
use crate::rotation::boards::Boards;
use crate::rotation::views::{BoardAsked, BoardPage};
use crate::ui::{self, dates};

pub async fn board(
    app: Data<App>,
    boards: Data<Boards>,
    who: Authorised<SeeRotation>,
    asked: Query<BoardAsked>,
) -> PageResult {
    let today = app.today();
    let asked = asked.into_inner();
    let mut tx = who.begin(&app.db).await?;
    let board = boards.get(&mut tx, dates::parse_day(&asked.on), today).await?;
    let contact = match &board.body {
        Some(body) => whom_to_ask(&mut tx, body, today).await?,
        None => None,
    };
    let chosen = asked.choose(&board);
    // Of the posts that are shown alone: what others have may change without anything here.
    let others = lead_and_host::others(&mut tx, &chosen.dpn_keys(), board.on).await?;
    tx.done_reading();
    let page =
        BoardPage::new(who.layout(), &asked, today, &board, chosen, &others, contact, who.may::<ChangeApplications>());
    Ok(ui::page(if page.is_refused() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page))
}
