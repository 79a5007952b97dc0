//! Leaving, staying, coming back.

use changeover::access::Right::{MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment};
use changeover::people::store as people;
use changeover::ui::dates;
use futures_util::future::join_all;
use sqlx::PgPool;

use super::{hire, recruiter, with_accepted};

#[sqlx::test]
async fn an_employment_ends_and_the_doctor_comes_back_on_the_same_record(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    let employee = portal.text("select min(person_id) from people where vpd = '904' and system_type = 'EMP'").await;
    let path = format!("/doctors/{employee}/leaving");
    let page = recruiter.get(&path).await;
    assert_eq!(page.attr("#reason-code option[selected]", "value"), "08");
    let page = recruiter.post(&path, [("outcome", "ends"), ("reason-code", "99")]).await;
    assert_eq!((page.status, page.has("#last-day-error"), page.has("#reason-code-error")), (422, true, true));
    let day =
        [("outcome", "ends"), ("last-day", "2026-08-01"), ("reason-code", "08"), ("destination", "01"), ("note", "")];
    let page = recruiter.post_to_check(&path, day).await;
    assert!(page.assert_ok().text("h1").starts_with("End the record of"), "asked before it is done");
    assert_eq!(portal.count("select count(*) from leavings").await, 0);
    let confirmed: Vec<_> = day.into_iter().chain([("confirmed", "yes")]).collect();
    recruiter.post(&path, confirmed.clone()).await.assert_redirect();
    let open = "select count(*) from assignments a join leavings l on l.person_id = a.person_id where coalesce(a.effective_to, 'infinity') > '2026-08-01'";
    assert_eq!(portal.count(open).await, 0);
    let version = "select effective_from || ' ' || (record->>'SystemPersonType') || ' ' || (record->>'TerminationReason') from person_versions v
                    join leavings l on l.person_id = v.person_id order by effective_from desc limit 1";
    assert_eq!(portal.text(version).await, "2026-08-02 EX_EMP 08");

    // Undone, everything is as before.
    let undo = portal.text("select '/doctors/leavings/' || leaving_id || '/undo' from leavings").await;
    recruiter.press(&undo).await.assert_redirect();
    assert!(portal.count(open).await > 0);

    // Ended again, and hired again within three months: the same person, and a warning.
    recruiter.post(&path, confirmed).await.assert_redirect();
    sqlx::query("update applications set person_id = $1").bind(&employee).execute(&portal.owner).await.unwrap();
    let form = [("hired-on", "2026-08-05"), ("person-type", "Honorary"), ("reason", "")];
    let page = recruiter.post_to_check(format!("/doctors/applications/{application}/hire"), form).await;
    assert!(page.assert_ok().words().contains("under 3 months before"), "{}", page.words());
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    let back = "select (record->>'SystemPersonType') || ' ' || coalesce(record->>'ActualTerminationDate', 'none') from person_versions v
                 join leavings l on l.person_id = v.person_id and l.taken_back_at is null where v.effective_from = '2026-08-05'";
    assert_eq!(portal.text(back).await, "EMP none");
    let events = portal.audit("904").await;
    assert!(["leaving_decided", "leaving_undone"].iter().all(|event| events.iter().any(|e| e == event)));
    portal.run_jobs().await;
}

#[sqlx::test]
async fn a_record_is_extended_or_the_doctor_stays(pool: PgPool) {
    let (portal, _) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    let employee = portal.text("select min(person_id) from people where vpd = '904' and system_type = 'EMP'").await;
    let path = format!("/doctors/{employee}/leaving");
    let page = recruiter.post(&path, [("outcome", "extended"), ("last-day", "2026-07-01")]).await;
    assert_eq!(page.text("#last-day-error"), "Error: The new last day must be in the future");
    recruiter.post(&path, [("outcome", "extended"), ("last-day", "2027-02-02")]).await.assert_redirect();
    let ends = "select count(*) from assignments a join leavings l on l.person_id = a.person_id where a.contract_end_on = '2027-02-02'";
    assert!(portal.count(ends).await > 0);
    // An extension makes nothing shorter, and says so of what it would not move.
    for day in ["2026-12-01", "2027-02-02"] {
        let page = recruiter.post(&path, [("outcome", "extended"), ("last-day", day)]).await;
        assert!(page.text("#last-day-error").contains("runs until 2 February 2027 already"), "{}", page.words());
    }
    recruiter.post(&path, [("outcome", "stays"), ("note", "Agreed with the deanery")]).await.assert_redirect();
    assert_eq!(portal.count("select count(*) from leavings").await, 2);
    assert_eq!(recruiter.get("/doctors/999000/leaving").await.status, 404);
}

/// DOS: whoever presses often keeps nobody else waiting; each form holds one connection at a time.
#[sqlx::test]
async fn many_forms_at_once_are_all_answered(pool: PgPool) {
    let (portal, _) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    let employee = portal.text("select min(person_id) from people where vpd = '904' and system_type = 'EMP'").await;
    let path = format!("/doctors/{employee}/leaving");
    recruiter.get(&path).await.assert_ok();
    let pages = join_all((0..40).map(|_| recruiter.post(&path, [("outcome", "zz")]))).await;
    assert!(
        pages.iter().all(|page| page.status == 422),
        "{:?}",
        pages.iter().map(|page| page.status).collect::<Vec<_>>()
    );
}

