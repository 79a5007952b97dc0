//! What the pages of a hire say before it is made, and after it was.

use changeover::access::Right::RecruitmentAndApplicantEnrolment;
use sqlx::PgPool;

use super::{hire, recruiter, with_accepted};

#[sqlx::test]
async fn the_confirmation_names_the_checks_that_are_open_before_anybody_is_hired(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    let path = format!("/doctors/applications/{application}/hire");
    let page = recruiter.get(&path).await;
    assert!(page.words().contains("0 of 6 complete") && page.words().contains("Criminal record: not started"));
    let form = [("hired-on", "2026-08-05"), ("person-type", "Honorary"), ("reason", "")];
    let page = recruiter.post_to_check(&path, form).await;
    let callout = page.assert_ok().text(".nhsuk-warning-callout");
    assert!(callout.contains("0 of 6 are complete") && callout.contains("Criminal record: not started"), "{callout}");
    crate::employment_checks::clear_all(&recruiter, &application).await;
    let page = recruiter.post_to_check(&path, form).await;
    assert!(page.words().contains("6 of 6 complete") && !page.words().contains("checks are not complete"));
}

/// Nothing typed stands in an address, and what waits is its sender's alone.
#[sqlx::test]
async fn what_was_entered_is_checked_at_an_address_and_changed_from_there(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    let path = format!("/doctors/applications/{application}/hire");
    let form = [
        ("hired-on-day", "20"),
        ("hired-on-month", "8"),
        ("hired-on-year", "2026"),
        ("person-type", "Honorary"),
        ("reason", "Maternity leave"),
    ];
    let at = recruiter.post(&path, form).await.assert_redirect().to_owned();
    assert!(!at.contains("Maternity") && !at.contains("2026"), "{at}");
    for _ in 0..2 {
        let page = recruiter.get(&at).await;
        assert_eq!(page.assert_ok().text("h1"), "Hire Yusuf Davies?");
        assert!(
            page.words().contains("20 August 2026") && page.words().contains("Maternity leave"),
            "{}",
            page.words()
        );
    }
    assert_eq!(portal.count("select count(*) from hires").await, 0);
    let change = recruiter.get(&at).await.attr("main a[href*='?change=']", "href");
    let page = recruiter.get(&change).await;
    assert_eq!(page.assert_ok().text("h1"), "Hire Yusuf Davies");
    assert_eq!((page.text("#reason").as_str(), page.attr("#hired-on", "value").as_str()), ("Maternity leave", "20"));

    // Of another session, of another form, or changed: the form as it begins.
    let other = super::recruiter(&portal).await;
    let stranger = portal.sign_in("917", RecruitmentAndApplicantEnrolment).await;
    assert_eq!(stranger.get(&at).await.status, 404);
    let person = portal.text("select min(person_id) from people where vpd = '904' and system_type = 'EMP'").await;
    let elsewhere = at.replace(&path, &format!("/doctors/{person}/leaving"));
    for page in [other.get(&at).await, recruiter.get(&elsewhere).await, recruiter.get(format!("{at}0")).await] {
        assert!(page.status != 500 && !page.words().contains("Maternity"), "{}", page.words());
    }
    // What is no longer right when the page is opened again is said there.
    sqlx::query("update applications set end_on = '2026-08-10'").execute(&portal.owner).await.unwrap();
    let page = recruiter.get(&at).await;
    assert!(page.text("h1") == "Hire Yusuf Davies" && page.has("#hired-on-error"), "{}", page.words());
}

#[sqlx::test]
async fn a_doctor_who_is_hired_is_said_to_be_and_since_when(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    let page = recruiter.get(format!("/doctors/applications/{application}/hire")).await;
    let words = page.assert_ok().words();
    assert!(words.contains("hired the doctor as Honorary from 5 August 2026"), "{words}");
    assert!(!words.contains("Move the application on") && !page.has("#hired-on"), "{words}");
    let hired = portal.text("select hire_id::text from hires").await;
    assert!(page.has(&format!("main a[href$='/hire?corrects={hired}']")) && page.has("main a[href^='/doctors/']"));
}

#[sqlx::test]
async fn the_employer_type_stays_when_a_day_before_it_was_said_is_refused(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    // Somebody said "host" of the position from a day on; before that nobody had.
    sqlx::query(
        "insert into positions select (jsonb_populate_record(p, jsonb_build_object('effective_from', '2026-07-20'))).*
           from positions p where position_id = '9041003' order by effective_from desc limit 1",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    sqlx::query(
        "update positions set host_or_lead = null where position_id = '9041003' and effective_from < '2026-07-20'",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    let recruiter = recruiter(&portal).await;
    let page = hire(&recruiter, &application, "2020-01-01", "Honorary", "").await;
    assert_eq!((page.status, page.has("#hired-on-error")), (422, true));
    assert!(page.text("dl").contains("Employer type Host"), "{}", page.text("dl"));
}
