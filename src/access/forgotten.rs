//! A forgotten password: asked for at `/password/forgotten`, set at `/password/{token}` from the link in the mail.
//!
//! The page answers the same and does the same whether the address is known or not: the job that it queues finds out. Opening a link
//! changes nothing, because mail scanners open links too; a link that cannot be used, for whatever reason, gives one neutral page.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::caller::public_layout;
use super::form::Form;
use super::links::{self, Purpose};
use super::{Passwords, emails, new_password, sign_in, store, throttle};
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::email;
use crate::error::{PageError, PageResult};
use crate::jobs::{self, Failure, Work};
use crate::tenancy::Vpd;
use crate::ui::{self, ErrorSummary, Field, Flash, Layout};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/password/forgotten", web::get().to(show_forgotten))
        .route("/password/forgotten", web::post().to(ask))
        .route("/password/{token}", web::get().to(show))
        .route("/password/{token}", web::post().to(set));
}

/// The kind of the job that sends what `/password/forgotten` was asked for.
pub const SEND_PASSWORD_LINKS: &str = "access.send_password_links";

/// The users whose address was typed: none, one, or several who share it.
#[derive(Serialize, Deserialize)]
struct SendPasswordLinks {
    users: Vec<Uuid>,
}

#[derive(Template)]
#[template(path = "access/forgotten.html")]
struct ForgottenPage {
    layout: Layout,
    errors: ErrorSummary,
    email: Field,
    asked: bool,
}

#[derive(Template)]
#[template(path = "access/set_password.html")]
struct SetPasswordPage {
    layout: Layout,
    errors: ErrorSummary,
    /// Nobody: the link cannot be used.
    username: Option<String>,
    action: String,
    password: Field,
    password_hint: String,
}

#[derive(Deserialize)]
struct ForgottenForm {
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
struct SetForm {
    #[serde(default)]
    password: String,
}

async fn show_forgotten(request: HttpRequest) -> HttpResponse {
    let (layout, email) = (public_layout(&request), Field::empty("email"));
    ui::page(StatusCode::OK, &ForgottenPage { layout, errors: ErrorSummary::default(), email, asked: false })
}

async fn ask(app: Data<App>, request: HttpRequest, Form(form): Form<ForgottenForm>) -> PageResult {
    let now = app.now();
    let layout = public_layout(&request);
    let typed = form.email.trim();
    if let Err(problem) = typed.parse::<email::Address>() {
        let email = Field::refused("email", form.email, problem);
        let view = ForgottenPage { layout, errors: ErrorSummary::of([&email]), email, asked: false };
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &view));
    }
    let address = sign_in::address(&app, &request);
    let mut tx = app.db.system().await?;
    let from = format!("forgotten-from:{}", throttle::network(&address));
    if let Some(seconds) = throttle::take(&mut tx, &from, 10, TimeDelta::minutes(1), now).await? {
        tx.commit().await?;
        return Err(PageError::TooMany { seconds });
    }
    // By a hash: what was typed may be anybody's address. Whoever's mailbox is being filled is left in peace, and the answer is the same.
    let digest: String = Sha256::digest(typed.to_lowercase().as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let too_often = throttle::take(&mut tx, &format!("forgotten-to:{digest}"), 3, TimeDelta::minutes(20), now).await?;
    let users = store::find_by_email(&mut tx, typed).await?;
    let users = users.iter().filter(|user| user.disabled_at.is_none() && too_often.is_none()).map(|user| user.user_id);
    let job = SendPasswordLinks { users: users.collect() };
    jobs::enqueue_system(&mut tx, &Vpd::operations(), SEND_PASSWORD_LINKS, &job, None).await?;
    tx.commit().await?;
    let view = ForgottenPage { layout, errors: ErrorSummary::default(), email: Field::empty("email"), asked: true };
    Ok(ui::page(StatusCode::OK, &view))
}

