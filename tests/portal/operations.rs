//! What operators rely on: figures for few eyes, logs without people in them, a portal that outlives its database.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use changeover::access::Right;
use http::{HeaderMap, Method};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::PgPool;
use tempfile::TempDir;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::program::{Serving, run, succeed};
use crate::support::{Portal, Visitor};

#[sqlx::test]
async fn http_7_figures_are_for_named_addresses_whatever_a_header_claims(pool: PgPool) {
    let portal = Portal::start_with(pool, &[("CHANGEOVER_METRICS_FROM", "10.9.8.7")]).await;
    for name in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP"] {
        let mut headers = HeaderMap::new();
        let value = if name == "Forwarded" { "for=10.9.8.7" } else { "10.9.8.7" };
        headers.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        let page = portal.visitor().send(Method::GET, "/metrics", headers, Vec::new()).await;
        assert_eq!(page.status, 404, "{name}");
    }
}

#[sqlx::test]
async fn figures_count_requests_jobs_and_connections(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.item("904", "One").raise().await;
    portal.visitor().get("/sign-in").await.assert_ok();
    let figures = portal.visitor().get("/metrics").await.body;
    for figure in [
        "http_requests_total{",
        "route=\"/sign-in\"",
        "jobs_waiting{kind=\"email.summaries_at_once\"} 1",
        "database_connections ",
    ] {
        assert!(figures.contains(figure), "{figure} is not in\n{figures}");
    }
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[test]
fn log_1_whatever_a_value_holds_it_stays_in_one_line_of_json() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::registry().with(changeover::telemetry::lines(move || writer.clone()));
    let evil = "a\r\n{\"level\":\"INFO\",\"message\":\"signed in\"}\u{1b}[2J\u{1b}]0;x\u{7} \"quoted\" \\ \u{2028}";
    tracing::subscriber::with_default(subscriber, || {
        tracing::warn!(agent = evil, file.name = evil, name = ?evil, "a name: {evil}");
    });
    let text = log.text();
    assert_eq!(text.matches('\n').count(), 1, "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\r') && !text.contains('\u{7}'), "{text:?}");
    let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!(line["agent"], evil);
}

/// Names and secrets that a session types in must be in no log, no figure and no answer to somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn log_2_no_person_and_no_secret_is_in_logs_or_figures() {
    let folder = data_folder();
    succeed(folder.path(), &["migrate"]);
    let add = ["user", "add", "canary.user", "--name", "Canaryname Person", "--email", "canary.mail@nhs.example"];
    let link = succeed(folder.path(), &add);
    let token = link.trim().rsplit('/').next().unwrap().to_owned();
    let (serving, log) = Serving::start_logged(folder.path()).await;
    let visitor = Visitor::new(&serving.base);
    visitor.get("/sign-in?next=/doctors?q=Canaryname").await.assert_ok();
    visitor.post("/sign-in", [("username", "canary.user"), ("password", "canary password typed")]).await;
    visitor.post("/sign-in", [("username", "canary.user@typed"), ("password", "canary password typed")]).await;
    visitor.get(format!("/password/{token}")).await;
    visitor.get("/nothing/Canaryname?ni=QQ123456C").await;
    visitor.post_raw("/sign-in", "username=Canaryname&csrf=wrong".to_owned()).await;
    let figures = visitor.get("/metrics").await.body;
    drop(serving);
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(logged.lines().count() > 5, "{logged}");
    for canary in ["Canaryname", "canary.mail", "canary password", "QQ123456C", &token, "canary.user@typed"] {
        assert!(!logged.contains(canary), "{canary} is in the log:\n{logged}");
        assert!(!figures.contains(canary), "{canary} is in the figures:\n{figures}");
    }
    for line in logged.lines().filter(|line| !line.starts_with("Changeover is at")) {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "not JSON: {line}");
    }
}

