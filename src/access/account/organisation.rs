use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::access::caller::SignedInUser;
use crate::access::form::Form;
use crate::access::{sign_in, store};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::tenancy::Vpd;
use crate::ui::{self, Choice, ErrorSummary, Field, Layout};

#[derive(Template)]
#[template(path = "account/organisation.html")]
struct OrganisationPage {
    layout: Layout,
    errors: ErrorSummary,
    organisation: Field,
    choices: Vec<Choice>,
    next: String,
    /// Organisations where the user held rights once, each with the names of its administrators.
    whom_to_ask: Vec<(String, Vec<String>)>,
}

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub struct SwitchForm {
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    next: String,
}

pub async fn show(app: Data<App>, user: SignedInUser, query: web::Query<Query>) -> PageResult {
    let chosen = user.caller.as_ref().map(|caller| caller.vpd.to_string()).unwrap_or_default();
    page(&app, &user, StatusCode::OK, Field::new("organisation", chosen), &query.next).await
}

async fn page(app: &App, user: &SignedInUser, status: StatusCode, organisation: Field, next: &str) -> PageResult {
    let mut tx = app.db.system().await?;
    let grants = store::grants_of(&mut tx, user.user_id).await?;
    let organisations = store::organisations_of(&mut tx, user.user_id).await?;
    let whom_to_ask = match organisations.is_empty() {
        true => store::former_administrators(&mut tx, user.user_id).await?,
        false => Vec::new(),
    };
    let choices = organisations.into_iter().map(|(vpd, name)| {
        let rights: Vec<&str> = grants.iter().filter(|g| g.vpd == vpd).map(|grant| grant.right.label()).collect();
        let label = if vpd.is_operations() { name } else { format!("{vpd} {name}") };
        Choice::new(vpd.to_string(), label).hint(rights.join(", "))
    });
    let view = OrganisationPage {
        layout: user.layout(),
        errors: ErrorSummary::of([&organisation]),
        organisation,
        choices: choices.collect(),
        next: sign_in::own_path(next).to_owned(),
        whom_to_ask,
    };
    Ok(ui::page(status, &view))
}

/// Acts for another organisation from here on, in a session with a new id; tabs left open for the old one are refused.
pub async fn switch(app: Data<App>, user: SignedInUser, Form(form): Form<SwitchForm>) -> PageResult {
    let now = app.now();
    let wanted = form.organisation.parse::<Vpd>().ok().filter(|vpd| user.organisations.contains(vpd));
    let Some(vpd) = wanted else {
        let field =
            Field::refused("organisation", form.organisation, "Select the organisation that you are acting for");
        return page(&app, &user, StatusCode::UNPROCESSABLE_ENTITY, field, &form.next).await;
    };
    let mut tx = app.db.system().await?;
    if !store::session_lives(&mut tx, user.session_id).await? {
        user.session().purge();
        return Err(PageError::SignIn { next: "/".to_owned() });
    }
    let before = user.caller.as_ref().map(|caller| caller.vpd.to_string());
    let about = Subject::new("user", &user.username);
    let detail = json!({ "from": before });
    audit::record_for(&mut tx, &vpd, &user.actor(), Event::OrganisationSwitched, about, detail, now).await?;
    tx.commit().await?;
    user.session().insert("vpd", &vpd).map_err(|error| PageError::unexpected(&error))?;
    user.session().renew();
    Ok(ui::see_other(sign_in::own_path(&form.next)))
}
