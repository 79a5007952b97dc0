//! `/interfaces/send`: a file to the deanery on request, looked at before it is made.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query, ServiceConfig, get, post};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actions::{Request, SEND};
use super::foreseen::foresee;
use super::store;
use super::views::{CheckPage, SendPage, what};
use crate::access::permissions::SendFiles;
use crate::access::{Authorised, Form, Looked};
use crate::app::App;
use crate::error::PageResult;
use crate::jobs;
use crate::tenancy::Vpd;
use crate::ui::{self, Choice, ErrorSummary, Field, Flash};

const PATH: &str = "/interfaces/send";

pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/interfaces/send", get().to(form)).route("/interfaces/send", post().to(send));
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct SendForm {
    what: String,
    body: String,
    vpd: String,
    once: String,
    confirmed: String,
    empty: String,
}

/// Codes with names: the managing bodies, and the employers.
type Known = [Vec<(String, String)>; 2];

async fn known(app: &App) -> sqlx::Result<Known> {
    let mut tx = app.db.system().await?;
    let known = [store::bodies_named(&mut tx).await?, store::employers_named(&mut tx).await?];
    tx.commit().await?;
    Ok(known)
}

/// What a form asks for, and for whom in words; else the field that is wrong, with the sentence.
fn read(form: &SendForm, [bodies, employers]: &Known) -> Result<(Request, String), (&'static str, &'static str)> {
    let named = |all: &[(String, String)], code: &str| {
        all.iter().find(|(known, _)| known == code).map(|(code, name)| format!("{code}, {name}"))
    };
    match form.what.as_str() {
        "changes" | "full" => {
            let whom = named(bodies, &form.body).ok_or(("body", "Choose the managing body that the file is for"))?;
            Ok((Request::Positions { body: form.body.clone(), full: form.what == "full" }, whom))
        }
        "persons" => {
            let refused = ("vpd", "Choose the employer whose doctors are sent");
            let whom = named(employers, &form.vpd).ok_or(refused)?;
            let vpd = form.vpd.parse::<Vpd>().map_err(|_| refused)?;
            Ok((Request::PersonUpdate { vpd }, whom))
        }
        _ => Err(("what", "Choose what is sent")),
    }
}

async fn form(app: Data<App>, who: Authorised<SendFiles>, looked: Query<Looked>) -> PageResult {
    let known = known(&app).await?;
    match who.entered::<SendForm>(PATH, &looked) {
        Some(form) if looked.is_to_change() => page(&who, &form, &known, None),
        Some(form) => match read(&form, &known) {
            Ok((request, whom)) => check(&app, &who, &form, &request, whom, None).await,
            Err(wrong) => page(&who, &form, &known, Some(wrong)),
        },
        None => page(&who, &SendForm { what: "changes".to_owned(), ..SendForm::default() }, &known, None),
    }
}

fn page(
    who: &Authorised<SendFiles>,
    form: &SendForm,
    [bodies, employers]: &Known,
    wrong: Option<(&str, &str)>,
) -> PageResult {
    let field = |name: &'static str, value: &str| Field {
        error: wrong.filter(|(field, _)| *field == name).map(|(_, text)| text.to_owned()),
        ..Field::new(name, value)
    };
    let choices = |all: &[(String, String)]| {
        let each = all.iter().map(|(code, name)| Choice::new(code.clone(), format!("{code}, {name}")));
        std::iter::once(Choice::new("", "Choose one")).chain(each).collect::<Vec<_>>()
    };
    let (what, body, vpd) = (field("what", &form.what), field("body", &form.body), field("vpd", &form.vpd));
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SendPage {
        layout: who.layout(),
        errors: ErrorSummary::of([&what, &body, &vpd]),
        what,
        body,
        vpd,
        once: Uuid::new_v4(),
        bodies: choices(bodies),
        employers: choices(employers),
    };
    Ok(ui::page(status, &page))
}

/// What would be sent; `refused` says why it was not.
async fn check(
    app: &App,
    who: &Authorised<SendFiles>,
    form: &SendForm,
    request: &Request,
    whom: String,
    refused: Option<&str>,
) -> PageResult {
    let foreseen = foresee(app, request).await?;
    let empty = Field { error: refused.map(str::to_owned), ..Field::empty("empty") };
    let page = CheckPage {
        layout: who.layout(),
        errors: ErrorSummary::of([&empty]),
        what: form.what.clone(),
        body: form.body.clone(),
        vpd: form.vpd.clone(),
        once: form.once.clone(),
        whom,
        empty,
        foreseen,
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(ui::page(status, &page))
}

/// Leads to what would be sent, and has it sent when that was confirmed.
async fn send(app: Data<App>, who: Authorised<SendFiles>, Form(form): Form<SendForm>) -> PageResult {
    let known = known(&app).await?;
    let (request, whom) = match read(&form, &known) {
        Ok(read) => read,
        Err(wrong) => return page(&who, &form, &known, Some(wrong)),
    };
    if form.confirmed != "yes" {
        return match who.keep_entered(PATH, &form) {
            Some(at) => Ok(ui::see_other(at)),
            None => check(&app, &who, &form, &request, whom, None).await,
        };
    }
    let is_full = matches!(request, Request::Positions { full: true, .. });
    if is_full && form.empty != "yes" && foresee(&app, &request).await?.is_empty() {
        let refused = "The file would hold no records. Tick the box if an empty file is meant";
        return check(&app, &who, &form, &request, whom, Some(refused)).await;
    }
    let mut tx = app.db.system().await?;
    let is_first = match form.once.parse::<Uuid>() {
        Ok(once) => jobs::take_slot(&mut tx, "file_on_request", &once.to_string(), app.now()).await?,
        Err(_) => true,
    };
    if !is_first {
        who.flash(&Flash::success(
            "The file was asked for already, and is made once. It stands in this list when it is sent",
        ));
        return Ok(ui::see_other("/interfaces?view=outbound"));
    }
    let dedupe = format!("{}:{}:{}", form.what, form.body, form.vpd);
    jobs::enqueue_system(&mut tx, &Vpd::operations(), SEND, &request, Some(&dedupe)).await?;
    tx.commit().await?;
    who.forget_entered();
    who.flash(&Flash::success(said(&form, &request, &whom, &app)));
    Ok(ui::see_other("/interfaces?view=outbound"))
}

/// Which file is being made, for whom. Its last part is its number, which it gets as it is begun.
fn said(form: &SendForm, request: &Request, whom: &str, app: &App) -> String {
    let sent = what(&form.what);
    let day = app.today().format("%Y%m%d");
    match request {
        Request::Positions { body, full } => {
            let kind = if *full { "RMF" } else { "RMC" };
            format!(
                "The file is being made: DE_{body}_{kind}_{day}, {sent}, for {whom}. It stands in this list when it is sent; where nothing changed, none is made"
            )
        }
        Request::PersonUpdate { .. } | Request::Due { .. } => format!(
            "The file is being made: {sent} of {whom}. It stands in this list when it is sent; where nothing changed, none is made"
        ),
    }
}
