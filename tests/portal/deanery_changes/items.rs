//! What is done in the inbox to the items of changes, and the change that follows.

use changeover::access::Right;
use sqlx::PgPool;

use super::{DAVIES, POST, column, link, notification, told, with_davies, withdrawal};
use crate::support::{Page, Portal, Visitor};

/// Morgan comes to the post in place of another, from a day.
fn replacement(hire: &str) -> String {
    use column::*;
    let who = [(REPLACEMENT_LAST, "Morgan"), (REPLACEMENT_FIRST, "Ffion"), (REPLACEMENT_GMC, "7654321")];
    notification("3", POST, &[who[0], who[1], who[2], (REPLACEMENT_HIRE, hire)])
}

async fn replacements(portal: &Portal) -> String {
    portal
        .text(
            "select string_agg(c.state || ' ' || i.state, ', ' order by c.received_at, i.subject_key) from deanery_changes c
               join items i on i.vpd = c.vpd and starts_with(i.subject_key, 'deanery-change:' || c.change_id) where c.kind = 'replacement'",
        )
        .await
}

async fn undo(who: &Visitor) -> Page {
    let list = who.get("/inbox").await;
    let field = |name: &str| (name.to_owned(), list.attr(&format!("#banner input[name={name}]"), "value"));
    who.post("/inbox/undo", [field("at"), field("filter")]).await
}

#[sqlx::test]
async fn a_replacement_marked_as_done_is_dealt_with_and_waits_again_when_that_is_taken_back(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[replacement("20260902")]).await;
    assert_eq!(replacements(&portal).await, "open open");
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let path = link(&portal, "dit_replace").await;
    let item = portal.text("select item_id::text from items where vpd = '904' and type = 'dit_replace'").await;
    assert!(officer.get("/doctors/changes").await.words().contains("Morgan"));

    officer.press(format!("/inbox/items/{item}/done")).await.assert_redirect();
    assert_eq!(replacements(&portal).await, "applied done");
    assert!(portal.audit("904").await.contains(&"deanery_change_applied".to_owned()));
    // Back by each of the three ways: the banner, the item, the page of the change.
    undo(&officer).await.assert_redirect();
    assert_eq!(replacements(&portal).await, "open open");
    officer.press(format!("/inbox/items/{item}/done")).await.assert_redirect();
    let page = officer.get(&path).await;
    assert!(page.words().contains("marked this as done on"), "{}", page.words());
    officer.press(format!("/inbox/items/{item}/reopen")).await.assert_redirect();
    assert_eq!(replacements(&portal).await, "open open");
    let many = [("item", item.as_str()), ("action", "done"), ("filter", "")];
    officer.post("/inbox/bulk", many).await.assert_redirect();
    assert_eq!(replacements(&portal).await, "applied done");
    officer.post(format!("{path}/undo"), [("then", "")]).await.assert_redirect();
    assert_eq!(replacements(&portal).await, "open open");
    let undone = portal.audit("904").await.into_iter().filter(|event| event == "deanery_change_undone").count();
    assert_eq!(undone, 3);
    // A claim that is taken back decides nothing.
    officer.press(format!("/inbox/items/{item}/claim")).await.assert_redirect();
    undo(&officer).await.assert_redirect();
    assert_eq!(replacements(&portal).await, "open open");

    // The deanery says something else since: what was done stays so, and says why.
    officer.press(format!("/inbox/items/{item}/done")).await.assert_redirect();
    told(&portal, 2702, &[replacement("20260909")]).await;
    assert_eq!(replacements(&portal).await, "applied done, open open");
    let refused = officer.press(format!("/inbox/items/{item}/reopen")).await;
    let page = officer.get(refused.assert_redirect().split('#').next().unwrap()).await;
    assert!(page.text("#banner").contains("the deanery has said something newer"), "{}", page.text("#banner"));
    assert_eq!(replacements(&portal).await, "applied closed_by_system, open open");
    assert_eq!(officer.post(format!("{path}/undo"), [("then", "")]).await.status, 409);
}

/// The item of the officer and its handed copy: state and to whom the first says that it was handed.
async fn handed(portal: &Portal) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "select role, state, coalesce(facts->>'handed_to', '') from items where vpd = '904' and type = 'dit_wdraw' order by created_at, item_id",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap()
}

