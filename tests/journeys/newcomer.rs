//! What the README promises a newcomer: the demonstration, and three personas who do their first thing in it. Every page that they have is
//! judged by axe at the width of a desk and of a phone.

use changeover::{demo, worker};
use sqlx::PgPool;

use crate::portal::Portal;
use crate::support::{Browser, DESKTOP, PHONE};

async fn demonstration(pool: PgPool) -> Portal {
    let portal = Portal::start(pool).await;
    demo::load(&portal.app, &worker::processors()).await.unwrap();
    portal
}

async fn sign_in(browser: &Browser, username: &str) {
    browser.goto("/sign-in").await;
    browser.fill("username", username).await;
    browser.fill("password", demo::PASSWORD).await;
    browser.press("Sign in").await;
    browser.wait_for_text("Your work today").await;
}

/// Each page at both widths: axe, one heading, no sideways scroll.
async fn judge(browser: &Browser, paths: &[String]) {
    for path in paths {
        for width in [DESKTOP, PHONE] {
            browser.resize(width).await;
            browser.goto(path).await;
            browser.find("body[data-ready]").await;
            browser.check_page().await;
        }
    }
    browser.resize(DESKTOP).await;
}

async fn id(portal: &Portal, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(&portal.owner).await.unwrap()
}

#[sqlx::test]
async fn the_officer_finds_the_failed_applicant_sees_why_and_closes_it(pool: PgPool) {
    let portal = demonstration(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    sign_in(&browser, "mso.941").await;
    browser.goto("/inbox?type=dit_app_failed").await;
    browser.wait_for_text("Mandatory item LAST_NAME not supplied").await;
    let item = id(
        &portal,
        "select item_id::text from items where vpd = '941' and facts::text like '%LAST_NAME not supplied%'",
    )
    .await;
    let message = id(
        &portal,
        "select message_id::text from items where vpd = '941' and facts::text like '%LAST_NAME not supplied%'",
    )
    .await;
    browser.goto(&format!("/inbox/{message}?item={item}")).await;
    browser.wait_for_text("Mandatory item LAST_NAME not supplied. Application rejected.").await;
    browser.click("#panel details summary").await;
    browser.fill("reason", "The deanery has withdrawn this doctor").await;
    browser.press("Dismiss").await;
    browser.wait_for_text("ismissed").await;
    let state =
        id(&portal, "select state from items where vpd = '941' and facts::text like '%LAST_NAME not supplied%'").await;
    assert_ne!(state, "open");
    browser.finish().await;
}

#[sqlx::test]
async fn the_operator_drops_a_file_into_the_folder_and_watches_it_through(pool: PgPool) {
    let portal = demonstration(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    sign_in(&browser, "operator").await;
    let name = "GO_904_EXP_GOF_20260505_00000001.DAT";
    let inbound = portal.app.config.exchange.join("inbound");
    std::fs::create_dir_all(&inbound).unwrap();
    std::fs::copy(format!("tests/fixtures/doctors-in-training/{name}"), inbound.join(".part")).unwrap();
    std::fs::rename(inbound.join(".part"), inbound.join(name)).unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let work = tokio::spawn(worker::run(portal.app.clone(), stopped));
    for _ in 0..60 {
        browser.goto(&format!("/interfaces?name={name}")).await;
        if browser.text("main").await.contains("Processed") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    browser.wait_for_text("Processed").await;
    let file =
        id(&portal, "select file_id::text from interface_files where file_name like 'GO_904%' and state = 'processed'")
            .await;
    browser.goto(&format!("/interfaces/files/{file}")).await;
    browser.wait_for_text("250").await;
    stop.send(true).unwrap();
    work.await.unwrap();
    let applicants = id(
        &portal,
        "select file_id::text from interface_files where file_name like 'DE_WES_APP%' and state <> 'refused'",
    )
    .await;
    let refused = id(&portal, "select file_id::text from interface_files where state = 'refused'").await;
    let pages = [
        "/",
        "/inbox",
        "/interfaces",
        "/interfaces?view=today",
        "/interfaces?view=held",
        "/interfaces/upload",
        "/admin",
        "/admin/organisations",
        "/admin/audit",
        "/admin/users",
        "/admin/work",
    ];
    let mut pages: Vec<String> = pages.map(str::to_owned).to_vec();
    pages.extend([format!("/interfaces/files/{applicants}"), format!("/interfaces/files/{refused}")]);
    judge(&browser, &pages).await;
    browser.finish().await;
}

#[sqlx::test]
async fn the_administrator_sees_which_role_nobody_holds(pool: PgPool) {
    let portal = demonstration(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    sign_in(&browser, "admin.941").await;
    browser.goto("/admin/roles").await;
    browser.wait_for_text("Roles that nobody holds").await;
    assert!(browser.text("main").await.contains("PDS Notification"));
    let user = id(&portal, "select user_id::text from users where username = 'mso.941'").await;
    let pages =
        ["/", "/admin", "/admin/roles", "/admin/users", "/admin/users/new", "/admin/audit", "/admin/mail", "/account"];
    let mut pages: Vec<String> = pages.map(str::to_owned).to_vec();
    pages.push(format!("/admin/users/{user}"));
    judge(&browser, &pages).await;
    browser.finish().await;
}

#[sqlx::test]
async fn positions_and_people_are_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let portal = demonstration(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    sign_in(&browser, "positions.941").await;
    let person = id(
        &portal,
        "select person_id from people where vpd = '941' and origin = 'generic_outbound' order by 1 limit 1",
    )
    .await;
    let pages =
        ["/positions", "/positions?q=Paediatrics", "/positions/941100003", "/positions/941100003?on=2020-01-01"];
    let mut pages: Vec<String> = pages.map(str::to_owned).to_vec();
    pages.push(format!("/people/{person}"));
    judge(&browser, &pages).await;
    browser.finish().await;
}

/// CSP-1: no page is refused anything by its own policy; CSP-2: each answer has a nonce of its own.
#[sqlx::test]
async fn csp_2_two_loads_of_a_page_have_two_nonces(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", changeover::access::Right::MedicalStaffingOfficer).await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = visitor.get("/inbox").await;
        let policy = page.header("content-security-policy").unwrap().to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned();
        assert!(nonce.len() >= 22, "at least 128 bits: {nonce}");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

/// CSP-1: the officer's pages raise no report, and ask no other server for anything.
#[sqlx::test]
async fn csp_1_no_page_breaks_its_policy_or_asks_elsewhere(pool: PgPool) {
    let portal = demonstration(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    sign_in(&browser, "mso.941").await;
    for path in ["/", "/inbox", "/doctors", "/interfaces", "/positions", "/account", "/help"] {
        browser.goto(path).await;
        browser.find("body[data-ready]").await;
        let asked = browser.script("return performance.getEntriesByType('resource').map(e => e.name)").await;
        for address in asked.as_array().unwrap() {
            assert!(address.as_str().unwrap().starts_with(&portal.base), "{path} asks {address}");
        }
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.finish().await;
}
