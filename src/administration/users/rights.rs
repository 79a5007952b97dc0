use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{find, told};
use crate::access::permissions::ManageUsers;
use crate::access::{Authorised, Form, Right};
use crate::administration::actions::{self, By};
use crate::administration::cover;
use crate::administration::place::Place;
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::ui::{self, Flash, Layout, Undo};

#[derive(Deserialize)]
pub struct GrantForm {
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    right: Vec<String>,
}

#[derive(Deserialize)]
pub struct EndForm {
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    right: String,
    #[serde(default)]
    confirmed: String,
}

/// Asks before something is done that leaves work to nobody, or that shuts somebody out.
#[derive(Template)]
#[template(path = "admin/users/confirm.html")]
pub struct ConfirmPage {
    pub layout: Layout,
    pub heading: String,
    pub paragraphs: Vec<String>,
    /// Rights that nobody would hold, with what that means.
    pub lost: Vec<(&'static str, &'static str)>,
    pub action: String,
    pub fields: Vec<(&'static str, String)>,
    pub button: String,
    pub back: String,
}

pub async fn grant(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    Form(form): Form<GrantForm>,
) -> PageResult {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let place = Place::of(&mut tx, &who, &form.organisation).await?;
    let user = find(&mut tx, &who, &place, *user).await?;
    let rights: Option<Vec<Right>> = form.right.iter().map(|code| Right::from_code(code)).collect();
    let rights = rights.ok_or_else(|| PageError::BadRequest("A right was sent that is none.".to_owned()))?;
    let back = format!("/admin/users/{}{}", user.user_id, place.query());
    if rights.is_empty() {
        who.flash(&Flash::problem("No right was selected, so nothing was changed."));
        return Ok(ui::see_other(back));
    }
    let mut given = Vec::new();
    for right in rights {
        match actions::grant_right(&mut tx, By::Person(&who), &place.vpd, &user, right, now).await {
            Ok(true) => given.push(right.label()),
            Ok(false) => {}
            Err(error) => {
                tx.rollback().await?;
                who.flash(&told(error)?);
                return Ok(ui::see_other(back));
            }
        }
    }
    tx.commit().await?;
    who.flash(&match given.is_empty() {
        true => Flash::information(format!("{} had that already.", user.name)),
        false => Flash::success(format!("{} now has {} in {}.", user.name, given.join(", "), place.label())),
    });
    Ok(ui::see_other(back))
}

pub async fn end(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    Form(form): Form<EndForm>,
) -> PageResult {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let place = Place::of(&mut tx, &who, &form.organisation).await?;
    let user = find(&mut tx, &who, &place, *user).await?;
    let right = Right::from_code(&form.right).ok_or(PageError::NotFound)?;
    let back = format!("/admin/users/{}{}", user.user_id, place.query());
    if form.confirmed != "yes" && user.user_id != who.user_id {
        let mut vpd = app.db.vpd(&place.vpd).await?;
        let lost = cover::held_by_nobody_but(&mut vpd, user.user_id, &[right]).await?;
        vpd.rollback().await?;
        if !lost.is_empty() {
            let view = ConfirmPage {
                layout: who.layout(),
                heading: format!("Take {} away from {}?", right.label(), user.name),
                paragraphs: vec!["What this user claimed by it goes back to the others.".to_owned()],
                lost: lost.into_iter().map(|(right, consequence)| (right.label(), consequence)).collect(),
                action: format!("/admin/users/{}/rights/end", user.user_id),
                fields: vec![("right", right.code().to_owned()), ("organisation", place.chosen().to_owned())],
                button: "Take it away".to_owned(),
                back,
            };
            return Ok(confirm(&view));
        }
    }
    match actions::end_right(&mut tx, By::Person(&who), &place.vpd, &user, right, now).await {
        Ok(true) => {
            tx.commit().await?;
            let mut flash =
                Flash::success(format!("{} no longer has {} in {}.", user.name, right.label(), place.label()));
            flash.undo = Some(Undo {
                label: "Undo".to_owned(),
                action: format!("/admin/users/{}/rights", user.user_id),
                fields: vec![
                    ("right".to_owned(), right.code().to_owned()),
                    ("organisation".to_owned(), place.chosen().to_owned()),
                ],
            });
            who.flash(&flash);
        }
        Ok(false) => who.flash(&Flash::information(format!("{} did not have it any more.", user.name))),
        Err(error) => who.flash(&told(error)?),
    }
    Ok(ui::see_other(back))
}

/// A page that asks; nothing was done yet.
pub fn confirm(view: &ConfirmPage) -> HttpResponse {
    ui::page(StatusCode::OK, view)
}
