//! What a supplier's call fails with: problem+json (RFC 9457), and the only place that knows its status codes.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use uuid::Uuid;

use super::is_outage;

/// Result of a handler for a supplier's system.
pub type ApiResult = Result<HttpResponse, ApiError>;

/// One field that was refused: its name, what was sent, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// The field's name, as the request writes it.
    #[schema(example = "certificateNumber")]
    pub field: String,
    /// What was sent, as text; empty when the field was left out.
    #[schema(example = "00123456789")]
    pub value: String,
    /// What is wrong, and what to send instead.
    #[schema(example = "Certificate number must be 12 digits")]
    pub problem: String,
}

/// Why a call was refused (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: String,
    #[schema(example = "The check cannot be taken")]
    pub title: String,
    #[schema(example = 422)]
    pub status: u16,
    /// What happened, and what to do.
    #[schema(example = "Correct the fields listed under errors and send the request again.")]
    pub detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// A refusal, as it leaves.
#[derive(Debug)]
pub struct ApiError {
    problem: Box<Problem>,
    headers: Vec<(header::HeaderName, String)>,
}

impl ApiError {
    pub fn new(status: StatusCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        let (title, detail) = (title.into(), detail.into());
        let problem =
            Problem { kind: "about:blank".to_owned(), title, status: status.as_u16(), detail, errors: Vec::new() };
        Self { problem: Box::new(problem), headers: Vec::new() }
    }

    pub fn with_errors(mut self, errors: Vec<FieldProblem>) -> Self {
        self.problem.errors = errors;
        self
    }

    pub fn with_header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Not found",
            "Nothing of your organisation has this address. Look it up again.",
        )
    }

    pub fn unauthorised() -> Self {
        let detail = "Send a valid token as \"Authorization: Bearer <token>\". An administrator of the employing organisation makes, \
                      renews and revokes tokens.";
        Self::new(StatusCode::UNAUTHORIZED, "A valid token is needed", detail)
            .with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"changeover\"")
    }

    pub fn too_many(seconds: u64) -> Self {
        let detail = format!("Wait for {} and send the request again.", super::wait(seconds));
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests", detail)
            .with_header(header::RETRY_AFTER, seconds.to_string())
    }

    pub fn unexpected(cause: &(impl fmt::Display + ?Sized)) -> Self {
        let reference = Uuid::now_v7();
        tracing::error!(%reference, cause = %cause, "a supplier's call failed");
        let detail =
            format!("Nothing of what you sent was saved. Send it again later; if it happens again, quote {reference}.");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "There is a problem with the service", detail)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.title)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        let body = serde_json::to_string(self.problem.as_ref()).unwrap_or_else(|_| "{}".to_owned());
        response.content_type("application/problem+json").body(body)
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) {
            tracing::error!(%error, "the database does not answer");
            let detail = "Nothing of what you sent was saved. Send it again in a minute.";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "The service is unavailable", detail)
                .with_header(header::RETRY_AFTER, "60");
        }
        Self::unexpected(&error)
    }
}
