//! `/account`: one's own password, sessions and preferences, and the organisation that one acts for.

mod agent;
mod organisation;
mod password;
mod preferences;
mod sessions;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use askama::Template;

use super::caller::SignedInUser;
use super::{new_password, store};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::tenancy::SystemTx;
use crate::ui::{self, Choice, ErrorSummary, Field, Layout, dates};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/account", web::get().to(show))
        .route("/account/password", web::post().to(password::change))
        .route("/account/preferences", web::post().to(preferences::save))
        .route("/account/sessions/end", web::post().to(sessions::end_all))
        .route("/account/sessions/{session}/end", web::post().to(sessions::end_one))
        .route("/account/organisation", web::get().to(organisation::show))
        .route("/account/organisation", web::post().to(organisation::switch));
}

#[derive(Template)]
#[template(path = "account/show.html")]
struct AccountPage {
    layout: Layout,
    errors: ErrorSummary,
    name: String,
    username: String,
    email: String,
    organisation: Option<String>,
    several_organisations: bool,
    rights: Vec<&'static str>,
    current: Field,
    new: Field,
    password_hint: String,
    mail_frequency: Field,
    frequencies: Vec<Choice>,
    mail_hour: Field,
    hours: Vec<Choice>,
    after_decision: Field,
    afters: Vec<Choice>,
    sessions: Vec<SessionView>,
}

struct SessionView {
    id: String,
    device: String,
    address: String,
    began: String,
    seen: String,
    is_this: bool,
}

/// What was wrong with a form of the page.
#[derive(Default)]
struct Refused {
    current: Option<Field>,
    new: Option<Field>,
    preferences: Option<[Field; 3]>,
}

async fn show(app: Data<App>, user: SignedInUser) -> PageResult {
    let mut tx = app.db.system().await?;
    page(&mut tx, &user, StatusCode::OK, Refused::default()).await
}

async fn page(tx: &mut SystemTx, user: &SignedInUser, status: StatusCode, refused: Refused) -> PageResult {
    let account = store::find(tx, user.user_id).await?.ok_or(PageError::NotFound)?;
    let kept = store::preferences(tx, user.user_id).await?;
    let password_hint = new_password::hint(tx, user.user_id).await?;
    let sessions = store::sessions_of(tx, user.user_id).await?;
    let [mail_frequency, mail_hour, after_decision] = refused.preferences.unwrap_or_else(|| {
        [
            Field::new("mail_frequency", kept.mail_frequency),
            Field::new("mail_hour", kept.mail_hour.to_string()),
            Field::new("after_decision", kept.after_decision),
        ]
    });
    let current = refused.current.unwrap_or_else(|| Field::empty("current_password"));
    let new = refused.new.unwrap_or_else(|| Field::empty("new_password"));
    let view = AccountPage {
        layout: user.layout(),
        errors: ErrorSummary::of([&current, &new, &mail_frequency, &mail_hour, &after_decision]),
        name: account.name,
        username: account.username,
        email: account.email,
        organisation: user.caller.as_ref().map(|caller| match caller.vpd.is_operations() {
            true => caller.vpd_name.clone(),
            false => format!("{} {}", caller.vpd, caller.vpd_name),
        }),
        several_organisations: user.organisations.len() > 1,
        rights: user.caller.iter().flat_map(|caller| caller.rights.iter().map(|right| right.label())).collect(),
        current,
        new,
        password_hint,
        frequencies: preferences::FREQUENCIES.iter().map(|(code, label)| Choice::new(*code, *label)).collect(),
        mail_frequency,
        hours: (0..24).map(|hour| Choice::new(hour.to_string(), format!("{hour:02}:00"))).collect(),
        mail_hour,
        afters: preferences::AFTER_DECISION.iter().map(|(code, label)| Choice::new(*code, *label)).collect(),
        after_decision,
        sessions: sessions
            .into_iter()
            .map(|session| SessionView {
                id: session.session_id.to_string(),
                device: agent::words(session.agent.as_deref().unwrap_or_default()),
                address: session.address.unwrap_or_default(),
                began: dates::short_at(session.created_at),
                seen: dates::short_at(session.last_seen_at),
                is_this: session.session_id == user.session_id,
            })
            .collect(),
    };
    Ok(ui::page(status, &view))
}

/// Back to the page after something was done there.
fn back() -> HttpResponse {
    ui::see_other("/account")
}
