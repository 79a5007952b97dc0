use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use serde_json::json;

use super::super::model::{self, List};
use super::super::store::{self, Code};
use super::super::views::{ChangeCodePage, CodesPage, ListsPage};
use crate::access::permissions::MaintainCodes;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::tenancy::{SystemTx, Vpd};
use crate::ui::{self, ErrorSummary, Field, Flash};

/// The longest code, and the longest label, in characters.
const LIMITS: [usize; 2] = [80, 120];

/// Every list, with what it decides.
pub async fn lists(app: Data<App>, who: Authorised<MaintainCodes>) -> PageResult {
    let mut tx = app.db.system().await?;
    let counts = store::lists(&mut tx).await?;
    Ok(ui::page(StatusCode::OK, &ListsPage { layout: who.layout(), counts }))
}

fn find(list: &str) -> Result<&'static List, PageError> {
    model::list(list).ok_or(PageError::NotFound)
}

/// What was typed of a value.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    label: String,
    training: String,
    active: String,
}

/// One list, with a form for another value.
pub async fn show(app: Data<App>, who: Authorised<MaintainCodes>, list: Path<String>) -> PageResult {
    let fields = [Field::empty("code"), Field::empty("label"), Field::new("training", "no")];
    page(&app, &who, find(&list)?, StatusCode::OK, fields).await
}

async fn page(
    app: &App,
    who: &Authorised<MaintainCodes>,
    list: &'static List,
    status: StatusCode,
    [code, label, training]: [Field; 3],
) -> PageResult {
    let mut tx = app.db.system().await?;
    let codes = store::codes(&mut tx, list.code).await?;
    let errors = ErrorSummary::of([&code, &label, &training]);
    Ok(ui::page(status, &CodesPage { layout: who.layout(), errors, list, codes, code, label, training }))
}

fn text(name: &'static str, what: &'static str, typed: &str, limit: usize) -> Field {
    match model::read_text(what, typed, limit) {
        Ok(text) => Field::new(name, text),
        Err(problem) => Field::refused(name, typed, problem),
    }
}

/// Adds a value to a list.
pub async fn add(
    app: Data<App>,
    who: Authorised<MaintainCodes>,
    list: Path<String>,
    Form(form): Form<CodeForm>,
) -> PageResult {
    let list = find(&list)?;
    let mut code = text("code", "code", &form.code, LIMITS[0]);
    let label = text("label", "meaning", &form.label, LIMITS[1]);
    let training = Field::new("training", form.training.clone());
    let new = Code {
        code: code.value.clone(),
        label: label.value.clone(),
        training: list.marks_training() && form.training == "yes",
        active: true,
    };
    if code.error.is_none() && label.error.is_none() {
        let mut tx = app.db.system().await?;
        if store::add_code(&mut tx, list.code, &new).await? {
            record(&mut tx, &app, &who, list, json!({ "code": new.code, "added": shown(&new) })).await?;
            tx.commit().await?;
            who.flash(&Flash::success(format!("{} was added to {}", new.code, list.name)));
            return Ok(ui::see_other(format!("/interfaces/codes/{}", list.code)));
        }
        code.error = Some("The list has this code already. Change that one, or enter another".to_owned());
    }
    page(&app, &who, list, StatusCode::UNPROCESSABLE_ENTITY, [code, label, training]).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Chosen {
    code: String,
}

/// The form of one value.
pub async fn form(
    app: Data<App>,
    who: Authorised<MaintainCodes>,
    list: Path<String>,
    chosen: Query<Chosen>,
) -> PageResult {
    let list = find(&list)?;
    let mut tx = app.db.system().await?;
    let code = store::lock_code(&mut tx, list.code, &chosen.code).await?.ok_or(PageError::NotFound)?;
    tx.rollback().await?;
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" };
    let page = ChangeCodePage {
        layout: who.layout(),
        errors: ErrorSummary::default(),
        list,
        label: Field::new("label", code.label.clone()),
        training: Field::new("training", yes_or_no(code.training)),
        active: Field::new("active", yes_or_no(code.active)),
        code: code.code,
    };
    Ok(ui::page(StatusCode::OK, &page))
}

/// Changes what a value means, or takes it out of use.
pub async fn change(
    app: Data<App>,
    who: Authorised<MaintainCodes>,
    list: Path<String>,
    Form(form): Form<CodeForm>,
) -> PageResult {
    let list = find(&list)?;
    let mut tx = app.db.system().await?;
    let before = store::lock_code(&mut tx, list.code, &form.code).await?.ok_or(PageError::NotFound)?;
    let mut label = text("label", "meaning", &form.label, LIMITS[1]);
    let training = Field::new("training", form.training.clone());
    let mut active = match form.active.as_str() {
        "yes" | "no" => Field::new("active", form.active.clone()),
        _ => Field::refused("active", "", "Select whether the value is in use"),
    };
    if model::is_relied_on(list.code, &before.code) {
        let problem = "Forms here begin with this value, so it stays in use and keeps its meaning";
        if active.value == "no" {
            active.error = Some(problem.to_owned());
        }
        if label.error.is_none() && label.value != before.label {
            label.error = Some(problem.to_owned());
        }
    }
    if label.error.is_some() || active.error.is_some() {
        let errors = ErrorSummary::of([&label, &training, &active]);
        let page = ChangeCodePage { layout: who.layout(), errors, list, code: before.code, label, training, active };
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let after = Code {
        code: before.code.clone(),
        label: label.value,
        training: list.marks_training() && form.training == "yes",
        active: form.active == "yes",
    };
    // Pressed twice, it is changed once.
    if after != before {
        store::save_code(&mut tx, list.code, &after).await?;
        let detail = json!({ "code": after.code, "from": shown(&before), "to": shown(&after) });
        record(&mut tx, &app, &who, list, detail).await?;
    }
    tx.commit().await?;
    who.flash(&Flash::success(format!("{} was changed. Files and forms go by it from now on", after.code)));
    Ok(ui::see_other(format!("/interfaces/codes/{}", list.code)))
}

/// A value in a few words, for the audit trail.
fn shown(code: &Code) -> String {
    let training = if code.training { ", training" } else { "" };
    let active = if code.active { "" } else { ", out of use" };
    format!("{}{training}{active}", code.label)
}

async fn record(
    tx: &mut SystemTx,
    app: &App,
    who: &Authorised<MaintainCodes>,
    list: &List,
    detail: serde_json::Value,
) -> sqlx::Result<()> {
    let about = Subject::new("code_list", list.code);
    audit::record_for(tx, &Vpd::operations(), &who.actor(), Event::CodeListChanged, about, detail, app.now()).await
}
