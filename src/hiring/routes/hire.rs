use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::typed;
use crate::access::permissions::{ChangeApplications, Permission, SeeDoctors};
use crate::access::{Authorised, Form, Right, store as access};
use crate::app::App;
use crate::employment_checks::store as checks;
use crate::error::{PageError, PageResult};
use crate::hiring::actions::{self, HireError, Plan};
use crate::hiring::model::{Terms, usual_type};
use crate::hiring::views::{ConfirmPage, HirePage};
use crate::ui::{self, Choice, Field, Flash, Undo, dates};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    corrects: Option<Uuid>,
}

struct Entered {
    hired_on: Field,
    person_type: Field,
    held: Field,
    reason: Field,
}

pub async fn form(app: Data<App>, who: Authorised<SeeDoctors>, id: Path<Uuid>, asked: Query<Asked>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let plan = match actions::plan(&mut tx, *id, None, asked.corrects, app.today()).await {
        Ok(plan) => plan,
        Err(error) => return Err(refusal(*id, error)),
    };
    let earlier = plan.earlier.as_ref();
    let on = earlier.map_or(plan.applicant.hire_on, |hire| hire.hired_on);
    let kind = earlier.map(|hire| hire.person_type.clone());
    let entered = Entered {
        hired_on: Field::new("hired-on", on.format("%-d/%-m/%Y").to_string()),
        person_type: Field::new(
            "person-type",
            kind.or_else(|| usual_type(plan.ground.host_or_lead).map(str::to_owned)).unwrap_or_default(),
        ),
        held: Field::new("held", "end"),
        reason: Field::empty("reason"),
    };
    tx.commit().await?;
    page(&app, &who, StatusCode::OK, plan, entered).await
}

async fn page<P: Permission>(
    app: &Data<App>,
    who: &Authorised<P>,
    status: StatusCode,
    plan: Plan,
    entered: Entered,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let checks = checks::of_application(&mut tx, plan.applicant.application_id).await?;
    let may_hire = who.may::<ChangeApplications>();
    let colleagues = match may_hire {
        true => Vec::new(),
        false => access::holders(&mut tx, Right::RecruitmentAndApplicantEnrolment).await?,
    };
    tx.commit().await?;
    let colleagues = std::iter::once(Choice::new("", "Anybody who may hire"))
        .chain(colleagues.into_iter().map(|(id, _, name)| Choice::new(id.to_string(), name)))
        .collect();
    let Entered { hired_on, person_type, held, reason } = entered;
    let page = HirePage::new(who.layout(), plan, checks, may_hire, colleagues, [hired_on, person_type, held, reason]);
    Ok(ui::page(status, &page))
}

fn refusal(application: Uuid, error: HireError) -> PageError {
    match error {
        HireError::NotFound => PageError::NotFound,
        HireError::Database(error) => error.into(),
        error => {
            PageError::Changed { text: error.to_string(), at: format!("/doctors/applications/{application}/hire") }
        }
    }
}

