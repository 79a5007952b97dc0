use futures_util::future::join_all;
use sqlx::PgPool;

use super::{MSO, banner, held, open, rows, state_of};
use crate::support::Portal;

#[sqlx::test]
async fn what_only_its_fact_closes_is_not_closed_by_hand_alone_or_among_many(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let sam = portal.sign_in("904", MSO).await;
    for kind in ["held_post", "held_file", "dit_starter", "hire_request", "role_gap", "request", "organisation"] {
        let mut item = portal.item("904", &format!("Open {kind}")).of_message(kind, kind);
        item.item.kind = kind;
        item.item.link = Some("/doctors".to_owned());
        let item = item.raise().await;
        let page = open(&portal, &sam, item).await;
        assert!(!page.has("#done") && page.text("#panel").contains("This closes when"), "{kind}");
        sam.press(format!("/inbox/items/{item}/done")).await.assert_redirect();
        let many = [("item", item.to_string()), ("action", "done".to_owned()), ("filter", String::new())];
        let refused = sam.post("/inbox/bulk", many).await;
        assert!(banner(&sam, &refused).await.contains("it closes when"), "{kind}");
        assert_eq!(state_of(&portal, item).await, "open", "{kind}");
    }
}

#[sqlx::test]
async fn claim_put_back_reassign_done_and_undo_each_say_what_happened(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user_named("sam", "904", MSO).await;
    let pat = portal.user_named("pat", "904", MSO).await;
    let sam = portal.sign_in_as(&user).await;
    let item = held(&portal, "904", "Held post").about("Smithson, Duke").raise().await;

    let claimed = sam.press(format!("/inbox/items/{item}/claim")).await;
    assert!(claimed.assert_redirect().ends_with(&format!("#item-{item}")));
    assert!(banner(&sam, &claimed).await.contains("You have this now"));
    let page = open(&portal, &sam, item).await;
    assert!(page.has("#release") && !page.has("#claim"));

    let released = sam.press(format!("/inbox/items/{item}/release")).await;
    assert!(banner(&sam, &released).await.contains("nobody has this now"));
    let given = sam.post(format!("/inbox/items/{item}/reassign"), [("to", pat.user_id.to_string())]).await;
    assert!(banner(&sam, &given).await.contains("Test pat has this now"));
    assert!(open(&portal, &sam, item).await.words().contains("Test pat has had this since"));

    let done = sam.press(format!("/inbox/items/{item}/done")).await;
    assert_eq!(done.assert_redirect(), "/inbox", "nothing is left, so back to the list");
    let list = sam.get("/inbox").await;
    assert!(list.text("#banner").contains("Smithson, Duke is done. Nothing is left in this list."));
    assert_eq!(state_of(&portal, item).await, "done");
    let field = |name: &str| (name.to_owned(), list.attr(&format!("#banner input[name={name}]"), "value"));
    let undone = sam.post("/inbox/undo", [field("at"), field("filter")]).await;
    assert!(banner(&sam, &undone).await.contains("1 item is as before"));
    assert_eq!(state_of(&portal, item).await, "claimed");
    assert!(open(&portal, &sam, item).await.words().contains("Test pat has had this since"), "whose it was");

    let history = open(&portal, &sam, item).await.texts(".app-timeline__title");
    assert_eq!(history, ["Undone", "Done", "Reassigned", "Put back", "Claimed", "Received"]);
    for event in ["item_claimed", "item_released", "item_reassigned", "item_done", "item_undone"] {
        assert!(portal.audit("904").await.contains(&event.to_owned()), "{event}");
    }
}

/// BIZ-4: claiming or deciding what another has.
#[sqlx::test]
async fn biz_4_the_second_is_told_who_was_first_may_take_over_and_a_claim_lapses(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (sam, pat) = (portal.user_named("sam", "904", MSO).await, portal.user_named("pat", "904", MSO).await);
    let (sam, pat) = (portal.sign_in_as(&sam).await, portal.sign_in_as(&pat).await);
    let item = held(&portal, "904", "Held post").raise().await;
    pat.press(format!("/inbox/items/{item}/claim")).await.assert_redirect();

    let second = sam.press(format!("/inbox/items/{item}/claim")).await;
    assert!(banner(&sam, &second).await.contains("This was taken by Test pat at"));
    let page = open(&portal, &sam, item).await;
    let version = page.attr("form[action$='take-over'] input[name=version]", "value");
    // Whoever decides on what a page no longer shows is told; so is whoever takes over from a third.
    let stale = sam.post(format!("/inbox/items/{item}/take-over"), [("version", "1")]).await;
    assert!(banner(&sam, &stale).await.contains("taken by Test pat"));
    let over = sam.post(format!("/inbox/items/{item}/take-over"), [("version", version)]).await;
    assert!(banner(&sam, &over).await.contains("You have this now"));
    let put_back = pat.press(format!("/inbox/items/{item}/release")).await;
    assert!(banner(&pat, &put_back).await.contains("Only Test sam can put it back"));

    // A claim blocks nobody: pat decides, and sam, later, is told.
    pat.press(format!("/inbox/items/{item}/done")).await.assert_redirect();
    let late = sam.press(format!("/inbox/items/{item}/done")).await;
    assert!(banner(&sam, &late).await.contains("This was decided by Test pat at"));

    let old = held(&portal, "904", "Old claim").of_message("old", "Held").raise().await;
    pat.press(format!("/inbox/items/{old}/claim")).await.assert_redirect();
    assert!(rows(&sam.get("/inbox?unclaimed=yes").await).is_empty());
    sqlx::query("update items set claimed_at = now() - interval '24 hours 1 minute' where item_id = $1")
        .bind(old)
        .execute(&portal.owner)
        .await
        .unwrap();
    assert_eq!(rows(&sam.get("/inbox?unclaimed=yes").await), ["Old claim"]);
    assert!(rows(&pat.get("/inbox?mine=yes").await).is_empty());
    let claimed = sam.press(format!("/inbox/items/{old}/claim")).await;
    assert!(banner(&sam, &claimed).await.contains("You have this now"));
    assert!(open(&portal, &sam, old).await.words().contains("The claim of Test pat had lapsed after 24 hours"));
}

