use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use askama::Template;
use serde::Deserialize;

use super::choices;
use crate::access::permissions::ManageUsers;
use crate::access::store::{self, User};
use crate::access::{Authorised, Form, Right, RightKind, emails};
use crate::administration::actions::{self, AdminError, By, NewUser};
use crate::administration::place::{self, Place};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::tenancy::SystemTx;
use crate::ui::{self, Choice, ErrorSummary, Field, Flash, Layout};

#[derive(Template)]
#[template(path = "admin/users/new.html")]
struct NewPage {
    layout: Layout,
    errors: ErrorSummary,
    place: Place,
    has_mail: bool,
    name: Field,
    email: Field,
    username: Field,
    rights: Field,
    urps: Vec<Choice>,
    roles: Vec<Choice>,
    products: Vec<Choice>,
    organisation: Field,
    organisations: Vec<Choice>,
}

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    organisation: String,
}

#[derive(Deserialize, Default)]
pub struct AddForm {
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    right: Vec<String>,
}

#[derive(Default)]
struct Problems {
    name: Option<String>,
    email: Option<String>,
    username: Option<String>,
    rights: Option<String>,
}

pub async fn show(app: Data<App>, who: Authorised<ManageUsers>, query: web::Query<Query>) -> PageResult {
    let mut tx = app.db.system().await?;
    let place = Place::of(&mut tx, &who, &query.organisation).await?;
    page(&app, &mut tx, &who, place, StatusCode::OK, AddForm::default(), Problems::default()).await
}

async fn page(
    app: &App,
    tx: &mut SystemTx,
    who: &Authorised<ManageUsers>,
    place: Place,
    status: StatusCode,
    form: AddForm,
    problems: Problems,
) -> PageResult {
    let organisations = place::choices(tx, &place, "National operations (operators)").await?;
    let field = |name: &'static str, value: String, problem: Option<String>| match problem {
        Some(problem) => Field::refused(name, value, problem),
        None => Field::new(name, value),
    };
    let name = field("name", form.name, problems.name);
    let email = field("email", form.email, problems.email);
    let username = field("username", form.username, problems.username);
    let rights = field("right", String::new(), problems.rights);
    let chosen = |kind| choices(&place, kind, &form.right, &[]);
    let view = NewPage {
        layout: who.layout(),
        errors: ErrorSummary::of([&name, &email, &username, &rights]),
        has_mail: app.config.smtp_url.is_some(),
        name,
        email,
        username,
        rights,
        urps: chosen(RightKind::Urp),
        roles: chosen(RightKind::Role),
        products: chosen(RightKind::Product),
        organisation: Field::new("organisation", place.chosen()),
        organisations,
        place,
    };
    Ok(ui::page(status, &view))
}

/// Adds a user with rights and invites them; somebody who has an account elsewhere gets the rights here.
pub async fn add(app: Data<App>, who: Authorised<ManageUsers>, Form(form): Form<AddForm>) -> PageResult {
    let now = app.now();
    let by = By::Person(who.caller());
    let mut tx = app.db.system().await?;
    let place = Place::of(&mut tx, &who, &form.organisation).await?;
    let rights: Option<Vec<Right>> = form.right.iter().map(|code| Right::from_code(code)).collect();
    let rights = rights.ok_or_else(|| PageError::BadRequest("A right was sent that is none.".to_owned()))?;
    let mut problems = Problems::default();
    if rights.is_empty() {
        problems.rights = Some("Select at least one right".to_owned());
    }
    if form.username.trim().is_empty() {
        problems.username = Some("Enter a user name".to_owned());
    }
    let new = NewUser { username: &form.username, name: &form.name, email: &form.email };
    let known = known_elsewhere(&mut tx, &place, &form).await?;
    // Whoever was invited by another organisation uses that invitation: a second one would open that account to this administrator.
    let has_account = known.is_some();
    let user = match known {
        Some(user) => Some(user),
        None => match actions::add_user(&mut tx, by, &place.vpd, new, now).await {
            Ok(user) => Some(user),
            Err(error) => {
                let text = error.to_string();
                match error {
                    AdminError::NameTaken(_) => problems.username = Some(text),
                    AdminError::BadUsername => problems.username = Some(problems.username.take().unwrap_or(text)),
                    AdminError::BadName => {
                        problems.name = Some("Enter the name, in 200 characters or fewer".to_owned())
                    }
                    AdminError::BadAddress(_) => problems.email = Some(text),
                    other => {
                        return Err(super::told(other).map_or_else(|e| e, |flash| PageError::BadRequest(flash.text)));
                    }
                }
                None
            }
        },
    };
    let Some(user) = user.filter(|_| problems.rights.is_none() && problems.username.is_none()) else {
        tx.rollback().await?;
        let mut tx = app.db.system().await?;
        return page(&app, &mut tx, &who, place, StatusCode::UNPROCESSABLE_ENTITY, form, problems).await;
    };
    for right in rights {
        if let Err(error) = actions::grant_right(&mut tx, by, &place.vpd, &user, right, now).await {
            return Err(super::told(error).map_or_else(|e| e, |flash| PageError::BadRequest(flash.text)));
        }
    }
    let back = format!("/admin/users/{}{}", user.user_id, place.query());
    if has_account {
        tx.commit().await?;
        who.flash(&Flash::success(format!("{} had an account already, and now has these rights here.", user.name)));
        return Ok(ui::see_other(back));
    }
    if app.config.smtp_url.is_some() {
        actions::mail_link(&mut tx, &app, by, &place.vpd, &user, now)
            .await
            .map_err(|error| PageError::unexpected(&error))?;
        tx.commit().await?;
        who.flash(&Flash::success(format!("{} is added. An invitation is on its way to {}.", user.name, user.email)));
        return Ok(ui::see_other(back));
    }
    let (_, link) = actions::issue_link(&mut tx, by, &place.vpd, &user, "handed over by the administrator", now)
        .await
        .map_err(|error| PageError::unexpected(&error))?;
    tx.commit().await?;
    Ok(super::link::shown_once(&who, &place, &user, emails::address_of(&app, &link), "14 days"))
}

/// Somebody who has an account with this user name and this address, but no right here yet.
async fn known_elsewhere(tx: &mut SystemTx, place: &Place, form: &AddForm) -> sqlx::Result<Option<User>> {
    let found = store::find_by_username(tx, &form.username.trim().to_lowercase()).await?;
    let Some(user) = found.filter(|user| user.email.eq_ignore_ascii_case(form.email.trim())) else { return Ok(None) };
    let here = store::is_known_in(tx, &place.vpd, user.user_id).await?;
    Ok((!here && user.disabled_at.is_none()).then_some(user))
}
