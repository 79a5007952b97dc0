use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::page_of;
use crate::access::permissions::{Permission, SeeDoctors, SettleDuplicates};
use crate::access::{Authorised, Empty, Form};
use crate::app::App;
use crate::applicants::actions::{self, Difference, SettleError};
use crate::applicants::store;
use crate::audit::{self, Event, Subject};
use crate::doctors_in_training::actions::LONGEST_REASON;
use crate::doctors_in_training::views::{DuplicatePage, DuplicatesPage};
use crate::error::{PageError, PageResult};
use crate::people::applicants as people;
use crate::ui::{self, Field, Flash};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decided {
    keep: String,
    reason: String,
    /// The record for which what differs was seen.
    confirmed: String,
}

/// The most pairs that the list shows; as they are settled, others follow.
const SHOWN: i64 = 200;

pub async fn list(app: Data<App>, who: Authorised<SeeDoctors>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let pairs = store::open_pairs(&mut tx, SHOWN).await?;
    let total = store::count_open_pairs(&mut tx).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &DuplicatesPage { layout: who.layout(), pairs, total }))
}

pub async fn show(app: Data<App>, who: Authorised<SeeDoctors>, id: Path<Uuid>) -> PageResult {
    let fields = (Field::empty("keep"), Field::empty("reason"), None);
    page(&app, &who, *id, StatusCode::OK, fields).await
}

async fn page<P: Permission>(
    app: &Data<App>,
    who: &Authorised<P>,
    id: Uuid,
    status: StatusCode,
    (keep, reason, differ): (Field, Field, Option<Vec<Difference>>),
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let pair = store::find_pair(&mut tx, id).await?.ok_or(PageError::NotFound)?;
    let mut people = Vec::new();
    for person_id in [&pair.person_a, &pair.person_b] {
        let known = people::find(&mut tx, person_id).await?.ok_or(PageError::NotFound)?;
        let applications = store::list_for_person(&mut tx, person_id).await?;
        let about = Subject::new("person", person_id);
        audit::record(&mut tx, &who.actor(), Event::PersonViewed, about, json!({ "duplicate": id }), app.now()).await?;
        people.push((known, applications));
    }
    tx.commit().await?;
    let (Some(b), Some(a)) = (people.pop(), people.pop()) else { return Err(PageError::NotFound) };
    Ok(ui::page(
        status,
        &DuplicatePage::new(who.layout(), pair, a, b, who.may::<SettleDuplicates>(), (keep, reason, differ)),
    ))
}

pub async fn same(
    app: Data<App>,
    who: Authorised<SettleDuplicates>,
    id: Path<Uuid>,
    Form(form): Form<Decided>,
) -> PageResult {
    if form.reason.chars().count() > LONGEST_REASON {
        return too_long(&app, &who, *id, form).await;
    }
    let mut tx = who.begin(&app.db).await?;
    let keep = (form.keep.as_str(), !form.keep.is_empty() && form.confirmed == form.keep);
    match actions::merge(&mut tx, who.caller(), *id, keep, &form.reason, app.now()).await {
        Ok(person_id) => {
            let to = page_of(&mut tx, &person_id).await?;
            tx.commit().await?;
            who.flash(&Flash::success("The two records are one now. The merge can be undone on this page"));
            Ok(ui::see_other(to))
        }
        Err(error) => {
            tx.rollback().await?;
            refused(&app, &who, *id, form, error).await
        }
    }
}

pub async fn different(
    app: Data<App>,
    who: Authorised<SettleDuplicates>,
    id: Path<Uuid>,
    Form(form): Form<Decided>,
) -> PageResult {
    if form.reason.chars().count() > LONGEST_REASON {
        return too_long(&app, &who, *id, form).await;
    }
    let mut tx = who.begin(&app.db).await?;
    match actions::found_different(&mut tx, who.caller(), *id, &form.reason, app.now()).await {
        Ok(()) => {
            tx.commit().await?;
            who.flash(&Flash::success("They are two persons; nobody will be asked about them again"));
            Ok(ui::see_other(format!("/doctors/duplicates/{id}")))
        }
        Err(error) => {
            tx.rollback().await?;
            refused(&app, &who, *id, form, error).await
        }
    }
}

pub async fn undo(
    app: Data<App>,
    who: Authorised<SettleDuplicates>,
    id: Path<Uuid>,
    Form(_): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match actions::undo_merge(&mut tx, who.caller(), *id, app.now()).await {
        Ok(person_id) => {
            let to = page_of(&mut tx, &person_id).await?;
            tx.commit().await?;
            who.flash(&Flash::success("The merge is undone: there are two records again"));
            Ok(ui::see_other(to))
        }
        Err(SettleError::NotFound) => Err(PageError::NotFound),
        Err(SettleError::Database(error)) => Err(error.into()),
        Err(error) => Err(PageError::Conflict(error.to_string())),
    }
}

async fn too_long(app: &Data<App>, who: &Authorised<SettleDuplicates>, id: Uuid, form: Decided) -> PageResult {
    let reason = Field::refused("reason", form.reason, "Reason must be 4,000 characters or less");
    page(app, who, id, StatusCode::UNPROCESSABLE_ENTITY, (Field::new("keep", form.keep), reason, None)).await
}

async fn refused(
    app: &Data<App>,
    who: &Authorised<SettleDuplicates>,
    id: Uuid,
    form: Decided,
    error: SettleError,
) -> PageResult {
    match error {
        SettleError::NotFound => Err(PageError::NotFound),
        SettleError::Database(error) => Err(error.into()),
        SettleError::Decided(text) => {
            who.flash(&Flash::information(text));
            Ok(ui::see_other(format!("/doctors/duplicates/{id}")))
        }
        SettleError::BothEmployees | SettleError::NeitherOfThem => {
            let keep = Field::refused("keep", form.keep, error);
            let fields = (keep, Field::new("reason", form.reason), None);
            page(app, who, id, StatusCode::UNPROCESSABLE_ENTITY, fields).await
        }
        SettleError::Differ(differ) => {
            let fields = (Field::new("keep", form.keep), Field::new("reason", form.reason), Some(differ));
            page(app, who, id, StatusCode::UNPROCESSABLE_ENTITY, fields).await
        }
    }
}