/// Issues and queues the links that were asked for. Run again, it sends another mail, whose link replaces the first.
pub async fn send_password_links(work: Work) -> Result<(), Failure> {
    let now = work.app.now();
    let payload: SendPasswordLinks = work.payload()?;
    for user_id in payload.users {
        let mut tx = work.app.db.system().await?;
        let Some(user) = store::find(&mut tx, user_id).await?.filter(|user| user.disabled_at.is_none()) else {
            continue;
        };
        // Somebody who never used the invitation has forgotten no password, but needs the same thing.
        let link = links::issue(&mut tx, user_id, Purpose::Password, "forgotten password").await?;
        let draft = emails::one_time_link(&work.app, &user, Purpose::Password, "", &link)
            .map_err(|error| Failure::GiveUp(error.to_string()))?;
        let home = new_password::home(&mut tx, user_id).await?;
        email::queue_system(&mut tx, &home, draft, now).await?;
        let about = Subject::new("user", &user.username);
        let actor = Actor::System("forgotten password");
        let detail = json!({ "how": "asked for on the sign-in page" });
        audit::record_for(&mut tx, &Vpd::operations(), &actor, Event::PasswordLinkSent, about, detail, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A token as it was mailed: readers' programs add the full stop or bracket that followed it.
fn tidy(token: &str) -> &str {
    token.trim_end_matches(['.', ',', '>', ')', ';'])
}

/// The page for every link that cannot be used: used, replaced, too old, cut short or never ours.
fn useless(request: &HttpRequest) -> HttpResponse {
    let view = SetPasswordPage {
        layout: public_layout(request),
        errors: ErrorSummary::default(),
        username: None,
        action: String::new(),
        password: Field::empty("password"),
        password_hint: String::new(),
    };
    ui::page(StatusCode::NOT_FOUND, &view)
}

/// Counts a token that is none, so that guessing is slow.
async fn refuse(app: &App, request: &HttpRequest) -> PageResult {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let from = format!("link-from:{}", throttle::network(&sign_in::address(app, request)));
    let wait = throttle::take(&mut tx, &from, 20, TimeDelta::seconds(10), now).await?;
    tx.commit().await?;
    match wait {
        Some(seconds) => Err(PageError::TooMany { seconds }),
        None => Ok(useless(request)),
    }
}

async fn show(app: Data<App>, request: HttpRequest, token: Path<String>) -> PageResult {
    let token = tidy(&token);
    let mut tx = app.db.system().await?;
    let user = match links::user_of(&mut tx, token).await? {
        Some(user_id) => store::find(&mut tx, user_id).await?,
        None => None,
    };
    let Some(user) = user else {
        tx.rollback().await?;
        return refuse(&app, &request).await;
    };
    let view = SetPasswordPage {
        layout: public_layout(&request),
        errors: ErrorSummary::default(),
        password_hint: new_password::hint(&mut tx, user.user_id).await?,
        username: Some(user.username),
        action: format!("/password/{token}"),
        password: Field::empty("password"),
    };
    Ok(ui::page(StatusCode::OK, &view))
}

async fn set(
    app: Data<App>,
    passwords: Data<Passwords>,
    request: HttpRequest,
    token: Path<String>,
    Form(form): Form<SetForm>,
) -> PageResult {
    let now = app.now();
    let token = tidy(&token);
    let mut tx = app.db.system().await?;
    let user = match links::user_of(&mut tx, token).await? {
        Some(user_id) => store::find(&mut tx, user_id).await?,
        None => None,
    };
    let Some(user) = user else {
        tx.rollback().await?;
        return refuse(&app, &request).await;
    };
    if let Some(problem) = new_password::problem(&mut tx, &user, &form.password).await? {
        let password = Field::refused("password", "", problem);
        let view = SetPasswordPage {
            layout: public_layout(&request),
            errors: ErrorSummary::of([&password]),
            password_hint: new_password::hint(&mut tx, user.user_id).await?,
            username: Some(user.username),
            action: format!("/password/{token}"),
            password,
        };
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &view));
    }
    tx.rollback().await?;
    let hash = passwords.hash(form.password).await?;
    let mut tx = app.db.system().await?;
    // Between the two somebody else may have used it.
    if links::redeem(&mut tx, token).await? != Some(user.user_id) {
        tx.rollback().await?;
        return refuse(&app, &request).await;
    }
    let actor = Actor::Person { user_id: user.user_id, username: user.username.clone() };
    new_password::save(&mut tx, &user, &hash, &actor, "with a one-time link", None, now).await?;
    tx.commit().await?;
    let session = actix_session::SessionExt::get_session(&request);
    session.renew();
    let flash = Flash::success("Your password is set. Sign in with it.");
    session.insert("flash", &flash).map_err(|error| PageError::unexpected(&error))?;
    Ok(ui::see_other("/sign-in"))
}
