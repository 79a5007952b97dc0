//! URLs of the checks: pages for staff, and the interface for suppliers' systems.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, ServiceConfig, get, post};
use serde_json::json;
use uuid::Uuid;

use super::actions::{self, Said, SetError};
use super::model::{Kind, Standard, Status, fields_of};
use super::views::{EditPage, ShowPage};
use super::{api, store};
use crate::access::permissions::{ChangeApplications, SeeDoctors};
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::ui::{self, Field, Flash};

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/doctors/applications/{id}/checks", get().to(show))
        .route("/doctors/applications/{id}/checks/{standard}", get().to(edit))
        .route("/doctors/applications/{id}/checks/{standard}", post().to(save))
        .route("/api", get().to(api::reference))
        .route("/api/openapi.json", get().to(api::document))
        .route("/api/employment-checks/v1/applications", get().to(api::list))
        .route("/api/employment-checks/v1/applications/{application}/checks", get().to(api::get_all))
        .route("/api/employment-checks/v1/applications/{application}/checks/{standard}", get().to(api::get_one))
        .route("/api/employment-checks/v1/applications/{application}/checks/{standard}", post().to(api::set));
}

/// All six checks of an application with everything that was ever said of them; that it was opened is recorded.
async fn show(app: Data<App>, who: Authorised<SeeDoctors>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let applicant = store::applicant(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let checks = store::of_application(&mut tx, *id).await?;
    let versions = store::versions(&mut tx, *id).await?;
    let about = Subject::new("person", &applicant.person_id);
    let detail = json!({ "application": *id, "what": "employment checks" });
    audit::record(&mut tx, &who.actor(), Event::PersonViewed, about, detail, app.now()).await?;
    tx.commit().await?;
    let page = ShowPage::new(who.layout(), applicant, checks, versions, who.may::<ChangeApplications>());
    Ok(ui::page(StatusCode::OK, &page))
}

fn standard_of(code: &str) -> Result<Standard, PageError> {
    code.parse().map_err(|_| PageError::NotFound)
}

async fn edit(app: Data<App>, who: Authorised<ChangeApplications>, path: Path<(Uuid, String)>) -> PageResult {
    let (id, code) = path.into_inner();
    let standard = standard_of(&code)?;
    let mut tx = who.begin(&app.db).await?;
    let applicant = store::applicant(&mut tx, id).await?.ok_or(PageError::NotFound)?;
    let check = store::of_application(&mut tx, id).await?.find(standard);
    let about = Subject::new("person", &applicant.person_id);
    let detail = json!({ "application": id, "what": "employment check", "standard": standard.code() });
    audit::record(&mut tx, &who.actor(), Event::PersonViewed, about, detail, app.now()).await?;
    tx.commit().await?;
    let fields = fields_of(standard).map(|rule| Field::new(name_of(rule.key), check.field(rule.key))).collect();
    let status = Field::new("status", check.status.code());
    let page = EditPage::new(who.layout(), applicant, standard, check.version, status, fields);
    Ok(ui::page(StatusCode::OK, &page))
}

/// The name of a field in the form: `certificate-number`.
fn name_of(key: &str) -> String {
    key.replace('_', "-")
}

async fn save(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    path: Path<(Uuid, String)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> PageResult {
    let (id, code) = path.into_inner();
    let standard = standard_of(&code)?;
    let sent = |name: &str| form.get(name).map(|value| value.trim()).unwrap_or_default();
    let fields: BTreeMap<String, String> = fields_of(standard)
        .map(|rule| {
            let name = name_of(rule.key);
            let value = match rule.kind {
                Kind::Date => {
                    let parts = ["day", "month", "year"].map(|part| sent(&format!("{name}-{part}")));
                    if parts == [""; 3] { String::new() } else { parts.join("/") }
                }
                _ => sent(&name).to_owned(),
            };
            (rule.key.to_owned(), value)
        })
        .collect();
    let seen: i32 = sent("version").parse().unwrap_or_default();
    let mut tx = who.begin(&app.db).await?;
    let applicant = store::applicant(&mut tx, id).await?.ok_or(PageError::NotFound)?;
    let refused = |status: Field, errors: BTreeMap<&str, String>| {
        let fields = fields_of(standard)
            .map(|rule| Field {
                name: name_of(rule.key).into(),
                value: fields[rule.key].clone(),
                error: errors.get(rule.key).cloned(),
            })
            .collect();
        let page = EditPage::new(who.layout(), applicant.clone(), standard, seen, status, fields);
        ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    let Ok(status) = sent("status").parse::<Status>() else {
        let status = Field::refused("status", sent("status"), "Choose where the check stands");
        return Ok(refused(status, BTreeMap::new()));
    };
    let said = Said { standard, status, fields: &fields, seen };
    match actions::set(&mut tx, &who.actor(), &who.name, id, &said, app.today(), app.now()).await {
        Ok(check) => {
            tx.commit().await?;
            who.flash(&Flash::success(format!("{} is now “{}”", standard.label(), check.status.label())));
            Ok(ui::see_other(format!("/doctors/applications/{id}/checks")))
        }
        Err(SetError::NotFound) => Err(PageError::NotFound),
        Err(SetError::Database(error)) => Err(error.into()),
        Err(SetError::Faulty(faults)) => {
            let errors = faults.into_iter().map(|fault| (fault.key, fault.problem)).collect();
            Ok(refused(Field::new("status", status.code()), errors))
        }
        Err(error @ (SetError::Ended(_) | SetError::Changed(_))) => Err(PageError::Changed {
            text: format!("{error}. What you entered was not saved. Open the check again and see what it says."),
            at: format!("/doctors/applications/{id}/checks"),
        }),
    }
}
