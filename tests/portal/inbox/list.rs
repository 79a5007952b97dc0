use changeover::access::Right;
use changeover::notifications::{self, ItemClass, ItemDraft, MessageType};
use sqlx::PgPool;

use super::{MSO, held, open, rows};
use crate::support::Portal;

#[sqlx::test]
async fn rows_stand_under_their_message_unread_first_and_the_numbers_are_those_of_the_rows(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    let old = portal.item("904", "First").of_message("a", "Deanery Applicant Notification").raise().await;
    portal.item("904", "Second").of_message("b", "Deanery Applicant Notification").raise().await;
    portal.item("904", "Third").of_message("b", "Deanery Applicant Notification").raise().await;
    let page = mso.get("/inbox").await;
    assert_eq!(page.text("h1"), "Inbox (3 need action)");
    assert_eq!(rows(&page), ["Third", "Second", "First"]);
    assert_eq!(page.texts(".app-inbox__group").len(), 2, "two messages");
    assert_eq!(page.texts(".nhsuk-tag--blue").len(), 3);

    // Opening a message reads all of it: its rows go below what is still unread.
    let newer = portal.item("904", "Fourth").of_message("c", "Deanery Applicant Notification").raise().await;
    open(&portal, &mso, newer).await.assert_ok();
    let page = mso.get("/inbox").await;
    assert_eq!(rows(&page), ["Third", "Second", "First", "Fourth"]);
    open(&portal, &mso, old).await.assert_ok();
    assert_eq!(rows(&mso.get("/inbox").await), ["Third", "Second", "Fourth", "First"]);

    let colleague = portal.sign_in("904", MSO).await;
    assert_eq!(rows(&colleague.get("/inbox").await)[0], "Fourth", "unread is each reader's own");
}

#[sqlx::test]
async fn pages_follow_each_other_both_ways_through_unread_and_read(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    for n in 1..=60 {
        let item = held(&portal, "904", &format!("Item {n:02}")).of_message(&format!("m{n}"), "Held").raise().await;
        if n % 2 == 0 {
            open(&portal, &mso, item).await.assert_ok();
        }
    }
    let mut all = Vec::new();
    let mut page = mso.get("/inbox").await;
    assert!(!page.has(".nhsuk-pagination__previous"));
    let mut pages = vec![rows(&page)];
    while let Some(next) = page.attr_of(".nhsuk-pagination__next", "href") {
        page = mso.get(next).await;
        pages.push(rows(&page));
    }
    pages.iter().for_each(|rows| all.extend(rows.clone()));
    let odd = (1..=60).rev().filter(|n| n % 2 == 1);
    let even = (1..=60).rev().filter(|n| n % 2 == 0);
    let expected: Vec<String> = odd.chain(even).map(|n| format!("Item {n:02}")).collect();
    assert_eq!(all, expected);
    assert_eq!(pages.len(), 3);
    for expected in pages[..2].iter().rev() {
        page = mso.get(page.attr(".nhsuk-pagination__previous", "href")).await;
        assert_eq!(&rows(&page), expected);
    }
    assert!(!page.has(".nhsuk-pagination__previous"));
}

