use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Empty, Form, Looked};
use crate::app::App;
use crate::dpn_report::actions::{self, Deed, Settled, Settlement};
use crate::dpn_report::keeper::{Bears, proposed};
use crate::dpn_report::views::{Bearer, CheckPage, SettlePage};
use crate::error::{PageError, PageResult};
use crate::positions;
use crate::positions::actions::UndoError;
use crate::positions::model::Source;
use crate::positions::views::UndoRefusedPage;
use crate::tenancy::VpdTx;
use crate::ui::{self, ErrorSummary, Field, Flash, dates};

const PATH: &str = "/positions/dpn-report/settle";
const DUPLICATES: &str = "/positions/dpn-report/duplicates";

/// A form as it was sent.
type Fields = BTreeMap<String, String>;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    dpn: String,
    /// The position to which the number is to be moved.
    to: String,
}

/// Who bears a number today, or will.
async fn bearers(tx: &mut VpdTx, app: &App, dpn: &str) -> Result<Vec<Bearer>, PageError> {
    let key = positions::dpn::key(dpn);
    if key.is_empty() {
        return Err(PageError::NotFound);
    }
    let today = app.today();
    let held = positions::store::bearers(tx, std::slice::from_ref(&key)).await?.remove(&key).unwrap_or_default();
    let mut held: Vec<_> = held.into_iter().filter(|held| held.to.is_none_or(|to| to >= today)).collect();
    held.dedup_by(|a, b| a.position_id == b.position_id);
    let ids: Vec<String> = held.iter().map(|held| held.position_id.clone()).collect();
    let people = positions::store::people_of(tx, &ids, today).await?;
    Ok(held
        .into_iter()
        .map(|held| {
            let (now, next) = people.get(&held.position_id).copied().unwrap_or_default();
            Bearer { held, now, next }
        })
        .collect())
}

pub async fn form(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    asked: Query<Asked>,
    looked: Query<Looked>,
) -> PageResult {
    if let Some(fields) = who.entered::<Fields>(PATH, &looked) {
        let mut tx = who.begin(&app.db).await?;
        if !looked.is_to_change() {
            return match judged(&mut tx, &app, &who, &fields, false).await? {
                Judged::Wrong(page) => Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &*page)),
                Judged::Right(right) => Ok(check_page(*right, fields)),
            };
        }
        let page = opened(&mut tx, &app, &who, &fields).await?;
        tx.done_reading();
        return Ok(ui::page(StatusCode::OK, &page));
    }
    if asked.dpn.trim().is_empty() {
        return Ok(ui::see_other(DUPLICATES));
    }
    let mut tx = who.begin(&app.db).await?;
    let bearers = bearers(&mut tx, &app, &asked.dpn).await?;
    let to = match asked.to.as_str() {
        "" => None,
        id => Some(positions::store::find(&mut tx, id, app.today()).await?.ok_or(PageError::NotFound)?),
    };
    tx.commit().await?;
    if bearers.is_empty() && to.is_none() {
        return Err(PageError::NotFound);
    }
    let keep = if to.is_some() { "other".to_owned() } else { keeper(&bearers) };
    let page = SettlePage {
        layout: who.layout(),
        errors: ErrorSummary::default(),
        dpn: asked.dpn.trim().to_owned(),
        from: Field::new("from", app.today().format("%-d/%-m/%Y").to_string()),
        keep: Field::new("keep", keep),
        other: Field::new("other", to.map(|position| position.position_number).unwrap_or_default()),
        deeds: bearers.iter().map(|b| Field::new(format!("do-{}", b.held.position_id), "clear")).collect(),
        bearers,
    };
    Ok(ui::page(StatusCode::OK, &page))
}

/// The position that is proposed to keep the number; nothing where it cannot be told.
fn keeper(bearers: &[Bearer]) -> String {
    let all: Vec<Bears<'_>> = bearers
        .iter()
        .map(|bearer| Bears {
            position_id: &bearer.held.position_id,
            title: &bearer.held.title,
            dpn: &bearer.held.dpn,
            people: bearer.now + bearer.next,
        })
        .collect();
    proposed(&all).unwrap_or_default().to_owned()
}

/// The form as it was filled in.
async fn opened(
    tx: &mut VpdTx,
    app: &App,
    who: &Authorised<ChangePositions>,
    fields: &Fields,
) -> Result<SettlePage, PageError> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let dpn = field("dpn").trim().to_owned();
    let bearers = bearers(tx, app, &dpn).await?;
    let deeds = bearers.iter().map(|bearer| {
        let name = format!("do-{}", bearer.held.position_id);
        let value = field(&name);
        Field::new(name, if value.is_empty() { "clear".to_owned() } else { value })
    });
    Ok(SettlePage {
        layout: who.layout(),
        errors: ErrorSummary::default(),
        from: Field::new("from", field("from")),
        keep: Field::new("keep", field("keep")),
        other: Field::new("other", field("other").trim()),
        dpn,
        deeds: deeds.collect(),
        bearers,
    })
}

/// What comes of a form.
enum Judged {
    /// The form again, with what is wrong.
    Wrong(Box<SettlePage>),
    Right(Box<(SettlePage, Settlement, Settled)>),
}

