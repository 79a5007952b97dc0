use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::then;
use crate::access::permissions::{EnterApplicants, Permission, PutRecordsRight, SeeDoctors};
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::doctors_in_training::actions::{self, AskError, LONGEST_REASON, RecordError, Tried};
use crate::doctors_in_training::views::RecordPage;
use crate::error::{PageError, PageResult};
use crate::file_exchange::failed_records;
use crate::reference::store::whom_to_ask;
use crate::ui::{self, Field, Flash};

/// Where the reader goes when it is done: the next item of the inbox, or back to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    then: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Dismissal {
    reason: String,
    then: String,
}

type Place = Path<(Uuid, i32)>;

fn path_of(place: &Place) -> String {
    format!("/doctors/records/{}/{}", place.0, place.1)
}

pub async fn show(app: Data<App>, who: Authorised<SeeDoctors>, place: Place) -> PageResult {
    page(&app, &who, &place, StatusCode::OK, Field::empty("reason"), String::new()).await
}

async fn page<P: Permission>(
    app: &Data<App>,
    who: &Authorised<P>,
    place: &Place,
    status: StatusCode,
    reason: Field,
    then: String,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let failed = failed_records::find(&mut tx, place.0, place.1).await?.ok_or(PageError::NotFound)?;
    // What a record holds is about a person: looking at it leaves a trace.
    let about = Subject::new("file_record", format!("{}/{}", place.0, place.1));
    let detail = json!({ "file": failed.file_name, "record": failed.record_no });
    audit::record(&mut tx, &who.actor(), Event::RecordViewed, about, detail, app.now()).await?;
    let contact = match &failed.sender {
        Some(body) => whom_to_ask(&mut tx, body, app.today()).await?,
        None => None,
    };
    tx.commit().await?;
    let rights = (who.may::<PutRecordsRight>(), who.may::<EnterApplicants>());
    Ok(ui::page(status, &RecordPage::new(who.layout(), failed, contact, rights, reason, then)))
}

pub async fn try_again(
    app: Data<App>,
    who: Authorised<PutRecordsRight>,
    place: Place,
    Form(form): Form<Pressed>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match actions::try_again(&mut tx, who.caller(), place.0, place.1, app.today(), app.now()).await {
        Ok(Tried::Loaded { person_id }) => {
            tx.commit().await?;
            who.flash(&Flash::success("The application loaded, and its item is closed"));
            Ok(ui::see_other(then(&form.then, &format!("/doctors/{person_id}"))))
        }
        Ok(Tried::FailedAgain(reasons)) => {
            tx.commit().await?;
            let mut flash = Flash::problem("The application failed again");
            flash.details = reasons;
            who.flash(&flash);
            Ok(ui::see_other(path_of(&place)))
        }
        Err(error) => refused(error, &who, &place),
    }
}

pub async fn ask_again(
    app: Data<App>,
    who: Authorised<PutRecordsRight>,
    place: Place,
    Form(form): Form<Pressed>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match actions::ask_again(&mut tx, who.caller(), place.0, place.1, app.today(), app.now()).await {
        Ok(()) => {
            tx.commit().await?;
            who.flash(&Flash::success(
                "The deanery is asked to send the record again. It waits for the file that answers",
            ));
            Ok(ui::see_other(then(&form.then, &path_of(&place))))
        }
        Err(AskError::Record(error)) => refused(error, &who, &place),
        Err(error @ (AskError::NoContact(_) | AskError::AskedAlready(_))) => {
            who.flash(&Flash::problem(error.to_string()));
            Ok(ui::see_other(path_of(&place)))
        }
        Err(error @ AskError::Template(_)) => Err(PageError::unexpected(&error)),
    }
}

pub async fn dismiss(
    app: Data<App>,
    who: Authorised<PutRecordsRight>,
    place: Place,
    Form(form): Form<Dismissal>,
) -> PageResult {
    let reason = form.reason.trim();
    let problem = match reason.chars().count() {
        0 => Some("Enter why nothing is to be done about this record"),
        count if count > LONGEST_REASON => Some("Reason must be 4,000 characters or less"),
        _ => None,
    };
    if let Some(problem) = problem {
        let field = Field::refused("reason", form.reason.clone(), problem);
        return page(&app, &who, &place, StatusCode::UNPROCESSABLE_ENTITY, field, form.then).await;
    }
    let mut tx = who.begin(&app.db).await?;
    match actions::dismiss(&mut tx, who.caller(), place.0, place.1, reason, app.now()).await {
        Ok(()) => {
            tx.commit().await?;
            who.flash(&Flash::success("The record is dismissed, and its item is closed"));
            Ok(ui::see_other(then(&form.then, &path_of(&place))))
        }
        Err(error) => refused(error, &who, &place),
    }
}

/// Somebody was first: the page shows who, and what the record is now.
fn refused<P: Permission>(error: RecordError, who: &Authorised<P>, place: &Place) -> PageResult {
    match error {
        RecordError::NotFound => Err(PageError::NotFound),
        RecordError::Database(error) => Err(error.into()),
        RecordError::Settled(text) => {
            who.flash(&Flash::information(text));
            Ok(ui::see_other(path_of(place)))
        }
    }
}
