use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::reports::PATH as REPORTS;
use crate::access::{Nonce, error_layout, sent_by_nobody};
use crate::app::App;
use crate::error::PageError;

/// Around every request: a nonce, the security headers, one line of log that names the route and nobody.
pub async fn guard(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let nonce = STANDARD_NO_PAD.encode(rand::random::<[u8; 18]>());
    request.extensions_mut().insert(Nonce(nonce.clone()));
    let production = request.app_data::<Data<App>>().is_some_and(|app| app.config.is_production());
    let method = request.method().clone();
    if request.path() == REPORTS {
        // A browser says it with its cookies; nobody is to be looked up for it.
        request.headers_mut().remove(header::COOKIE);
    }
    let started = std::time::Instant::now();
    let response = if request.uri().path_and_query().is_some_and(|p| p.as_str().contains("%00")) {
        let words = "This address holds a character that no address of ours has.\n";
        let refused = actix_web::HttpResponse::BadRequest().content_type("text/plain; charset=utf-8").body(words);
        request.into_response(refused).map_into_right_body()
    } else if !is_known_host(&request) {
        let words = "This address is not the one that CHANGEOVER_BASE_URL names.\n";
        let refused = actix_web::HttpResponse::BadRequest().content_type("text/plain; charset=utf-8").body(words);
        request.into_response(refused).map_into_right_body()
    } else if [Method::GET, Method::HEAD, Method::POST].contains(&method) {
        match next.call(request).await {
            Ok(response) => response.map_into_left_body(),
            Err(error) => return Err(error),
        }
    } else {
        let refused =
            actix_web::HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD, POST")).finish();
        request.into_response(refused).map_into_right_body()
    };
    let mut response = response;
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let status = response.status();
    let is_asset = route.starts_with("/static");
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        // What somebody attached is sent with a stricter policy of its own, and keeps it.
        if name == header::CONTENT_SECURITY_POLICY && headers.contains_key(&name) {
            return;
        }
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_SECURITY_POLICY, &policy(&nonce, production));
    set(HeaderName::from_static("reporting-endpoints"), &format!("csp=\"{REPORTS}\""));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, if route.starts_with("/password/") { "no-referrer" } else { "same-origin" });
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=()");
    if production {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    if !is_asset {
        set(header::CACHE_CONTROL, "no-store");
    }
    let millis = started.elapsed().as_millis();
    if !is_asset && route != "/healthz" && route != "/readyz" {
        tracing::info!(route, method = %method, status = status.as_u16(), ms = u64::try_from(millis).unwrap_or(u64::MAX), "request");
    }
    metrics::counter!("http_requests_total", "route" => route.clone(), "method" => method.to_string(), "status" => status.as_u16().to_string()).increment(1);
    metrics::histogram!("http_request_seconds", "route" => route).record(started.elapsed().as_secs_f64());
    if status == StatusCode::METHOD_NOT_ALLOWED && response.headers().get(header::CONTENT_TYPE).is_none() {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    Ok(response)
}

/// What a page may load and run. Where it breaks this, the browser tells us: by the Reporting API over TLS, which is all that it works
/// over and in whose presence `report-uri` is not looked at, and without TLS by `report-uri`.
fn policy(nonce: &str, over_tls: bool) -> String {
    let reports = if over_tls { "; report-to csp" } else { "" };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; \
         require-trusted-types-for 'script'; trusted-types htmx; report-uri {REPORTS}{reports}"
    )
}

/// Whether the request asks for a host that is ours: the one of the base address, or the machine itself. Probes name it as they like.
fn is_known_host(request: &ServiceRequest) -> bool {
    if ["/healthz", "/readyz", "/metrics"].contains(&request.path()) {
        return true;
    }
    let sent = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).or_else(|| request.uri().host());
    let name = |host: &str| url::Url::parse(&format!("http://{host}")).ok()?.host_str().map(str::to_owned);
    let Some(sent) = sent.and_then(name) else { return false };
    let ours = request.app_data::<Data<App>>().and_then(|app| app.config.base_url.host_str().map(str::to_owned));
    ["localhost", "127.0.0.1", "[::1]"].contains(&sent.as_str()) || ours.is_some_and(|ours| ours == sent)
}

/// Inside the session: a form that nobody sends is kept before a handler sees it; and an error that a handler gave knows nobody, but
/// whoever is signed in keeps the way back.
pub async fn error_pages(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(refusal) = sent_by_nobody(&mut request).await {
        return Ok(request.error_response(refusal).map_into_right_body());
    }
    let response = next.call(request).await?;
    let page = response.response().error().and_then(|error| error.as_error::<PageError>()).and_then(|error| {
        let layout = error_layout(response.request())?;
        Some(error.respond_to(layout, came_from(response.request()).as_deref()))
    });
    Ok(match page {
        Some(page) => response.into_response(page).map_into_right_body(),
        None => response.map_into_left_body(),
    })
}

/// The page of ours from which a form was sent to another address, as the browser says it: only such a page can be opened again.
fn came_from(request: &HttpRequest) -> Option<String> {
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let page = url::Url::parse(text(header::REFERER)?).ok()?;
    let is_ours = text(header::HOST) == Some(page.authority()) && !page.path().starts_with("//");
    let to = page.query().map_or(page.path().to_owned(), |query| format!("{}?{query}", page.path()));
    (is_ours && page.path() != request.path()).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::policy;

    #[test]
    fn csp_1_reports_go_the_way_that_the_connection_allows() {
        assert!(policy("n", true).ends_with("; report-uri /csp-reports; report-to csp"));
        assert!(policy("n", false).ends_with("; report-uri /csp-reports"));
    }
}
