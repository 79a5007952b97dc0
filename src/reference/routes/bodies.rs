use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::super::store::{self, Body};
use super::super::views::{ListPage, PURPOSES, ShowPage};
use crate::access::permissions::MaintainBodies;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::email::Address;
use crate::error::{PageError, PageResult};
use crate::tenancy::{SystemTx, Vpd};
use crate::ui::{self, ErrorSummary, Field, Flash, dates};

pub async fn list(app: Data<App>, who: Authorised<MaintainBodies>) -> PageResult {
    let mut tx = app.db.system().await?;
    let bodies = store::bodies(&mut tx, app.today()).await?;
    Ok(ui::page(StatusCode::OK, &ListPage { layout: who.layout(), bodies }))
}

async fn find(tx: &mut SystemTx, app: &App, code: &str) -> Result<Body, PageError> {
    store::body(tx, code, app.today()).await?.ok_or(PageError::NotFound)
}

pub async fn show(app: Data<App>, who: Authorised<MaintainBodies>, code: Path<String>) -> PageResult {
    let empty = ["address", "telephone", "from", "to"].map(Field::empty);
    let [address, telephone, from, to] = empty;
    let empty = [Field::new("purpose", "applicants"), address, telephone, from, to];
    page(&app, &who, &code, StatusCode::OK, empty, None).await
}

