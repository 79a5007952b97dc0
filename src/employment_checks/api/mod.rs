//! `/api/employment-checks/v1`: a recruitment system gets the applicants and sets their checks, each by its own token.

mod body;
mod idempotency;
mod openapi;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

pub use body::{ApplicantBody, ApplicantPage, CheckBody, SetCheck};
pub use idempotency::forget_the_old;
pub use openapi::{document, reference};

use super::actions::{self, Said, SetError};
use super::model::{Checks, FIELDS, Standard, is_day};
use super::store::{self, Wanted};
use crate::access::ApiCaller;
use crate::access::api_tokens::EmploymentChecks;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{ApiError, ApiResult, FieldProblem};

/// The most applicants of one answer.
const PAGE: i64 = 100;
/// The most that a request may send, in bytes.
const LIMIT: usize = 64 * 1024;
/// How long a body may take to arrive.
const BODY_DEADLINE: std::time::Duration = std::time::Duration::from_secs(30);

type Caller = ApiCaller<EmploymentChecks>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    gmc_number: Option<String>,
    applicant_number: Option<String>,
    deanery_post_number: Option<String>,
    starts_from: Option<String>,
    starts_to: Option<String>,
    after: Option<String>,
}

/// The applicants of the employer whom the token is for, those that start first on top.
#[utoipa::path(get, path = "/api/employment-checks/v1/applications", tag = "Employment checks", operation_id = "listApplications",
    params(
        ("gmcNumber" = Option<String>, Query, description = "Only the doctor with this GMC number, 7 digits"),
        ("applicantNumber" = Option<String>, Query, description = "Only this applicant number"),
        ("deaneryPostNumber" = Option<String>, Query, description = "Only this post, compared without case and outer spaces"),
        ("startsFrom" = Option<NaiveDate>, Query, description = "Only those who start on or after this day"),
        ("startsTo" = Option<NaiveDate>, Query, description = "Only those who start on or before this day"),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses(
        (status = 200, description = "Up to 100 applications; `next` is null on the last page", body = ApplicantPage),
        (status = 400, description = "A parameter cannot be read", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests: wait as Retry-After says", body = crate::error::Problem, content_type = "application/problem+json"),
    ),
    security(("token" = [])))]
pub async fn list(app: Data<App>, caller: Caller, request: HttpRequest) -> ApiResult {
    let asked = Query::<Asked>::from_query(request.query_string()).map_err(|error| {
        let detail = format!("The address cannot be read: {error}. Use the parameters that /api/openapi.json names.");
        ApiError::new(StatusCode::BAD_REQUEST, "A parameter cannot be read", detail)
    })?;
    let mut faults = Vec::new();
    let mut day = |field: &str, value: &Option<String>| -> Option<NaiveDate> {
        let text = value.as_deref()?;
        if is_day(text) {
            return text.parse().ok();
        }
        let problem = "Send a real date as YYYY-MM-DD, such as 2026-08-05".to_owned();
        faults.push(FieldProblem { field: field.to_owned(), value: text.to_owned(), problem });
        None
    };
    let (from, to) = (day("startsFrom", &asked.starts_from), day("startsTo", &asked.starts_to));
    let after = asked.after.as_deref().map(|text| {
        let (on, id) = text.split_once('_')?;
        Some((on.parse().ok().filter(|_| is_day(on))?, id.parse().ok()?))
    });
    if after == Some(None) {
        let value = asked.after.clone().unwrap_or_default();
        let problem = "Send what the answer before gave as next, or leave it out for the first page".to_owned();
        faults.push(FieldProblem { field: "after".to_owned(), value, problem });
    }
    if !faults.is_empty() {
        let detail = "Correct the parameters listed under errors and send the request again.";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "A parameter cannot be read", detail).with_errors(faults));
    }
    let wanted = Wanted {
        gmc_number: asked.gmc_number.clone(),
        applicant_number: asked.applicant_number.clone(),
        dpn: asked.deanery_post_number.clone(),
        from,
        to,
        after: after.flatten(),
        limit: PAGE + 1,
    };
    let mut tx = caller.begin(&app.db).await?;
    let mut found = store::applicants(&mut tx, &wanted).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let ids: Vec<Uuid> = found.iter().map(|one| one.application_id).collect();
    let mut checks = store::list(&mut tx, &ids).await?;
    let about = Subject::new("list", "employment checks");
    let detail = json!({ "count": ids.len(), "starts_from": wanted.from, "starts_to": wanted.to, "one_post": wanted.dpn.is_some(),
                         "one_person": wanted.gmc_number.is_some() || wanted.applicant_number.is_some() });
    audit::record(&mut tx, &caller.actor(), Event::ListExported, about, detail, app.now()).await?;
    tx.commit().await?;
    let next = found.last().filter(|_| more).map(|last| format!("{}_{}", last.hire_on, last.application_id));
    let applications = found
        .into_iter()
        .map(|one| {
            let checks = checks.remove(&one.application_id).unwrap_or_default();
            ApplicantBody::of(one, &checks)
        })
        .collect();
    Ok(HttpResponse::Ok().json(ApplicantPage { applications, next }))
}