#[sqlx::test]
async fn every_filter_is_in_the_address_and_narrows_the_list(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    let day = |text: &str| text.parse().unwrap();
    let mut failed = portal
        .item("904", "Smithson, Duke failed")
        .about("Smithson, Duke")
        .starting_on(day("2026-05-13"))
        .of_message("f", "Deanery");
    failed.item.gmc_number = Some("9000001".into());
    failed.item.dpn = Some("WAL/1D9PL/527/TYU/987".into());
    failed.raise().await;
    held(&portal, "904", "Post is held").starting_on(day("2026-08-05")).of_message("h", "Deanery").raise().await;
    let mut loaded = portal.item("904", "Loaded").of_message("f", "Deanery");
    (loaded.item.kind, loaded.item.class) = ("dit_app_loaded", ItemClass::Information);
    loaded.raise().await;
    let mut file = portal.item("904", "Late file").of_message("x", "File");
    (file.message.kind, file.item.kind) = (MessageType::DitFile, "file");
    file.raise().await;
    let claimed = held(&portal, "904", "Claimed one").of_message("c", "Deanery").raise().await;
    mso.press(format!("/inbox/items/{claimed}/claim")).await.assert_redirect();

    for (query, expected) in [
        ("", vec!["Claimed one", "Late file", "Post is held", "Smithson, Duke failed"]),
        ("class=information", vec!["Loaded"]),
        ("class=any&type=DIT-FILE", vec!["Late file"]),
        ("type=dit_app_failed", vec!["Smithson, Duke failed"]),
        ("type=dit_app_failed&type=data_quality", vec!["Claimed one", "Post is held", "Smithson, Duke failed"]),
        ("cause=system_to_role&type=file", vec!["Late file"]),
        ("cause=professional_user", vec![]),
        ("mine=yes", vec!["Claimed one"]),
        ("state=claimed", vec!["Claimed one"]),
        ("unclaimed=yes", vec!["Late file", "Post is held", "Smithson, Duke failed"]),
        ("state=done", vec![]),
        ("post=WAL%2F1D9PL%2F527%2FTYU%2F987", vec!["Smithson, Duke failed"]),
        ("post=WAL%2F1D", vec!["Smithson, Duke failed"]),
        ("within=14", vec!["Smithson, Duke failed"]),
        ("from=1%2F1%2F2020&to=2%2F1%2F2020", vec![]),
        ("from=2020-01-01", vec!["Claimed one", "Late file", "Post is held", "Smithson, Duke failed"]),
        ("q=smithson", vec!["Smithson, Duke failed"]),
        ("q=9000001", vec!["Smithson, Duke failed"]),
        ("q=%25", vec![]),
        ("q=nobody+of+that+name", vec![]),
    ] {
        let page = mso.get(format!("/inbox?{query}")).await;
        page.assert_ok();
        let mut found = rows(&page);
        found.sort();
        assert_eq!(found, expected, "{query}");
        if !query.is_empty() && found.is_empty() {
            assert!(page.has("#results a[href^='/inbox']"), "{query}: a way out of the filter");
        }
    }
    let page = mso.get("/inbox?q=smithson&unclaimed=yes").await;
    assert_eq!(page.attrs(".app-chip", "href"), ["/inbox?q=smithson", "/inbox?unclaimed=yes"]);
    let tidy = mso.get("/inbox?q=smithson&post=&class=action&state=waiting&cause=&from=").await;
    assert_eq!(tidy.assert_redirect(), "/inbox?q=smithson");
    let wrong = mso.get("/inbox?from=soon").await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attr("#from", "value"), "soon");
    assert!(wrong.text("title").starts_with("Error: "));
    assert_eq!(mso.get("/inbox?state=%3Cb%3E").await.status, 400);
}

#[sqlx::test]
async fn a_part_of_the_page_is_the_same_list(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    held(&portal, "904", "One").raise().await;
    let part = mso.get_part("/inbox?q=one").await;
    assert_eq!(rows(&part), ["One"]);
    assert!(!part.body.contains("<html"));
    assert_eq!(part.header("vary").map(|v| v.contains("HX-Request")), Some(true));
    assert_eq!(part.text("[data-announce]"), "1 notification");
}

#[sqlx::test]
async fn home_says_what_needs_each_role_and_every_number_leads_to_its_rows(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    assert!(mso.get("/").await.words().contains("No work waiting"));
    for n in 0..3 {
        portal.item("904", &format!("Failed {n}")).of_message("a", "Deanery").raise().await;
    }
    let mine = held(&portal, "904", "Held").of_message("a", "Deanery").raise().await;
    let mut loaded = portal.item("904", "Loaded").of_message("a", "Deanery");
    (loaded.item.kind, loaded.item.class) = ("dit_app_loaded", ItemClass::Information);
    loaded.raise().await;
    mso.press(format!("/inbox/items/{mine}/claim")).await.assert_redirect();

    let home = mso.get("/").await;
    let cards = home.texts(".app-card a");
    for expected in [
        "4 need action",
        "3 claimed by nobody",
        "1 claimed by you",
        "3 failed to load",
        "1 question about data",
        "1 for information",
    ] {
        assert!(cards.iter().any(|card| card == expected), "{expected} is not in {cards:?}");
    }
    for (card, href) in cards.iter().zip(home.attrs(".app-card a", "href")) {
        let number: usize = card.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(rows(&mso.get(&href).await).len(), number, "{card} leads to {href}");
    }
}

/// TEN-6, TEN-7: counts, filters, search and the CSV are of one organisation and of the reader's roles.
#[sqlx::test]
async fn ten_6_and_7_nothing_of_another_organisation_or_role_is_counted_listed_or_exported(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    held(&portal, "904", "Ours").raise().await;
    held(&portal, "931", "CANARY theirs").about("Canary, Theirs").raise().await;
    held(&portal, "904", "CANARY other role")
        .for_role(Right::LearningAdministration)
        .of_message("l", "Learning")
        .raise()
        .await;
    for path in [
        "/",
        "/inbox",
        "/inbox?class=any&state=any",
        "/inbox?q=canary",
        "/inbox?unclaimed=yes&within=42",
        "/inbox/export.csv?class=any&state=any",
    ] {
        let page = mso.get(path).await;
        page.assert_ok();
        assert!(!page.body.contains("CANARY") && !page.body.contains("Canary,"), "{path}");
    }
    assert_eq!(mso.get("/inbox").await.text("h1"), "Inbox (1 needs action)");
    assert!(mso.get("/inbox/export.csv").await.body.contains("Ours"));
}

