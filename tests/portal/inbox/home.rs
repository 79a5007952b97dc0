use std::collections::BTreeSet;
use std::path::Path;

use changeover::access::Right;
use sqlx::PgPool;

use super::{MSO, held};
use crate::support::{Page, Portal, Visitor};

/// The kinds of item that the source raises, and those that the deanery's records bring.
fn kinds() -> Vec<&'static str> {
    let mut kinds: BTreeSet<String> =
        ["dit_app_failed", "dit_app_duplicate", "dit_app_loaded"].map(str::to_owned).into();
    let mut folders = vec![Path::new("src").to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let raised = text.split("ItemDraft::new(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            kinds.extend(raised.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    kinds.into_iter().map(|kind| &*kind.leak()).collect()
}

/// Follows every link of the home page; gives its cards.
async fn follow(who: &Visitor) -> Vec<String> {
    let home = who.get("/").await;
    let links: BTreeSet<String> = home.assert_ok().attrs("a[href^='/']", "href").into_iter().collect();
    assert!(links.len() > 5, "{links:?}");
    for link in links {
        who.get(&link).await.assert_ok();
    }
    home.texts(".app-card a")
}

#[sqlx::test]
async fn home_leads_an_officer_to_the_changeover_and_to_those_who_start(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let home = portal.sign_in("904", MSO).await.get("/").await;
    assert!(home.has("main a[href='/rotation']") && home.has("main a[href='/doctors/day-one']"), "{}", home.body);
}

/// On every page, and with the session: no page asks the database for it.
#[sqlx::test]
async fn the_navigation_says_how_much_needs_action(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let sam = portal.sign_in("904", MSO).await;
    let shown = |page: Page| page.texts("a[href='/inbox'] .app-count").join("");
    assert_eq!(shown(sam.get("/account").await), "", "nothing waits");
    let one = held(&portal, "904", "One").raise().await;
    held(&portal, "904", "Two").raise().await;
    held(&portal, "904", "For learning")
        .for_role(Right::LearningAdministration)
        .of_message("l", "Learning")
        .raise()
        .await;
    held(&portal, "931", "Theirs").raise().await;
    assert_eq!(shown(sam.get("/account").await), "2 need action", "of their own organisation and role");
    sam.press(format!("/inbox/items/{one}/claim")).await.assert_redirect();
    assert_eq!(shown(sam.get("/doctors").await), "2 need action", "claimed is not done");
    sam.press(format!("/inbox/items/{one}/done")).await.assert_redirect();
    assert_eq!(shown(sam.get("/help").await), "1 need action");
}

#[sqlx::test]
async fn every_link_of_home_leads_somewhere_whatever_kind_of_item_waits(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let kinds = kinds();
    assert!(kinds.len() >= 9, "{kinds:?}");
    for (vpd, role) in [("904", MSO), ("0", Right::SysAdmin), ("904", Right::VpdAdmin)] {
        for kind in &kinds {
            for n in 1..=2 {
                let key = format!("{role:?} {kind}");
                let mut item = portal.item(vpd, &format!("{key} {n}")).of_message(&key, &key).for_role(role);
                item.item.kind = kind;
                item.raise().await;
            }
        }
        let cards = follow(&portal.sign_in(vpd, role).await).await;
        for said in ["2 employers registered", "2 files that have not come", "2 held posts", "2 possible duplicates"] {
            assert!(cards.iter().any(|card| card == said), "{said} is not in {cards:?}");
        }
        assert!(!cards.iter().any(|card| card.ends_with(" notifications")), "a kind without a name: {cards:?}");
    }
}

#[sqlx::test]
async fn a_refused_file_is_told_with_the_business_date(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    assert_eq!(portal.receive("DE_KSS_APP_20260506_00000005.DAT", String::new()).await.outcome, "refused");
    portal.run_jobs().await;
    assert_eq!(portal.text("select dated_on::text from messages where vpd = '0'").await, "2026-05-06");
    assert_eq!(follow(&operator).await.last().unwrap(), "1 interface file");
    // A record's page says what is missing from its address.
    let file = portal.text("select file_id::text from interface_files").await;
    for (query, said) in [("", "does not say whose record"), ("?vpd=abc", "is not the number of an employing")] {
        let page = operator.get(format!("/interfaces/files/{file}/records/1{query}")).await;
        assert_eq!(page.status, 400);
        assert!(page.words().contains(said), "{}", page.words());
    }
}