fn data_folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// A process id of the private database under this folder.
fn postmaster(folder: &TempDir) -> Pid {
    let text = std::fs::read_to_string(folder.path().join("postgres/pg/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().trim().parse().unwrap()).unwrap()
}

async fn password_of(folder: &TempDir, username: &str) {
    use std::process::Stdio;
    let mut command = crate::support::program::program(folder.path());
    let add = ["user", "add", username, "--name", "Op One", "--email", "op@nhs.example", "--password-stdin"];
    let mut child = command.args(add).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse battery staple\n").unwrap();
    assert!(child.wait().unwrap().success());
    succeed(folder.path(), &["user", "grant", username, "--urp", "SYS_ADMIN"]);
}

async fn sign_in(base: &str, username: &str) -> Visitor {
    let visitor = Visitor::new(base);
    visitor.get("/sign-in").await.assert_ok();
    let fields = [("username", username), ("password", "correct horse battery staple")];
    visitor.post("/sign-in", fields).await.assert_redirect();
    // The session is another one now, and so is its token.
    visitor.get("/account").await.assert_ok();
    visitor
}

#[tokio::test(flavor = "multi_thread")]
async fn f_4_a_database_that_stops_and_starts_is_found_again_within_ten_seconds() {
    let folder = data_folder();
    succeed(folder.path(), &["migrate"]);
    password_of(&folder, "op").await;
    let serving = Serving::start(folder.path()).await;
    let visitor = sign_in(&serving.base, "op").await;
    assert_eq!(visitor.get("/readyz").await.status, 200);

    // What `pg_ctl -m immediate` sends.
    kill_process(postmaster(&folder), Signal::QUIT).unwrap();
    let stopped = Instant::now();
    loop {
        let ready = visitor.get("/readyz").await;
        if ready.status == 503 {
            break;
        }
        assert!(stopped.elapsed() < Duration::from_secs(5), "readyz says ready without a database");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let page = visitor.get("/account").await;
    assert_eq!(page.status, 503, "{}", page.words());
    assert!(page.header("retry-after").is_some());
    let form = visitor.post_raw("/account/preferences", "mail=never".to_owned()).await;
    assert_eq!(form.status, 503, "nobody is told to sign in again: {}", form.words());
    assert_eq!(visitor.get("/healthz").await.status, 200, "the process is well");

    // Any command starts it again; this one ends at once and leaves it to the portal.
    succeed(folder.path(), &["user", "list"]);
    let started = Instant::now();
    while visitor.get("/account").await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(10), "the portal does not find its database again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(visitor.get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn f_1_a_portal_killed_under_load_did_each_post_whole_or_not_at_all() {
    let folder = data_folder();
    succeed(folder.path(), &["migrate"]);
    password_of(&folder, "op").await;
    let serving = Serving::start(folder.path()).await;
    let mut visitors = Vec::new();
    for _ in 0..4 {
        visitors.push(Arc::new(sign_in(&serving.base, "op").await));
    }
    let answered = Arc::new(Mutex::new(0_usize));
    let posts: Vec<_> = visitors
        .iter()
        .map(|visitor| {
            let (visitor, answered) = (Arc::clone(visitor), Arc::clone(&answered));
            tokio::spawn(async move {
                loop {
                    let fields = [("mail_frequency", "daily"), ("mail_hour", "9"), ("after_decision", "list")];
                    match visitor.try_post("/account/preferences", &fields).await {
                        Ok(303) => *answered.lock().unwrap() += 1,
                        Ok(other) => panic!("the portal answered {other}"),
                        Err(_gone) => return,
                    }
                }
            })
        })
        .collect();
    let begun = Instant::now();
    while *answered.lock().unwrap() < 40 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the portal answers too few posts");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(serving); // kill -9
    for post in posts {
        post.await.unwrap();
    }
    let answered = *answered.lock().unwrap();
    // Each answered post wrote one row of audit; of those on their way at most one each is done and unanswered.
    let verified = succeed(folder.path(), &["audit", "verify", "--json"]);
    let chain: serde_json::Value = serde_json::from_str(verified.lines().next().unwrap()).unwrap();
    assert_eq!(chain["intact"], true, "{verified}");
    let again = Serving::start(folder.path()).await;
    let visitor = sign_in(&again.base, "op").await;
    visitor.get("/account").await.assert_ok();
    let rows = usize::try_from(chain["rows"].as_u64().unwrap()).unwrap();
    let before = 2 + 4; // user added and given a right, four sign-ins
    assert!(rows >= before + answered, "{rows} rows for {answered} answers: an answered post is lost");
    assert!(rows <= before + answered + 4, "{rows} rows for {answered} answers: a post was done twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_setting_is_named() {
    let folder = data_folder();
    let mut command = crate::support::program::program(folder.path());
    let output = command.args(["migrate"]).env("CHANGEOVER_TODAY", "tomorrow").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("CHANGEOVER_TODAY"));
    assert_eq!(run(folder.path(), &["user", "grant", "x"]).status.code(), Some(2));
}

#[sqlx::test]
async fn sign_in_is_seen_in_the_audit_of_operations(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.sign_in("904", Right::VpdAdmin).await;
    assert_eq!(portal.audit("0").await, ["signed_in"]);
}