async fn page(
    app: &App,
    who: &Authorised<MaintainBodies>,
    code: &str,
    status: StatusCode,
    [purpose, address, telephone, from, to]: [Field; 5],
    hour: Option<Field>,
) -> PageResult {
    let mut tx = app.db.system().await?;
    let body = find(&mut tx, app, code).await?;
    let contacts = store::contacts(&mut tx, code).await?;
    let hour = hour.unwrap_or_else(|| Field::new("hour", body.sends_at.format("%H:%M").to_string()));
    let errors = ErrorSummary::of([&hour, &purpose, &address, &telephone, &from, &to]);
    let (layout, today) = (who.layout(), app.today());
    let page = ShowPage { layout, errors, body, contacts, hour, purpose, address, telephone, from, to, today };
    Ok(ui::page(status, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct HourForm {
    hour: String,
}

/// Sets from which hour the day's files to a body are made.
pub async fn save_hour(
    app: Data<App>,
    who: Authorised<MaintainBodies>,
    code: Path<String>,
    Form(form): Form<HourForm>,
) -> PageResult {
    let typed = form.hour.trim();
    let Ok(hour) = NaiveTime::parse_from_str(typed, "%H:%M") else {
        let refused = Field::refused("hour", typed, "Enter a time of day from 00:00 to 23:59, such as 14:00");
        let [address, telephone, from, to] = ["address", "telephone", "from", "to"].map(Field::empty);
        let empty = [Field::new("purpose", "applicants"), address, telephone, from, to];
        return page(&app, &who, &code, StatusCode::UNPROCESSABLE_ENTITY, empty, Some(refused)).await;
    };
    let mut tx = app.db.system().await?;
    let body = find(&mut tx, &app, &code).await?;
    store::save_hour(&mut tx, &code, hour).await?;
    let said = |hour: NaiveTime| hour.format("%H:%M").to_string();
    let detail = json!({ "before": said(body.sends_at), "after": said(hour) });
    let about = Subject::new("managing_body", code.as_str());
    let event = Event::SendingHourSet;
    audit::record_for(&mut tx, &Vpd::operations(), &who.actor(), event, about, detail, app.now()).await?;
    tx.commit().await?;
    who.flash(&Flash::success(format!("The files to {} are made from {} on", body.name, said(hour))));
    Ok(ui::see_other(format!("/interfaces/bodies/{code}")))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ContactForm {
    purpose: String,
    address: String,
    telephone: String,
    from: String,
    to: String,
}

/// A day that may be left empty.
fn day(name: &'static str, typed: &str) -> (Field, Option<NaiveDate>) {
    let typed = typed.trim();
    match (typed, dates::parse_day(typed)) {
        ("", _) => (Field::empty(name), None),
        (_, Some(day)) => (Field::new(name, typed), Some(day)),
        (_, None) => {
            (Field::refused(name, typed, "Enter a date as day, month and year, such as 6/5/2026, or nothing"), None)
        }
    }
}

pub async fn add(
    app: Data<App>,
    who: Authorised<MaintainBodies>,
    code: Path<String>,
    Form(form): Form<ContactForm>,
) -> PageResult {
    let purpose = match PURPOSES.iter().any(|(known, _)| *known == form.purpose) {
        true => Field::new("purpose", form.purpose.clone()),
        false => Field::refused("purpose", "", "Select what the contact is for"),
    };
    let typed = form.address.trim();
    let address = match typed.parse::<Address>() {
        Ok(_) => Field::new("address", typed),
        Err(_) => Field::refused("address", typed, "Enter an email address, such as applicants@deanery.example"),
    };
    let phone = form.telephone.trim();
    let telephone = match phone.chars().all(|c| c.is_ascii_digit() || "+-() ".contains(c)) && phone.len() <= 40 {
        true => Field::new("telephone", phone),
        false => Field::refused("telephone", phone, "Enter a telephone number of digits and spaces"),
    };
    let (from, valid_from) = day("from", &form.from);
    let (mut to, valid_to) = day("to", &form.to);
    let valid_from = valid_from.unwrap_or_else(|| app.today());
    if valid_to.is_some_and(|to| to < valid_from) {
        to.error = Some("The last day must be the first day or later".to_owned());
    }
    let fields = [purpose, address, telephone, from, to];
    if fields.iter().any(|field| field.error.is_some()) {
        return page(&app, &who, &code, StatusCode::UNPROCESSABLE_ENTITY, fields, None).await;
    }
    let mut tx = app.db.system().await?;
    let body = find(&mut tx, &app, &code).await?;
    let given = Some(phone).filter(|phone| !phone.is_empty());
    store::add_contact(&mut tx, &code, &form.purpose, typed, given, [valid_from, app.today()], valid_to).await?;
    record(&mut tx, &app, &who, &code, json!({ "added": typed, "purpose": form.purpose })).await?;
    tx.commit().await?;
    who.flash(&Flash::success(format!("The contact of {} was added", body.name)));
    Ok(ui::see_other(format!("/interfaces/bodies/{code}")))
}

#[derive(Deserialize)]
pub struct Chosen {
    contact: Uuid,
}

pub async fn confirm(
    app: Data<App>,
    who: Authorised<MaintainBodies>,
    code: Path<String>,
    Form(form): Form<Chosen>,
) -> PageResult {
    let mut tx = app.db.system().await?;
    find(&mut tx, &app, &code).await?;
    let live = store::confirm_contact(&mut tx, &code, form.contact, app.today()).await?;
    let done = (json!({ "confirmed": form.contact }), "The contact was confirmed today");
    changed(tx, &app, &who, &code, live.then_some(done)).await
}

pub async fn end(
    app: Data<App>,
    who: Authorised<MaintainBodies>,
    code: Path<String>,
    Form(form): Form<Chosen>,
) -> PageResult {
    let mut tx = app.db.system().await?;
    find(&mut tx, &app, &code).await?;
    let live = store::end_contact(&mut tx, &code, form.contact, app.today()).await?;
    let done = (json!({ "ended": form.contact }), "The contact was ended: nobody is sent to it any more");
    changed(tx, &app, &who, &code, live.then_some(done)).await
}

/// Records what was done to a contact and says so; nothing was, where it had ended before.
async fn changed(
    mut tx: SystemTx,
    app: &App,
    who: &Authorised<MaintainBodies>,
    code: &str,
    done: Option<(serde_json::Value, &str)>,
) -> PageResult {
    let Some((detail, words)) = done else { return Err(PageError::Conflict("This contact has ended.".to_owned())) };
    record(&mut tx, app, who, code, detail).await?;
    tx.commit().await?;
    who.flash(&Flash::success(words));
    Ok(ui::see_other(format!("/interfaces/bodies/{code}")))
}

async fn record(
    tx: &mut SystemTx,
    app: &App,
    who: &Authorised<MaintainBodies>,
    code: &str,
    detail: serde_json::Value,
) -> sqlx::Result<()> {
    let about = Subject::new("managing_body", code);
    audit::record_for(tx, &Vpd::operations(), &who.actor(), Event::ContactChanged, about, detail, app.now()).await
}
