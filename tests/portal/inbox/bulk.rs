use changeover::access::Right;
use sqlx::PgPool;
use uuid::Uuid;

use super::{MSO, banner, held, rows, state_of};
use crate::support::Portal;

fn form<'a>(action: &'a str, items: &[Uuid]) -> Vec<(&'a str, String)> {
    let items = items.iter().map(|item| ("item", item.to_string()));
    items.chain([("action", action.to_owned()), ("filter", "unclaimed=yes".to_owned())]).collect()
}

#[sqlx::test]
async fn each_row_of_a_selection_has_an_honest_result_and_all_can_be_undone(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (sam, pat) = (portal.user_named("sam", "904", MSO).await, portal.user_named("pat", "904", MSO).await);
    let (sam, pat_visitor) = (portal.sign_in_as(&sam).await, portal.sign_in_as(&pat).await);
    let mut items = Vec::new();
    for n in 1..=3 {
        items.push(held(&portal, "904", &format!("Held {n}")).about(&format!("Doctor {n}")).raise().await);
    }
    pat_visitor.press(format!("/inbox/items/{}/claim", items[1])).await.assert_redirect();

    let none = sam.post("/inbox/bulk", form("claim", &[])).await;
    assert!(banner(&sam, &none).await.contains("Select at least one notification"));
    let none = sam.get("/inbox/bulk?action=claim&unclaimed=yes").await;
    assert_eq!(none.assert_redirect(), "/inbox?unclaimed=yes");
    assert!(banner(&sam, &none).await.contains("Select at least one notification"));
    let answer = sam.post("/inbox/bulk", form("claim", &items)).await;
    assert_eq!(answer.assert_redirect(), "/inbox?unclaimed=yes", "the filter stays");
    let page = sam.get("/inbox?unclaimed=yes").await;
    let words = page.text("#banner");
    assert!(words.contains("2 of 3 claimed") && words.contains("Doctor 2 was taken by Test pat at"), "{words}");
    let field = |name: &str| (name.to_owned(), page.attr(&format!("#banner input[name={name}]"), "value"));
    // What somebody has touched since stays as it is.
    pat_visitor.press(format!("/inbox/items/{}/done", items[2])).await.assert_redirect();
    let undone = sam.post("/inbox/undo", [field("at"), field("filter")]).await;
    let words = banner(&sam, &undone).await;
    assert!(words.contains("1 of 2 are as before") && words.contains("Doctor 3 was decided by Test pat"), "{words}");
    assert_eq!(state_of(&portal, items[0]).await, "open");
    assert_eq!(state_of(&portal, items[2]).await, "done");
    // Nobody undoes what another did.
    let at = field("at");
    assert_eq!(pat_visitor.post("/inbox/undo", [at]).await.status, 404);
}

#[sqlx::test]
async fn all_that_match_are_asked_for_once_more_and_reach_every_page(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let sam = portal.sign_in("904", MSO).await;
    for n in 1..=40 {
        held(&portal, "904", &format!("Held {n}")).raise().await;
    }
    portal.item("904", "Failed").of_message("f", "Deanery").raise().await;
    let list = sam.get("/inbox").await;
    assert_eq!(list.text("label[for=all]"), "All 41 that match, on every page");
    let fields = [("action", "done"), ("all", "yes"), ("filter", "")];
    let asked = sam.post("/inbox/bulk", fields).await;
    let page = sam.get(asked.assert_redirect()).await;
    assert_eq!(page.text("h1"), "Mark 41 items as done?");
    assert_eq!(portal.count("select count(*) from items where state = 'done'").await, 0);
    let confirmed = page.attr("input[name=confirmed]", "value");
    let answer =
        sam.post("/inbox/bulk", [("action", "done"), ("all", "yes"), ("filter", ""), ("confirmed", &confirmed)]).await;
    let words = banner(&sam, &answer).await;
    assert!(
        words.contains("40 of 41 marked as done") && words.contains("Failed needs a decision of its own"),
        "{words}"
    );
    assert_eq!(rows(&sam.get("/inbox").await), ["Failed"]);
    assert_eq!(portal.count("select count(*) from audit where event = 'item_done'").await, 1, "one act, one row");
}

#[sqlx::test]
async fn reassigning_reaches_only_holders_of_the_role(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let both = portal.sign_in("904", [MSO, Right::LearningAdministration]).await;
    let learner = portal.user_named("lee", "904", Right::LearningAdministration).await;
    let outsider = portal.user_named("out", "931", MSO).await;
    let (ours, theirs) = (
        held(&portal, "904", "For the MSO").raise().await,
        held(&portal, "904", "For learning")
            .for_role(Right::LearningAdministration)
            .of_message("l", "Learning")
            .raise()
            .await,
    );
    let mut fields = form("reassign", &[ours, theirs]);
    fields.push(("to", learner.user_id.to_string()));
    let answer = both.post("/inbox/bulk", fields).await;
    let words = banner(&both, &answer).await;
    assert!(
        words.contains("1 of 2 reassigned to Test lee") && words.contains("For the MSO cannot go to Test lee"),
        "{words}"
    );
    let mut fields = form("reassign", &[ours]);
    fields.push(("to", outsider.user_id.to_string()));
    assert_eq!(both.post("/inbox/bulk", fields).await.status, 404);

    // Asked to whom, the page offers those who hold the role of every one of them.
    let asked = both.post("/inbox/bulk", form("reassign", &[theirs])).await;
    let page = both.get(asked.assert_redirect()).await;
    assert_eq!(page.text("h1"), "Reassign 1 item");
    let offered = page.texts("#to option");
    assert!(offered.iter().any(|name| name.contains("Test lee")), "{offered:?}");
    let asked = both.post("/inbox/bulk", form("reassign", &[ours])).await;
    let page = both.get(asked.assert_redirect()).await;
    let offered = page.texts("#to option");
    assert!(offered.iter().all(|name| !name.contains("Test lee")), "{offered:?}");
    let to = portal.user_named("pat", "904", MSO).await.user_id.to_string();
    let answer = both.post("/inbox/bulk", [("action", "reassign"), ("item", &ours.to_string()), ("to", &to)]).await;
    assert!(banner(&both, &answer).await.contains("1 item reassigned to"));
}

/// TEN-5: ids of two organisations in one action.
#[sqlx::test]
async fn ten_5_a_mixed_selection_is_refused_as_a_whole_and_names_nothing(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let sam = portal.sign_in("904", MSO).await;
    let ours = held(&portal, "904", "Ours").raise().await;
    let theirs = held(&portal, "931", "Theirs").raise().await;
    let other_role = held(&portal, "904", "Other role")
        .for_role(Right::LearningAdministration)
        .of_message("l", "Learning")
        .raise()
        .await;
    for mixed in [theirs, other_role, Uuid::now_v7()] {
        for action in ["claim", "done", "release"] {
            let answer = sam.post("/inbox/bulk", form(action, &[ours, mixed])).await;
            assert_eq!(answer.status, 404);
            assert!(!answer.body.contains(&mixed.to_string()));
        }
        for path in ["claim", "take-over", "release", "done", "note", "reopen"] {
            assert_eq!(sam.post(format!("/inbox/items/{mixed}/{path}"), [("note", "x")]).await.status, 404, "{path}");
        }
    }
    assert_eq!(state_of(&portal, ours).await, "open");
    assert_eq!(state_of(&portal, theirs).await, "open");
}
