use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::access::permissions::{ChangePositions, SeeReadiness};
use crate::access::{Authorised, Caller, Form, read_upload};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::readiness::actions::{self, SayError, SendError};
use crate::readiness::model::{Answers, yes_or_no};
use crate::readiness::store;
use crate::readiness::views::{FormPage, RequestPage};
use crate::tenancy::VpdTx;
use crate::ui::{self, ErrorSummary, Field, Flash, dates};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    body: String,
}

async fn page(
    tx: &mut VpdTx,
    app: &App,
    who: &Authorised<ChangePositions>,
    body: &str,
    fields: [Field; 4],
    report: Option<String>,
    status: StatusCode,
) -> PageResult {
    let name = store::body_name(tx, body).await?.ok_or(PageError::NotFound)?;
    let (conditions, made) = actions::conditions(tx, body, app.today(), app.now()).await?;
    let [required_by, unbucketed, unique_dpns, email] = fields;
    let mut errors = ErrorSummary::of([&required_by, &unbucketed, &unique_dpns, &email]);
    errors.0.extend(report.map(|text| ("report".to_owned(), text)));
    let is_clean = made.quality.statistics.is_clean();
    let page = FormPage {
        layout: who.layout(),
        errors,
        body: body.to_owned(),
        body_name: name,
        required_by,
        unbucketed,
        unique_dpns,
        email,
        report_name: made.file_name(),
        is_clean,
        open: conditions.into_iter().filter(|condition| condition.is_needed && !condition.is_met).collect(),
    };
    Ok(ui::page(status, &page))
}

/// The request's form.
pub async fn form(app: Data<App>, who: Authorised<ChangePositions>, asked: Query<Asked>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let fields = ["required_by", "unbucketed", "unique_dpns", "email"].map(Field::empty);
    let shown = page(&mut tx, &app, &who, &asked.body, fields, None, StatusCode::OK).await;
    tx.rollback().await?;
    shown
}

/// Sends the request, or says what is missing.
pub async fn send(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    request: HttpRequest,
    body: Multipart,
) -> PageResult {
    let upload = read_upload(&request, body, 10 * 1024 * 1024).await?;
    let code = upload.field("body").to_owned();
    let answers = Answers {
        required_by: dates::parse_day(upload.field("required_by")),
        unbucketed: yes_or_no(upload.field("unbucketed")),
        unique_dpns: yes_or_no(upload.field("unique_dpns")),
    };
    let email = upload.file.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let mut tx = who.begin(&app.db).await?;
    store::body_name(&mut tx, &code).await?.ok_or(PageError::NotFound)?;
    match actions::send(&mut tx, who.caller(), &code, &answers, email, app.today(), app.now()).await {
        Ok(id) => {
            tx.commit().await?;
            who.flash(&Flash::success("The request is sent: Support answers on this page"));
            Ok(ui::see_other(format!("/positions/readiness/requests/{id}")))
        }
        Err(SendError::Incomplete(missing)) => {
            let field = |name: &'static str, value: &str| {
                let said = missing.iter().find(|(field, _)| *field == name).map(|(_, text)| text.clone());
                match said {
                    Some(text) => Field::refused(name, value, text),
                    None => Field::new(name, value),
                }
            };
            let mut email = field("email", "");
            if email.error.is_none() && upload.file.is_some() {
                email.error = Some("Select the e-mail again: browsers do not send a file twice".to_owned());
            }
            let fields = [
                field("required_by", upload.field("required_by")),
                field("unbucketed", upload.field("unbucketed")),
                field("unique_dpns", upload.field("unique_dpns")),
                email,
            ];
            let report = missing.iter().find(|(field, _)| *field == "report").map(|(_, text)| text.clone());
            page(&mut tx, &app, &who, &code, fields, report, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(SendError::OpenAlready) => {
            Err(PageError::Conflict("A request for this managing body is open already. Reply on that one.".to_owned()))
        }
        Err(SendError::Report(error)) => Err(PageError::unexpected(&error)),
        Err(SendError::Database(error)) => Err(error.into()),
    }
}

/// A request with its answers, what is attached, and what was said.
pub async fn show(app: Data<App>, who: Authorised<SeeReadiness>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let request = own(&mut tx, *id).await?;
    let said = store::said(&mut tx, *id).await?;
    tx.commit().await?;
    let page = RequestPage::new(who.layout(), request, said, false, Field::empty("text"));
    Ok(ui::page(StatusCode::OK, &page))
}

async fn own(tx: &mut VpdTx, id: Uuid) -> Result<store::Request, PageError> {
    let vpd = tx.vpd().to_string();
    store::find(tx, id).await?.filter(|request| request.vpd == vpd).ok_or(PageError::NotFound)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ReplyForm {
    text: String,
}

/// Adds the employer's reply.
pub async fn reply(
    app: Data<App>,
    who: Authorised<SeeReadiness>,
    id: Path<Uuid>,
    Form(form): Form<ReplyForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let request = own(&mut tx, *id).await?;
    if let Some(problem) = wrong(&form.text) {
        let said = store::said(&mut tx, *id).await?;
        tx.rollback().await?;
        let page = RequestPage::new(who.layout(), request, said, false, Field::refused("text", form.text, problem));
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    match actions::say(&mut tx, who.caller(), *id, form.text.trim(), None, app.now()).await {
        Ok(_) => {
            tx.commit().await?;
            who.flash(&Flash::success("Your reply was sent"));
            Ok(ui::see_other(format!("/positions/readiness/requests/{id}")))
        }
        Err(error) => Err(refused(error)),
    }
}

pub(super) fn refused(error: SayError) -> PageError {
    match error {
        SayError::NotFound => PageError::NotFound,
        SayError::Closed => PageError::Conflict("The request is closed: nothing more can be said on it.".to_owned()),
        SayError::Own => PageError::Forbidden { needed: Vec::new() },
        SayError::Database(error) => error.into(),
    }
}

/// What is wrong with what somebody wrote.
pub(super) fn wrong(text: &str) -> Option<&'static str> {
    match text.trim().chars().count() {
        0 => Some("Enter what you want to say"),
        1..=4_000 => None,
        _ => Some("Enter at most 4,000 characters"),
    }
}

pub async fn email(app: Data<App>, who: Authorised<SeeReadiness>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    own(&mut tx, *id).await?;
    attachment(&app, &who, tx, *id, false).await
}

pub async fn report(app: Data<App>, who: Authorised<SeeReadiness>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    own(&mut tx, *id).await?;
    attachment(&app, &who, tx, *id, true).await
}

/// Sends what is attached, to be kept and never to be opened in the page's own name; who took it stands in the trail first.
pub(super) async fn attachment(app: &App, by: &Caller, mut tx: VpdTx, id: Uuid, report: bool) -> PageResult {
    let (name, body) = store::attachment(&mut tx, id, report).await?.ok_or(PageError::NotFound)?;
    let detail = json!({ "what": if report { "DPN report" } else { "approving e-mail" } });
    let about = Subject::new("request", id);
    audit::record(&mut tx, &by.actor(), Event::AttachmentDownloaded, about, detail, app.now()).await?;
    tx.commit().await?;
    let safe: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{safe}\"")))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}
