//! What asks for nothing leaves the list by itself; what asks for something never does.

use changeover::access::Right;
use changeover::notifications::{self, INFORMATION_LASTS, ItemClass};
use chrono::Days;
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn items_for_information_expire_28_days_after_their_day_and_others_never(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (today, sam) = (portal.app.today(), portal.user("904", Right::MedicalStaffingOfficer).await);
    let long_ago = today - INFORMATION_LASTS - Days::new(1);
    let raise = async |title: &str, class, dated_on, takes_effect_on| {
        let mut builder = portal.item("904", title).of_message(title, title);
        builder.message.dated_on = dated_on;
        builder.item.class = class;
        builder.item.kind = "dit_app_loaded";
        builder.item.takes_effect_on = takes_effect_on;
        builder.raise().await
    };
    let information = ItemClass::Information;
    let old = raise("Old", information, long_ago, None).await;
    raise("Old, of a day to come", information, long_ago, Some(today)).await;
    raise("Just not old", information, today - INFORMATION_LASTS, None).await;
    raise("To be done", ItemClass::Action, long_ago, None).await;
    let claimed = raise("Claimed", information, long_ago, None).await;
    let visitor = portal.sign_in_as(&sam).await;
    visitor.post(format!("/inbox/items/{claimed}/claim"), [("then", "list")]).await.assert_redirect();
    portal.run_jobs().await;

    let expired = async || {
        let all = portal.items("904").await.into_iter().filter(|item| item.2 == "expired");
        all.map(|item| item.1).collect::<Vec<_>>()
    };
    // The schedule of the hour and `changeover daily` may both ask on a day: once is done.
    notifications::queue_expiry(&portal.app).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(expired().await, ["Old"]);
    notifications::queue_expiry(&portal.app).await.unwrap();
    assert!(portal.waiting_jobs().await.is_empty(), "a day's look is taken once");
    let audited = "select count(*) from audit where vpd = '904' and event = 'item_expired' and object_id = (select item_id::text from items where title = 'Old')";
    assert_eq!(portal.count(audited).await, 1);

    // It is in the list of what closed by itself, in its message with the reason, and counted nowhere.
    let list = visitor.get("/inbox?state=closed&class=information").await;
    assert!(list.assert_ok().words().contains("Expired"), "{}", list.words());
    let message = portal.text("select '/inbox/' || message_id from items where title = 'Old'").await;
    let words = visitor.get(&message).await.words();
    assert!(words.contains("left the list by itself 28 days after its day"), "{words}");
    let tallied = "select coalesce(sum(n), 0)::bigint from item_tallies where vpd = '904' and class = 'information'";
    assert_eq!(portal.count(tallied).await, 3);
    // AUTHZ-5: nothing more happens to it, and the page says where it stands.
    for deed in ["done", "claim", "release", "reopen"] {
        let late = visitor.press(format!("/inbox/items/{old}/{deed}")).await;
        let said = visitor.get(late.assert_redirect()).await.text("#banner");
        assert!(said.contains("has expired"), "{deed}: {said}");
    }
    assert_eq!(expired().await, ["Old"]);
}
