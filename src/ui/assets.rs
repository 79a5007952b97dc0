//! Static files, all inside the program: `/static/{path}?v={what it holds}`, kept by the browser for a year.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex};

use actix_web::http::header;
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static/"]
#[exclude = "*.md"]
#[exclude = "*.sh"]
struct Static;

/// A file as it is sent: its bytes, the same compressed where that pays, and a mark of its content.
struct Asset {
    body: Bytes,
    gzip: Option<Bytes>,
    version: String,
    content_type: &'static str,
}

/// Files are compressed once, when the first page asks for one.
static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let names = Static::iter().map(|name| name.into_owned());
    names
        .filter_map(|name| {
            let asset = Asset::read(&name, Static::get(&name)?);
            Some((name, asset))
        })
        .collect()
});

impl Asset {
    fn read(name: &str, file: rust_embed::EmbeddedFile) -> Self {
        let hash = file.metadata.sha256_hash();
        let version: String = hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        let body = Bytes::from(file.data.into_owned());
        let gzip = compressed(&body).filter(|small| small.len() * 10 < body.len() * 9);
        Self { body, gzip, version, content_type: content_type(name) }
    }
}

fn compressed(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).ok()?;
    Some(encoder.finish().ok()?.into())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The address of a static file, which changes when its content does.
pub fn href(path: &str) -> String {
    match ASSETS.get(path) {
        // What others wrote has its version in the path already, and is named by other files without a query.
        Some(_) if path.starts_with("vendor/") => format!("/static/{path}"),
        Some(asset) => format!("/static/{path}?v={}", asset.version),
        None => {
            // A page that names a file which is not there is our mistake: said once for each such file, not once for each page.
            static MISSING: Mutex<Vec<String>> = Mutex::new(Vec::new());
            if let Ok(mut missing) = MISSING.lock()
                && !missing.iter().any(|name| name == path)
            {
                tracing::error!(path, "a page names a static file that does not exist");
                missing.push(path.to_owned());
            }
            format!("/static/{path}")
        }
    }
}

/// Adds `/static/` to the server.
pub fn configure(server: &mut ServiceConfig) {
    server.service(
        web::resource("/static/{path:.*}").route(web::get().to(serve)).route(web::head().to(serve)).default_service(
            web::to(|| async { HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish() }),
        ),
    );
}

async fn serve(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    // Only names that are in the table are ever looked at, so no path can climb out of it.
    let Some(asset) = ASSETS.get(path.as_str()) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("There is no such file");
    };
    let etag = format!("\"{}\"", asset.version);
    let asked = request.query_string().strip_prefix("v=");
    let for_ever = path.starts_with("vendor/") || asked == Some(asset.version.as_str());
    let lifetime = if for_ever { "public, max-age=31536000, immutable" } else { "no-cache" };

    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
        return HttpResponse::NotModified()
            .insert_header((header::ETAG, etag))
            .insert_header((header::CACHE_CONTROL, lifetime))
            .finish();
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, lifetime))
        .insert_header((header::ETAG, etag))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    match &asset.gzip {
        Some(small) if takes_gzip(&request) => {
            response.insert_header((header::CONTENT_ENCODING, "gzip")).body(small.clone())
        }
        // Said to be as it is, so that nothing on the way compresses it again.
        _ => response.insert_header((header::CONTENT_ENCODING, "identity")).body(asset.body.clone()),
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|value| {
        value.split(',').any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("gzip") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::StatusCode;
    use actix_web::{App, test};

    async fn get(path: &str, headers: &[(&'static str, &str)]) -> actix_web::dev::ServiceResponse {
        let app = test::init_service(App::new().configure(configure)).await;
        let mut request = test::TestRequest::get().uri(path);
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        test::call_service(&app, request.to_request()).await
    }

    fn value<'a>(response: &'a actix_web::dev::ServiceResponse, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[actix_web::test]
    async fn a_versioned_file_is_kept_for_a_year_and_sent_small() {
        let response = get(&href("changeover.css"), &[("Accept-Encoding", "gzip, br")]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(value(&response, "content-type"), "text/css; charset=utf-8");
        assert_eq!(value(&response, "content-encoding"), "gzip");
        assert_eq!(value(&response, "cache-control"), "public, max-age=31536000, immutable");
        let etag = value(&response, "etag").to_owned();
        let again = get("/static/changeover.css", &[("If-None-Match", &etag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(value(&again, "cache-control"), "no-cache");
    }

    #[actix_web::test]
    async fn a_browser_that_refuses_gzip_gets_the_file_as_it_is() {
        let response = get("/static/changeover.css", &[("Accept-Encoding", "gzip;q=0")]).await;
        assert_eq!(value(&response, "content-encoding"), "identity");
    }

    #[actix_web::test]
    async fn nothing_outside_the_table_is_served() {
        for path in [
            "/static/../Cargo.toml",
            "/static/..%2fCargo.toml",
            "/static/vendor/README.md",
            "/static/vendor/vendor.sh",
            "/static/%00",
            "/static/",
        ] {
            assert_eq!(get(path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[actix_web::test]
    async fn every_file_that_the_shell_and_its_css_name_is_here() {
        for path in [
            "changeover.css",
            "changeover.js",
            "js-enabled.js",
            "favicon.svg",
            "vendor/htmx-4.0.1.min.js",
            "vendor/htmx-hx-csp-4.0.1.min.js",
            "vendor/nhsuk-frontend-10.6.1/nhsuk-frontend.css",
            "vendor/nhsuk-frontend-10.6.1/nhsuk-frontend.min.js",
        ] {
            assert!(ASSETS.contains_key(path), "{path}");
        }
        let css = String::from_utf8(ASSETS["vendor/nhsuk-frontend-10.6.1/nhsuk-frontend.css"].body.to_vec()).unwrap();
        for (at, _) in css.match_indices("url(\"/static/") {
            let name = &css[at + 13..];
            let name = &name[..name.find('"').unwrap()];
            assert!(ASSETS.contains_key(name), "{name}");
        }
        assert!(!css.contains("assets.nhs.uk"));
    }
}