/// The six checks of one application.
#[utoipa::path(get, path = "/api/employment-checks/v1/applications/{application}/checks", tag = "Employment checks", operation_id = "getChecks",
    params(("application" = Uuid, Path, description = "The applicationId of a list")),
    responses(
        (status = 200, description = "All six, whether started or not", body = Vec<CheckBody>),
        (status = 401, description = "No valid token", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such application of this employer", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = crate::error::Problem, content_type = "application/problem+json"),
    ),
    security(("token" = [])))]
pub async fn get_all(app: Data<App>, caller: Caller, path: Path<String>) -> ApiResult {
    let checks = read(&app, &caller, &path).await?;
    let bodies: Vec<CheckBody> = checks.0.iter().map(CheckBody::of).collect();
    Ok(HttpResponse::Ok().json(bodies))
}

/// One check of an application; its ETag is what a change sends back as If-Match.
#[utoipa::path(get, path = "/api/employment-checks/v1/applications/{application}/checks/{standard}", tag = "Employment checks", operation_id = "getCheck",
    params(
        ("application" = Uuid, Path, description = "The applicationId of a list"),
        ("standard" = String, Path, description = "identity, registration, references, right-to-work, work-health or criminal-record"),
    ),
    responses(
        (status = 200, description = "The check", body = CheckBody, headers(("ETag" = String, description = "The version of the check"))),
        (status = 401, description = "No valid token", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such application or standard", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = crate::error::Problem, content_type = "application/problem+json"),
    ),
    security(("token" = [])))]
pub async fn get_one(app: Data<App>, caller: Caller, path: Path<(String, String)>) -> ApiResult {
    let (application, standard) = path.into_inner();
    let standard: Standard = standard.parse().map_err(|_| ApiError::not_found())?;
    let check = read(&app, &caller, &application).await?.find(standard);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag(check.version))).json(CheckBody::of(&check)))
}

async fn read(app: &App, caller: &Caller, application: &str) -> Result<Checks, ApiError> {
    let id: Uuid = application.parse().map_err(|_| ApiError::not_found())?;
    let mut tx = caller.begin(&app.db).await?;
    let applicant = store::applicant(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let checks = store::of_application(&mut tx, id).await?;
    let about = Subject::new("person", &applicant.person_id);
    let detail = json!({ "application": id, "what": "employment checks" });
    audit::record(&mut tx, &caller.actor(), Event::PersonViewed, about, detail, app.now()).await?;
    tx.commit().await?;
    Ok(checks)
}

fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// Sets one check as a whole: a field that is left out is emptied.
#[utoipa::path(post, path = "/api/employment-checks/v1/applications/{application}/checks/{standard}", tag = "Employment checks", operation_id = "setCheck",
    params(
        ("application" = Uuid, Path, description = "The applicationId of a list"),
        ("standard" = String, Path, description = "identity, registration, references, right-to-work, work-health or criminal-record"),
        ("If-Match" = String, Header, description = "The ETag of the check as you read it; \"0\" for one that was never set"),
        ("Idempotency-Key" = String, Header, description = "Of your choosing, one for each change, up to 200 characters. The same request \
            with the same key gets the same answer for 24 hours and changes nothing more; another request with the key is refused. \
            A refused request does not use its key up"),
    ),
    request_body(content = SetCheck, description = "The check as it is to be"),
    responses(
        (status = 200, description = "The check as it is now", body = CheckBody, headers(("ETag" = String, description = "Its new version"))),
        (status = 400, description = "The request cannot be read", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such application or standard", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 409, description = "The application has ended, or the key was used for another request", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 412, description = "The check was changed since you read it: get it again", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 64 kB", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not application/json", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that cannot be taken, each with its value and what to do", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match or Idempotency-Key is missing", body = crate::error::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = crate::error::Problem, content_type = "application/problem+json"),
    ),
    security(("token" = [])))]
