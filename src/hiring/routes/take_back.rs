use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::permissions::ChangeApplications;
use crate::access::{Authorised, Empty, Form};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::hiring::actions::{self, TakeBackError};
use crate::hiring::model::LONGEST_REASON;
use crate::hiring::store;
use crate::hiring::views::CancelPage;
use crate::ui::{self, Field, Flash};

/// Straight after a hire: as if it had not been.
pub async fn undo(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    hire: Path<Uuid>,
    Form(_): Form<Empty>,
) -> PageResult {
    take_back(&app, &who, *hire, None).await
}

pub async fn ask(app: Data<App>, who: Authorised<ChangeApplications>, hire: Path<Uuid>) -> PageResult {
    page(&app, &who, *hire, StatusCode::OK, Field::empty("reason")).await
}

async fn page(
    app: &Data<App>,
    who: &Authorised<ChangeApplications>,
    hire: Uuid,
    status: StatusCode,
    reason: Field,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let hire = store::find_hire(&mut tx, hire).await?.ok_or(PageError::NotFound)?;
    let applicant = store::applicant(&mut tx, hire.application_id).await?.ok_or(PageError::NotFound)?;
    tx.commit().await?;
    Ok(ui::page(status, &CancelPage::new(who.layout(), hire, applicant, reason)))
}

#[derive(Deserialize)]
pub struct Reason {
    #[serde(default)]
    reason: String,
}

/// A hire that was made in error ends as if it had not been, with a reason.
pub async fn cancel(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    hire: Path<Uuid>,
    Form(form): Form<Reason>,
) -> PageResult {
    let reason = form.reason.trim();
    let problem = match reason.chars().count() {
        0 => Some("Enter why the hire was an error"),
        n if n > LONGEST_REASON => Some("Reason must be 4,000 characters or fewer"),
        _ => None,
    };
    if let Some(problem) = problem {
        let field = Field::refused("reason", &form.reason, problem);
        return page(&app, &who, *hire, StatusCode::UNPROCESSABLE_ENTITY, field).await;
    }
    take_back(&app, &who, *hire, Some(reason)).await
}

async fn take_back(
    app: &Data<App>,
    who: &Authorised<ChangeApplications>,
    hire: Uuid,
    reason: Option<&str>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match actions::take_back(&mut tx, who.caller(), hire, reason, app.today(), app.now()).await {
        Ok(hire) => {
            tx.commit().await?;
            who.flash(&Flash::success("The hire is taken back: the application is “Offer Accepted” again"));
            Ok(ui::see_other(format!("/doctors/{}", hire.person_id)))
        }
        Err(TakeBackError::NotFound) => Err(PageError::NotFound),
        Err(TakeBackError::Database(error)) => Err(error.into()),
        // Too late for Undo, or somebody else's hire: the page that asks for a reason.
        Err(error @ TakeBackError::NeedsReason) => {
            who.flash(&Flash::problem(error.to_string()));
            Ok(ui::see_other(format!("/doctors/hires/{hire}/cancel")))
        }
        Err(error @ (TakeBackError::Already | TakeBackError::Followed)) => {
            tx.rollback().await?;
            let mut tx = who.begin(&app.db).await?;
            let hire = store::find_hire(&mut tx, hire).await?.ok_or(PageError::NotFound)?;
            Err(PageError::Changed { text: error.to_string(), at: format!("/doctors/{}", hire.person_id) })
        }
    }
}
