//! Doctors whom the deanery withdrew and who are hired: the task, what settles it, and what comes back when that is undone.

use sqlx::PgPool;

use super::{hire, recruiter, with_accepted};
use crate::deanery_changes::{DAVIES, POST, link, new_dates, told, withdrawal};
use crate::support::Portal;

async fn item(portal: &Portal) -> String {
    portal.text("select type || ' ' || state from items where type in ('dit_wdraw', 'dit_leaver')").await
}

async fn change(portal: &Portal) -> String {
    portal.text("select state from deanery_changes where kind = 'withdrawal'").await
}

const ENDS: [(&str, &str); 5] = [
    ("confirmed", "yes"),
    ("outcome", "ends"),
    ("last-day", "2026-08-20"),
    ("reason-code", "08"),
    ("then", "/rotation?on=2026-08-05"),
];

#[sqlx::test]
async fn a_doctor_hired_while_withdrawn_gets_the_task_and_ending_the_record_settles_it(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    told(&portal, 2701, &[withdrawal(POST, DAVIES)]).await;
    assert_eq!(item(&portal).await, "dit_wdraw open");
    let form = [("hired-on", "2026-08-05"), ("person-type", "Honorary"), ("reason", "")];
    let page = recruiter.post_to_check(format!("/doctors/applications/{application}/hire"), form).await;
    assert!(page.assert_ok().words().contains("The deanery withdrew the doctor from this post"), "{}", page.words());

    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    assert_eq!(item(&portal).await, "dit_leaver open", "the question is the employment now");
    let person = portal.text("select person_id from applications").await;
    let message = portal.text("select message_id || '?item=' || item_id from items where type = 'dit_leaver'").await;
    let page = recruiter.get(format!("/inbox/{message}")).await;
    assert!(page.has(&format!("a[href^='/doctors/{person}/leaving?then=']")), "{}", page.body);
    let path = link(&portal, "dit_leaver").await;
    let page = recruiter.get(&path).await;
    assert!(page.has(&format!("a[href^='/doctors/{person}/leaving?outcome=ends']")), "{}", page.body);
    // Nobody ends it by marking the task as done.
    let id = portal.text("select item_id::text from items where type = 'dit_leaver'").await;
    recruiter.post(format!("/inbox/items/{id}/done"), [("filter", "")]).await;
    assert_eq!(item(&portal).await, "dit_leaver open");

    let page = recruiter.get(format!("/doctors/{person}/leaving")).await;
    assert!(page.words().contains("nobody has decided about it"), "{}", page.words());
    let to = recruiter.post(format!("/doctors/{person}/leaving"), ENDS).await.assert_redirect().to_owned();
    assert_eq!(to, "/rotation?on=2026-08-05", "back to where it was opened from");
    let banner = recruiter.get(&to).await;
    assert_eq!(banner.attr("#banner input[name=then]", "value"), to, "and so when it is taken back");
    assert_eq!((item(&portal).await, change(&portal).await), ("dit_leaver closed_by_system".into(), "applied".into()));
    let page = recruiter.get(&path).await;
    assert!(page.words().contains("The record ends after 20 August 2026."), "{}", page.words());
    // Its own undo is that of the decision.
    let undo = portal.text("select '/doctors/leavings/' || leaving_id || '/undo' from leavings").await;
    assert!(page.has(&format!("form[action='{undo}']")));
    assert_eq!(recruiter.post(format!("{path}/undo"), [("then", "")]).await.status, 409);

    recruiter.press(&undo).await.assert_redirect();
    assert_eq!((item(&portal).await, change(&portal).await), ("dit_leaver open".into(), "open".into()));
    let undo = portal.text("select '/doctors/hires/' || hire_id || '/undo' from hires").await;
    recruiter.press(&undo).await.assert_redirect();
    assert_eq!(item(&portal).await, "dit_wdraw open", "nobody is employed, so the application is the question again");
    portal.run_jobs().await;
}

#[sqlx::test]
async fn a_doctor_who_stays_dismisses_the_withdrawal_with_that_reason(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    told(&portal, 2701, &[withdrawal(POST, DAVIES), new_dates(POST, DAVIES, "", "20270901")]).await;
    let person = portal.text("select person_id from applications").await;
    recruiter.post(format!("/doctors/{person}/leaving"), [("outcome", "stays")]).await.assert_redirect();
    let states = "select string_agg(kind || ' ' || state, ', ' order by kind desc) from deanery_changes";
    assert_eq!(portal.text(states).await, "withdrawal dismissed, dates open", "new dates still make sense");
    let reason = portal.text("select reason from deanery_changes where kind = 'withdrawal'").await;
    assert_eq!(reason, "The doctor stays as before.");
    portal.run_jobs().await;
}

#[sqlx::test]
async fn what_waits_about_somebody_who_left_closes_with_the_reason_and_what_is_of_another_post_stays(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    told(&portal, 2701, &[new_dates(POST, DAVIES, "", "20270901")]).await;
    // The same doctor applies for a second post, of which other dates wait too.
    sqlx::query(
        "insert into deanery_changes (vpd, change_id, kind, state, file_id, record_no, dpn, dpn_key, body_code, person_key, person_id,
                                      application_id, received_on, received_at)
         select vpd, gen_random_uuid(), 'dates', 'open', file_id, 99, 'KSS/R9A01/024/STR/099', 'KSS/R9A01/024/STR/099', body_code, person_key,
                person_id, gen_random_uuid(), received_on, received_at from deanery_changes",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    let person = portal.text("select person_id from applications").await;
    recruiter.post(format!("/doctors/{person}/leaving"), ENDS).await.assert_redirect();
    let states =
        "select string_agg(state || ' ' || coalesce(reason, ''), ', ' order by record_no) from deanery_changes";
    assert_eq!(portal.text(states).await, "dismissed The record ends after 20 August 2026., open ");
    assert_eq!(portal.text("select state from items where type = 'dit_dates'").await, "closed_by_system");
    assert!(portal.audit("904").await.contains(&"deanery_change_dismissed".to_owned()));
    portal.run_jobs().await;
}

#[sqlx::test]
async fn a_reminder_is_settled_by_the_hires_and_waits_again_when_one_is_taken_back(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    changeover::hiring::reminders::run(&portal.app).await.unwrap();
    portal.run_jobs().await;
    let state = "select state from items where type = 'dit_starter'";
    let id = portal.text("select item_id::text from items where type = 'dit_starter'").await;
    recruiter.post(format!("/inbox/items/{id}/done"), [("filter", "")]).await.assert_redirect();
    assert_eq!(portal.text(state).await, "open", "nobody is hired yet");
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    assert_eq!(portal.text(state).await, "closed_by_system");
    let undo = portal.text("select '/doctors/hires/' || hire_id || '/undo' from hires").await;
    recruiter.press(&undo).await.assert_redirect();
    assert_eq!(portal.text(state).await, "open");
    // Withdrawn, nobody starts on the day: the next run closes it.
    sqlx::query("update applications set status = 'withdrawn'").execute(&portal.owner).await.unwrap();
    changeover::hiring::reminders::run(&portal.app).await.unwrap();
    assert_eq!(
        portal.text("select state || ': ' || closed_reason from items where type = 'dit_starter'").await,
        "closed_by_system: Nobody starts on that day any more"
    );
    portal.run_jobs().await;
}
