//! URLs of mass updates.

use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::actions::{self, UpdateError};
use super::model::{self, MANY, MOST_ROWS};
use super::store;
use super::views::{StartPage, UpdatePage, as_done};
use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Empty, Form, read_table};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::positions::views::{UndoRefusedPage, section};
use crate::spreadsheets::{self, Cell, ReadError, Sheet, Style};
use crate::ui::{self, ErrorSummary, Field, Flash};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/positions/mass-update", web::get().to(start))
        .route("/positions/mass-update", web::post().to(upload))
        .route("/positions/mass-update/template.csv", web::get().to(template_csv))
        .route("/positions/mass-update/template.xlsx", web::get().to(template_xlsx))
        .route("/positions/mass-update/{update}", web::get().to(show))
        .route("/positions/mass-update/{update}/apply", web::post().to(apply))
        .route("/positions/mass-update/{update}/cancel", web::post().to(cancel))
        .route("/positions/mass-update/{update}/undo", web::post().to(undo))
        .route("/positions/mass-update/{update}/file.csv", web::get().to(file_csv))
        .route("/positions/mass-update/{update}/file.xlsx", web::get().to(file_xlsx));
}

async fn start(app: Data<App>, who: Authorised<ChangePositions>) -> PageResult {
    page(&app, &who, Field::empty("file"), StatusCode::OK).await
}

async fn page(app: &App, who: &Authorised<ChangePositions>, file: Field, status: StatusCode) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let updates = store::list(&mut tx).await?;
    tx.commit().await?;
    let section = section(who, "/positions/mass-update");
    Ok(ui::page(status, &StartPage { layout: who.layout(), errors: ErrorSummary::of([&file]), section, file, updates }))
}

