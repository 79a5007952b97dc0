use changeover::audit::Actor;
use changeover::notifications::{self, ItemClass};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{MSO, message_of, open, rows};
use crate::support::Portal;

#[sqlx::test]
async fn a_message_says_what_it_is_of_whom_and_what_to_do(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    let file = Uuid::now_v7();
    let mut failed = portal.item("904", "Failed: Smithson, Duke").about("Smithson, Duke");
    failed.message.file = Some((file, "DE_KSS_APP_20260506_00002689.DAT".into()));
    failed.item.file_id = Some(file);
    failed.item.record_no = Some(7);
    failed.item.facts =
        json!({ "vacancy_ref": "KSS-1", "messages": [{ "type": "ERROR", "text": "Position is not active" }] });
    let item = failed.raise().await;
    let mut loaded = portal.item("904", "Created: Turner, Ruth").about("Turner, Ruth");
    (loaded.item.kind, loaded.item.class) = ("dit_app_loaded", ItemClass::Information);
    loaded.item.facts = json!({ "applicant_number": "900000001" });
    let other = loaded.raise().await;

    let page = mso.get(format!("/inbox/{}", message_of(&portal, item).await)).await;
    assert_eq!(page.text("h1"), "Deanery Applicant Notification");
    let words = page.words();
    for expected in [
        "This notification needs action",
        "904 Trust 904",
        "6 May 2026",
        "System, to a role holder",
        "Failed to load (1)",
        "Created (1)",
        "KSS-1",
        "Position is not active",
        "900000001",
        "DE_KSS_APP_20260506_00002689.DAT",
    ] {
        // A code may break after each of its parts.
        let packed = words.replace("_ ", "_");
        assert!(packed.contains(expected), "{expected} is missing from {words}");
    }
    assert!(page.has(&format!("#item-{item}")) && page.has(&format!("#item-{other}")), "an anchor for each item");
    let number: i64 = sqlx::query_scalar("select number from messages").fetch_one(&portal.owner).await.unwrap();
    assert!(words.contains(&number.to_string()));
    assert_eq!(rows(&mso.get(format!("/inbox?class=any&q={number}")).await).len(), 2, "the ID can be searched");

    let panel = open(&portal, &mso, item).await;
    assert!(panel.has(&format!("form[action='/doctors/records/{file}/7/try-again'] input[name=then]")));
    assert!(panel.has(&format!("form[action='/doctors/records/{file}/7/ask-again']")));
    assert!(panel.has(&format!("form[action='/doctors/records/{file}/7/dismiss'] textarea[name=reason]")));
    assert!(panel.words().contains("needs the Recruitment and Applicant Enrolment URP"));
    assert!(!panel.has("form[action$='/done']"));
}

#[sqlx::test]
async fn an_item_closes_itself_says_why_and_opens_again_when_the_fact_breaks_again(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    let item = portal.item("904", "Failed").raise().await;
    open(&portal, &mso, item).await.assert_ok();
    let now = portal.app.now();
    let mut tx = portal.begin("904").await;
    let by = Actor::File("DE_KSS_APP_20260507_00002690.DAT".into());
    notifications::close(
        &mut tx,
        "test:Failed",
        "The application loaded from DE_KSS_APP_20260507_00002690.DAT",
        &by,
        now,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert!(rows(&mso.get("/inbox").await).is_empty());
    let page = open(&portal, &mso, item).await;
    assert!(page.words().contains("The application loaded from DE_KSS_APP_20260507_00002690.DAT"));
    assert_eq!(rows(&mso.get("/inbox?state=closed").await), ["Failed"]);

    // The same message raised again: the item is back, unread.
    assert_eq!(portal.item("904", "Failed").raise().await, item);
    let list = mso.get("/inbox").await;
    assert_eq!(rows(&list), ["Failed"]);
    assert!(list.has(".nhsuk-tag--blue"));
    assert_eq!(portal.count("select item_count::bigint from messages").await, 1);
}

#[sqlx::test]
async fn the_way_on_after_a_decision_elsewhere_is_the_next_item(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    let first = portal.item("904", "First").of_message("a", "Deanery").raise().await;
    let second = portal.item("904", "Second").of_message("b", "Deanery").raise().await;
    // Not decided yet: back to the item, whose page says why.
    let stays = mso.get(format!("/inbox/next?item={second}")).await;
    assert!(stays.assert_redirect().contains(&format!("item={second}")));
    let mut tx = portal.begin("904").await;
    notifications::close(&mut tx, "test:Second", "Dismissed", &Actor::Command, portal.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    let next = mso.get(format!("/inbox/next?item={second}&type=dit_app_failed")).await;
    assert!(next.assert_redirect().contains(&format!("item={first}")));
    assert!(next.assert_redirect().contains("type=dit_app_failed"));
}

#[sqlx::test]
async fn help_contact_privacy_and_the_accessibility_statement_are_open_to_all(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.visitor();
    for (path, heading) in [
        ("/help", "Help"),
        ("/help/contact", "Contact"),
        ("/help/privacy", "Privacy"),
        ("/help/accessibility", "Accessibility statement"),
    ] {
        let page = visitor.get(path).await;
        page.assert_ok();
        assert_eq!(page.text("h1"), heading);
    }
    let mso = portal.sign_in("904", MSO).await;
    let inbox = mso.get("/inbox").await;
    assert_eq!(inbox.attr("footer a", "href"), "/help#inbox");
    assert!(mso.get("/help").await.has("#inbox"));
}