async fn judged(
    tx: &mut VpdTx,
    app: &App,
    who: &Authorised<ChangePositions>,
    fields: &Fields,
    apply: bool,
) -> Result<Judged, PageError> {
    let mut page = opened(tx, app, who, fields).await?;
    let Some(settlement) = read(tx, app, &mut page).await? else {
        page.errors = ErrorSummary::of([&page.keep, &page.other, &page.from]);
        return Ok(Judged::Wrong(Box::new(page)));
    };
    let settled = actions::settle(tx, &who.actor(), &settlement, apply, app.now()).await?;
    if let Some((id, why)) = settled.refused.first() {
        page.keep.error = Some(format!("Position {}: {why}", page.number_of(id)));
        page.errors = ErrorSummary::of([&page.keep]);
        return Ok(Judged::Wrong(Box::new(page)));
    }
    Ok(Judged::Right(Box::new((page, settlement, settled))))
}

fn check_page((page, settlement, settled): (SettlePage, Settlement, Settled), fields: Fields) -> HttpResponse {
    let button = match page.keep.value.as_str() {
        "other" => format!("Move the number to position {}", page.other.value),
        id => format!("Leave the number on position {} only", page.number_of(id)),
    };
    let day = settlement.from;
    let check = CheckPage { layout: page.layout, dpn: page.dpn, judged: settled.judged, day, button, fields };
    ui::page(StatusCode::OK, &check)
}

/// Leads to what would become of it, and does it when that was confirmed.
pub async fn settle(app: Data<App>, who: Authorised<ChangePositions>, Form(fields): Form<Fields>) -> PageResult {
    let apply = fields.get("confirmed").is_some_and(|said| said == "yes");
    let mut tx = who.begin(&app.db).await?;
    let right = match judged(&mut tx, &app, &who, &fields, apply).await? {
        Judged::Wrong(page) => {
            tx.rollback().await?;
            return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &*page));
        }
        Judged::Right(right) => right,
    };
    if !apply {
        // A dry run: nothing of it stays.
        tx.rollback().await?;
        return Ok(match who.keep_entered(PATH, &fields) {
            Some(at) => ui::see_other(at),
            None => check_page(*right, fields),
        });
    }
    tx.commit().await?;
    let (page, _, settled) = *right;
    let mut flash = match settled.id {
        Some(id) => Flash::success(format!("{} is settled", page.dpn))
            .undo("Undo all of it", format!("/positions/dpn-report/settled/{id}/undo")),
        None => Flash::information("Nothing was changed: it is settled already"),
    };
    flash.details = settled.judged.iter().map(|judged| format!("Position {} is changed", number(judged))).collect();
    who.flash(&flash);
    who.forget_entered();
    Ok(ui::see_other(DUPLICATES))
}

fn number(judged: &positions::actions::Judged) -> &str {
    judged.after.first().map_or(&judged.position_id, |stretch| &stretch.position_number)
}

/// Reads what is to be done; what cannot be taken is said at its field.
async fn read(tx: &mut VpdTx, app: &App, page: &mut SettlePage) -> Result<Option<Settlement>, PageError> {
    let from: Option<NaiveDate> = dates::parse_day(&page.from.value);
    if from.is_none() {
        page.from.error = Some("Enter the day from which this holds, such as 5/8/2026".to_owned());
    }
    let keep = match page.keep.value.as_str() {
        "other" if page.other.value.is_empty() => {
            page.other.error = Some("Enter the number of the position that is to have it".to_owned());
            None
        }
        "other" => {
            let day = from.unwrap_or_else(|| app.today());
            let found = positions::store::id_of_number(tx, &page.other.value, day).await?;
            if found.is_none() {
                page.other.error =
                    Some(format!("{} is not the number of an active position of yours", page.other.value));
            }
            found
        }
        id if page.bearers.iter().any(|bearer| bearer.held.position_id == id) => Some(id.to_owned()),
        _ => {
            page.keep.error = Some("Select the position that keeps the number".to_owned());
            None
        }
    };
    let (Some(from), Some(keep)) = (from, keep) else { return Ok(None) };
    let others = page.bearers.iter().zip(&page.deeds).filter(|(bearer, _)| bearer.held.position_id != keep);
    let others = others.map(|(bearer, deed)| {
        let deed = if deed.value == "end" { Deed::End } else { Deed::Clear };
        (bearer.held.position_id.clone(), deed)
    });
    let others = others.collect();
    let written = page.bearers.iter().find(|bearer| bearer.held.position_id == keep).or(page.bearers.first());
    let dpn = written.map_or_else(|| page.dpn.clone(), |bearer| bearer.held.dpn.clone());
    Ok(Some(Settlement { dpn, keep, from, others }))
}

/// Takes back all that settling a number changed.
pub async fn undo(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<Uuid>,
    Form(Empty {}): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match positions::actions::undo_all(&mut tx, &who.actor(), Source::DpnReport(*id), app.now()).await {
        Ok(_) => {
            tx.commit().await?;
            who.flash(&Flash::success("It is undone: the positions are as they were before"));
            Ok(ui::see_other("/positions/dpn-report/duplicates"))
        }
        Err(UndoError::NotFound | UndoError::Already { .. }) => Err(PageError::NotFound),
        Err(UndoError::Followed(followed)) => {
            let back = "/positions/dpn-report/duplicates".to_owned();
            Ok(ui::page(StatusCode::CONFLICT, &UndoRefusedPage { layout: who.layout(), followed, back }))
        }
        Err(UndoError::Database(error)) => Err(error.into()),
    }
}
