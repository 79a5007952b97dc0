use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::rights::{ConfirmPage, confirm};
use super::{PlaceForm, open, page_of, show, told};
use crate::access::permissions::ManageUsers;
use crate::access::{Authorised, Form, store};
use crate::administration::actions::{self, AdminError, By};
use crate::administration::cover;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::PageResult;
use crate::ui::{self, Field, Flash};

#[derive(Deserialize)]
pub struct DetailsForm {
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

pub async fn details(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    Form(form): Form<DetailsForm>,
) -> PageResult {
    let (mut tx, place, user) = open(&app, &who, &form.organisation, *user).await?;
    let changed =
        actions::change_details(&mut tx, By::Person(&who), &place.vpd, &user, &form.name, &form.email, app.now()).await;
    match changed {
        Ok(()) => {
            tx.commit().await?;
            who.flash(&Flash::success("Name and address are saved."));
        }
        Err(error @ (AdminError::BadName | AdminError::BadAddress(_))) => {
            tx.rollback().await?;
            let text = error.to_string();
            let of_name = matches!(error, AdminError::BadName);
            let name = if of_name { Field::refused("name", form.name, &text) } else { Field::new("name", form.name) };
            let email =
                if of_name { Field::new("email", form.email) } else { Field::refused("email", form.email, &text) };
            return show::page(&app, &who, place, user, StatusCode::UNPROCESSABLE_ENTITY, Some((name, email))).await;
        }
        Err(error) => who.flash(&told(error)?),
    }
    Ok(ui::see_other(page_of(&place, &user)))
}

/// Ends every session of a user, who can sign in again at once.
pub async fn end_sessions(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    Form(form): Form<PlaceForm>,
) -> PageResult {
    let (mut tx, place, user) = open(&app, &who, &form.organisation, *user).await?;
    if let Err(error) = actions::owns(&mut tx, By::Person(&who), &place.vpd, &user).await {
        who.flash(&told(error)?);
        return Ok(ui::see_other(page_of(&place, &user)));
    }
    let ended = store::end_sessions(&mut tx, user.user_id, None).await?;
    let about = Subject::new("user", &user.username);
    let detail = json!({ "sessions": ended, "by": "an administrator" });
    audit::record_for(&mut tx, &place.vpd, &who.actor(), Event::SessionsEnded, about, detail, app.now()).await?;
    tx.commit().await?;
    who.flash(&Flash::success(format!("{} of {} ended.", ui::count(ended, "session", "sessions"), user.name)));
    Ok(ui::see_other(page_of(&place, &user)))
}

/// Says what will happen, and when that is confirmed shuts the user out.
pub async fn disable(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    Form(form): Form<PlaceForm>,
) -> PageResult {
    let (mut tx, place, user) = open(&app, &who, &form.organisation, *user).await?;
    let back = page_of(&place, &user);
    if form.confirmed != "yes" {
        let grants = store::grants_of(&mut tx, user.user_id).await?;
        let mut lost = Vec::new();
        for (vpd, _) in store::organisations_of(&mut tx, user.user_id).await? {
            let held: Vec<_> = grants.iter().filter(|grant| grant.vpd == vpd).map(|grant| grant.right).collect();
            let mut theirs = app.db.vpd(&vpd).await?;
            lost.extend(cover::held_by_nobody_but(&mut theirs, user.user_id, &held).await?);
            theirs.rollback().await?;
        }
        let view = ConfirmPage {
            layout: who.layout(),
            heading: format!("Disable {}?", user.name),
            paragraphs: vec![
                "Every session of theirs ends at once, and they cannot sign in. What they claimed goes back to the others. What they did stays as it is.".to_owned(),
                "You can enable the account again; the rights are kept meanwhile.".to_owned(),
            ],
            lost: lost.into_iter().map(|(right, consequence)| (right.label(), consequence)).collect(),
            action: format!("/admin/users/{}/disable", user.user_id),
            fields: vec![("organisation", place.chosen().to_owned())],
            button: "Disable the account".to_owned(),
            back,
        };
        return Ok(confirm(&view));
    }
    match actions::disable(&mut tx, By::Person(&who), &place.vpd, &user, app.now()).await {
        Ok(true) => {
            tx.commit().await?;
            who.flash(&Flash::success(format!("{} is disabled and signed out everywhere.", user.name)));
        }
        Ok(false) => who.flash(&Flash::information(format!("{} was disabled already.", user.name))),
        Err(error) => who.flash(&told(error)?),
    }
    Ok(ui::see_other(back))
}

pub async fn enable(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    Form(form): Form<PlaceForm>,
) -> PageResult {
    let (mut tx, place, user) = open(&app, &who, &form.organisation, *user).await?;
    match actions::enable(&mut tx, By::Person(&who), &place.vpd, &user, app.now()).await {
        Ok(true) => {
            tx.commit().await?;
            who.flash(&Flash::success(format!("{} can sign in again.", user.name)));
        }
        Ok(false) => who.flash(&Flash::information(format!("{} was enabled already.", user.name))),
        Err(error) => who.flash(&told(error)?),
    }
    Ok(ui::see_other(page_of(&place, &user)))
}