#[sqlx::test]
async fn what_a_colleague_puts_back_is_as_it_was_before_it_was_handed_over(pool: PgPool) {
    const MSO: &str = "medical_staffing_officer";
    const RAE: &str = "recruitment_and_applicant_enrolment";
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[withdrawal(POST, DAVIES)]).await;
    let pat = portal.user_named("pat", "904", Right::RecruitmentAndApplicantEnrolment).await;
    let kim = portal.user_named("kim", "904", Right::RecruitmentAndApplicantEnrolment).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let recruiter = portal.sign_in_as(&pat).await;
    let path = link(&portal, "dit_wdraw").await;
    let hand_over = || async {
        let to = pat.user_id.to_string();
        officer.post(format!("{path}/hand-over"), [("to", to.as_str())]).await.assert_redirect();
    };
    let row = |role: &str, state: &str, to: &str| (role.to_owned(), state.to_owned(), to.to_owned());
    let copy = || async {
        portal
            .text("select item_id::text from items where role = 'recruitment_and_applicant_enrolment' and type = 'dit_wdraw' and state = 'claimed'")
            .await
    };
    let message =
        portal.text("select '/inbox/' || message_id || '?item=' || item_id from items where type = 'dit_wdraw'").await;
    officer.get(&message).await.assert_ok();
    assert!(!officer.get("/inbox").await.has(".app-unread"));
    hand_over().await;
    assert_eq!(handed(&portal).await, [row(MSO, "open", "Test pat"), row(RAE, "claimed", "")]);
    assert!(officer.get(&message).await.words().contains("This was handed to Test pat, and is in that inbox too."));

    // Given on, the officer reads whose it is now.
    let kim_id = kim.user_id.to_string();
    recruiter
        .post(format!("/inbox/items/{}/reassign", copy().await), [("to", kim_id.as_str())])
        .await
        .assert_redirect();
    assert_eq!(handed(&portal).await[0], row(MSO, "open", "Test kim"));
    // Taken back, it is the first one's again, and the officer reads that.
    undo(&recruiter).await.assert_redirect();
    assert_eq!(handed(&portal).await[0], row(MSO, "open", "Test pat"));
    recruiter
        .post(format!("/inbox/items/{}/reassign", copy().await), [("to", kim_id.as_str())])
        .await
        .assert_redirect();

    let other = portal.sign_in_as(&kim).await;
    other.press(format!("/inbox/items/{}/release", copy().await)).await.assert_redirect();
    assert_eq!(handed(&portal).await, [row(MSO, "open", ""), row(RAE, "closed_by_system", "")]);
    assert!(officer.get("/inbox").await.has(".app-unread"), "unread again");
    let page = officer.get(&message).await;
    assert!(!page.words().contains("This was handed to") && page.has("#claim"), "{}", page.words());
    assert_eq!(
        page.texts(".app-timeline__title"),
        ["Given back", "Handed over", "Handed over", "Handed over", "Handed over", "Received"]
    );
    assert!(page.words().contains("Test kim put it back"));
    assert!(!recruiter.get("/inbox").await.words().contains("Davies, Yusuf"), "and in no other inbox");

    // Handed over once more it is a copy of its own; whoever loses the right gives it back too.
    hand_over().await;
    let again = [row(MSO, "open", "Test pat"), row(RAE, "closed_by_system", ""), row(RAE, "claimed", "")];
    assert_eq!(handed(&portal).await, again);
    sqlx::query("update user_grants set ended_at = now(), ended_by = 'test' where user_id = $1")
        .bind(pat.user_id)
        .execute(&portal.owner)
        .await
        .unwrap();
    let mut tx = portal.app.db.system().await.unwrap();
    let gone = serde_json::json!({ "user_id": pat.user_id });
    let vpd = "904".parse().unwrap();
    changeover::jobs::enqueue_system(&mut tx, &vpd, changeover::notifications::RELEASE_CLAIMS, &gone, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    portal.run_jobs().await;
    assert_eq!(handed(&portal).await[0], row(MSO, "open", ""));
    assert_eq!(handed(&portal).await[2], row(RAE, "closed_by_system", ""));
    // The change is decided with the items that are left.
    officer.post(format!("{path}/dismiss"), [("reason", "Stays")]).await.assert_redirect();
    officer.post(format!("{path}/undo"), [("then", "")]).await.assert_redirect();
    let states: Vec<String> = handed(&portal).await.into_iter().map(|(_, state, _)| state).collect();
    assert_eq!(states, ["open", "closed_by_system", "closed_by_system"], "what was given back stays so");
}
