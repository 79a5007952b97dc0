//! URLs of un-bucketing.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use uuid::Uuid;

use super::actions::{self, SplitError};
use super::store;
use super::views::{CheckPage, FormPage, Line, ShowPage};
use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Empty, Form, Looked};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::positions;
use crate::positions::actions::UndoError;
use crate::positions::views::UndoRefusedPage;
use crate::ui::{self, ErrorSummary, Field, Flash, dates};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/positions/unbucketed/{unbucketing}", web::get().to(show))
        .route("/positions/unbucketed/{unbucketing}/undo", web::post().to(undo))
        .route("/positions/{position}/unbucket", web::get().to(form))
        .route("/positions/{position}/unbucket", web::post().to(split));
}

fn path_of(position: &str) -> String {
    format!("/positions/{position}/unbucket")
}

async fn form(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<String>,
    looked: web::Query<Looked>,
) -> PageResult {
    if let Some(fields) = who.entered::<BTreeMap<String, String>>(&path_of(&id), &looked) {
        return match looked.is_to_change() {
            true => page(&app, &who, &id, &fields, None, StatusCode::OK).await,
            false => answer(&app, &who, &id, fields, Asked::ByAddress).await,
        };
    }
    page(&app, &who, &id, &BTreeMap::new(), None, StatusCode::OK).await
}

/// What is wrong with the form.
enum Wrong {
    /// The day from which they move.
    Day(String),
    /// A number, which cannot be given.
    Number(String, String),
    /// None of the numbers by itself.
    People(String),
}

/// The form, with what was typed and what is wrong with it.
async fn page(
    app: &App,
    who: &Authorised<ChangePositions>,
    id: &str,
    typed: &BTreeMap<String, String>,
    wrong: Option<Wrong>,
    status: StatusCode,
) -> PageResult {
    let text = typed.get("from").cloned().unwrap_or_else(|| app.today().format("%-d/%-m/%Y").to_string());
    let day = dates::parse_day(&text);
    let mut tx = who.begin(&app.db).await?;
    let position = positions::store::find(&mut tx, id, app.today()).await?.ok_or(PageError::NotFound)?;
    // Whoever was given a number stays on the form, whatever day was typed.
    let given: Vec<String> = typed
        .iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .filter_map(|(name, _)| Some(name.strip_prefix("dpn-")?.to_owned()))
        .collect();
    let mut occupants = store::occupants(&mut tx, id, day.unwrap_or_else(|| app.today()), &given).await?;
    if day.is_some_and(|day| day != app.today()) {
        let today = store::occupants(&mut tx, id, app.today(), &[]).await?;
        let missing: Vec<_> =
            today.into_iter().filter(|one| !occupants.iter().any(|other| other.id == one.id)).collect();
        occupants.extend(missing);
    }
    tx.rollback().await?;
    let mut from = Field::new("from", text);
    if day.is_none() {
        from.error = Some("Enter the day from which they move, such as 6/5/2026".to_owned());
    } else if let Some(Wrong::Day(why)) = &wrong {
        from.error = Some(why.clone());
    }
    let own = position.dpn.clone().unwrap_or_default();
    let lines: Vec<Line> = occupants
        .into_iter()
        .map(|occupant| {
            let name = format!("dpn-{}", occupant.id);
            // An applicant whose record bears another number than the position is proposed for that.
            let proposed = occupant.dpn.clone().filter(|dpn| positions::dpn::key(dpn) != positions::dpn::key(&own));
            let value = typed.get(&name).cloned().unwrap_or_else(|| proposed.unwrap_or_default());
            let mut field = Field::new(name, value);
            if let Some(Wrong::Number(number, why)) = &wrong
                && positions::dpn::key(number) == positions::dpn::key(&field.value)
            {
                field.error = Some(why.clone());
            }
            Line { occupant, field }
        })
        .collect();
    let mut errors = ErrorSummary::of([&from].into_iter().chain(lines.iter().map(|line| &line.field)));
    if let Some(Wrong::People(why) | Wrong::Number(_, why)) = wrong
        && errors.is_empty()
    {
        errors = ErrorSummary::one("people", why);
    }
    Ok(ui::page(status, &FormPage { layout: who.layout(), errors, position, from, lines }))
}

/// How what would come of it is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    ByForm,
    ByAddress,
    /// It was shown, and is to be done.
    Confirmed,
}

