//! The reminder five days before, and the list of first days.

use changeover::access::Right::MedicalStaffingOfficer;
use changeover::hiring::reminders;
use sqlx::PgPool;

use super::{hire, recruiter, with_accepted, with_accepted_on};

#[sqlx::test]
async fn five_days_before_there_is_one_item_for_the_day_and_it_closes_when_all_are_hired(pool: PgPool) {
    let (portal, application) = with_accepted_on(pool, "2026-07-31").await;
    assert_eq!(reminders::run(&portal.app).await.unwrap(), 1);
    assert_eq!(reminders::run(&portal.app).await.unwrap(), 0, "safe to repeat");
    let title = portal.text("select m.title from messages m where type = 'DIT-STARTER'").await;
    assert_eq!(title, "Deanery - Jnr. Doctor Starter(s) (904)");
    assert_eq!(
        portal.text("select title from items where type = 'dit_starter'").await,
        "Doctors starting on 5 August 2026"
    );
    let officer = portal.sign_in("904", MedicalStaffingOfficer).await;
    let link = portal.text("select link from items where type = 'dit_starter'").await;
    let page = officer.get(&link).await;
    assert_eq!(page.assert_ok().text("h1"), "Doctors starting on 5 August 2026");
    assert!(page.words().contains("Host: hire as Honorary") && page.words().contains("0 of 6"));
    assert_eq!(portal.count("select count(*) from items where type = 'dit_starter' and vpd <> '904'").await, 0);

    // The item has its table of doctors, as they stand when it is opened.
    let item = portal
        .text("select '/inbox/' || message_id || '?item=' || item_id from items where type = 'dit_starter'")
        .await;
    let page = officer.get(&item).await;
    assert!(
        page.assert_ok().words().contains("1 doctor starts on 5 August 2026. 1 is not hired yet."),
        "{}",
        page.words()
    );
    let row = page.text("#panel tbody tr");
    for part in ["Davies, Yusuf", "KSS/R9A01/024/STR/004", "Not hired", "6 checks are not complete", "Offer Accepted"] {
        assert!(row.contains(part), "{part} in {row}");
    }
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    assert_eq!(portal.text("select state from items where type = 'dit_starter'").await, "closed_by_system");
    let page = officer.get(&item).await;
    assert!(page.words().contains("1 doctor starts on 5 August 2026, and is hired."), "{}", page.words());
    assert!(page.text("#panel tbody tr").contains("Hired: Honorary from 5 Aug 2026"));
    let undo = portal.text("select '/doctors/hires/' || hire_id || '/undo' from hires").await;
    recruiter.press(&undo).await.assert_redirect();
    assert_eq!(portal.text("select state from items where type = 'dit_starter'").await, "open", "the fact broke again");
    portal.run_jobs().await;
}

#[sqlx::test]
async fn the_item_of_a_day_closes_at_once_when_the_last_who_waits_is_withdrawn(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    reminders::run(&portal.app).await.unwrap();
    let recruiter = recruiter(&portal).await;
    let form = [("shown", "offer_accepted"), ("event-1", "withdraw"), ("reason-1", "Goes abroad")];
    recruiter.post(format!("/doctors/applications/{application}/status"), form).await.assert_redirect();
    let closed = "select state || ': ' || closed_reason from items where type = 'dit_starter'";
    assert_eq!(portal.text(closed).await, "closed_by_system: Nobody starts on that day any more");
    portal.run_jobs().await;
}

#[sqlx::test]
async fn nobody_is_reminded_six_days_before(pool: PgPool) {
    let (portal, _) = with_accepted_on(pool, "2026-07-30").await;
    assert_eq!(reminders::run(&portal.app).await.unwrap(), 0);
}

#[sqlx::test]
async fn the_list_says_what_is_not_right_and_links_to_its_mending(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    let page = recruiter.get("/doctors/day-one").await;
    let words = page.assert_ok().words();
    assert!(words.contains("Not hired") && words.contains("6 checks are not complete"), "{words}");
    assert!(page.has(&format!("a[href='/doctors/applications/{application}/hire']")));
    hire(&recruiter, &application, "2026-08-06", "Employee", "").await.assert_redirect();
    let words = recruiter.get("/doctors/day-one").await.words();
    assert!(words.contains("Hired from 6 Aug 2026, and the deanery says 5 Aug 2026"), "{words}");
    assert!(words.contains("Hired as Employee, where Honorary is usual for a Host Employer"), "{words}");
    assert!(recruiter.get("/doctors/day-one?show=waiting").await.words().contains("Nobody starts on these days"));
    assert_eq!(recruiter.get("/doctors/day-one?from=tomorrow").await.status, 422);
    // CSV: what a spreadsheet would take for a formula is text; the download is recorded.
    sqlx::query("update people set last_name = '=1+1' where person_id = (select person_id from applications)")
        .execute(&portal.owner)
        .await
        .unwrap();
    let file = recruiter.get("/doctors/day-one.csv").await;
    assert!(file.assert_ok().body.contains("\"'=1+1\""), "{}", file.body);
    assert!(portal.audit("904").await.contains(&"list_exported".to_owned()));
    let stranger = portal.sign_in("917", MedicalStaffingOfficer).await;
    assert!(stranger.get("/doctors/day-one").await.words().contains("Nobody starts on these days"));
}