pub async fn set(
    app: Data<App>,
    caller: Caller,
    path: Path<(String, String)>,
    request: HttpRequest,
    payload: actix_web::web::Payload,
) -> ApiResult {
    let (application, standard) = path.into_inner();
    let id: Uuid = application.parse().map_err(|_| ApiError::not_found())?;
    let standard: Standard = standard.parse().map_err(|_| ApiError::not_found())?;
    let key = idempotency::key(&request)?;
    let seen = seen(&request)?;
    let bytes = received(&request, payload).await?;
    let digest = idempotency::digest(&application, standard.code(), seen, &bytes);
    let mut tx = caller.begin(&app.db).await?;
    let now = app.now();
    if let Some(answer) = idempotency::claim(&mut tx, caller.token_id, &key, &digest, now).await? {
        return Ok(answer);
    }
    let (status, fields) = body::parse(standard, &bytes)?;
    let said = Said { standard, status, fields: &fields, seen };
    let check = actions::set(&mut tx, &caller.actor(), &caller.supplier, id, &said, app.today(), now).await;
    let check = check.map_err(refusal)?;
    let (tag, body) = (etag(check.version), CheckBody::of(&check));
    let text = idempotency::keep(&mut tx, caller.token_id, &key, &tag, &body).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type(header::ContentType::json()).body(text))
}

fn refusal(error: SetError) -> ApiError {
    match error {
        SetError::NotFound => ApiError::not_found(),
        SetError::Database(error) => error.into(),
        SetError::Ended(_) => {
            ApiError::new(StatusCode::CONFLICT, "The application has ended", format!("{error}. Do not send it again."))
        }
        SetError::Changed(check) => {
            let detail = format!(
                "If-Match must be {}, the version of now. Get the check, see what was changed, and send your change again.",
                etag(check.version)
            );
            ApiError::new(StatusCode::PRECONDITION_FAILED, "The check was changed since you read it", detail)
                .with_header(header::ETAG, etag(check.version))
        }
        SetError::Faulty(faults) => {
            let json = |key: &str| FIELDS.iter().find(|rule| rule.key == key).map_or(key, |rule| rule.json).to_owned();
            let errors = faults
                .into_iter()
                .map(|fault| FieldProblem { field: json(fault.key), value: fault.value, problem: fault.problem })
                .collect();
            body::unprocessable(errors)
        }
    }
}

/// The version that the caller has seen.
fn seen(request: &HttpRequest) -> Result<i32, ApiError> {
    let Some(value) = request.headers().get(header::IF_MATCH) else {
        let detail = "Send If-Match with the ETag of the check as you read it, or \"0\" for one that was never set.";
        return Err(ApiError::new(StatusCode::PRECONDITION_REQUIRED, "If-Match is needed", detail));
    };
    let version = value.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    version.ok_or_else(|| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let problem = "Send one ETag as the check's answer gave it, such as \"3\"".to_owned();
        let detail = "If-Match is not the ETag of a check.";
        ApiError::new(StatusCode::BAD_REQUEST, "If-Match cannot be read", detail).with_errors(vec![FieldProblem {
            field: "If-Match".to_owned(),
            value,
            problem,
        }])
    })
}

/// The body, if it is JSON of a size that a check may have.
async fn received(request: &HttpRequest, payload: actix_web::web::Payload) -> Result<Bytes, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        let detail = format!("Send application/json, in UTF-8. What came is {kind:?}.");
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be JSON", detail));
    }
    let too_large = || {
        let detail = "A check is at most 64 kB, after unpacking too. Send less.";
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large", detail)
    };
    // What is packed is unpacked here, and given up where it grows too large.
    let mut payload = payload.into_inner();
    match tokio::time::timeout(BODY_DEADLINE, Bytes::from_request(request, &mut payload)).await {
        Ok(Ok(bytes)) if bytes.len() <= LIMIT => Ok(bytes),
        Ok(Ok(_)) => Err(too_large()),
        Ok(Err(error)) if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE => Err(too_large()),
        Ok(Err(error)) => {
            let detail = format!("The body could not be received: {error}. Send the request again.");
            Err(ApiError::new(StatusCode::BAD_REQUEST, "The body cannot be read", detail))
        }
        Err(_) => {
            let detail = "The body took more than 30 seconds to arrive. Send the request again.";
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "The body took too long", detail))
        }
    }
}
