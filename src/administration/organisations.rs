//! `/admin/organisations`: every employing organisation, for operators, who alone switch the deanery's interface off for one.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::access::permissions::MaintainOrganisations;
use crate::access::{Authorised, Form, store};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::tenancy::Vpd;
use crate::ui::{self, ErrorSummary, Field, Flash, Layout};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/admin/organisations", web::get().to(show))
        .route("/admin/organisations/{vpd}/interface", web::get().to(ask))
        .route("/admin/organisations/{vpd}/interface", web::post().to(switch));
}

#[derive(Template)]
#[template(path = "admin/organisations.html")]
struct OrganisationsPage {
    layout: Layout,
    organisations: Vec<store::Organisation>,
}

#[derive(Template)]
#[template(path = "admin/interface.html")]
struct InterfacePage {
    layout: Layout,
    errors: ErrorSummary,
    organisation: store::Organisation,
    reason: Field,
}

#[derive(Deserialize)]
struct SwitchForm {
    /// `on` or `off`, as the page said.
    #[serde(default)]
    to: String,
    #[serde(default)]
    reason: String,
}

async fn show(app: Data<App>, who: Authorised<MaintainOrganisations>) -> PageResult {
    let mut tx = app.db.system().await?;
    let organisations = store::employers(&mut tx).await?;
    Ok(ui::page(StatusCode::OK, &OrganisationsPage { layout: who.layout(), organisations }))
}

async fn ask(app: Data<App>, who: Authorised<MaintainOrganisations>, vpd: Path<String>) -> PageResult {
    let mut tx = app.db.system().await?;
    let organisation = find(&mut tx, &vpd).await?;
    let (errors, reason) = (ErrorSummary::default(), Field::empty("reason"));
    Ok(ui::page(StatusCode::OK, &InterfacePage { layout: who.layout(), errors, organisation, reason }))
}

async fn find(tx: &mut crate::tenancy::SystemTx, vpd: &str) -> Result<store::Organisation, PageError> {
    let all = store::employers(tx).await?;
    all.into_iter().find(|organisation| organisation.vpd.as_str() == vpd).ok_or(PageError::NotFound)
}

async fn switch(
    app: Data<App>,
    who: Authorised<MaintainOrganisations>,
    vpd: Path<String>,
    Form(form): Form<SwitchForm>,
) -> PageResult {
    let mut tx = app.db.system().await?;
    let organisation = find(&mut tx, &vpd).await?;
    let on = match form.to.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(PageError::BadRequest("Say whether to switch on or off.".to_owned())),
    };
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        let reason = Field::refused("reason", form.reason, "Enter a reason of 500 characters or fewer");
        let errors = ErrorSummary::of([&reason]);
        let view = InterfacePage { layout: who.layout(), errors, organisation, reason };
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &view));
    }
    let vpd: Vpd = organisation.vpd.clone();
    let changed = store::set_dit_subscribed(&mut tx, &vpd, on).await?;
    if changed {
        let detail = json!({ "doctors_in_training_interface": form.to, "reason": reason });
        let about = Subject::new("organisation", &vpd);
        audit::record_for(&mut tx, &vpd, &who.actor(), Event::OrganisationChanged, about, detail, app.now()).await?;
    }
    tx.commit().await?;
    let state = if on { "on" } else { "off" };
    let text = match changed {
        true => format!("The Doctors in Training interface is {state} for {vpd} {}.", organisation.name),
        false => format!("The Doctors in Training interface was {state} already for {vpd} {}.", organisation.name),
    };
    who.flash(&if changed { Flash::success(text) } else { Flash::information(text) });
    Ok(ui::see_other("/admin/organisations"))
}
