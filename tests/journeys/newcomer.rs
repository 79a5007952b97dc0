//! What the README promises a newcomer: the demonstration, and three personas who do their first thing in it, each in every way.

use changeover::{demo, worker};
use sqlx::PgPool;

use crate::portal::Portal;
use crate::portal::files::sample;
use crate::support::{Account, Browser, DESKTOP, Walk, Way, in_every_way};

async fn demonstration(pool: PgPool) -> Portal {
    let portal = Portal::start(pool).await;
    demo::load(&portal.app, &worker::processors()).await.unwrap();
    portal
}

/// The officer finds a failed applicant from the first page, sees why, and closes it.
#[sqlx::test]
async fn the_officer_finds_the_failed_applicant_sees_why_and_closes_it(pool: PgPool) {
    let portal = demonstration(pool).await;
    let waiting = "select count(*) from items where vpd = '941' and type = 'dit_app_failed' and state = 'open'";
    let before = portal.count(waiting).await;
    in_every_way(&portal, Account::persona("mso.941"), async |walk: &mut Walk| {
        let left = portal.count(waiting).await;
        walk.press(&format!("{left} failed to load")).await;
        walk.sees("Filters (1 applied)").await;
        // One that is called by its name, and why it failed.
        let (title, why): (String, String) = sqlx::query_as(
            "select coalesce(person_name, title), facts->'messages'->0->>'text' from items
              where vpd = '941' and type = 'dit_app_failed' and state = 'open' order by title limit 1",
        )
        .fetch_one(&portal.owner)
        .await
        .unwrap();
        walk.press(&title).await;
        walk.sees(&why).await;
        walk.press("Dismiss it").await;
        walk.fill("Why is nothing to be done about it?", "The deanery has withdrawn this doctor").await;
        walk.press("Dismiss").await;
        walk.sees("The record is dismissed, and its item is closed").await;
        assert_eq!(portal.count(waiting).await, left - 1);
    })
    .await;
    assert_eq!(portal.count(waiting).await, before - 4);
}

/// The operator drops a file into the folder and watches it through; the worker is at its work meanwhile.
#[sqlx::test]
async fn the_operator_drops_a_file_into_the_folder_and_watches_it_through(pool: PgPool) {
    let portal = demonstration(pool).await;
    let inbound = portal.app.config.exchange.join("inbound");
    std::fs::create_dir_all(&inbound).unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let work = tokio::spawn(worker::run(portal.app.clone(), stopped));
    in_every_way(&portal, Account::persona("operator"), async |walk: &mut Walk| {
        let (name, becomes, said) = match walk.way {
            Way::Mouse => ("GO_904_EXP_GOF_20260505_00000001.DAT", "Processed", "250"),
            Way::Phone => ("GO_917_EXP_GOF_20260505_00000001.DAT", "Processed", "239"),
            Way::Keyboard => ("GO_931_EXP_GOF_20260505_00000001.DAT", "Processed", "163"),
            Way::NoScript => ("DE_KSS_APP_20260506_00002689.DAT", "Confirmed, some failed", "61"),
        };
        std::fs::copy(sample(name), inbound.join(".part")).unwrap();
        std::fs::rename(inbound.join(".part"), inbound.join(name)).unwrap();
        walk.open_until(&format!("/interfaces?name={name}"), becomes).await;
        walk.press(name).await;
        walk.sees("What happened").await;
        walk.sees(said).await;
    })
    .await;
    stop.send(true).unwrap();
    work.await.unwrap();
}

/// The administrator sees which role nobody holds, and what that means.
#[sqlx::test]
async fn the_administrator_sees_which_role_nobody_holds(pool: PgPool) {
    let portal = demonstration(pool).await;
    in_every_way(&portal, Account::persona("admin.941"), async |walk: &mut Walk| {
        walk.open("/admin").await;
        walk.press("Role map").await;
        walk.sees("Roles that nobody holds").await;
        walk.sees("PDS Notification").await;
    })
    .await;
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
    browser.sign_in(Account::persona("mso.941")).await;
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
