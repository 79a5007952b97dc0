use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use uuid::Uuid;

use super::request::{attachment, refused, wrong};
use crate::access::permissions::AnswerRequests;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::readiness::actions::{self, SayError};
use crate::readiness::model::State;
use crate::readiness::store;
use crate::readiness::views::{ListPage, RequestPage};
use crate::ui::{self, Field, Flash};

/// Every employer's requests.
pub async fn list(app: Data<App>, who: Authorised<AnswerRequests>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let requests = store::requests(&mut tx, None).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &ListPage { layout: who.layout(), requests }))
}

pub async fn show(app: Data<App>, who: Authorised<AnswerRequests>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let request = store::find(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let said = store::said(&mut tx, *id).await?;
    tx.commit().await?;
    let own = request.sent_by_user == Some(who.user_id);
    let page = RequestPage { own, ..RequestPage::new(who.layout(), request, said, true, Field::empty("text")) };
    Ok(ui::page(StatusCode::OK, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AnswerForm {
    text: String,
    state: String,
}

/// Answers a request; what it becomes goes with the answer.
pub async fn answer(
    app: Data<App>,
    who: Authorised<AnswerRequests>,
    id: Path<Uuid>,
    Form(form): Form<AnswerForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let request = store::find(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let becomes = State::from_code(&form.state).filter(|state| *state != State::Sent);
    if let Some(problem) = wrong(&form.text).or(becomes.is_none().then_some("Select what becomes of the request")) {
        let said = store::said(&mut tx, *id).await?;
        tx.rollback().await?;
        let page = RequestPage::new(who.layout(), request, said, true, Field::refused("text", form.text, problem));
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    match actions::say(&mut tx, who.caller(), *id, form.text.trim(), becomes, app.now()).await {
        Ok(_) => {
            tx.commit().await?;
            who.flash(&Flash::success("The answer was sent"));
            Ok(ui::see_other(format!("/interfaces/requests/{id}")))
        }
        Err(SayError::Own) => {
            let said = store::said(&mut tx, *id).await?;
            tx.rollback().await?;
            let problem = "You sent this request yourself, for the organisation. Somebody else of national operations must answer it";
            let page = RequestPage::new(who.layout(), request, said, true, Field::refused("text", form.text, problem));
            Ok(ui::page(StatusCode::FORBIDDEN, &page))
        }
        Err(error) => Err(refused(error)),
    }
}

pub async fn email(app: Data<App>, who: Authorised<AnswerRequests>, id: Path<Uuid>) -> PageResult {
    let tx = who.begin(&app.db).await?;
    attachment(&app, &who, tx, *id, false).await
}

pub async fn report(app: Data<App>, who: Authorised<AnswerRequests>, id: Path<Uuid>) -> PageResult {
    let tx = who.begin(&app.db).await?;
    attachment(&app, &who, tx, *id, true).await
}
