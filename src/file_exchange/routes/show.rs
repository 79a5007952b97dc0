use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::super::Processors;
use super::super::read::{self, FileRow, Scope};
use super::super::records::{self, RecordFilter};
use super::super::views::{Records, ShowPage, shown};
use super::{content_of, scope_of};
use crate::access::permissions::{DecideHeldFiles, SeeInterfaces};
use crate::access::{Authorised, Caller};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::tenancy::Vpd;
use crate::ui;

const PAGE: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShowQuery {
    /// For operators: of whose records to show outcomes.
    vpd: String,
    outcome: String,
    code: String,
    /// A Deanery Post Number.
    post: String,
    page: String,
}

/// A file that the caller may see; of a role holder's employer the register shows only files that concern it.
pub(super) async fn visible(app: &App, caller: &Caller, file_id: Uuid) -> Result<FileRow, PageError> {
    let found = match scope_of(caller) {
        Scope::All => {
            let mut tx = app.db.system().await?;
            read::find(&mut tx, file_id).await?
        }
        Scope::Of { vpd, interfaces } => {
            let mut tx = app.db.vpd(&vpd).await?;
            let file = read::find(&mut tx, file_id).await?;
            file.filter(|file| interfaces.contains(&file.interface.as_str()))
        }
    };
    found.ok_or(PageError::NotFound)
}

/// One file: what it is, what was decided, its records.
pub async fn show(
    app: Data<App>,
    processors: Data<Processors>,
    who: Authorised<SeeInterfaces>,
    id: Path<Uuid>,
    query: Query<ShowQuery>,
    request: HttpRequest,
) -> PageResult {
    let mut file = visible(&app, &who, *id).await?;
    let is_operator = matches!(scope_of(&who), Scope::All);
    let counted = file.records;
    let (events, parts, held_posts, replies, answers) = if is_operator {
        let mut tx = app.db.system().await?;
        let answers = match file.answers {
            Some(answered) => read::find(&mut tx, answered).await?,
            None => None,
        };
        (
            read::events(&mut tx, *id).await?,
            read::parts(&mut tx, *id).await?,
            read::held_posts(&mut tx, *id).await?,
            read::replies(&mut tx, *id).await?,
            answers,
        )
    } else {
        let mut tx = who.begin(&app.db).await?;
        let parts = read::parts(&mut tx, *id).await?;
        if let Some(ours) = parts.first() {
            (file.records, file.success, file.unchanged) = (ours.records, ours.success, ours.unchanged);
            (file.fail, file.held) = (ours.fail, ours.held);
        }
        // Decisions about posts, and notes with totals, may be about other employers.
        let mut events = read::events(&mut tx, *id).await?;
        events.retain(|event| !event.state.starts_with("post_"));
        events.iter_mut().for_each(|event| event.note = None);
        (events, parts, Vec::new(), Vec::new(), None)
    };
    let sees_content = !is_operator && content_of(&who).contains(&file.interface.as_str());
    let of_whom = match parts.as_slice() {
        _ if !is_operator => sees_content.then(|| who.vpd.clone()),
        [only] => only.vpd.parse().ok(),
        parts => parts.iter().find(|part| part.vpd == query.vpd).and_then(|part| part.vpd.parse().ok()),
    };
    let records = match of_whom {
        Some(vpd) => Some(records_of(&app, &processors, &file, vpd, sees_content, &query).await?),
        None => None,
    };
    let page = ShowPage {
        layout: who.layout(),
        may_decide: who.may::<DecideHeldFiles>() && is_operator,
        is_operator,
        counted,
        file,
        events,
        parts,
        held_posts,
        replies,
        answers,
        records,
    };
    // While the file is worked upon its page asks for this part again and again.
    if ui::wants_part(&request) { shown(StatusCode::OK, page.as_file()) } else { shown(StatusCode::OK, page) }
}

async fn records_of(
    app: &App,
    processors: &Processors,
    file: &FileRow,
    vpd: Vpd,
    sees_content: bool,
    query: &ShowQuery,
) -> Result<Records, PageError> {
    let text = |value: &str| Some(value.to_owned()).filter(|value| !value.is_empty());
    let page = query.page.parse::<u64>().unwrap_or(1).clamp(1, 1_000_000);
    let filter = RecordFilter {
        outcome: text(&query.outcome),
        code: text(&query.code),
        post: text(query.post.trim()).map(|post| post.to_uppercase()),
        offset: (i64::try_from(page).unwrap_or(1) - 1) * PAGE,
        limit: PAGE,
    };
    let mut tx = app.db.vpd(&vpd).await?;
    let (rows, total) = records::list(&mut tx, file.file_id, &filter).await?;
    let problems = records::problems(&mut tx, file.file_id).await?;
    let raw = rows.iter().map(|row| if sees_content { row.masked(processors, &file.interface) } else { String::new() });
    Ok(Records {
        raw: raw.collect(),
        rows,
        total,
        page,
        pages: u64::try_from(total).unwrap_or_default().div_ceil(PAGE.unsigned_abs()),
        problems,
        vpd: vpd.to_string(),
        filter,
        sees_content,
    })
}
