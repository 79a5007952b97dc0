//! What the policy keeps from running, the browser itself tells the portal.

use std::time::Duration;

use sqlx::PgPool;

use crate::portal::Portal;
use crate::support::{Browser, DESKTOP};

#[sqlx::test]
async fn csp_1_a_browser_reports_what_it_blocked(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.goto("/sign-in").await;
    browser
        .script("const i = document.createElement('img'); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i)")
        .await;
    let visitor = portal.visitor();
    let counted = r#"csp_reports_total{directive="img-src"}"#;
    for _ in 0..50 {
        if visitor.get("/metrics").await.body.contains(counted) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(visitor.get("/metrics").await.body.contains(counted));
    assert!(browser.complaints().await.iter().all(|complaint| complaint.contains("Content Security Policy")));
    browser.finish().await;
}
