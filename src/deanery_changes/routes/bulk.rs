//! New dates of several doctors at once: shown beside the dates held, applied or kept, and taken back as one.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Deserialize;
use url::form_urlencoded;
use uuid::Uuid;

use super::decide::{check_reason, may_undo};
use crate::access::permissions::{ChangeApplications, DismissChanges};
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::deanery_changes::actions::{self, ChangeError};
use crate::deanery_changes::model::{Change, Kind, State};
use crate::deanery_changes::store;
use crate::deanery_changes::views::BulkPage;
use crate::error::{PageError, PageResult};
use crate::tenancy::VpdTx;
use crate::ui::{self, Field, Flash};

/// The most that are decided at once.
const MOST: usize = 200;

pub async fn form(app: Data<App>, who: Authorised<ChangeApplications>, request: HttpRequest) -> PageResult {
    let asked = form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name == "change");
    let ids =
        asked.map(|(_, id)| Uuid::parse_str(&id)).collect::<Result<Vec<_>, _>>().map_err(|_| PageError::NotFound)?;
    if ids.is_empty() {
        who.flash(&Flash::problem("Select at least one change of dates"));
        return Ok(ui::see_other("/doctors/changes?kind=dates"));
    }
    let mut tx = who.begin(&app.db).await?;
    let page = build(&mut tx, &app, &who, &ids, Field::empty("reason")).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &page))
}

/// The changes of these ids; one that is not there is somebody else's, and then nothing is shown or done at all.
async fn chosen(tx: &mut VpdTx, ids: &[Uuid]) -> Result<Vec<Change>, PageError> {
    let mut wanted = ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() || wanted.len() > MOST {
        return Err(PageError::BadRequest(format!("Choose between 1 and {MOST} changes of dates.")));
    }
    let changes = store::list_by_ids(tx, &wanted).await?;
    if changes.len() != wanted.len() || changes.iter().any(|change| change.kind != Kind::Dates) {
        return Err(PageError::NotFound);
    }
    Ok(changes)
}

async fn build(
    tx: &mut VpdTx,
    app: &App,
    who: &Authorised<ChangeApplications>,
    ids: &[Uuid],
    reason: Field,
) -> Result<BulkPage, PageError> {
    let changes = chosen(tx, ids).await?;
    let mut rows = Vec::with_capacity(changes.len());
    for change in changes {
        let (_, standing, _) = actions::around(tx, &change, app.today()).await?;
        rows.push((change, standing));
    }
    Ok(BulkPage::new(who.layout(), rows, reason, app.today()))
}

#[derive(Deserialize)]
pub struct BulkForm {
    /// The ids, with commas between them.
    #[serde(default)]
    changes: String,
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
}

fn read_ids(text: &str) -> Result<Vec<Uuid>, PageError> {
    let ids = text.split(',').filter(|id| !id.is_empty()).map(Uuid::parse_str);
    ids.collect::<Result<Vec<_>, _>>().map_err(|_| PageError::NotFound)
}

pub async fn decide(app: Data<App>, who: Authorised<ChangeApplications>, Form(form): Form<BulkForm>) -> PageResult {
    let ids = read_ids(&form.changes)?;
    let mut tx = who.begin(&app.db).await?;
    let changes = chosen(&mut tx, &ids).await?;
    let keeps = form.decision == "keep";
    if keeps && let Some(problem) = check_reason(&form.reason, Kind::Dates) {
        let page = build(&mut tx, &app, &who, &ids, Field::refused("reason", form.reason, problem)).await?;
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    tx.rollback().await?;
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for change in &changes {
        // Each on its own: one that cannot be applied does not stop the others.
        let mut tx = who.begin(&app.db).await?;
        let result = match keeps {
            true => actions::dismiss(&mut tx, &who, change.change_id, form.reason.trim(), app.now()).await,
            false => actions::apply_dates(&mut tx, &who, change.change_id, app.today(), app.now()).await,
        };
        match result {
            Ok(_) => {
                tx.commit().await?;
                done.push(change.change_id.to_string());
            }
            Err(ChangeError::Database(error)) => return Err(error.into()),
            Err(why) => {
                tx.rollback().await?;
                refused.push(format!("{}: {why}", change.name()));
            }
        }
    }
    let what = if keeps { "Current dates kept" } else { "Dates applied" };
    let words = format!("{what} for {}", ui::count(done.len(), "doctor", "doctors"));
    let mut flash = if refused.is_empty() {
        Flash::success(words)
    } else {
        Flash::problem(format!("{words} of {}", changes.len()))
    };
    flash.details = refused;
    if !done.is_empty() {
        flash = flash.undo("Undo", "/doctors/changes/undo");
        if let Some(undo) = &mut flash.undo {
            undo.fields = vec![("changes".to_owned(), done.join(","))];
        }
    }
    who.flash(&flash);
    Ok(ui::see_other("/doctors/changes?kind=dates"))
}

#[derive(Deserialize)]
pub struct UndoForm {
    #[serde(default)]
    changes: String,
}

pub async fn undo(app: Data<App>, who: Authorised<DismissChanges>, Form(form): Form<UndoForm>) -> PageResult {
    let ids = read_ids(&form.changes)?;
    let mut tx = who.begin(&app.db).await?;
    let changes = chosen(&mut tx, &ids).await?;
    tx.rollback().await?;
    for change in &changes {
        may_undo(&who, change)?;
    }
    let (mut undone, mut refused) = (0, Vec::new());
    for change in changes.iter().filter(|change| change.state != State::Open) {
        let mut tx = who.begin(&app.db).await?;
        match actions::undo(&mut tx, &who, change.change_id, app.now()).await {
            Ok(_) => {
                tx.commit().await?;
                undone += 1;
            }
            Err(ChangeError::Database(error)) => return Err(error.into()),
            Err(why) => {
                tx.rollback().await?;
                refused.push(format!("{}: {why}", change.name()));
            }
        }
    }
    let words = format!("{} again", ui::count(undone, "change waits", "changes wait"));
    let mut flash = if refused.is_empty() { Flash::success(words) } else { Flash::problem(words) };
    flash.details = refused;
    who.flash(&flash);
    Ok(ui::see_other("/doctors/changes?kind=dates"))
}