/// Leads to what would come of it, or makes it so.
async fn split(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<String>,
    Form(mut fields): Form<BTreeMap<String, String>>,
) -> PageResult {
    let is_confirmed = fields.remove("confirmed").is_some_and(|said| said == "yes");
    answer(&app, &who, &id, fields, if is_confirmed { Asked::Confirmed } else { Asked::ByForm }).await
}

async fn answer(
    app: &Data<App>,
    who: &Authorised<ChangePositions>,
    id: &str,
    fields: BTreeMap<String, String>,
    asked: Asked,
) -> PageResult {
    let Some(from) = fields.get("from").and_then(|text| dates::parse_day(text)) else {
        let mut typed = fields.clone();
        typed.entry("from".to_owned()).or_default();
        return page(app, who, id, &typed, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let given = fields.iter().filter_map(|(name, value)| Some((name.strip_prefix("dpn-")?.to_owned(), value.clone())));
    let given: BTreeMap<String, String> = given.collect();
    let mut tx = who.begin(&app.db).await?;
    match actions::split(&mut tx, who.caller(), id, &given, from, app.now()).await {
        Ok(split) if asked == Asked::Confirmed => {
            tx.commit().await?;
            let mut flash = Flash::success("The shared position is split")
                .undo("Undo all of it", format!("/positions/unbucketed/{}/undo", split.id));
            flash.details = split
                .made
                .iter()
                .map(|made| {
                    format!(
                        "Position {} for {}, {}",
                        made.position_number,
                        made.dpn,
                        ui::count(i64::try_from(made.names.len()).unwrap_or(0), "person", "people")
                    )
                })
                .collect();
            who.flash(&flash);
            who.forget_entered();
            Ok(ui::see_other(format!("/positions/{id}")))
        }
        Ok(split) => {
            // Nothing of it stays: the numbers of the new positions are given when it is confirmed.
            tx.rollback().await?;
            let kept = match asked {
                Asked::ByForm => who.keep_entered(&path_of(id), &fields),
                Asked::ByAddress | Asked::Confirmed => None,
            };
            if let Some(at) = kept {
                return Ok(ui::see_other(at));
            }
            let page = CheckPage { layout: who.layout(), id: id.to_owned(), split, from, fields };
            Ok(ui::page(StatusCode::OK, &page))
        }
        Err(SplitError::NotFound) => Err(PageError::NotFound),
        Err(SplitError::NobodyMoves) => {
            tx.rollback().await?;
            let wrong = Wrong::People("Enter the Deanery Post Number of at least one person who moves".to_owned());
            page(app, who, id, &fields, Some(wrong), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(SplitError::NotThen(why)) => {
            tx.rollback().await?;
            page(app, who, id, &fields, Some(Wrong::Day(why)), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(SplitError::Refused(number, why)) => {
            tx.rollback().await?;
            let wrong = Wrong::Number(number, why);
            page(app, who, id, &fields, Some(wrong), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(SplitError::Database(error)) => Err(error.into()),
    }
}

/// Who moved where, with the way back while there is one.
async fn show(app: Data<App>, who: Authorised<ChangePositions>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let split = store::find(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let position =
        positions::store::find(&mut tx, &split.position_id, app.today()).await?.ok_or(PageError::NotFound)?;
    let movers = store::movers(&mut tx, *id).await?;
    let followed = actions::why_it_stays(&mut tx, *id).await?;
    tx.rollback().await?;
    Ok(ui::page(StatusCode::OK, &ShowPage { layout: who.layout(), id: *id, split, position, movers, followed }))
}

async fn undo(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<Uuid>,
    Form(Empty {}): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match actions::undo(&mut tx, who.caller(), *id, app.today(), app.now()).await {
        Ok(position) => {
            tx.commit().await?;
            who.flash(&Flash::success("It is undone: everybody is on the shared position again"));
            Ok(ui::see_other(format!("/positions/{position}")))
        }
        Err(UndoError::NotFound) => Err(PageError::NotFound),
        Err(UndoError::Already { by }) => Err(PageError::Conflict(format!("It was undone already, by {by}."))),
        Err(UndoError::Followed(followed)) => {
            let back = "/positions".to_owned();
            Ok(ui::page(StatusCode::CONFLICT, &UndoRefusedPage { layout: who.layout(), followed, back }))
        }
        Err(UndoError::Database(error)) => Err(error.into()),
    }
}
