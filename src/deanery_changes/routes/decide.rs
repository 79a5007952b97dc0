//! One press each: withdraw, apply the dates, dismiss, take back, hand over.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use uuid::Uuid;

use super::show::{build, of_doctor};
use crate::access::permissions::{ChangeApplications, DismissChanges};
use crate::access::{Authorised, Form, Right};
use crate::app::App;
use crate::deanery_changes::actions::{self, ChangeError};
use crate::deanery_changes::model::{Change, Kind, State};
use crate::error::{PageError, PageResult};
use crate::ui::{self, Field, Flash};

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 4_000;

#[derive(Deserialize)]
pub struct DecideForm {
    #[serde(default)]
    reason: String,
    /// Where the page leads when it is done: the next item of the list that it was opened from.
    #[serde(default)]
    then: String,
    to: Option<Uuid>,
}

type Request<P> = (Data<App>, Authorised<P>, Path<Uuid>, Form<DecideForm>);

impl From<ChangeError> for PageError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::NotFound,
            ChangeError::Decided(words) | ChangeError::NotPossible(words) => Self::Conflict(words),
            ChangeError::Database(error) => error.into(),
        }
    }
}

/// What is wrong with a reason, if anything is.
pub fn check_reason(reason: &str, kind: Kind) -> Option<&'static str> {
    match reason.trim().chars().count() {
        0 if kind == Kind::Dates => Some("Enter why the current dates are kept"),
        0 => Some("Enter why nothing is to be done"),
        n if n > LONGEST_REASON => Some("Reason must be 4,000 characters or fewer"),
        _ => None,
    }
}

/// A banner with the button that takes one decision back.
fn undoable(words: String, change: &Change) -> Flash {
    Flash::success(words).undo("Undo", format!("{}/undo", change.path()))
}

fn onward(then: &str, change: &Change) -> actix_web::HttpResponse {
    ui::see_other(if then.starts_with('/') { then.to_owned() } else { change.path() })
}

pub async fn withdraw((app, who, id, Form(form)): Request<ChangeApplications>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_doctor(&mut tx, *id).await?;
    actions::withdraw(&mut tx, &who, *id, app.today(), app.now()).await?;
    tx.commit().await?;
    who.flash(&undoable(format!("The application of {} is withdrawn", change.name()), &change));
    Ok(onward(&form.then, &change))
}

pub async fn apply((app, who, id, Form(form)): Request<ChangeApplications>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = actions::apply_dates(&mut tx, &who, *id, app.today(), app.now()).await?;
    tx.commit().await?;
    who.flash(&undoable(format!("Dates applied for {}", change.name()), &change));
    Ok(onward(&form.then, &change))
}

pub async fn dismiss((app, who, id, Form(form)): Request<DismissChanges>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_doctor(&mut tx, *id).await?;
    if let Some(problem) = check_reason(&form.reason, change.kind) {
        let reason = Field::refused("reason", form.reason, problem);
        let page = build(&mut tx, &app, &who, change, &form.then, reason).await?;
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let change = actions::dismiss(&mut tx, &who, change.change_id, form.reason.trim(), app.now()).await?;
    tx.commit().await?;
    let words = match change.kind {
        Kind::Dates => format!("The current dates of {} are kept, and the reason with them", change.name()),
        _ => format!("Nothing is done about {}: the reason is kept", change.name()),
    };
    who.flash(&undoable(words, &change));
    Ok(onward(&form.then, &change))
}

pub async fn undo((app, who, id, Form(_)): Request<DismissChanges>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_doctor(&mut tx, *id).await?;
    may_undo(&who, &change)?;
    actions::undo(&mut tx, &who, *id, app.now()).await?;
    tx.commit().await?;
    who.flash(&Flash::success("Taken back: this waits for a decision again"));
    Ok(ui::see_other(change.path()))
}

/// What an application's URP was needed for is taken back by it alone.
pub fn may_undo(who: &Authorised<DismissChanges>, change: &Change) -> Result<(), PageError> {
    if change.state == State::Applied && change.kind != Kind::Replacement && !who.may::<ChangeApplications>() {
        return Err(PageError::Forbidden { needed: vec![Right::RecruitmentAndApplicantEnrolment.label()] });
    }
    Ok(())
}

pub async fn hand_over((app, who, id, Form(form)): Request<DismissChanges>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_doctor(&mut tx, *id).await?;
    let to = form.to.ok_or_else(|| PageError::BadRequest("Choose a colleague to hand this to.".to_owned()))?;
    let (_, name) = actions::hand_over(&mut tx, &who, change.change_id, to, app.now()).await?;
    tx.commit().await?;
    who.flash(&Flash::success(format!("Handed to {name}, in whose inbox it is now")));
    Ok(onward(&form.then, &change))
}
