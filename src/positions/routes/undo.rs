use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use uuid::Uuid;

use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Empty, Form};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::positions::actions::{self, UndoError};
use crate::positions::model::{ChangeId, Source};
use crate::positions::views::{UndoRefusedPage, UndoneElsewherePage};
use crate::ui::{self, Flash};

/// Takes a change back, or says what followed from it.
pub async fn undo(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<Uuid>,
    Form(Empty {}): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    // What was done with something else is taken back with that: the item opens again, the people move back.
    let change = crate::positions::store::find_change(&mut tx, ChangeId(*id)).await?.ok_or(PageError::NotFound)?;
    if let Some((href, link, why)) = Source::undone_at(&change.source, change.source_id) {
        tx.rollback().await?;
        let page = UndoneElsewherePage { layout: who.layout(), why, href, link, position_id: change.position_id };
        return Ok(ui::page(StatusCode::CONFLICT, &page));
    }
    match actions::undo(&mut tx, &who.actor(), ChangeId(*id), app.now()).await {
        Ok(position_id) => {
            let is_there = crate::positions::store::find(&mut tx, &position_id, app.today()).await?.is_some();
            tx.commit().await?;
            who.flash(&Flash::success("The change is undone: the position is as it was before"));
            Ok(ui::see_other(if is_there { format!("/positions/{position_id}") } else { "/positions".to_owned() }))
        }
        Err(UndoError::NotFound) => Err(PageError::NotFound),
        Err(UndoError::Already { by }) => {
            Err(PageError::Conflict(format!("This change was undone already, by {by}. Nothing was done.")))
        }
        Err(UndoError::Followed(followed)) => {
            let page = UndoRefusedPage { layout: who.layout(), followed, back: "/positions".to_owned() };
            Ok(ui::page(StatusCode::CONFLICT, &page))
        }
        Err(UndoError::Database(error)) => Err(error.into()),
    }
}
