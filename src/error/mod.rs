//! What a page or an action can fail with, and the only place that knows status codes.
//!
//! A wrong entry is not an error: its form is shown again with 422. An unexpected cause is logged once, here, and the user sees a
//! reference number, never the cause.

mod api;

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use uuid::Uuid;

use crate::ui::{self, ErrorPage, Layout};

pub use api::{ApiError, ApiResult, FieldProblem, Problem};

/// Result of a handler.
pub type PageResult = Result<HttpResponse, PageError>;

/// Why there is no page.
#[derive(Debug)]
pub enum PageError {
    /// Nothing here, or another organisation's: the two look alike.
    NotFound,
    /// Nobody is signed in; after signing in the caller returns to this path.
    SignIn { next: String },
    /// Signed in, and no organisation chosen yet.
    ChooseOrganisation,
    /// A right is missing: which rights would do.
    Forbidden { needed: Vec<&'static str> },
    /// The request cannot be read: what is wrong with it.
    BadRequest(String),
    /// The form came from another site, or its token is another session's: the page that offers to send it again.
    Csrf(String),
    /// The world changed since the page was shown: what happened.
    Conflict(String),
    /// The same, with the page that says how it stands now.
    Changed { text: String, at: String },
    /// Too large, with the limit in words.
    TooLarge(String),
    /// Try again after so many seconds.
    TooMany { seconds: u64 },
    /// No room for one more now.
    Busy,
    /// The database does not answer.
    Unavailable,
    /// Our fault. Logged under this reference.
    Unexpected { reference: Uuid },
}

impl PageError {
    /// Logs a cause that should not have been, and hides it behind a reference.
    pub fn unexpected(cause: &(impl fmt::Display + ?Sized)) -> Self {
        let reference = Uuid::now_v7();
        tracing::error!(%reference, cause = %cause, "a page failed");
        Self::Unexpected { reference }
    }

    fn words(&self) -> (StatusCode, &'static str, Vec<String>) {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Page not found",
                vec![
                    "If you typed the address, check that it is correct.".to_owned(),
                    "If you followed a link, what it led to may belong to another organisation than the one you are acting for.".to_owned(),
                ],
            ),
            Self::SignIn { .. } | Self::ChooseOrganisation => (StatusCode::SEE_OTHER, "Sign in", one("Sign in to see this page.")),
            Self::Forbidden { needed } => (
                StatusCode::FORBIDDEN,
                "You cannot open this page",
                vec![
                    match needed.as_slice() {
                        [] => "Your account does not have the right that this needs.".to_owned(),
                        needed => format!("This needs one of these: {}.", needed.join(", ")),
                    },
                    "Ask an administrator of your organisation if you should have it.".to_owned(),
                ],
            ),
            Self::BadRequest(text) => (StatusCode::BAD_REQUEST, "We could not read what was sent", vec![text.clone()]),
            Self::Csrf(_) => (StatusCode::FORBIDDEN, "Send it again", one("We could not be sure that this form came from you.")),
            Self::Conflict(text) | Self::Changed { text, .. } => (StatusCode::CONFLICT, "This changed while you were looking", vec![text.clone()]),
            Self::TooLarge(text) => (StatusCode::PAYLOAD_TOO_LARGE, "That is too large", vec![text.clone()]),
            Self::TooMany { seconds } => (StatusCode::TOO_MANY_REQUESTS, "Too many tries", vec![format!("Try again in {}.", wait(*seconds))]),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "The service is busy", one("Nothing was done. Try again in a few seconds.")),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Sorry, the service is unavailable",
                one("We cannot reach our records at the moment. What you sent was not saved. Try again in a minute."),
            ),
            Self::Unexpected { .. } => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Sorry, there is a problem with the service",
                vec!["Nothing of what you sent was saved. Try again later.".to_owned(), "If it happens again, tell your administrator this reference:".to_owned()],
            ),
        }
    }
}

/// `90` as `2 minutes`, `30` as `30 seconds`.
pub fn wait(seconds: u64) -> String {
    match seconds {
        0 | 1 => "1 second".to_owned(),
        2..=89 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().1)
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        self.words().0
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(Layout::default())
    }
}

impl PageError {
    /// The answer, inside the shell of a page that the caller knows.
    pub fn respond(&self, layout: Layout) -> HttpResponse {
        self.respond_to(layout, None)
    }

    /// The same to a form that was sent from a page of ours, to which a conflict leads back.
    pub fn respond_to(&self, layout: Layout, came_from: Option<&str>) -> HttpResponse {
        match self {
            Self::SignIn { next } => {
                return ui::see_other(format!(
                    "/sign-in?next={}",
                    url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>()
                ));
            }
            Self::ChooseOrganisation => return ui::see_other("/account/organisation"),
            Self::Csrf(html) => {
                return HttpResponse::Forbidden().content_type("text/html; charset=utf-8").body(html.clone());
            }
            _ => {}
        }
        let (status, heading, paragraphs) = self.words();
        let reference = match self {
            Self::Unexpected { reference } => Some(reference.to_string()),
            _ => None,
        };
        let back = match self {
            Self::Changed { at, .. } => Some(at.as_str()),
            Self::Conflict(_) => came_from,
            _ => None,
        };
        let page = ErrorPage { layout, heading, paragraphs: &paragraphs, reference: reference.as_deref(), back };
        let mut response = ui::page(status, &page);
        let after = match self {
            Self::TooMany { seconds } => Some(*seconds),
            Self::Busy | Self::Unavailable => Some(5),
            _ => None,
        };
        if let Some(seconds) = after {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
        }
        response
    }
}

/// Whether the database is away, rather than asked for something wrong.
pub fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        // 57P01 to 57P03: the server is being stopped or started.
        sqlx::Error::Database(cause) => cause.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

impl From<sqlx::Error> for PageError {
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) {
            tracing::error!(%error, "the database does not answer");
            return Self::Unavailable;
        }
        Self::unexpected(&error)
    }
}

impl From<anyhow::Error> for PageError {
    fn from(error: anyhow::Error) -> Self {
        Self::unexpected(&format!("{error:#}"))
    }
}