/// Shows what will happen, and does it when that was confirmed.
pub async fn hire(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    id: Path<Uuid>,
    Form(form): Form<BTreeMap<String, String>>,
) -> PageResult {
    let sent = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let corrects: Option<Uuid> = sent("corrects").parse().ok();
    // The confirmation sends the day as one field, the form as three.
    let day = match sent("hired-on") {
        day if day.is_empty() || form.contains_key("hired-on-month") => typed(&form, "hired-on"),
        day => day,
    };
    let (kind, held, reason) = (sent("person-type"), sent("held"), sent("reason"));
    let entered = |day_error: Option<String>, faults: &[(&str, String)]| {
        let of = |field: &str| faults.iter().find(|(name, _)| *name == field).map(|(_, text)| text.clone());
        let field =
            |name: &'static str, value: &str, error| Field { name: name.into(), value: value.to_owned(), error };
        Entered {
            hired_on: field("hired-on", &day, day_error.or_else(|| of("hired-on"))),
            person_type: field("person-type", &kind, of("person-type")),
            held: field("held", &held, None),
            reason: field("reason", &reason, of("reason")),
        }
    };
    let mut tx = who.begin(&app.db).await?;
    let Some(on) = dates::parse_day(&day) else {
        let plan =
            actions::plan(&mut tx, *id, None, corrects, app.today()).await.map_err(|error| refusal(*id, error))?;
        let problem = "Enter the hire date as day, month and year, such as 5/8/2026".to_owned();
        return page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, plan, entered(Some(problem), &[])).await;
    };
    let terms = Terms { hired_on: on, person_type: kind.clone(), reason: reason.clone() };
    if sent("confirmed") != "yes" {
        let plan =
            actions::plan(&mut tx, *id, Some(on), corrects, app.today()).await.map_err(|error| refusal(*id, error))?;
        if !plan.ground.is_ready() {
            return Err(refusal(*id, HireError::NotReady(plan.ground.status)));
        }
        let faults = plan.ground.faults(&terms, &plan.types, app.today());
        if !faults.is_empty() {
            return page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, plan, entered(None, &faults)).await;
        }
        let checks = checks::of_application(&mut tx, *id).await?;
        tx.commit().await?;
        return Ok(ui::page(StatusCode::OK, &ConfirmPage::new(who.layout(), plan, &checks, terms, held != "keep")));
    }
    let ends = held != "keep";
    match actions::hire(&mut tx, who.caller(), *id, &terms, ends, corrects, app.today(), app.now()).await {
        Ok(hire) => {
            tx.commit().await?;
            let what = if hire.corrects.is_some() { "The hire is corrected" } else { "The doctor is hired" };
            let mut flash = Flash::success(format!("{what}: {} from {}", hire.person_type, dates::day(hire.hired_on)));
            if hire.corrects.is_none() {
                let action = format!("/doctors/hires/{}/undo", hire.hire_id);
                flash.undo = Some(Undo { label: "Undo the hire".to_owned(), action, fields: Vec::new() });
            }
            who.flash(&flash);
            Ok(ui::see_other(format!("/doctors/{}", hire.person_id)))
        }
        Err(HireError::Faulty(faults)) => {
            tx.rollback().await?;
            let mut tx = who.begin(&app.db).await?;
            let plan = actions::plan(&mut tx, *id, Some(on), corrects, app.today())
                .await
                .map_err(|error| refusal(*id, error))?;
            page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, plan, entered(None, &faults)).await
        }
        Err(HireError::NotReady(crate::applicants::status::Status::Hired)) => {
            // The second press of a button, or a colleague who was first.
            tx.rollback().await?;
            let mut tx = who.begin(&app.db).await?;
            let applicant = crate::hiring::store::applicant(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
            who.flash(&Flash::information("The doctor is hired already. Nothing was done twice"));
            Ok(ui::see_other(format!("/doctors/{}", applicant.person_id)))
        }
        Err(error) => Err(refusal(*id, error)),
    }
}

#[derive(Deserialize)]
pub struct HandOver {
    #[serde(default)]
    to: String,
}

/// An officer without the URP asks somebody who has it.
pub async fn hand_over(
    app: Data<App>,
    who: Authorised<SeeDoctors>,
    id: Path<Uuid>,
    Form(form): Form<HandOver>,
) -> PageResult {
    let to = match form.to.as_str() {
        "" => None,
        text => Some(text.parse::<Uuid>().map_err(|_| PageError::NotFound)?),
    };
    let mut tx = who.begin(&app.db).await?;
    let named = actions::hand_over(&mut tx, who.caller(), *id, to, app.today(), app.now()).await?;
    let named = named.ok_or(PageError::NotFound)?;
    tx.commit().await?;
    who.flash(&Flash::success(format!("Handed over to {named}: it is in their inbox")));
    Ok(ui::see_other(format!("/doctors/applications/{id}/hire")))
}
