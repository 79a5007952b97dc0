use std::collections::BTreeMap;

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
    page(&app, &who, &asked.body, Vec::new(), StatusCode::OK).await
}

async fn page(
    app: &App,
    who: &Authorised<SeeReadiness>,
    wanted: &str,
    refused: Vec<StepRow>,
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
                StepRow::of(step, kept)
            })
            .collect();
        page.requests = store::requests(&mut tx, Some(&code)).await?;
        page.requests.retain(|request| request.vpd == who.vpd.as_str());
    }
    tx.commit().await?;
    // What was typed stays, of the steps that are right as of those that are not.
    for typed in refused {
        if let Some(row) = page.steps.iter_mut().find(|row| row.step == typed.step) {
            *row = StepRow { was: row.was.clone(), ..typed };
        }
    }
    page.errors = ErrorSummary::of(page.steps.iter().flat_map(|row| [&row.owner, &row.due_on, &row.done_on]));
    Ok(ui::page(status, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StepForm {
    body: String,
    #[serde(flatten)]
    values: BTreeMap<String, String>,
}

impl StepForm {
    /// A step as it was typed; `None` where the form did not have it, or nobody changed what it showed.
    fn typed(&self, step: Step) -> Option<StepRow> {
        let name = |what: &str| format!("{what}-{}", step.code());
        let value = |what: &str| self.values.get(&name(what)).map(|text| text.trim().to_owned());
        let day = |what: &str| {
            let typed = value(what).unwrap_or_default();
            match dates::parse_day(&typed) {
                None if !typed.is_empty() => {
                    let problem = format!("{}: enter a date such as 1/6/2026, or nothing", step.label());
                    Field::refused(name(what), typed, problem)
                }
                _ => Field::new(name(what), typed),
            }
        };
        value("owner").or(value("due")).or(value("done"))?;
        let owner =
            value("owner").unwrap_or_default().chars().filter(|c| !c.is_control()).take(100).collect::<String>();
        let row = StepRow {
            step,
            owner: Field::new(name("owner"), owner),
            due_on: day("due"),
            done_on: day("done"),
            was: value("was").unwrap_or_default(),
        };
        let shown = self.values.contains_key(&name("was"));
        (!shown || row.was != row.digest()).then_some(row)
    }
}

/// Keeps who does each step, by when, and when it was done; of the steps that somebody changed on the page.
pub async fn save_steps(app: Data<App>, who: Authorised<SeeReadiness>, Form(form): Form<StepForm>) -> PageResult {
    let typed: Vec<StepRow> = Step::ALL.into_iter().filter_map(|step| form.typed(step)).collect();
    if typed.iter().any(|row| row.due_on.error.is_some() || row.done_on.error.is_some()) {
        return page(&app, &who, &form.body, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let mut tx = who.begin(&app.db).await?;
    store::body_name(&mut tx, &form.body).await?.ok_or(PageError::NotFound)?;
    for row in &typed {
        let [due, done] = [&row.due_on, &row.done_on].map(|field| dates::parse_day(&field.value));
        let owner = &row.owner.value;
        store::save_step(&mut tx, &form.body, row.step, owner, [due, done], &who.name, app.now()).await?;
        let about = Subject::new("readiness", &form.body);
        let detail = json!({ "step": row.step.code(), "owner": owner, "due": due, "done": done });
        audit::record(&mut tx, &who.actor(), Event::ReadinessChanged, about, detail, app.now()).await?;
    }
    tx.commit().await?;
    let saved: Vec<&str> = typed.iter().map(|row| row.step.label()).collect();
    let said = match saved.is_empty() {
        true => Flash::information("Nothing was changed in the checklist"),
        false => Flash::success(format!("Saved: {}", saved.join("; "))),
    };
    who.flash(&said);
    Ok(ui::see_other(format!("/positions/readiness?body={}", form.body)))
}
