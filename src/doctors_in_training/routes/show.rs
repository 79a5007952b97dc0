use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde_json::json;
use uuid::Uuid;

use super::{page_of, take_back};
use crate::access::permissions::{ChangeApplications, Permission, SeeDoctors, SettleDuplicates, ShowNiNumbers};
use crate::access::{Authorised, Empty, Form};
use crate::app::App;
use crate::applicants::actions::StatusError;
use crate::applicants::matching::Kind;
use crate::applicants::plan::kind_of;
use crate::applicants::status::{self, Status, StepError};
use crate::applicants::store;
use crate::audit::{self, Event, Subject};
use crate::deanery_changes::store as changes;
use crate::doctors_in_training::views::{Doctor, Refused, ShowPage};
use crate::employment_checks as checks;
use crate::error::{PageError, PageResult};
use crate::hiring;
use crate::people::applicants as people;
use crate::tenancy::VpdTx;
use crate::ui::{self, Field};

pub async fn show(app: Data<App>, who: Authorised<SeeDoctors>, id: Path<String>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let known = people::find(&mut tx, &id).await?.ok_or(PageError::NotFound)?;
    if let Some(kept) = &known.merged_into {
        return Ok(ui::see_other(page_of(&mut tx, kept).await?));
    }
    let doctor = read(&mut tx, &id).await?;
    tx.commit().await?;
    viewed(&app, &who, &id, Event::PersonViewed).await?;
    page(&app, &who, StatusCode::OK, doctor, false, None)
}

/// Shows the National Insurance number too, which is recorded.
pub async fn show_ni_number(
    app: Data<App>,
    who: Authorised<ShowNiNumbers>,
    id: Path<String>,
    Form(_): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let doctor = read(&mut tx, &id).await?;
    tx.commit().await?;
    viewed(&app, &who, &id, Event::NiNumberShown).await?;
    page(&app, &who, StatusCode::OK, doctor, true, None)
}

/// The fields bear the application's place on the page, so that each has an id of its own: `event-1`, `reason-1`.
pub async fn change_status(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    id: Path<Uuid>,
    Form(fields): Form<BTreeMap<String, String>>,
) -> PageResult {
    let field = |name: &str| {
        let prefix = format!("{name}-");
        fields
            .iter()
            .find(|(key, _)| key.starts_with(&prefix))
            .map(|(key, value)| (key.clone(), value.clone()))
            .unwrap_or_default()
    };
    let (event_name, event_code) = field("event");
    let (reason_name, reason) = field("reason");
    let Some(shown) = fields.get("shown").and_then(|code| code.parse::<Status>().ok()) else {
        return Err(PageError::BadRequest("The form does not say which status it showed.".to_owned()));
    };
    let refuse = |event_error: Option<String>, reason_error: Option<String>| Refused {
        application_id: *id,
        event: Field { name: event_name.clone().into(), value: event_code.clone(), error: event_error },
        reason: Field { name: reason_name.clone().into(), value: reason.clone(), error: reason_error },
    };
    let Some(event) = status::Event::from_code(&event_code) else {
        return refused(&app, &who, *id, refuse(Some("Choose what happens next".to_owned()), None)).await;
    };
    if reason.chars().count() > super::super::actions::LONGEST_REASON {
        return refused(&app, &who, *id, refuse(None, Some("Reason must be 4,000 characters or less".to_owned())))
            .await;
    }
    let mut tx = who.begin(&app.db).await?;
    let result = checks::actions::change_status(&mut tx, who.caller(), *id, shown, event, &reason, app.now()).await;
    match result {
        Ok(person_id) => {
            let words = format!("The application is now “{}”", event.leads_to().label());
            let flash = take_back::undoable(&mut tx, *id, words).await?;
            tx.commit().await?;
            who.flash(&flash);
            Ok(ui::see_other(format!("/doctors/{person_id}")))
        }
        Err(StatusError::NotFound) => Err(PageError::NotFound),
        Err(StatusError::Database(error)) => Err(error.into()),
        Err(error @ (StatusError::Changed { .. } | StatusError::Followed(_))) => {
            tx.rollback().await?;
            let mut tx = who.begin(&app.db).await?;
            let held = store::lock_status(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
            Err(PageError::Changed { text: error.to_string(), at: format!("/doctors/{}", held.person_id) })
        }
        Err(StatusError::Step(error @ StepError::NeedsReason)) => {
            tx.rollback().await?;
            refused(&app, &who, *id, refuse(None, Some(error.to_string()))).await
        }
        Err(StatusError::Step(error)) => {
            tx.rollback().await?;
            refused(&app, &who, *id, refuse(Some(error.to_string()), None)).await
        }
    }
}

async fn refused(app: &Data<App>, who: &Authorised<ChangeApplications>, id: Uuid, refused: Refused) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let person_id = store::lock_status(&mut tx, id).await?.ok_or(PageError::NotFound)?.person_id;
    let doctor = read(&mut tx, &person_id).await?;
    tx.commit().await?;
    page(app, who, StatusCode::UNPROCESSABLE_ENTITY, doctor, false, Some(refused))
}

fn page<P: Permission>(
    app: &Data<App>,
    who: &Authorised<P>,
    status: StatusCode,
    doctor: Doctor,
    with_ni: bool,
    refused: Option<Refused>,
) -> PageResult {
    let rights = (who.may::<ChangeApplications>(), who.may::<SettleDuplicates>());
    Ok(ui::page(status, &ShowPage::new(who.layout(), doctor, app.today(), rights, with_ni, refused)))
}

/// One doctor with everything that the page says; an employee who applies for nothing is not one.
async fn read(tx: &mut VpdTx, id: &str) -> Result<Doctor, PageError> {
    let known = people::find(tx, id).await?.ok_or(PageError::NotFound)?;
    let applications = store::list_for_person(tx, id).await?;
    if applications.is_empty() && kind_of(&known.system_type) != Kind::Applicant {
        return Err(PageError::NotFound);
    }
    let ids: Vec<Uuid> = applications.iter().map(|application| application.application_id).collect();
    let histories = store::histories(tx, &ids).await?;
    let checks = checks::store::list(tx, &ids).await?;
    let hires = hiring::store::live_hires(tx, &ids).await?;
    let decided = hiring::actions::decided(tx, id).await?.filter(|decided| decided.has_ended);
    let mut pairs = Vec::new();
    for (duplicate_id, other) in store::list_open_pairs(tx, id).await? {
        if let Some(other) = people::find(tx, &other).await? {
            pairs.push((duplicate_id, other));
        }
    }
    let merges = store::list_merges(tx, id).await?;
    let changes = changes::for_person(tx, id).await?;
    Ok(Doctor { known, applications, histories, checks, hires, ended: decided, pairs, merges, changes })
}

/// Looking at a person's record leaves a trace of its own.
async fn viewed<P: Permission>(app: &Data<App>, who: &Authorised<P>, id: &str, event: Event) -> Result<(), PageError> {
    let mut tx = who.begin(&app.db).await?;
    audit::record(&mut tx, &who.actor(), event, Subject::new("person", id), json!({}), app.now()).await?;
    tx.commit().await?;
    Ok(())
}