/// BIZ-3 and F-19: the same button twice, and fifty times at once, has one effect and one answer.
#[sqlx::test]
async fn biz_3_and_f_19_pressing_twice_is_pressing_once(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let sam = portal.sign_in("904", MSO).await;
    let item = held(&portal, "904", "Held post").raise().await;
    sam.csrf().await;
    let path = format!("/inbox/items/{item}/done");
    let answers = join_all((0..50).map(|_| sam.press(&path))).await;
    for answer in answers {
        assert_eq!(answer.assert_redirect(), "/inbox");
    }
    assert!(sam.get("/inbox").await.text("#banner").contains("is done"), "and no complaint");
    assert_eq!(portal.count("select count(*) from item_events where what = 'done'").await, 1);
    assert_eq!(portal.count("select count(*) from audit where event = 'item_done'").await, 1);
}

/// AUTHZ-6: two hundred decisions at once, of two people.
#[sqlx::test]
async fn authz_6_one_of_many_decisions_wins_and_the_others_learn_whose(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (sam, pat) = (portal.user_named("sam", "904", MSO).await, portal.user_named("pat", "904", MSO).await);
    let (sam, pat) = (portal.sign_in_as(&sam).await, portal.sign_in_as(&pat).await);
    let item = held(&portal, "904", "Held post").raise().await;
    sam.csrf().await;
    pat.csrf().await;
    let path = format!("/inbox/items/{item}/done");
    join_all((0..200).map(|n| if n % 2 == 0 { sam.press(&path) } else { pat.press(&path) })).await;
    let winner: String =
        sqlx::query_scalar("select actor from item_events where what = 'done'").fetch_one(&portal.owner).await.unwrap();
    assert_eq!(portal.count("select count(*) from item_events where what = 'done'").await, 1);
    let loser = if winner == "Test sam" { &pat } else { &sam };
    let answer = loser.press(&path).await;
    assert!(banner(loser, &answer).await.contains(&format!("decided by {winner} at")));
}

/// BIZ-2: a note that is missing, too long, or markup.
#[sqlx::test]
async fn biz_2_a_note_that_cannot_be_taken_comes_back_as_typed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let sam = portal.sign_in("904", MSO).await;
    let item = held(&portal, "904", "Held post").raise().await;
    let path = format!("/inbox/items/{item}/note");
    let empty = sam.post(&path, [("note", "  ")]).await;
    assert_eq!((empty.status, empty.text("#note-error").as_str()), (422, "Error: Enter the note"));
    assert_eq!(empty.attrs(".nhsuk-error-summary a", "href"), ["#note"]);
    let long = "é".repeat(4_001);
    let refused = sam.post(&path, [("note", long.as_str())]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text("#note-error").contains("it has 4,001"));
    assert_eq!(refused.text("#note"), long);
    sam.post(&path, [("note", "é".repeat(4_000))]).await.assert_redirect();
    let markup = "<img src=x onerror=alert(1)> & \"done\"";
    sam.post(&path, [("note", markup)]).await.assert_redirect();
    let page = open(&portal, &sam, item).await;
    assert_eq!(page.texts(".app-note")[0], markup);
    assert!(!page.has("img"));
}

#[sqlx::test]
async fn after_a_decision_the_next_item_of_the_same_list_follows(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let sam = portal.sign_in("904", MSO).await;
    let mut items = Vec::new();
    for n in 1..=3 {
        items.push(held(&portal, "904", &format!("Held {n}")).of_message(&format!("m{n}"), "Held").raise().await);
    }
    let other = portal.item("904", "Failed").of_message("f", "Deanery").raise().await;
    let list = sam.get("/inbox?type=data_quality").await;
    let first = list.attr(".app-inbox__item a", "href");
    assert!(first.contains(&format!("item={}", items[2])) && first.contains("type=data_quality"));
    let page = sam.get(first.split('#').next().unwrap()).await;
    assert_eq!(page.attr("#panel form[action$='/done'] input[name=filter]", "value"), "type=data_quality");
    let fields = [("filter", "type=data_quality"), ("then", "next")];
    let next = sam.post(format!("/inbox/items/{}/done", items[2]), fields).await;
    assert!(next.assert_redirect().contains(&format!("item={}", items[1])));
    assert!(banner(&sam, &next).await.contains("Showing the next: 2 left."));
    // The choice is remembered.
    let to_list = [("filter", "type=data_quality"), ("then", "list")];
    let back = sam.post(format!("/inbox/items/{}/done", items[1]), to_list).await;
    assert_eq!(back.assert_redirect(), "/inbox?type=data_quality");
    let page = open(&portal, &sam, items[0]).await;
    assert_eq!(page.attr("input[name=then][checked]", "value"), "list");
    // A failed record ends by a decision of its own.
    let refused = sam.press(format!("/inbox/items/{other}/done")).await;
    assert!(banner(&sam, &refused).await.contains("needs a decision of its own"));
    assert_eq!(state_of(&portal, other).await, "open");
}
