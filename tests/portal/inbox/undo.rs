//! What is taken back gives an item to whoever had it, if that person may have it and nobody did anything since.

use sqlx::PgPool;

use super::{MSO, banner, held, state_of};
use crate::support::{Portal, Visitor};

async fn undo(who: &Visitor) -> crate::support::Page {
    let page = who.get("/inbox").await;
    let field = |name: &str| (name.to_owned(), page.attr(&format!("#banner input[name={name}]"), "value"));
    who.post("/inbox/undo", [field("at"), field("filter")]).await
}

#[sqlx::test]
async fn an_item_goes_back_to_nobody_where_its_holder_may_no_longer_act(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let pat = portal.user_named("pat", "904", MSO).await;
    let sam = portal.sign_in("904", MSO).await;
    let item = held(&portal, "904", "Held post").raise().await;
    let pats = portal.sign_in_as(&pat).await;
    pats.press(format!("/inbox/items/{item}/claim")).await.assert_redirect();
    let take_over = |version: &'static str| sam.post(format!("/inbox/items/{item}/take-over"), [("version", version)]);
    take_over("2").await.assert_redirect();
    undo(&sam).await.assert_redirect();
    let whose = "select coalesce((select name from users where user_id = claimed_by), 'nobody') from items";
    assert_eq!((state_of(&portal, item).await.as_str(), portal.text(whose).await.as_str()), ("claimed", "Test pat"));

    take_over("4").await.assert_redirect();
    sqlx::query("update users set disabled_at = now() where user_id = $1")
        .bind(pat.user_id)
        .execute(&portal.owner)
        .await
        .unwrap();
    undo(&sam).await.assert_redirect();
    assert_eq!((state_of(&portal, item).await.as_str(), portal.text(whose).await.as_str()), ("open", "nobody"));
}

/// BIZ-4: somebody who waited for another's lock did later what bears an earlier time.
#[sqlx::test]
async fn biz_4_what_another_decided_since_is_not_taken_back_whatever_its_time(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let pat = portal.user_named("pat", "904", MSO).await;
    let sam = portal.sign_in("904", MSO).await;
    let item = held(&portal, "904", "Held post").raise().await;
    sam.press(format!("/inbox/items/{item}/claim")).await.assert_redirect();
    for sql in [
        "update items set state = 'done', decided_by = $1, decided_at = claimed_at - interval '1 second', claimed_by = null, claimed_at = null,
                version = version + 1",
        "insert into item_events (vpd, event_id, item_id, at, actor, user_id, what)
         select vpd, gen_random_uuid(), item_id, decided_at, 'Test pat', $1, 'done' from items",
    ] {
        sqlx::query(sql).bind(pat.user_id).execute(&portal.owner).await.unwrap();
    }
    let answer = undo(&sam).await;
    assert!(banner(&sam, &answer).await.contains("Nothing was undone"));
    assert_eq!(state_of(&portal, item).await, "done");
}
