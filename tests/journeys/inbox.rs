//! The Medical Staffing Officer's morning: what came, why it failed, who has it, done, and the next.

use changeover::access::Right;
use changeover::notifications::ItemClass;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::portal::{Portal, User};
use crate::support::{Browser, DESKTOP, PHONE};

/// Two failed records, one doctor who came, and three held posts.
async fn ground(pool: PgPool) -> (Portal, User, Vec<Uuid>) {
    let portal = Portal::start(pool).await;
    let user = portal.user_named("maya", "904", Right::MedicalStaffingOfficer).await;
    portal.user_named("idris", "904", Right::MedicalStaffingOfficer).await;
    for (name, why) in [
        ("Smithson, Duke", "POSITION_ID 1 is not the id of a position"),
        ("Turner, Ruth", "REG_NO_1 912345 is not a GMC number"),
    ] {
        let mut item = portal
            .item("904", &format!("Application of {name} failed"))
            .about(name)
            .starting_on("2026-08-05".parse().unwrap());
        item.message.file = Some((Uuid::now_v7(), "DE_KSS_APP_20260506_00002689.DAT".into()));
        item.item.file_id = item.message.file.as_ref().map(|(id, _)| *id);
        item.item.record_no = Some(7);
        item.item.dpn = Some("WAL/1D9PL/527/TYU/987".into());
        item.item.facts = json!({ "vacancy_ref": "KSS-7", "messages": [{ "type": "ERROR", "text": why }] });
        item.raise().await;
    }
    let mut loaded = portal.item("904", "Application created").about("Okafor, Lowri");
    (loaded.item.kind, loaded.item.class) = ("dit_app_loaded", ItemClass::Information);
    loaded.raise().await;
    let mut held = Vec::new();
    for n in 1..=3 {
        let mut item = portal
            .item("904", &format!("Post {n} is held"))
            .of_message(&format!("held{n}"), "Deanery Applicant Notification");
        item.item.kind = "data_quality";
        held.push(item.raise().await);
    }
    (portal, user, held)
}

/// Every page of the inbox at the width of a desk and of a phone: axe, no sideways scroll, no shortcut of one letter.
#[sqlx::test]
async fn pages_are_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let (portal, user, held) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    let message: Uuid = sqlx::query_scalar("select message_id from items where item_id = $1")
        .bind(held[0])
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    let deanery: Uuid = sqlx::query_scalar("select message_id from items where person_name = 'Turner, Ruth'")
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    let failed: Uuid = sqlx::query_scalar("select item_id from items where person_name = 'Turner, Ruth'")
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    for path in [
        "/".to_owned(),
        "/inbox".to_owned(),
        "/inbox?class=information".to_owned(),
        "/inbox?q=nobody+of+that+name&mine=yes".to_owned(),
        "/inbox?from=soon".to_owned(),
        "/inbox/bulk?action=claim&all=yes".to_owned(),
        format!("/inbox/{message}?item={}", held[0]),
        format!("/inbox/{deanery}"),
        format!("/inbox/{deanery}?item={failed}"),
        "/help".to_owned(),
        "/help/contact".to_owned(),
        "/help/privacy".to_owned(),
        "/help/accessibility".to_owned(),
    ] {
        for width in [DESKTOP, PHONE] {
            browser.resize(width).await;
            browser.goto(&path).await;
            browser.find("body[data-ready]").await;
            browser.check_page().await;
        }
        browser.check_letters_do_nothing().await;
    }
    browser.resize(DESKTOP).await;
    browser.goto("/inbox").await;
    browser.screenshot("inbox").await;
    browser.finish().await;
}

/// Triage by keyboard alone: open an item, decide, and the next one is there; three keys each.
#[sqlx::test]
async fn three_items_are_decided_by_keyboard_alone(pool: PgPool) {
    let (portal, user, _) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    browser.goto("/inbox?type=data_quality").await;
    browser.tab_to(".app-inbox__item a").await;
    browser.enter().await;
    for left in ["2 left", "1 left", "Nothing is left"] {
        browser.find("#panel").await;
        // One Tab from the item's heading is the decision.
        browser.tab().await;
        assert_eq!(browser.focused().await, "done");
        browser.enter().await;
        browser.wait_for_text(left).await;
    }
    assert_eq!(browser.path().await, "/inbox?type=data_quality");
    browser.wait_for_text("Nothing is left in this list").await;
    assert_eq!(portal.count("select count(*) from items where state = 'done'").await, 3);
    browser.press("Undo").await;
    browser.wait_for_text("1 item is as before").await;
    assert_eq!(portal.count("select count(*) from items where state = 'done'").await, 2);
    browser.finish().await;
}

/// What htmx swaps keeps the focus and is announced; the address says what is shown.
#[sqlx::test]
async fn a_swap_keeps_the_focus_and_is_announced(pool: PgPool) {
    let (portal, user, held) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    browser.goto("/inbox").await;
    browser.find("body[data-ready]").await;
    browser.press("Filters").await;
    browser.fill("q", "Turner").await;
    browser.script("window.stayed = true").await;
    browser.press("Apply filters").await;
    browser.wait_for_text("Remove filter").await;
    assert_eq!(browser.script("return window.stayed").await, Value::Bool(true), "the page was not loaded anew");
    assert_eq!(browser.path().await, "/inbox?q=Turner");
    assert_eq!(browser.focused().await, "apply");
    browser.find("#announcement:not(:empty)").await;
    assert_eq!(browser.script("return document.getElementById('announcement').textContent").await, "1 notification");

    browser.goto(&format!("/inbox?q={}", "Post+1")).await;
    browser.click(".app-inbox__item a").await;
    browser.find("#panel").await;
    browser.find("body[data-ready]").await;
    browser.script("window.stayed = true").await;
    browser.press("Claim").await;
    browser.find("#release").await;
    assert_eq!(browser.script("return window.stayed").await, Value::Bool(true));
    assert_ne!(browser.script("return document.activeElement.tagName").await, "BODY", "focus was lost");
    let state: String = sqlx::query_scalar("select state from items where item_id = $1")
        .bind(held[0])
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    assert_eq!(state, "claimed");
    browser.fill("note", "Phoned the deanery").await;
    browser.press("Add note").await;
    browser.wait_for_text("Note added").await;
    assert!(browser.text(".app-timeline").await.contains("Phoned the deanery"));
    browser.finish().await;
}

/// The same without JavaScript: claim two at once, be told, take it back.
#[sqlx::test]
async fn it_all_works_without_javascript(pool: PgPool) {
    let (portal, user, _) = ground(pool).await;
    let browser = Browser::open_without_javascript(&portal.base, PHONE).await;
    browser.sign_in(&user).await;
    browser.goto("/inbox?type=data_quality").await;
    assert!(!browser.has("body[data-ready]").await);
    let boxes = browser.client.find_all(fantoccini::Locator::Css("input[name=item]")).await.unwrap();
    for one in &boxes[..2] {
        one.click().await.unwrap();
    }
    browser.press("Claim").await;
    browser.wait_for_text("2 items claimed").await;
    browser.press("Undo").await;
    browser.wait_for_text("2 items are as before").await;
    browser.goto("/inbox").await;
    browser.click(".app-filter summary").await;
    browser.fill("q", "Smithson").await;
    browser.press("Apply filters").await;
    browser.wait_for_text("POSITION_ID 1 is not the id of a position").await;
    browser.click(".app-inbox__item a").await;
    browser.find("form[action$='/try-again'] button").await;
    assert_eq!(portal.count("select count(*) from items where state = 'claimed'").await, 0);
    browser.finish().await;
}
