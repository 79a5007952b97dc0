//! Operators' pages about files: what is expected, what is held, what is read with a reason; and what an officer sees of a decision.

use changeover::access::Right;
use changeover::file_exchange::engine;
use changeover::worker;
use serde_json::Value;
use sqlx::PgPool;

use crate::portal::Portal;
use crate::portal::files::sample;
use crate::support::{Browser, DESKTOP, PHONE, Walk, Way};

async fn ground(pool: PgPool) -> Portal {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002696.DAT").await;
    portal.run_jobs().await;
    portal
}

/// Every page about files at the width of a desk and of a phone: axe, and no sideways scroll.
#[sqlx::test]
async fn pages_about_files_are_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let portal = ground(pool).await;
    let operator = portal.user_named("odette", "0", Right::SysAdmin).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&operator).await;
    let file =
        portal.text("select '/interfaces/files/' || file_id from interface_files where interface = 'applicants'").await;
    let reply = portal
        .text("select '/interfaces/files/' || file_id || '/download' from interface_files where direction = 'out'")
        .await;
    let post = portal.text("select '/interfaces/held-posts/' || held_post_id from held_posts").await;
    let record = format!("{file}/records/1?vpd=904");
    for width in [DESKTOP, PHONE] {
        browser.resize(width).await;
        for path in [
            "/interfaces",
            "/interfaces?view=today",
            "/interfaces/expected",
            "/interfaces/expected/applicants/KSS",
            "/interfaces/upload",
            "/interfaces/codes",
            "/interfaces/codes/job_role",
            "/interfaces/bodies",
            "/interfaces/bodies/KSS",
            &file,
            &record,
            &reply,
            &post,
        ] {
            browser.goto(path).await;
            browser.check_page().await;
        }
    }
    browser.finish().await;
}

/// On a phone, without JavaScript: the operator discards a post and sets another hour; the officer finds one item with the reason, and
/// from it the applications.
#[sqlx::test]
async fn a_discarded_post_reaches_its_officer_without_javascript(pool: PgPool) {
    let portal = ground(pool).await;
    let operator = portal.user_named("odette", "0", Right::SysAdmin).await;
    let officer = portal.user_named("amara", "904", Right::MedicalStaffingOfficer).await;
    let browser = Browser::open_without_javascript(&portal.base, PHONE).await;
    browser.sign_in(&operator).await;
    browser.goto(&portal.text("select '/interfaces/held-posts/' || held_post_id from held_posts").await).await;
    browser.click("input[value=discard]").await;
    browser.fill("reason", "The whole rota was sent by mistake").await;
    browser.press("Confirm").await;
    browser.wait_for_text("The post was discarded").await;
    browser.goto("/interfaces/expected").await;
    browser.click("td a[href^='/interfaces/expected/']").await;
    browser.fill("hour", "16:30").await;
    browser.press("Save").await;
    browser.wait_for_text("is expected by 16:30 on each working day").await;
    browser.check_no_sideways_scroll().await;
    while engine::run_due(&portal.app, &worker::processors()).await.unwrap() > 0 {}
    portal.run_jobs().await;

    browser.press("Sign out").await;
    browser.sign_in(&officer).await;
    browser.goto("/inbox?class=information").await;
    browser.press("41 applications for one post discarded").await;
    browser.wait_for_text("The whole rota was sent by mistake").await;
    browser.press("See the applications").await;
    browser.wait_for_text("41 records for post").await;
    browser.check_no_sideways_scroll().await;
    browser.finish().await;
}

/// Who watches a file sees it become processed without loading the page anew, however long it waits.
#[sqlx::test]
async fn the_page_of_a_file_keeps_itself_up_to_date(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let odette = portal.user_named("odette", "0", Right::SysAdmin).await;
    portal.run_jobs().await;
    let mut walk = Walk::start(&portal, Way::Mouse).await;
    walk.sign_in(&odette).await;
    walk.open("/interfaces/upload").await;
    walk.upload("File", &sample("DE_KSS_APP_20260506_00002689.DAT")).await;
    walk.press("Upload").await;
    walk.sees("Waiting its turn").await;
    walk.browser.script("window.stayed = true").await;
    // It has asked twice, so what it got the first time asks again.
    let asked = "return performance.getEntriesByType('resource').filter(e => e.name === location.href).length >= 2";
    while walk.browser.script(asked).await != Value::Bool(true) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    while engine::run_due(&portal.app, &worker::processors()).await.unwrap() > 0 {}
    walk.sees("Confirmed, some failed").await;
    assert_eq!(walk.browser.script("return window.stayed").await, Value::Bool(true), "the page was not loaded anew");
    portal.run_jobs().await;
    walk.finish().await;
}