#[sqlx::test]
async fn a_mistyped_last_day_is_refused_and_nothing_of_the_employment_goes(pool: PgPool) {
    let (portal, _) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    let employee = portal.text("select min(person_id) from people where vpd = '904' and system_type = 'EMP'").await;
    let path = format!("/doctors/{employee}/leaving");
    let began = "select max(first_day)::text from (select min(effective_from) as first_day from assignments where vpd = '904'
                  and person_id = (select min(person_id) from people where vpd = '904' and system_type = 'EMP') group by assignment_id) a";
    let began = dates::day(portal.text(began).await.parse().unwrap());
    let held = "select count(*) from assignments where vpd = '904' and person_id = (select min(person_id) from people where vpd = '904' and system_type = 'EMP')";
    let versions = "select count(*) from person_versions where vpd = '904' and person_id = (select min(person_id) from people where vpd = '904' and system_type = 'EMP')";
    let before = (portal.count(held).await, portal.count(versions).await);
    for confirmed in ["", "yes"] {
        let form = [
            ("outcome", "ends"),
            ("last-day", "1/1/2020"),
            ("reason-code", "08"),
            ("note", "Gone"),
            ("confirmed", confirmed),
        ];
        let page = recruiter.post(&path, form).await;
        assert_eq!(page.status, 422);
        let said = page.text("#last-day-error");
        assert!(said.contains(&format!("The last day must not be before {began}")), "{said}");
        assert_eq!((page.attr("#last-day-year", "value").as_str(), page.text("#note").as_str()), ("2020", "Gone"));
    }
    let page = recruiter.post(&path, [("outcome", "extended"), ("last-day", "2/2/2062")]).await;
    assert_eq!(page.status, 422);
    let said = page.text("#last-day-error");
    assert!(said.contains("2 February 2062 is more than 10 years ahead") && said.contains("1 August 2036"), "{said}");
    // Whoever asks: what would leave nothing of the employment ends nothing.
    let mut tx = portal.begin("904").await;
    assert_eq!(people::end_employment(&mut tx, &employee, "2020-01-01".parse().unwrap()).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!((portal.count(held).await, portal.count(versions).await), before);
    assert_eq!(portal.count("select count(*) from leavings").await, 0);
}

#[sqlx::test]
async fn a_record_that_has_ended_says_so_wherever_it_is_looked_for_and_is_taken_back_there(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    let person = portal.text("select person_id from applications").await;
    let (doctor, path) = (format!("/doctors/{person}"), format!("/doctors/{person}/leaving"));
    assert_eq!(recruiter.get(&doctor).await.texts(&format!("a[href^='{path}?then=']")).len(), 1);
    let ends = |day: &'static str| {
        [("confirmed", "yes"), ("outcome", "ends"), ("last-day", day), ("reason-code", "08"), ("destination", "01")]
    };
    recruiter.post(&path, ends("2026-08-20")).await.assert_redirect();
    let undo = portal.text("select '/doctors/leavings/' || leaving_id || '/undo' from leavings").await;
    let by = portal.text("select by from leavings").await;
    let said = format!("{by} ended the record here on");
    recruiter.get("/doctors/day-one").await; // the banner with its Undo is gone by now
    for page in [recruiter.get(&doctor).await, recruiter.get(&path).await] {
        assert!(page.assert_ok().words().contains(&said), "{}", page.words());
        assert!(page.words().contains("the last day is 20 August 2026") && page.has(&format!("form[action='{undo}']")));
        assert!(
            !page.has("#outcome") && !page.has(&format!("a[href^='{path}?then=']")),
            "nothing that fails is offered"
        );
    }
    let page = recruiter.get(&path).await;
    assert!(page.words().contains("External Rotation") && page.words().contains("NHS Organisation"));

    // A second officer is told who was first; the same press again leads on.
    let other = portal.user_named("olive", "904", [RecruitmentAndApplicantEnrolment, MedicalStaffingOfficer]).await;
    let second = portal.sign_in_as(&other).await;
    for confirmed in ["", "yes"] {
        let mut form = ends("2026-08-15");
        form[0].1 = confirmed;
        let page = second.post(&path, form).await;
        assert_eq!(page.status, 409);
        assert!(
            page.words().contains(&said) && page.words().contains("It ends, last day 15 August 2026"),
            "{}",
            page.words()
        );
    }
    recruiter.post(&path, ends("2026-08-20")).await.assert_redirect();
    assert_eq!(portal.count("select count(*) from leavings").await, 1);

    second.press(&undo).await.assert_redirect();
    let page = second.press(&undo).await;
    assert_eq!((page.status, page.has(&format!("main a[href='{path}']"))), (409, true), "with the way back");
    assert!(recruiter.get(&path).await.has("#outcome"));

    // An extension is taken back from its page too.
    sqlx::query("update assignments set effective_from = '2026-08-01' where assignment_id = (select assignment_id from applications)")
        .execute(&portal.owner)
        .await
        .unwrap();
    recruiter.post(&path, [("outcome", "extended"), ("last-day", "2027-12-31")]).await.assert_redirect();
    let page = recruiter.get(&path).await;
    assert!(page.words().contains("extended the record here until 31 December 2027"), "{}", page.words());
    assert!(page.has("#outcome") && page.has("form[action^='/doctors/leavings/']"));
    portal.run_jobs().await;
}
