//! The NHS design system in templates: the shell of every page, fields, dates, pagination, static files.
//!
//! Knows nothing of what the portal does: `access` builds a [`Layout`] for the caller, a feature puts its page inside it.
//! Owns no table. The look follows the NHS digital service manual; its macros are in `templates/ui`.

pub mod assets;
pub mod dates;
mod forms;
#[cfg(test)]
mod gallery;
mod layout;
mod pagination;
mod words;

pub use dates::DayRange;
pub use forms::{Choice, ErrorSummary, Field};
pub use layout::{ErrorPage, Flash, FlashKind, Layout, NavItem, SignedIn, Undo};
pub use pagination::{PageLink, Pagination};
pub use words::{breakable, count, filters, masked_ni, number};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// Answers with a whole page, or with a plain apology if the template itself fails.
pub fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    let html = match template.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            return HttpResponse::InternalServerError()
                .content_type("text/plain; charset=utf-8")
                .body("Sorry, there is a problem with the service. Try again later.");
        }
    };
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::VARY, HeaderValue::from_static("HX-Request")))
        .body(html)
}

/// Sends the browser on to a page of ours with a GET, as every successful POST does.
pub fn see_other(path: impl AsRef<str>) -> HttpResponse {
    let path = path.as_ref();
    // A path that another site could have supplied must never lead there: `//host` is such a path.
    let ours =
        path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.chars().any(char::is_control);
    HttpResponse::SeeOther().insert_header((header::LOCATION, if ours { path } else { "/" })).finish()
}

/// Whether htmx asks for the part of a page that it will swap in, rather than for the page.
pub fn wants_part(request: &HttpRequest) -> bool {
    let is = |name: &str, value: &str| request.headers().get(name).is_some_and(|v| v == value);
    is("HX-Request", "true") && is("HX-Request-Type", "partial")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_redirect_never_leaves_the_portal() {
        for (path, to) in [
            ("/inbox?state=open", "/inbox?state=open"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
        ] {
            let response = see_other(path);
            assert_eq!(response.headers().get(header::LOCATION).unwrap(), to);
        }
    }

    #[test]
    fn only_a_partial_request_of_htmx_gets_a_part() {
        let request = |kind: &'static str| {
            TestRequest::default()
                .insert_header(("HX-Request", "true"))
                .insert_header(("HX-Request-Type", kind))
                .to_http_request()
        };
        assert!(wants_part(&request("partial")));
        assert!(!wants_part(&request("full")));
        assert!(!wants_part(&TestRequest::default().to_http_request()));
    }
}
