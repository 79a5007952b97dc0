//! `/sign-in`, `/sign-out`, and the form that was being filled when a session ended.

use actix_session::Session;
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::caller::{SignedInUser, public_layout};
use super::form::{Empty, Form};
use super::sessions::SIGNED_IN_AT;
use super::{Passwords, csrf, store, throttle};
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::error::{PageError, PageResult, wait};
use crate::tenancy::Vpd;
use crate::ui::{self, ErrorSummary, Field, Flash, Layout};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/sign-in", web::get().to(show))
        .route("/sign-in", web::post().to(sign_in))
        .route("/sign-out", web::post().to(sign_out))
        .route("/resume", web::get().to(resume));
}

#[derive(Template)]
#[template(path = "access/sign_in.html")]
struct SignInPage {
    layout: Layout,
    errors: ErrorSummary,
    notice: Option<String>,
    no_users: bool,
    next: String,
    username: Field,
    password: Field,
}

#[derive(Template)]
#[template(path = "access/resume.html")]
struct ResumePage {
    layout: Layout,
    action: String,
    fields: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct SignInForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Where a caller may be sent after signing in: a path of ours.
pub(super) fn own_path(next: &str) -> &str {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
        && !next.starts_with("/sign-")
        && !next.starts_with("/account/organisation");
    if ours { next } else { "/" }
}

async fn show(app: Data<App>, request: HttpRequest, query: web::Query<Query>) -> PageResult {
    let mut tx = app.db.system().await?;
    let no_users = !store::any_user(&mut tx).await?;
    let notice =
        (query.next == "/resume").then(|| "You were signed out after 30 minutes. We kept what you typed.".to_owned());
    Ok(ui::page(
        StatusCode::OK,
        &SignInPage {
            layout: public_layout(&request),
            errors: ErrorSummary::default(),
            notice,
            no_users,
            next: own_path(&query.next).to_owned(),
            username: Field::empty("username"),
            password: Field::empty("password"),
        },
    ))
}

/// The most of a typed user name that is looked at.
const LONGEST_NAME: usize = 200;

async fn sign_in(
    app: Data<App>,
    passwords: Data<Passwords>,
    request: HttpRequest,
    session: Session,
    Form(form): Form<SignInForm>,
) -> PageResult {
    let now = app.now();
    // No name is as long; what is longer is nobody's and counts as one.
    let username: String = form.username.trim().to_lowercase().chars().take(LONGEST_NAME).collect();
    let address = super::sign_in::address(&app, &request);
    let mut tx = app.db.system().await?;
    if let Some(seconds) = throttle::admit(&mut tx, &username, &address, now).await? {
        tracing::warn!(address, "sign_in_throttled");
        return Err(PageError::TooMany { seconds });
    }
    let known = store::credentials(&mut tx, &username).await?;
    tx.commit().await?;
    // Everybody costs one hash: unknown, disabled and not yet invited users too.
    let usable = known.filter(|user| !user.is_disabled);
    let stored = usable.as_ref().and_then(|user| user.password_hash.clone());
    let right = passwords.verify(form.password.clone(), stored.clone()).await?;
    match usable.filter(|_| right) {
        Some(user) => {
            if stored.as_deref().is_some_and(|hash| passwords.outdated(hash)) {
                let hash = passwords.hash(form.password).await?;
                let mut tx = app.db.system().await?;
                store::save_password(&mut tx, user.user_id, &hash, now).await?;
                tx.commit().await?;
            }
            begin_session(&app, &request, &session, user.user_id, &username, now).await?;
            Ok(ui::see_other(own_path(&form.next)))
        }
        None => refuse(&app, &request, &form, &username, &address, now).await,
    }
}

async fn refuse(
    app: &App,
    request: &HttpRequest,
    form: &SignInForm,
    username: &str,
    address: &str,
    now: DateTime<Utc>,
) -> PageResult {
    let mut tx = app.db.system().await?;
    throttle::failed(&mut tx, address, now).await?;
    let actor = Actor::System("sign-in");
    // A name that nobody has is not written down: people type passwords into the wrong field.
    let known = store::find_by_username(&mut tx, username).await?;
    let about = Subject::new("user", known.map_or_else(|| "unknown".to_owned(), |user| user.username));
    audit::record_for(
        &mut tx,
        &Vpd::operations(),
        &actor,
        Event::SignInRefused,
        about,
        json!({ "address": address }),
        now,
    )
    .await?;
    let waits = throttle::wait(&mut tx, username, address, now).await?;
    tx.commit().await?;
    tracing::warn!(address, "sign_in_refused");
    let mut problem = "Enter a correct user name and password".to_owned();
    if let Some(seconds) = waits {
        problem.push_str(&format!(". You can try again in {}", wait(seconds)));
    }
    let page = SignInPage {
        layout: public_layout(request),
        errors: ErrorSummary::one("username", &problem),
        notice: None,
        no_users: false,
        next: own_path(&form.next).to_owned(),
        username: Field::refused("username", form.username.clone(), &problem),
        password: Field::empty("password"),
    };
    Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Makes the session this user's, under a new id.
pub async fn begin_session(
    app: &App,
    request: &HttpRequest,
    session: &Session,
    user_id: uuid::Uuid,
    username: &str,
    now: DateTime<Utc>,
) -> Result<(), PageError> {
    let mut tx = app.db.system().await?;
    throttle::forgive(&mut tx, username).await?;
    store::save_sign_in(&mut tx, user_id, now).await?;
    let ended = store::make_room(&mut tx, user_id).await?;
    let organisations = store::organisations_of(&mut tx, user_id).await?;
    let actor = Actor::Person { user_id, username: username.to_owned() };
    let address = address(app, request);
    audit::record_for(
        &mut tx,
        &Vpd::operations(),
        &actor,
        Event::SignedIn,
        Subject::new("user", username),
        json!({ "address": address }),
        now,
    )
    .await?;
    tx.commit().await?;
    let kept = session.remove("kept_form");
    session.clear();
    session.renew();
    let agent: String = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect();
    let put = || -> Result<(), actix_session::SessionInsertError> {
        session.insert("user_id", user_id)?;
        session.insert(SIGNED_IN_AT, now)?;
        session.insert("csrf", csrf::new_secret())?;
        session.insert("agent", agent)?;
        session.insert("address", address)?;
        if let [(only, _)] = organisations.as_slice() {
            session.insert("vpd", only)?;
        }
        if let Some(kept) = kept.and_then(|json| serde_json::from_str::<serde_json::Value>(&json).ok()) {
            session.insert("kept_form", kept)?;
        }
        if ended > 0 {
            session.insert(
                "flash",
                Flash::information(
                    "You were signed in on five devices already, so the one used longest ago was signed out.",
                ),
            )?;
        }
        Ok(())
    };
    put().map_err(|error| PageError::unexpected(&error))
}

async fn sign_out(app: Data<App>, user: SignedInUser, Form(Empty {}): Form<Empty>) -> PageResult {
    let now = app.now();
    let mut tx = app.db.system().await?;
    audit::record_for(
        &mut tx,
        &Vpd::operations(),
        &user.actor(),
        Event::SignedOut,
        Subject::new("user", &user.username),
        json!({}),
        now,
    )
    .await?;
    tx.commit().await?;
    user.session().purge();
    let mut response = ui::see_other("/sign-in");
    response.headers_mut().insert(
        header::HeaderName::from_static("clear-site-data"),
        header::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}

/// Keeps a form that came after its session ended, for the one press that sends it.
pub(super) fn keep_form(session: &Session, action: &str, fields: &[(String, String)], vpd: &str) {
    let size: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > 16 * 1024 {
        return;
    }
    if let Err(error) = session.insert("kept_form", (action, fields, vpd)) {
        tracing::warn!(%error, "a form could not be kept");
    }
}

async fn resume(user: SignedInUser) -> Result<HttpResponse, PageError> {
    if user.caller.is_none() {
        // The form waits until it is known for which organisation it would act.
        return Ok(ui::see_other("/account/organisation?next=/resume"));
    }
    let kept = user.session().get::<(String, Vec<(String, String)>, String)>("kept_form").ok().flatten();
    user.session().remove("kept_form");
    let now_for = user.caller.as_ref().map(|caller| caller.vpd.as_str()).unwrap_or_default();
    let (action, fields) = match kept {
        Some((action, fields, vpd)) if vpd == now_for => (action, fields),
        _ => Default::default(),
    };
    Ok(ui::page(StatusCode::OK, &ResumePage { layout: user.layout(), action, fields }))
}

/// The caller's address: the connection's, or what a trusted proxy says of it.
pub fn address(app: &App, request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr().map(|a| a.ip()) else { return "unknown".to_owned() };
    if app.config.trusted_proxies.contains(&peer) {
        // The last line's last address is the one that our proxy added; whatever stands before it the caller may have written.
        let line =
            request.headers().get_all("X-Forwarded-For").last().and_then(|v| v.to_str().ok()).unwrap_or_default();
        let last = line.rsplit(',').next().unwrap_or_default().trim();
        let with_port = last.parse::<std::net::SocketAddr>().map(|address| address.ip());
        if let Ok(client) = last.parse::<std::net::IpAddr>().or(with_port) {
            return client.to_string();
        }
    }
    peer.to_string()
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn http_4_nobody_is_sent_to_another_site() {
        for evil in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "https:evil",
            "javascript:alert(1)",
            "",
            "/sign-out",
            "/\u{1}x",
            "/\t/evil.example",
        ] {
            assert_eq!(own_path(evil), "/", "{evil}");
        }
        assert_eq!(own_path("/inbox?state=open"), "/inbox?state=open");
    }
}
