//! `/admin/tokens`: the tokens by which suppliers' systems call, made and revoked; each is shown once.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::access::api_tokens::{self, EmploymentChecks, Listed, NewToken, Scope};
use crate::access::permissions::ManageApiTokens;
use crate::access::{Authorised, Empty, Form};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::ui::{self, Choice, ErrorSummary, Field, Flash, Layout, dates};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/admin/tokens", web::get().to(show))
        .route("/admin/tokens", web::post().to(make))
        .route("/admin/tokens/{token}/revoke", web::post().to(revoke));
}

#[derive(Template)]
#[template(path = "admin/tokens/list.html")]
struct ListPage {
    layout: Layout,
    errors: ErrorSummary,
    tokens: Vec<Listed>,
    supplier: Field,
    lasts: Field,
    now: DateTime<Utc>,
}

impl ListPage {
    fn state(&self, token: &Listed) -> (&'static str, &'static str) {
        match (token.revoked_at, token.expires_at <= self.now) {
            (Some(_), _) => ("Revoked", "grey"),
            (None, true) => ("Expired", "grey"),
            (None, false) if token.expires_at - self.now < TimeDelta::days(14) => ("Ends soon", "orange"),
            (None, false) => ("In force", "plain"),
        }
    }

    fn is_in_force(&self, token: &Listed) -> bool {
        token.revoked_at.is_none() && token.expires_at > self.now
    }

    fn made(&self, token: &Listed) -> String {
        format!("{}, {}", dates::short_at(token.created_at), token.created_by)
    }

    fn ends(&self, token: &Listed) -> String {
        match (token.revoked_at, &token.revoked_by) {
            (Some(at), Some(by)) => format!("Revoked {}, {by}", dates::short_at(at)),
            _ => dates::short_at(token.expires_at),
        }
    }

    fn used(&self, token: &Listed) -> String {
        token.last_used_at.map(dates::short_at).unwrap_or_default()
    }

    fn periods(&self) -> Vec<Choice> {
        PERIODS.iter().map(|(days, label)| Choice::new(days.to_string(), *label)).collect()
    }
}

const PERIODS: &[(i64, &str)] = &[(30, "30 days"), (90, "90 days"), (365, "A year")];

#[derive(Template)]
#[template(path = "admin/tokens/made.html")]
struct MadePage {
    layout: Layout,
    supplier: String,
    text: String,
    ends: String,
}

#[derive(Deserialize)]
struct MakeForm {
    #[serde(default)]
    supplier: String,
    #[serde(default)]
    lasts: String,
}

async fn show(app: Data<App>, who: Authorised<ManageApiTokens>) -> PageResult {
    page(&app, &who, StatusCode::OK, Field::empty("supplier"), Field::new("lasts", "365")).await
}

async fn page(
    app: &Data<App>,
    who: &Authorised<ManageApiTokens>,
    status: StatusCode,
    supplier: Field,
    lasts: Field,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let tokens = api_tokens::list(&mut tx).await?;
    let errors = ErrorSummary::of([&supplier, &lasts]);
    Ok(ui::page(status, &ListPage { layout: who.layout(), errors, tokens, supplier, lasts, now: app.now() }))
}

/// Makes a token and shows it, the only time.
async fn make(app: Data<App>, who: Authorised<ManageApiTokens>, Form(form): Form<MakeForm>) -> PageResult {
    let name = form.supplier.trim();
    let is_name = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let days = PERIODS.iter().map(|(days, _)| *days).find(|days| days.to_string() == form.lasts);
    let (true, Some(days)) = (is_name, days) else {
        let supplier = match is_name {
            true => Field::new("supplier", &form.supplier),
            false => Field::refused("supplier", &form.supplier, "Enter the supplier's name, 100 characters or fewer"),
        };
        let lasts = match days {
            Some(_) => Field::new("lasts", &form.lasts),
            None => Field::refused("lasts", &form.lasts, "Choose how long the token lasts"),
        };
        return page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, supplier, lasts).await;
    };
    let (token, now) = (NewToken::make(), app.now());
    let ends_at = now + TimeDelta::days(days);
    let mut tx = who.begin(&app.db).await?;
    api_tokens::insert(&mut tx, &token, name, EmploymentChecks::CODE, &who.name, ends_at, now).await?;
    let detail = json!({ "supplier": name, "scope": EmploymentChecks::CODE, "expires_at": ends_at });
    let about = Subject::new("api_token", token.token_id);
    audit::record(&mut tx, &who.actor(), Event::ApiTokenMade, about, detail, now).await?;
    tx.commit().await?;
    let view = MadePage { layout: who.layout(), supplier: name.to_owned(), text: token.text, ends: dates::at(ends_at) };
    Ok(ui::page(StatusCode::OK, &view))
}

async fn revoke(
    app: Data<App>,
    who: Authorised<ManageApiTokens>,
    token: Path<Uuid>,
    Form(_): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let listed = api_tokens::list(&mut tx).await?;
    if !listed.iter().any(|known| known.token_id == *token) {
        return Err(PageError::NotFound);
    }
    if let Some(supplier) = api_tokens::revoke(&mut tx, *token, &who.name, app.now()).await? {
        let (about, detail) = (Subject::new("api_token", *token), json!({ "supplier": supplier }));
        audit::record(&mut tx, &who.actor(), Event::ApiTokenRevoked, about, detail, app.now()).await?;
        who.flash(&Flash::success(format!("The token of {supplier} is revoked: its next call is refused")));
    }
    tx.commit().await?;
    Ok(ui::see_other("/admin/tokens"))
}
