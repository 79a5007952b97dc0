use changeover::access::Right;
use http::{HeaderMap, Method};
use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::Portal;

/// The status that a request gets, byte for byte as written.
async fn raw(portal: &Portal, request: &str) -> u16 {
    let mut stream = tokio::net::TcpStream::connect(portal.base.trim_start_matches("http://")).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    // The server may answer and hang up before all is written.
    let _sent = writer.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _read = tokio::time::timeout(std::time::Duration::from_secs(2), reader.read_to_end(&mut answer)).await;
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

#[sqlx::test]
async fn http_2_odd_methods_and_sizes_are_refused(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let host = portal.base.trim_start_matches("http://").to_owned();
    let head = format!("Host: {host}\r\nConnection: close\r\n");
    for method in ["TRACE", "PROPFIND", "PUT", "DELETE", "OPTIONS", "get"] {
        assert_eq!(raw(&portal, &format!("{method} /sign-in HTTP/1.1\r\n{head}\r\n")).await, 405, "{method}");
    }
    let long = "x".repeat(200_000);
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    for (what, request) in [
        ("a long header", format!("GET /sign-in HTTP/1.1\r\n{head}X-Long: {long}\r\n\r\n")),
        ("many headers", format!("GET /sign-in HTTP/1.1\r\n{head}{many}\r\n")),
        ("a long address", format!("GET /{long} HTTP/1.1\r\n{head}\r\n")),
    ] {
        let status = raw(&portal, &request).await;
        assert!(status == 0 || (400..500).contains(&status), "{what}: {status}");
    }
    assert_eq!(raw(&portal, &format!("GET /sign-in HTTP/1.1\r\n{head}\r\n")).await, 200, "and goes on serving");
}

/// What a browser says of a blocked script is taken from anybody, in both formats, and only so much of it.
#[sqlx::test]
async fn csp_1_reports_are_taken_from_anybody_and_bounded(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = visitor.get("/account").await;
    assert!(page.header("content-security-policy").unwrap().contains("; report-uri /csp-reports"));
    assert_eq!(page.header("reporting-endpoints").unwrap(), "csp=\"/csp-reports\"");
    let send = |kind: &'static str, body: String| {
        let visitor = &visitor;
        async move {
            let mut headers = HeaderMap::new();
            headers.insert("Content-Type", kind.parse().unwrap());
            visitor.send(Method::POST, "/csp-reports", headers, body.into_bytes()).await.status
        }
    };
    let new = r#"[{"type":"csp-violation","body":{"documentURL":"http://x/inbox?q=Davies","effectiveDirective":"script-src-elem","blockedURL":"inline"}}]"#;
    let old = r#"{"csp-report":{"document-uri":"http://x/","violated-directive":"img-src","blocked-uri":"data"}}"#;
    let sessions = portal.count("select count(*) from sessions").await;
    assert_eq!(send("application/reports+json", new.to_owned()).await, 204);
    assert_eq!(send("application/csp-report", old.to_owned()).await, 204);
    assert_eq!(send("application/csp-report", "{".to_owned()).await, 400);
    assert_eq!(send("text/plain", old.to_owned()).await, 415);
    assert_eq!(send("application/x-www-form-urlencoded", "a=b".to_owned()).await, 415, "and no new session");
    assert_eq!(send("application/reports+json", format!("[{}]", " ".repeat(20_000))).await, 413);
    assert_eq!(portal.count("select count(*) from sessions").await, sessions);
    let figures = visitor.get("/metrics").await.words();
    assert!(figures.contains(r#"csp_reports_total{directive="script-src-elem"}"#), "{figures}");
    let mut last = 0;
    for _ in 0..60 {
        last = send("application/csp-report", old.to_owned()).await;
    }
    assert_eq!(last, 429, "sixty a minute");
}

#[sqlx::test]
async fn http_3_no_spelling_of_a_path_gets_past_sign_in(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let host = portal.base.trim_start_matches("http://").to_owned();
    for path in [
        "//admin/users",
        "/./admin/users",
        "/x/../admin/users",
        "/%61dmin/users",
        "/admin%2fusers",
        "/admin/users;x",
        "/admin/users%00",
        "/admin\\users",
        "/admin/%c0%af",
        "/ADMIN/users",
        "/admin/users/",
    ] {
        let status = raw(&portal, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        assert!([303, 400, 404].contains(&status), "{path}: {status}");
    }
}

#[sqlx::test]
async fn http_4_sign_in_leads_only_to_pages_of_ours(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    for (next, leads_to) in [
        ("/inbox?state=open", "/inbox?state=open"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        (" //evil.example", "/"),
    ] {
        let fields = [("username", user.username.as_str()), ("password", "a long password for tests"), ("next", next)];
        assert_eq!(portal.visitor().post("/sign-in", fields).await.assert_redirect(), leads_to, "{next:?}");
    }
}

#[sqlx::test]
async fn http_5_private_pages_are_never_cached_and_assets_are(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let mut headers = HeaderMap::new();
    headers.insert("Range", "bytes=0-10".parse().unwrap());
    headers.insert("If-None-Match", "*".parse().unwrap());
    headers.insert("X-Forwarded-Scheme", "http".parse().unwrap());
    let page = visitor.send(Method::GET, "/account", headers, Vec::new()).await;
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
    let asset = page.attr("link[rel=stylesheet]", "href");
    let asset = portal.visitor().get(asset).await;
    assert!(asset.header("cache-control").unwrap().contains("max-age=31536000"), "{:?}", asset.headers);
    assert!(asset.header("set-cookie").is_none());
}

#[sqlx::test]
async fn http_6_error_pages_tell_a_reference_and_nothing_of_the_inside(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::VpdAdmin).await;
    // A fault of ours: the audit trail cannot be read.
    sqlx::query("revoke select on audit from changeover_app").execute(&portal.owner).await.unwrap();
    let broken = visitor.get("/admin/audit").await;
    sqlx::query("grant select on audit to changeover_app").execute(&portal.owner).await.unwrap();
    assert_eq!(broken.status, 500);
    let references = broken.texts("main .app-code");
    assert_eq!(references.len(), 1, "{}", broken.words());
    assert_eq!(references[0].len(), 36);
    let pages = [
        broken,
        visitor.get("/nothing").await,
        visitor.get("/admin/organisations").await,
        visitor.get("/admin/audit?before=x").await,
        visitor.post_raw("/account/preferences", "mail_hour=1&mail_hour=2".to_owned()).await,
    ];
    for page in &pages {
        let words = page.words().to_lowercase();
        for inside in
            ["sqlx", "postgres", "select ", "permission denied", "panicked", "src/", ".rs", "actix", "0.1.0", "stack"]
        {
            assert!(!words.contains(inside), "{inside} on a page of {}:\n{words}", page.status);
        }
        assert!(page.header("server").is_none());
        assert!((400..=503).contains(&page.status));
    }
}
