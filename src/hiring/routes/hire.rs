use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::typed;
use crate::access::permissions::{ChangeApplications, Permission, SeeDoctors};
use crate::access::{Authorised, Form, Looked, Right, store as access};
use crate::app::App;
use crate::applicants::status::Status;
use crate::employment_checks::model::Checks;
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

/// What the form, or the page on which it is checked, sends.
#[derive(Serialize, Deserialize)]
struct Sent {
    day: String,
    kind: String,
    held: String,
    reason: String,
    corrects: Option<Uuid>,
}

impl Sent {
    fn of(form: &BTreeMap<String, String>) -> Self {
        let sent = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        Self {
            // The confirmation sends the day as one field, the form as three.
            day: match sent("hired-on") {
                day if day.is_empty() || form.contains_key("hired-on-month") => typed(form, "hired-on"),
                day => day,
            },
            kind: sent("person-type"),
            held: sent("held"),
            reason: sent("reason"),
            corrects: sent("corrects").parse().ok(),
        }
    }

    fn ends_held(&self) -> bool {
        self.held != "keep"
    }

    /// The fields of the form, each with what is wrong with it.
    fn entered(&self, faults: &[(&str, String)]) -> Entered {
        let field = |name: &'static str, value: &str| Field {
            error: faults.iter().find(|(fault, _)| *fault == name).map(|(_, text)| text.clone()),
            ..Field::new(name, value)
        };
        Entered {
            hired_on: field("hired-on", &self.day),
            person_type: field("person-type", &self.kind),
            held: Field::new("held", &self.held),
            reason: field("reason", &self.reason),
        }
    }
}

fn path_of(application: Uuid) -> String {
    format!("/doctors/applications/{application}/hire")
}

pub async fn form(
    app: Data<App>,
    who: Authorised<SeeDoctors>,
    id: Path<Uuid>,
    asked: Query<Asked>,
    looked: Query<Looked>,
) -> PageResult {
    let waiting = who.entered::<Sent>(&path_of(*id), &looked).filter(|_| who.may::<ChangeApplications>());
    if let Some(sent) = waiting {
        if !looked.is_to_change() {
            return match checked(&app, &who, *id, &sent).await? {
                Checked::Wrong(page) => Ok(page),
                Checked::Right(ready) => Ok(ready.page(&who, sent.ends_held())),
            };
        }
        let mut tx = who.begin(&app.db).await?;
        let plan = actions::plan(&mut tx, *id, dates::parse_day(&sent.day), sent.corrects, app.today()).await;
        tx.done_reading();
        return page(&app, &who, StatusCode::OK, plan.map_err(|error| refusal(*id, error))?, sent.entered(&[])).await;
    }
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
        error => PageError::Changed { text: error.to_string(), at: path_of(application) },
    }
}

/// What was entered, looked at before anything is done.
enum Checked {
    /// The form again, with what is wrong.
    Wrong(HttpResponse),
    Right(Box<Ready>),
}

/// A hire that may be confirmed.
struct Ready {
    plan: Plan,
    checks: Checks,
    terms: Terms,
}

impl Ready {
    fn page<P: Permission>(self, who: &Authorised<P>, ends_held: bool) -> HttpResponse {
        ui::page(StatusCode::OK, &ConfirmPage::new(who.layout(), self.plan, &self.checks, self.terms, ends_held))
    }
}

async fn checked<P: Permission>(
    app: &Data<App>,
    who: &Authorised<P>,
    id: Uuid,
    sent: &Sent,
) -> Result<Checked, PageError> {
    let mut tx = who.begin(&app.db).await?;
    let on = dates::parse_day(&sent.day);
    let plan = actions::plan(&mut tx, id, on, sent.corrects, app.today()).await.map_err(|error| refusal(id, error))?;
    let checks = checks::of_application(&mut tx, id).await?;
    tx.done_reading();
    if !plan.ground.is_ready() {
        return Err(refusal(id, HireError::NotReady(plan.ground.status)));
    }
    let terms = on.map(|on| Terms { hired_on: on, person_type: sent.kind.clone(), reason: sent.reason.clone() });
    let faults = match &terms {
        Some(terms) => plan.ground.faults(terms, &plan.types, app.today()),
        None => vec![("hired-on", "Enter the hire date as day, month and year, such as 5/8/2026".to_owned())],
    };
    match terms.filter(|_| faults.is_empty()) {
        Some(terms) => Ok(Checked::Right(Box::new(Ready { plan, checks, terms }))),
        None => {
            let entered = sent.entered(&faults);
            page(app, who, StatusCode::UNPROCESSABLE_ENTITY, plan, entered).await.map(Checked::Wrong)
        }
    }
}

/// Leads to what will happen, and does it when that was confirmed.
pub async fn hire(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    id: Path<Uuid>,
    Form(form): Form<BTreeMap<String, String>>,
) -> PageResult {
    let sent = Sent::of(&form);
    let confirmed_on = dates::parse_day(&sent.day).filter(|_| form.get("confirmed").is_some_and(|said| said == "yes"));
    let Some(on) = confirmed_on else {
        return match checked(&app, &who, *id, &sent).await? {
            Checked::Wrong(page) => Ok(page),
            Checked::Right(ready) => Ok(match who.keep_entered(&path_of(*id), &sent) {
                Some(at) => ui::see_other(at),
                None => ready.page(&who, sent.ends_held()),
            }),
        };
    };
    let terms = Terms { hired_on: on, person_type: sent.kind.clone(), reason: sent.reason.clone() };
    let mut tx = who.begin(&app.db).await?;
    let (ends, corrects) = (sent.ends_held(), sent.corrects);
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
            who.forget_entered();
            Ok(ui::see_other(format!("/doctors/{}", hire.person_id)))
        }
        Err(HireError::Faulty(faults)) => {
            tx.rollback().await?;
            let mut tx = who.begin(&app.db).await?;
            let plan = actions::plan(&mut tx, *id, Some(on), corrects, app.today()).await;
            tx.done_reading();
            let plan = plan.map_err(|error| refusal(*id, error))?;
            page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, plan, sent.entered(&faults)).await
        }
        Err(HireError::NotReady(Status::Hired)) => {
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
    Ok(ui::see_other(path_of(*id)))
}
