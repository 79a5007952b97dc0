use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use uuid::Uuid;

use super::super::held::{self, Decision};
use super::super::read::{self, FileRow};
use super::super::views::{DecidePage, shown};
use super::super::{Interface, Processors};
use super::show::visible;
use crate::access::permissions::DecideHeldFiles;
use crate::access::{Authorised, Empty, Form};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::ui::{self, Field, Flash};

#[derive(Deserialize)]
pub struct DecideForm {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
}

struct Decided {
    decision: Field,
    reason: Field,
    chosen: Option<Decision>,
}

impl DecideForm {
    fn read(&self) -> Decided {
        let chosen = match self.decision.as_str() {
            "release" => Some(Decision::Release),
            "discard" => Some(Decision::Discard),
            _ => None,
        };
        let decision = match chosen {
            Some(_) => Field::new("decision", self.decision.clone()),
            None => Field::refused("decision", "", "Select whether to release or discard"),
        };
        let given = self.reason.trim();
        let reason = match given.chars().count() {
            0 => Field::refused("reason", given, "Enter the reason for your decision"),
            // The reply file takes a text of 200.
            151.. => Field::refused("reason", given, "Enter a reason of 150 characters or fewer"),
            _ => Field::new("reason", given),
        };
        Decided { decision, reason, chosen }
    }
}

/// A file waits when it is out of its order, or was kept by a release that did not process its interface and this one does.
fn waits(file: &FileRow, processors: &Processors) -> Result<(), PageError> {
    let is_processed = Interface::from_code(&file.interface).is_some_and(|known| processors.get(known).is_some());
    match file.state.as_str() {
        "held_for_order" => Ok(()),
        "held" if is_processed => Ok(()),
        "held" => Err(PageError::Conflict(format!(
            "{} is kept. This release of the portal does not process files of its interface.",
            file.file_name
        ))),
        _ => Err(PageError::Conflict(format!("{} does not wait for a decision any more.", file.file_name))),
    }
}

/// Asks what is to happen to a file that is out of its order.
pub async fn file_form(
    app: Data<App>,
    processors: Data<Processors>,
    who: Authorised<DecideHeldFiles>,
    id: Path<Uuid>,
) -> PageResult {
    let file = visible(&app, &who, *id).await?;
    waits(&file, &processors)?;
    let empty = DecideForm { decision: String::new(), reason: String::new() };
    shown(
        StatusCode::OK,
        DecidePage::of_file(who.layout(), file, Field::new("decision", empty.decision), Field::empty("reason")),
    )
}

/// Releases or discards a file.
pub async fn file(
    app: Data<App>,
    processors: Data<Processors>,
    who: Authorised<DecideHeldFiles>,
    id: Path<Uuid>,
    Form(form): Form<DecideForm>,
) -> PageResult {
    let file = visible(&app, &who, *id).await?;
    waits(&file, &processors)?;
    let decided = form.read();
    let (Some(decision), None) = (decided.chosen, &decided.reason.error) else {
        let page = DecidePage::of_file(who.layout(), file, decided.decision, decided.reason);
        return shown(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    held::decide_file(&app, *id, decision, &decided.reason.value, &who.actor()).await?;
    who.flash(&Flash::success(match decision {
        Decision::Release => format!("{} was released and will be processed now", file.file_name),
        Decision::Discard => format!("{} was discarded: nothing of it was taken", file.file_name),
    }));
    Ok(ui::see_other(format!("/interfaces/files/{id}")))
}

/// Asks what is to happen to a post with too many records.
pub async fn post_form(app: Data<App>, who: Authorised<DecideHeldFiles>, id: Path<Uuid>) -> PageResult {
    let mut tx = app.db.system().await?;
    let post = read::held_post(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let file = read::find(&mut tx, post.file_id).await?.ok_or(PageError::NotFound)?;
    if post.state != "held" {
        let who = post.decided_by.unwrap_or_default();
        return Err(PageError::Conflict(format!("Post {} was {} by {who}.", post.dpn_key, post.state)));
    }
    let page = DecidePage::of_post(who.layout(), file, post, Field::empty("decision"), Field::empty("reason"));
    shown(StatusCode::OK, page)
}

/// Releases or discards a post.
pub async fn post(
    app: Data<App>,
    who: Authorised<DecideHeldFiles>,
    id: Path<Uuid>,
    Form(form): Form<DecideForm>,
) -> PageResult {
    let decided = form.read();
    let (Some(decision), None) = (decided.chosen, &decided.reason.error) else {
        let mut tx = app.db.system().await?;
        let post = read::held_post(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
        let file = read::find(&mut tx, post.file_id).await?.ok_or(PageError::NotFound)?;
        let page = DecidePage::of_post(who.layout(), file, post, decided.decision, decided.reason);
        return shown(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    let file_id = held::decide_post(&app, *id, decision, &decided.reason.value, &who.actor()).await?;
    who.flash(&Flash::success(match decision {
        Decision::Release => {
            "The post was released. Its records are processed now, and a further reply says what became of them"
        }
        Decision::Discard => {
            "The post was discarded. A further reply tells the deanery that its records failed, and why"
        }
    }));
    Ok(ui::see_other(format!("/interfaces/files/{file_id}")))
}

/// Gives a file that was given up another five tries.
pub async fn process_again(
    app: Data<App>,
    who: Authorised<DecideHeldFiles>,
    id: Path<Uuid>,
    Form(Empty {}): Form<Empty>,
) -> PageResult {
    let file = visible(&app, &who, *id).await?;
    if !held::process_again(&app, *id, &who.actor()).await? {
        return Err(PageError::Conflict(format!("{} is not stopped any more.", file.file_name)));
    }
    who.flash(&Flash::success(format!("{} will be processed from where it stopped", file.file_name)));
    Ok(ui::see_other(format!("/interfaces/files/{id}")))
}
