use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::Deserialize;
use serde_json::json;

use crate::access::permissions::{ChangePositions, SeeReadiness};
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::positions::views::section;
use crate::readiness::model::{Step, is_go};
use crate::readiness::views::{OverviewPage, StepRow};
use crate::readiness::{actions, store};
use crate::ui::{self, ErrorSummary, Field, Flash, dates};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    body: String,
}

/// Go or no-go for a body, why, and the checklist.
pub async fn show(app: Data<App>, who: Authorised<SeeReadiness>, asked: Query<Asked>) -> PageResult {
    page(&app, &who, &asked.body, None, StatusCode::OK).await
}

async fn page(
    app: &App,
    who: &Authorised<SeeReadiness>,
    wanted: &str,
    refused: Option<StepRow>,
    status: StatusCode,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let bodies = store::bodies(&mut tx, app.today()).await?;
    let body = bodies.iter().find(|(code, _)| code == wanted).or(bodies.first()).cloned();
    if !wanted.is_empty() && body.as_ref().is_none_or(|(code, _)| code != wanted) {
        return Err(PageError::NotFound);
    }
    let mut page = OverviewPage {
        layout: who.layout(),
        errors: ErrorSummary::default(),
        section: section(who, "/positions/readiness"),
        bodies,
        body,
        is_go: false,
        conditions: Vec::new(),
        steps: Vec::new(),
        requests: Vec::new(),
        may_ask: who.may::<ChangePositions>(),
    };
    if let Some((code, _)) = page.body.clone() {
        let (conditions, _) = actions::conditions(&mut tx, &code, app.today(), app.now()).await?;
        page.is_go = is_go(&conditions);
        page.conditions = conditions;
        let kept = store::steps(&mut tx, &code).await?;
        page.steps = Step::ALL
            .into_iter()
            .map(|step| {
                let kept = kept.iter().find(|kept| kept.step == step.code());
                let day = |day: Option<chrono::NaiveDate>| {
                    day.map(|day| day.format("%-d/%-m/%Y").to_string()).unwrap_or_default()
                };
                let name = |what: &str| format!("{what}-{}", step.code());
                StepRow {
                    step,
                    owner: Field::new(name("owner"), kept.map(|kept| kept.owner.clone()).unwrap_or_default()),
                    due_on: Field::new(name("due"), day(kept.and_then(|kept| kept.due_on))),
                    done_on: Field::new(name("done"), day(kept.and_then(|kept| kept.done_on))),
                }
            })
            .collect();
        page.requests = store::requests(&mut tx, Some(&code)).await?;
        page.requests.retain(|request| request.vpd == who.vpd.as_str());
    }
    tx.commit().await?;
    if let Some(refused) = refused {
        page.errors = ErrorSummary::of([&refused.due_on, &refused.done_on]);
        if let Some(row) = page.steps.iter_mut().find(|row| row.step == refused.step) {
            *row = refused;
        }
    }
    Ok(ui::page(status, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StepForm {
    body: String,
    step: String,
    #[serde(flatten)]
    values: std::collections::BTreeMap<String, String>,
}

/// Keeps who does a step, by when, and when it was done.
pub async fn save_step(app: Data<App>, who: Authorised<SeeReadiness>, Form(form): Form<StepForm>) -> PageResult {
    let Some(step) = Step::from_code(&form.step) else { return Err(PageError::NotFound) };
    let value = |what: &str| form.values.get(&format!("{what}-{}", step.code())).cloned().unwrap_or_default();
    let day = |what: &str| {
        let typed = value(what).trim().to_owned();
        let name = format!("{what}-{}", step.code());
        match (typed.as_str(), dates::parse_day(&typed)) {
            ("", _) => (Field::empty(name), None),
            (_, Some(day)) => (Field::new(name, typed), Some(day)),
            (_, None) => (Field::refused(name, typed, "Enter a date such as 1/6/2026, or nothing"), None),
        }
    };
    let ((due_on, due), (done_on, done)) = (day("due"), day("done"));
    let owner: String = value("owner").trim().chars().filter(|c| !c.is_control()).take(100).collect();
    if due_on.error.is_some() || done_on.error.is_some() {
        let owner = Field::new(format!("owner-{}", step.code()), owner);
        let row = StepRow { step, owner, due_on, done_on };
        return page(&app, &who, &form.body, Some(row), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let mut tx = who.begin(&app.db).await?;
    store::body_name(&mut tx, &form.body).await?.ok_or(PageError::NotFound)?;
    store::save_step(&mut tx, &form.body, step, &owner, [due, done], &who.name, app.now()).await?;
    let about = Subject::new("readiness", &form.body);
    let detail = json!({ "step": step.code(), "owner": owner, "due": due, "done": done });
    audit::record(&mut tx, &who.actor(), Event::ReadinessChanged, about, detail, app.now()).await?;
    tx.commit().await?;
    who.flash(&Flash::success(format!("{}: saved", step.label())));
    Ok(ui::see_other(format!("/positions/readiness?body={}", form.body)))
}
