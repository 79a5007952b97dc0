use actix_web::web::{Data, Path};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::permissions::ChangeApplications;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::applicants::actions::{StatusError, find_last_step, take_step_back};
use crate::applicants::store;
use crate::deanery_changes::store as changes;
use crate::doctors_in_training::views::settled_by;
use crate::error::{PageError, PageResult};
use crate::tenancy::VpdTx;
use crate::ui::{self, Flash};

/// The step that the page or the banner showed.
#[derive(Deserialize)]
pub struct TakeBackForm {
    step: Uuid,
}

/// Takes back the last step of an application's status.
pub async fn take_back(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    id: Path<Uuid>,
    Form(form): Form<TakeBackForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let held = store::lock_status(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let page = format!("/doctors/{}", held.person_id);
    if let Some(at) = decided_there(&mut tx, *id, &held.person_id).await? {
        let text =
            "The application was withdrawn because the deanery withdrew the doctor. Take that back where it was \
                    decided, so that it waits for a decision again."
                .to_owned();
        return Err(PageError::Changed { text, at });
    }
    match take_step_back(&mut tx, who.caller(), *id, form.step, app.now()).await {
        Ok((_, status)) => {
            tx.commit().await?;
            who.flash(&Flash::success(format!("Taken back: the application is “{}” again", status.label())));
            Ok(ui::see_other(page))
        }
        Err(StatusError::NotFound) => Err(PageError::NotFound),
        Err(StatusError::Database(error)) => Err(error.into()),
        Err(error @ (StatusError::Step(_) | StatusError::Changed { .. } | StatusError::Followed(_))) => {
            Err(PageError::Changed { text: error.to_string(), at: page })
        }
    }
}

/// The page of the deanery's withdrawal by which the application was withdrawn.
async fn decided_there(tx: &mut VpdTx, id: Uuid, person_id: &str) -> sqlx::Result<Option<String>> {
    let Some(step) = find_last_step(tx, id).await? else { return Ok(None) };
    let changes = changes::for_person(tx, person_id).await?;
    Ok(settled_by(id, &step, &changes).map(|change| change.path()))
}

/// A banner with the button that takes the application's last step back.
pub async fn undoable(tx: &mut VpdTx, id: Uuid, words: String) -> sqlx::Result<Flash> {
    let mut flash = Flash::success(words);
    if let Some(step) = find_last_step(tx, id).await? {
        flash = flash.undo("Undo", format!("/doctors/applications/{id}/take-back"));
        if let Some(undo) = &mut flash.undo {
            undo.fields = vec![("step".to_owned(), step.event_id.to_string())];
        }
    }
    Ok(flash)
}