#[sqlx::test]
async fn the_csv_is_the_list_as_filtered_and_its_reading_is_recorded(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    let one = held(&portal, "904", "Item");
    let items: Vec<ItemDraft> = (0..1_100)
        .map(|n| ItemDraft { title: format!("Item {n:04}"), subject_key: format!("item:{n}"), ..one.item.clone() })
        .collect();
    portal.organisation("904", "Trust 904").await;
    let mut tx = portal.begin("904").await;
    notifications::raise(&mut tx, &one.message, &items, portal.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    let mut hostile = held(&portal, "904", "=HYPERLINK(\"http://evil.example\")").about("+Zoë, \"Q\"");
    hostile.item.subject_key = "hostile".into();
    hostile.raise().await;
    let csv = mso.get("/inbox/export.csv").await;
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    assert!(csv.header("content-disposition").unwrap().contains("inbox-904-2026-05-06.csv"));
    let lines: Vec<&str> = csv.body.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 1_101);
    assert!(csv.body.contains(r#""'=HYPERLINK(""http://evil.example"")","'+Zoë, ""Q""""#));
    assert_eq!(mso.get("/inbox/export.csv?q=Item+0001").await.body.trim_end().split("\r\n").count(), 2);
    assert!(portal.audit("904").await.contains(&"list_exported".to_owned()));
}

/// BIZ-5: a role that nobody holds.
#[sqlx::test]
async fn biz_5_items_for_a_role_that_nobody_holds_wait_in_sight_of_administrators(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let administrator = portal.sign_in("904", Right::VpdAdmin).await;
    held(&portal, "904", "Nobody sees this").about("Smithson, Duke").raise().await;
    let home = administrator.get("/").await;
    assert!(home.text(".nhsuk-warning-callout").contains("Nobody holds Medical Staffing Officer. 1 item waits for it"));
    let queue = administrator.get("/inbox/unallocated").await;
    assert!(queue.words().contains("Medical Staffing Officer"));
    assert!(!queue.words().contains("Smithson"), "an administrator needs no names");
    assert!(administrator.get("/inbox").await.words().contains("held by nobody"));
    let learning = portal.sign_in("904", Right::LearningAdministration).await;
    assert_eq!(learning.get("/inbox/unallocated").await.status, 403);

    let mso = portal.sign_in("904", MSO).await;
    assert_eq!(rows(&mso.get("/inbox").await), ["Smithson, Duke: nobody sees this"]);
    assert!(!administrator.get("/").await.has(".nhsuk-warning-callout"));
}

#[sqlx::test]
async fn overdue_and_a_managing_body_narrow_the_list_and_types_are_those_that_come_to_the_reader(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let today = portal.app.today();
    for (title, body, days) in [("Late", "KSS", -1), ("Today", "KSS", 0), ("Soon", "LDN", 3)] {
        let day = today + chrono::TimeDelta::days(days);
        let mut item = portal.item("904", title).of_message(title, title).starting_on(day);
        item.message.body_code = Some(body.to_owned());
        item.raise().await;
    }
    let sam = portal.sign_in("904", MSO).await;
    assert_eq!(rows(&sam.get("/inbox?within=overdue").await), ["Late"]);
    assert_eq!(rows(&sam.get("/inbox?within=5").await), ["Soon", "Today", "Late"], "what is overdue needs action more");
    assert_eq!(rows(&sam.get("/inbox?body=kss").await), ["Today", "Late"]);
    let page = sam.get("/inbox?body=KSS&within=overdue").await;
    assert_eq!(rows(&page), ["Late"]);
    assert!(page.words().contains("Managing body: KSS") && page.words().contains("Overdue"), "each can be taken away");
    let csv = sam.get("/inbox/export.csv?body=LDN").await.body;
    assert!(csv.contains("Soon") && !csv.contains("Today"), "the list as filtered: {csv}");

    let types = page.texts("#filter label");
    assert!(
        types.iter().any(|label| label == "Failed to load")
            && !types.iter().any(|label| label == "Employer registered")
    );
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let types = operator.get("/inbox").await.texts("#filter label");
    assert!(types.iter().any(|label| label == "Employer registered") && !types.iter().any(|label| label == "Created"));
    let named = operator.get("/inbox?type=dit_app_loaded").await.texts("#filter label");
    assert!(named.iter().any(|label| label == "Created"), "what an address names stays in sight");
}