/// Reads and checks a file; nothing of it is done yet.
async fn upload(app: Data<App>, who: Authorised<ChangePositions>, request: HttpRequest, body: Multipart) -> PageResult {
    let sent = read_table(&request, body, MOST_ROWS).await?.and_then(|(name, table)| {
        if table.rows.len() > MOST_ROWS {
            return Err(ReadError::TooManyRows { most: "10,000".to_owned() }.to_string());
        }
        model::not_the_template(&table).map_or(Ok((name, table)), Err)
    });
    let (name, table) = match sent {
        Ok(sent) => sent,
        Err(problem) => {
            return page(&app, &who, Field::refused("file", "", problem), StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let mut tx = who.begin(&app.db).await?;
    let id = actions::check(&mut tx, &who.actor(), &who.name, &name, &table, app.today(), app.now()).await?;
    tx.commit().await?;
    Ok(ui::see_other(format!("/positions/mass-update/{id}")))
}

async fn show(app: Data<App>, who: Authorised<ChangePositions>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let update = store::lock(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let rows = store::rows(&mut tx, *id).await?;
    tx.rollback().await?;
    Ok(ui::page(StatusCode::OK, &UpdatePage::new(who.layout(), update, rows)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ApplyForm {
    when: String,
}

async fn apply(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<Uuid>,
    Form(form): Form<ApplyForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    store::lock(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let to = format!("/positions/mass-update/{id}");
    if form.when == "tonight" && store::rows(&mut tx, *id).await?.len() > MANY {
        let at = actions::wait(&mut tx, &who.actor(), *id, app.now()).await.map_err(failed)?;
        tx.commit().await?;
        who.flash(&Flash::success(format!("The mass update runs {}", ui::dates::at(at))));
        return Ok(ui::see_other(to));
    }
    let (done, bad) = actions::apply(&mut tx, &who.actor(), *id, app.today(), app.now()).await.map_err(failed)?;
    tx.commit().await?;
    let text = format!("{} changed", ui::count(i64::try_from(done).unwrap_or(0), "position is", "positions are"));
    let flash = match bad {
        0 => Flash::success(text),
        bad => Flash::problem(text).detail(format!(
            "{} rejected: the file says why",
            ui::count(i64::try_from(bad).unwrap_or(0), "row was", "rows were")
        )),
    };
    who.flash(&if done > 0 { flash.undo("Undo the whole update", format!("{to}/undo")) } else { flash });
    Ok(ui::see_other(to))
}

fn failed(error: UpdateError) -> PageError {
    match error {
        UpdateError::NotFound => PageError::NotFound,
        UpdateError::NotNow(text) => PageError::Conflict(text),
        UpdateError::Followed(why) => PageError::Conflict(why.join(". ")),
        UpdateError::Database(error) => error.into(),
    }
}

async fn cancel(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<Uuid>,
    Form(Empty {}): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    actions::cancel(&mut tx, &who.actor(), *id, app.now()).await.map_err(failed)?;
    tx.commit().await?;
    who.flash(&Flash::success("The mass update was cancelled: nothing of it was done"));
    Ok(ui::see_other("/positions/mass-update"))
}

async fn undo(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<Uuid>,
    Form(Empty {}): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match actions::undo(&mut tx, &who.actor(), *id, app.now()).await {
        Ok(undone) => {
            tx.commit().await?;
            let count = ui::count(i64::try_from(undone).unwrap_or(0), "position is", "positions are");
            who.flash(&Flash::success(format!("The mass update is undone: {count} as before")));
            Ok(ui::see_other(format!("/positions/mass-update/{id}")))
        }
        Err(UpdateError::Followed(followed)) => {
            let back = format!("/positions/mass-update/{id}");
            Ok(ui::page(StatusCode::CONFLICT, &UndoRefusedPage { layout: who.layout(), followed, back }))
        }
        Err(error) => Err(failed(error)),
    }
}

/// The template with what is so today: a row for each training post.
async fn template(app: &App, who: &Authorised<ChangePositions>) -> Result<Vec<Vec<String>>, PageError> {
    let mut tx = who.begin(&app.db).await?;
    let current = store::current(&mut tx, app.today()).await?;
    exported(&mut tx, app, who, "mass-update template").await?;
    tx.commit().await?;
    let (vpd, day) = (who.vpd.to_string(), app.today().to_string());
    let label = |status: Option<String>| match status.as_deref() {
        Some("host") => "Host Employer".to_owned(),
        Some("lead") => "Lead Employer".to_owned(),
        _ => String::new(),
    };
    Ok(current
        .into_iter()
        .map(|(number, dpn, body, status)| {
            let text = |value: Option<String>| value.unwrap_or_default();
            vec![
                vpd.clone(),
                number,
                "SET".to_owned(),
                text(dpn),
                text(body),
                label(status),
                day.clone(),
                String::new(),
            ]
        })
        .collect())
}

async fn exported(
    tx: &mut crate::tenancy::VpdTx,
    app: &App,
    who: &Authorised<ChangePositions>,
    what: &str,
) -> sqlx::Result<()> {
    let about = Subject::new("list", what);
    audit::record(tx, &who.actor(), Event::ListExported, about, json!({ "list": what }), app.now()).await
}

async fn template_csv(app: Data<App>, who: Authorised<ChangePositions>) -> PageResult {
    let rows = template(&app, &who).await?;
    Ok(sent(&format!("mass-update-{}.csv", who.vpd), spreadsheets::csv(&model::COLUMNS, rows)))
}

async fn template_xlsx(app: Data<App>, who: Authorised<ChangePositions>) -> PageResult {
    let rows = template(&app, &who).await?;
    let rows = rows.into_iter().map(|row| row.into_iter().map(Cell::from).collect()).collect();
    workbook(&app, &format!("mass-update-{}.xlsx", who.vpd), columns(&[]), rows)
}

fn columns(more: &[&str]) -> Vec<(String, u16)> {
    model::COLUMNS.iter().chain(more).map(|name| ((*name).to_owned(), 24)).collect()
}

fn workbook(app: &App, name: &str, columns: Vec<(String, u16)>, rows: Vec<Vec<Cell>>) -> PageResult {
    let sheet = Sheet { name: "Mass update".into(), columns, rows, ..Sheet::default() };
    let bytes =
        spreadsheets::xlsx("Mass update", app.now(), &[sheet]).map_err(|error| PageError::unexpected(&error))?;
    Ok(sent(name, bytes))
}

fn sent(name: &str, body: Vec<u8>) -> HttpResponse {
    let kind = match name.ends_with(".csv") {
        true => "text/csv; charset=utf-8",
        false => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body)
}

const RESULT: [&str; 3] = ["result", "message_code", "message"];

/// The user's own rows with what became of each.
async fn file(app: &App, who: &Authorised<ChangePositions>, id: Uuid) -> Result<(i64, Vec<Returned>), PageError> {
    let mut tx = who.begin(&app.db).await?;
    let update = store::lock(&mut tx, id).await?.ok_or(PageError::NotFound)?;
    let rows = store::rows(&mut tx, id).await?;
    exported(&mut tx, app, who, "mass-update result").await?;
    tx.commit().await?;
    Ok((update.number, returned(rows, &update.state)))
}

/// A row of the file that is given back.
struct Returned {
    cells: Vec<String>,
    /// Result, code and message.
    result: [String; 3],
    is_bad: bool,
}

/// The rows as they stood in the file, the empty ones between them too, so that each has the number that the page calls it by.
fn returned(rows: Vec<store::Row>, state: &str) -> Vec<Returned> {
    let mut all: Vec<Returned> = Vec::with_capacity(rows.len());
    for row in rows {
        // The headings are the first row.
        let before = usize::try_from(row.row_no).unwrap_or_default().saturating_sub(2);
        while all.len() < before && before <= MOST_ROWS * 2 {
            all.push(Returned {
                cells: vec![String::new(); model::COLUMNS.len()],
                result: Default::default(),
                is_bad: false,
            });
        }
        let is_bad = row.state == "rejected";
        let (result, message) = match row.state.as_str() {
            "applied" if state == "undone" => ("UNDONE".to_owned(), as_done(&row.message)),
            "applied" => ("APPLIED".to_owned(), as_done(&row.message)),
            other => (other.to_uppercase(), row.message),
        };
        all.push(Returned { cells: row.cells, result: [result, row.code, message], is_bad });
    }
    all
}

async fn file_csv(app: Data<App>, who: Authorised<ChangePositions>, id: Path<Uuid>) -> PageResult {
    let (number, rows) = file(&app, &who, *id).await?;
    let columns: Vec<&str> = model::COLUMNS.iter().chain(&RESULT).copied().collect();
    let rows = rows.into_iter().map(|row| {
        let mut cells = row.cells;
        cells.extend(row.result);
        cells
    });
    Ok(sent(&format!("mass-update-{number}-result.csv"), spreadsheets::csv(&columns, rows)))
}

async fn file_xlsx(app: Data<App>, who: Authorised<ChangePositions>, id: Path<Uuid>) -> PageResult {
    let (number, rows) = file(&app, &who, *id).await?;
    let rows = rows.into_iter().map(|row| {
        let style = if row.is_bad { Style::Bad } else { Style::Plain };
        let mut cells: Vec<Cell> = row.cells.into_iter().map(Cell::from).collect();
        cells.extend(row.result.map(|text| Cell::styled(text, style)));
        cells
    });
    workbook(&app, &format!("mass-update-{number}-result.xlsx"), columns(&RESULT), rows.collect())
}
