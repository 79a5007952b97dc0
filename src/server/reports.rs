//! `/csp-reports`: what browsers say of content that the policy kept from running. Neither session nor token: browsers send it by themselves.
//!
//! Anybody may post here, so little is taken: 16 kB a time, sixty times a minute, a few reports of each, and of what they say the page's
//! path, the directive and where the blocked thing came from. Never a query, a sample or a line of a page.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

/// Where browsers send reports.
pub const PATH: &str = "/csp-reports";
/// The most that one request may send, in bytes.
const LIMIT: usize = 16 * 1024;
/// The most reports of one request that are looked at.
const MOST: usize = 10;
/// Requests taken in a minute, by this process.
const PER_MINUTE: u32 = 60;
const MINUTE: Duration = Duration::from_secs(60);

/// The directives of our policy: what a report names is counted under one of these, or as another.
const DIRECTIVES: &[&str] = &[
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "img-src",
    "font-src",
    "connect-src",
    "form-action",
    "frame-ancestors",
    "base-uri",
    "object-src",
    "require-trusted-types-for",
    "trusted-types",
];

/// How many requests came in the minute that began then.
#[derive(Default)]
pub struct Rate(Mutex<Option<(Instant, u32)>>);

impl Rate {
    fn admits(&self, now: Instant) -> bool {
        let Ok(mut minute) = self.0.lock() else { return false };
        let (_, taken) = match &mut *minute {
            Some(running) if now.duration_since(running.0) < MINUTE => running,
            other => other.insert((now, 0)),
        };
        *taken += 1;
        *taken <= PER_MINUTE
    }
}

pub fn configure(routes: &mut web::ServiceConfig) {
    let limit = PayloadConfig::new(LIMIT);
    routes.service(web::resource("/csp-reports").app_data(limit).route(web::post().to(take)));
}

/// What is kept of a report.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Violation {
    page: String,
    directive: &'static str,
    blocked: String,
}

async fn take(rate: Data<Rate>, request: HttpRequest, body: web::Payload) -> HttpResponse {
    let empty = |status| HttpResponse::build(status).finish();
    if !rate.admits(Instant::now()) {
        metrics::counter!("csp_reports_dropped_total").increment(1);
        return HttpResponse::TooManyRequests().insert_header((header::RETRY_AFTER, "60")).finish();
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let reports: fn(Value) -> Vec<Violation> = match kind.split(';').next().unwrap_or_default().trim() {
        "application/reports+json" => of_list,
        "application/csp-report" => of_one,
        _ => return empty(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    };
    let Ok(read) = tokio::time::timeout(Duration::from_secs(5), body.to_bytes_limited(LIMIT)).await else {
        return empty(StatusCode::REQUEST_TIMEOUT);
    };
    let Ok(bytes) = read else { return empty(StatusCode::PAYLOAD_TOO_LARGE) };
    let Some(report) = bytes.ok().and_then(|bytes: Bytes| serde_json::from_slice(&bytes).ok()) else {
        return empty(StatusCode::BAD_REQUEST);
    };
    let mut said = HashSet::new();
    for violation in reports(report) {
        metrics::counter!("csp_reports_total", "directive" => violation.directive).increment(1);
        if !said.contains(&violation) {
            let Violation { page, directive, blocked } = &violation;
            tracing::warn!(page, directive, blocked, "csp_violation");
            said.insert(violation);
        }
    }
    empty(StatusCode::NO_CONTENT)
}

/// As the Reporting API sends them: a list, of which those about the policy count.
fn of_list(list: Value) -> Vec<Violation> {
    let reports = list.as_array().into_iter().flatten().filter(|report| report["type"] == "csp-violation");
    let bodies = reports.take(MOST).map(|report| &report["body"]);
    bodies.map(|body| violation(&body["documentURL"], &body["effectiveDirective"], &body["blockedURL"])).collect()
}

/// As browsers without it send one.
fn of_one(report: Value) -> Vec<Violation> {
    let body = &report["csp-report"];
    if !body.is_object() {
        return Vec::new();
    }
    let named = if body["effective-directive"].is_string() { "effective-directive" } else { "violated-directive" };
    vec![violation(&body["document-uri"], &body[named], &body["blocked-uri"])]
}

fn violation(page: &Value, directive: &Value, blocked: &Value) -> Violation {
    let named = directive.as_str().and_then(|text| text.split_whitespace().next()).unwrap_or_default();
    Violation {
        page: path(page.as_str().unwrap_or_default()),
        directive: DIRECTIVES.iter().find(|known| **known == named).unwrap_or(&"other"),
        blocked: origin(blocked.as_str().unwrap_or_default()),
    }
}

/// The path of a page, without what only its reader should know.
fn path(address: &str) -> String {
    let path = url::Url::parse(address).map(|url| url.path().to_owned()).unwrap_or_default();
    if path.starts_with("/password/") { "/password/".to_owned() } else { path.chars().take(200).collect() }
}

/// Where a blocked thing came from: a site, or a word such as `inline`.
fn origin(blocked: &str) -> String {
    match url::Url::parse(blocked) {
        Ok(url) if matches!(url.scheme(), "http" | "https" | "ws" | "wss") => {
            let origin: String = url.origin().ascii_serialization();
            origin.chars().take(200).collect()
        }
        Ok(url) => format!("{}:", url.scheme().chars().take(20).collect::<String>()),
        Err(_) => blocked.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(20).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn csp_1_a_report_leaves_a_path_a_directive_and_an_origin() {
        let list = json!([
            { "type": "csp-violation", "body": { "documentURL": "https://portal.example/inbox?q=Davies#x", "effectiveDirective": "script-src-elem",
              "blockedURL": "https://evil.example/x.js?token=1", "sample": "alert('Davies')" } },
            { "type": "deprecation", "body": {} },
            { "type": "csp-violation", "body": { "documentURL": "https://portal.example/password/SECRET", "effectiveDirective": "made-up",
              "blockedURL": "inline" } },
        ]);
        let kept = |page: &str, directive, blocked: &str| Violation {
            page: page.to_owned(),
            directive,
            blocked: blocked.to_owned(),
        };
        assert_eq!(
            of_list(list),
            [kept("/inbox", "script-src-elem", "https://evil.example"), kept("/password/", "other", "inline")]
        );
        let old = json!({ "csp-report": { "document-uri": "https://portal.example/?a=b", "violated-directive": "img-src 'self'",
                                          "blocked-uri": "data:image/png;base64,AAAA" } });
        assert_eq!(of_one(old), [kept("/", "img-src", "data:")]);
        assert_eq!(of_one(json!([1, "x"])), []);
        assert_eq!(of_list(json!({ "a": 1 })), []);
    }

    #[test]
    fn a_minute_has_its_measure() {
        let (rate, start) = (Rate::default(), Instant::now());
        assert_eq!((0..100).filter(|_| rate.admits(start)).count(), 60);
        assert!(rate.admits(start + MINUTE));
    }
}
