//! The grid as a spreadsheet, both blocks, and the board of a changeover; each as filtered. Each download is recorded.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Query};
use serde_json::json;

use super::grid::asked_for;
use crate::access::Authorised;
use crate::access::permissions::SeeRotation;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::rotation::board_sheet;
use crate::rotation::boards::Boards;
use crate::rotation::sheet::{self, Blocks};
use crate::rotation::store::{self, GridFilter};
use crate::rotation::views::{BoardAsked, GridAsked};
use crate::ui::dates;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Reads both blocks and records the download; the name of the file is that of the grid.
async fn blocks(
    app: &App,
    who: &Authorised<SeeRotation>,
    asked: &GridAsked,
    kind: &str,
) -> Result<(Blocks, String), PageError> {
    if asked.days().is_refused() {
        return Err(wrong_days());
    }
    let mut tx = who.begin(&app.db).await?;
    let telling = asked_for(&mut tx, asked).await?.ok_or(PageError::NotFound)?;
    let filter = GridFilter { only_changed: false, ..asked.filter() };
    let rows = store::rows(&mut tx, telling.grid_no, &filter).await?;
    let detail = json!({ "grid": telling.grid_no, "file": telling.file_name, "as": kind, "rows": rows.len(), "searched": !filter.search.is_empty() });
    let about = Subject::new("rotation_grid", telling.grid_no);
    audit::record(&mut tx, &who.actor(), Event::RotationExported, about, detail, app.now()).await?;
    tx.commit().await?;
    let name = format!("DE_{}_{}_MEDROT_{}.{kind}", telling.body_code, who.vpd, telling.told_on.format("%Y%m%d"));
    let heading = format!("{} {}", who.vpd, who.vpd_name);
    Ok((Blocks { telling, rows, heading }, name))
}

fn wrong_days() -> PageError {
    PageError::BadRequest(
        "One of the days in the address is not a date. Go back, mend the filter and download again.".to_owned(),
    )
}

/// The board that an address asks for as a file, every post that the filters leave, on whatever page; the download is recorded.
async fn board(
    app: &App,
    boards: &Boards,
    who: &Authorised<SeeRotation>,
    asked: BoardAsked,
    kind: &'static str,
) -> PageResult {
    let asked = BoardAsked { all: "yes".to_owned(), ..asked };
    let mut tx = who.begin(&app.db).await?;
    let board = boards.get(&mut tx, dates::parse_day(&asked.on), app.today()).await?;
    let chosen = asked.choose(&board);
    if chosen.is_refused() {
        return Err(wrong_days());
    }
    let lines = chosen.lines();
    let detail = json!({ "board": board.on, "as": kind, "rows": lines.len(), "searched": !asked.q.trim().is_empty() });
    let about = Subject::new("rotation_board", board.on);
    audit::record(&mut tx, &who.actor(), Event::RotationExported, about, detail, app.now()).await?;
    tx.commit().await?;
    let (media, bytes) = match kind {
        "csv" => (CSV, board_sheet::csv(lines)),
        _ => {
            let heading = format!("Changeover on {}, {} {}", dates::day(board.on), who.vpd, who.vpd_name);
            let made = board_sheet::xlsx(lines, [heading, asked.narrowed(&board)], app.now());
            (XLSX, made.map_err(|error| PageError::unexpected(&error))?)
        }
    };
    let filtered = if asked.narrowed(&board).is_empty() { "" } else { "-filtered" };
    let organisation = in_a_file_name(&who.vpd_name);
    let name = format!("changeover-{}-{organisation}{}{filtered}.{kind}", who.vpd, board.on);
    Ok(attachment(&name, media, bytes))
}

/// `surrey-hills-`: an organisation in the name of a file, of letters and digits that every system takes.
fn in_a_file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = name.chars().map(plain).collect();
    words.split_whitespace().map(|word| format!("{word}-")).collect()
}

pub async fn board_csv(
    app: Data<App>,
    boards: Data<Boards>,
    who: Authorised<SeeRotation>,
    asked: Query<BoardAsked>,
) -> PageResult {
    board(&app, &boards, &who, asked.into_inner(), "csv").await
}

pub async fn board_xlsx(
    app: Data<App>,
    boards: Data<Boards>,
    who: Authorised<SeeRotation>,
    asked: Query<BoardAsked>,
) -> PageResult {
    board(&app, &boards, &who, asked.into_inner(), "xlsx").await
}

fn attachment(name: &str, kind: &'static str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}

pub async fn csv(app: Data<App>, who: Authorised<SeeRotation>, asked: Query<GridAsked>) -> PageResult {
    let (blocks, name) = blocks(&app, &who, &asked, "csv").await?;
    Ok(attachment(&name, CSV, sheet::csv(&blocks)))
}

pub async fn xlsx(app: Data<App>, who: Authorised<SeeRotation>, asked: Query<GridAsked>) -> PageResult {
    let (blocks, name) = blocks(&app, &who, &asked, "xlsx").await?;
    let bytes = sheet::xlsx(&blocks, app.now()).map_err(|error| PageError::unexpected(&error))?;
    Ok(attachment(&name, XLSX, bytes))
}
