//! Leaving, staying, coming back.

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
    let page = recruiter.post(&path, day).await;
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
    let page = recruiter.post(format!("/doctors/applications/{application}/hire"), form).await;
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
    recruiter.post(&path, [("outcome", "stays"), ("note", "Agreed with the deanery")]).await.assert_redirect();
    assert_eq!(portal.count("select count(*) from leavings").await, 2);
    assert_eq!(recruiter.get("/doctors/999000/leaving").await.status, 404);
}
