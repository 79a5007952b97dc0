//! Hiring: guards, what a hire writes, taking it back, leaving, the reminder and the list of first days.

mod before;
mod day_one;
mod leaving;
mod told;
mod withdrawn;
mod reasons;

use changeover::access::Right::{MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment};
use sqlx::PgPool;

use crate::applicants::{column, load, record, with_trusts};
use crate::support::{Page, Portal, Visitor};

/// A portal four days before the changeover, with a doctor of 904 whose offer is accepted; gives the application's id.
async fn with_accepted(pool: PgPool) -> (Portal, String) {
    with_accepted_on(pool, "2026-08-01").await
}

async fn with_accepted_on(pool: PgPool, today: &str) -> (Portal, String) {
    let portal = Portal::start_with(pool, &[("CHANGEOVER_TODAY", today)]).await;
    with_trusts(&portal).await;
    // A file brings nobody whose day is past; time went by since this one.
    let starts = today.replace('-', "").max("20260805".to_owned());
    assert_eq!(load(&portal, 1, &[record(&[(column::HIRE, &starts)])]).await.success, 1);
    sqlx::query(
        "update applications set status = 'offer_accepted', received_at = '2026-05-06', hire_on = '2026-08-05'",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    sqlx::query("update positions set host_or_lead = 'host' where position_id = '9041003'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let application = portal.text("select application_id::text from applications").await;
    (portal, application)
}

async fn recruiter(portal: &Portal) -> Visitor {
    portal.sign_in("904", [RecruitmentAndApplicantEnrolment, MedicalStaffingOfficer]).await
}

/// The form of a hire, confirmed.
async fn hire(recruiter: &Visitor, application: &str, on: &str, kind: &str, reason: &str) -> Page {
    let form = [("confirmed", "yes"), ("hired-on", on), ("person-type", kind), ("held", "end"), ("reason", reason)];
    recruiter.post(format!("/doctors/applications/{application}/hire"), form).await
}

#[sqlx::test]
async fn a_host_hires_as_honorary_after_a_confirmation_and_undo_puts_all_back(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    let path = format!("/doctors/applications/{application}/hire");
    let page = recruiter.get(&path).await;
    assert_eq!(page.assert_ok().text("h1"), "Hire Yusuf Davies");
    assert_eq!(page.attr("#person-type option[selected]", "value"), "Honorary");
    let day = [("hired-on-day", "5"), ("hired-on-month", "8"), ("hired-on-year", "2026"), ("person-type", "Honorary")];
    let page = recruiter.post_to_check(&path, day).await;
    assert_eq!(page.assert_ok().text("h1"), "Hire Yusuf Davies?");
    assert_eq!(portal.count("select count(*) from hires").await, 0, "nothing happens before it is confirmed");

    let to = hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect().to_owned();
    assert_eq!(portal.text("select status from applications").await, "hired");
    // Today, four days before, the doctor is an applicant still; from the day on an honorary one with an assignment.
    let person = "select system_type || ' ' || coalesce(user_type, '') from people where person_id = (select person_id from applications)";
    assert_eq!(portal.text(person).await, "APL Applicant");
    let version = "select effective_from || ' ' || (record->>'SystemPersonType') || ' ' || (record->>'UserPersonType') from person_versions v
                    where person_id = (select person_id from applications) order by effective_from desc limit 1";
    assert_eq!(portal.text(version).await, "2026-08-05 EMP Honorary");
    let assignment =
        "select a.effective_from || ' ' || a.position_id || ' ' || a.contract_end_on || ' ' || a.fte from assignments a
                        join applications p on p.assignment_id = a.assignment_id";
    assert_eq!(portal.text(assignment).await, "2026-08-05 9041003 2027-08-03 1.00");
    assert!(portal.audit("904").await.contains(&"doctor_hired".to_owned()));

    // BIZ-3, F-19: the second press does nothing.
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    assert_eq!(portal.count("select count(*) from hires").await, 1);

    let page = recruiter.get(&to).await;
    assert!(page.words().contains("hired already"), "{}", page.words());
    let undo = portal.text("select '/doctors/hires/' || hire_id || '/undo' from hires").await;
    // Later, or for somebody else, a hire is cancelled with a reason.
    for (aside, back) in [
        ("update hires set at = at - interval '31 minutes'", "update hires set at = at + interval '31 minutes'"),
        ("update hires set by = by || ' the other'", "update hires set by = replace(by, ' the other', '')"),
    ] {
        sqlx::query(aside).execute(&portal.owner).await.unwrap();
        assert!(recruiter.press(&undo).await.assert_redirect().ends_with("/cancel"));
        assert_eq!(portal.text("select status from applications").await, "hired");
        sqlx::query(back).execute(&portal.owner).await.unwrap();
    }
    recruiter.press(&undo).await.assert_redirect();
    assert_eq!(portal.text("select status from applications").await, "offer_accepted");
    let left = "select count(*) from assignments a join applications p on p.assignment_id = a.assignment_id";
    assert_eq!(portal.count(left).await, 0);
    assert_eq!(portal.text(person).await, "APL Applicant");
    let page = recruiter.press(&undo).await;
    assert_eq!(page.status, 409, "twice is once");
    assert!(page.has(&format!("main a[href='{to}']")), "and leads back to the doctor: {}", page.words());
}

#[sqlx::test]
async fn a_hire_has_its_guards(pool: PgPool) {
    let (portal, application) = with_accepted_on(pool, "2026-08-20").await;
    let recruiter = recruiter(&portal).await;
    for (on, kind, reason, field, said) in [
        ("2026-08-05", "Honorary", "", "reason", "Enter why the hire is dated in the past"),
        ("2026-08-25", "Honorary", "", "reason", "Enter why the hire date is 20 days from the deanery's date"),
        ("2026-07-01", "Honorary", "x", "hired-on", "The hire date must not be more than 31 days ago"),
        (
            "2026-05-05",
            "Honorary",
            "x",
            "hired-on",
            "The hire date must not be before 6 May 2026, when the application was received",
        ),
        ("2026-08-21", "", "", "person-type", "Choose the person type"),
        ("soon", "Honorary", "", "hired-on", "Enter the hire date as day, month and year, such as 5/8/2026"),
    ] {
        let page = hire(&recruiter, &application, on, kind, reason).await;
        assert_eq!((page.status, page.text(&format!("#{field}-error"))), (422, format!("Error: {said}")), "{on}");
    }
    // BIZ-2: a reason too long, and what was typed stays.
    let page = hire(&recruiter, &application, "2026-08-21", "Honorary", &"é".repeat(4_001)).await;
    assert_eq!((page.status, page.has("#reason-error")), (422, true));
    sqlx::query("update positions set effective_to = '2026-08-01' where position_id = '9041003'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let page = hire(&recruiter, &application, "2026-08-21", "Honorary", "").await;
    assert!(page.text("#hired-on-error").contains("The position is not active on 21 August 2026"));
    // AUTHZ-5: nobody is hired from an application that was not accepted.
    sqlx::query("update applications set status = 'offered_post_conditional'").execute(&portal.owner).await.unwrap();
    assert_eq!(hire(&recruiter, &application, "2026-08-21", "Honorary", "").await.status, 409);
    assert_eq!(portal.count("select count(*) from hires").await, 0);
}

#[sqlx::test]
async fn a_hire_made_in_error_is_cancelled_or_corrected_with_a_reason(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Employee", "").await.assert_redirect();
    let first = portal.text("select hire_id::text from hires").await;
    let page = recruiter.get(format!("/doctors/applications/{application}/hire?corrects={first}")).await;
    assert_eq!(page.assert_ok().text("h1"), "Correct the hire of Yusuf Davies");
    let correct = |reason: &'static str| {
        let form = [("confirmed", "yes"), ("hired-on", "2026-08-06"), ("person-type", "Honorary"), ("reason", reason)];
        let form: Vec<(&str, String)> =
            form.iter().map(|(n, v)| (*n, (*v).to_owned())).chain([("corrects", first.clone())]).collect();
        let (recruiter, path) = (&recruiter, format!("/doctors/applications/{application}/hire"));
        async move { recruiter.post(path, form).await }
    };
    assert_eq!(correct("").await.text("#reason-error"), "Error: Enter why the hire is corrected");
    correct("We are the host").await.assert_redirect();
    let live = "select hired_on || ' ' || person_type from hires where taken_back_at is null";
    assert_eq!(portal.text(live).await, "2026-08-06 Honorary");
    assert_eq!(portal.count("select count(*) from person_versions where record->>'UserPersonType' = 'Employee' and effective_from = '2026-08-05'").await, 0);
    let second = portal.text("select hire_id::text from hires where taken_back_at is null").await;
    let cancel = format!("/doctors/hires/{second}/cancel");
    assert_eq!(
        recruiter.post(&cancel, [("reason", "")]).await.text("#reason-error"),
        "Error: Enter why the hire was an error"
    );
    recruiter.post(&cancel, [("reason", "Another doctor")]).await.assert_redirect();
    assert_eq!(portal.text("select status from applications").await, "offer_accepted");
    let events = portal.audit("904").await;
    assert!(
        ["doctor_hired", "hire_corrected", "hire_taken_back"].iter().all(|event| events.iter().any(|e| e == event))
    );
}

#[sqlx::test]
async fn what_followed_a_hire_keeps_it_from_being_taken_back(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    sqlx::query("update assignments set fte = '0.5' where assignment_id = (select assignment_id from applications)")
        .execute(&portal.owner)
        .await
        .unwrap();
    let undo = portal.text("select '/doctors/hires/' || hire_id || '/undo' from hires").await;
    let page = recruiter.press(&undo).await;
    assert_eq!(page.status, 409);
    assert!(page.words().contains("has changed since the hire"));
    assert_eq!(portal.text("select status from applications").await, "hired");
}

#[sqlx::test]
async fn who_rotates_inside_ends_the_old_assignment_the_day_before(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    // The doctor works here already: an employee of the file.
    let employee = portal.text("select min(person_id) from people where vpd = '904' and system_type = 'EMP'").await;
    sqlx::query("update applications set person_id = $1").bind(&employee).execute(&portal.owner).await.unwrap();
    let recruiter = recruiter(&portal).await;
    let page = recruiter.get(format!("/doctors/applications/{application}/hire")).await;
    assert!(page.assert_ok().words().contains("What becomes of it?"));
    hire(&recruiter, &application, "2026-08-05", "Employee", "").await.assert_redirect();
    let old = "select count(*) from assignments a join applications p on p.person_id = a.person_id and p.assignment_id <> a.assignment_id
                where a.effective_to = '2026-08-04'";
    assert!(portal.count(old).await > 0);
    let number = portal
        .text("select a.assignment_number from assignments a join applications p on p.assignment_id = a.assignment_id")
        .await;
    assert!(number.ends_with("-2"), "{number}");
    // The employer's file, sent again unchanged, does not bring it back.
    let open = "select count(*) from assignments a join applications p on p.person_id = a.person_id and p.assignment_id <> a.assignment_id
                 where coalesce(a.effective_to, 'infinity') > '2026-08-04'";
    assert_eq!(portal.count(open).await, 0);
    let undo = portal.text("select '/doctors/hires/' || hire_id || '/undo' from hires").await;
    recruiter.press(&undo).await.assert_redirect();
    assert!(portal.count(open).await > 0, "undone, it goes on as before");
}

#[sqlx::test]
async fn what_begins_on_the_day_of_a_hire_or_later_is_not_ended_by_it(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let employee = portal.text("select min(person_id) from people where vpd = '904' and system_type = 'EMP'").await;
    sqlx::query("update applications set person_id = $1").bind(&employee).execute(&portal.owner).await.unwrap();
    for (id, from) in [("904777701", "2026-08-05"), ("904777702", "2026-12-02")] {
        let sql = "insert into assignments select (jsonb_populate_record(a, jsonb_build_object('assignment_id', $2::text, 'effective_from', $3::text))).*
                     from assignments a where vpd = '904' and person_id = $1 order by assignment_id limit 1";
        sqlx::query(sql).bind(&employee).bind(id).bind(from).execute(&portal.owner).await.unwrap();
    }
    // One that paused, and goes on later: it is not held on the day.
    for (from, to) in [("2025-08-06", "'2026-01-31'"), ("2026-09-01", "null")] {
        let sql = format!(
            "insert into assignments select (jsonb_populate_record(a, jsonb_build_object('assignment_id', '904777703', 'effective_from', '{from}',
                                                                                         'effective_to', {to}, 'contract_end_on', null))).*
               from assignments a where vpd = '904' and person_id = $1 order by assignment_id limit 1"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&employee).execute(&portal.owner).await.unwrap();
    }
    let recruiter = recruiter(&portal).await;
    let form = [("hired-on", "2026-08-05"), ("person-type", "Employee"), ("held", "end")];
    let asked = recruiter.post_to_check(format!("/doctors/applications/{application}/hire"), form).await;
    let words = asked.assert_ok().words();
    assert!(
        words.contains("began on 5 August 2026 and cannot end before") && words.contains("ends on 4 August 2026"),
        "{words}"
    );
    hire(&recruiter, &application, "2026-08-05", "Employee", "").await.assert_redirect();
    let stays = "select count(*) from assignments where assignment_id in ('904777701', '904777702', '904777703') and effective_to is null";
    assert_eq!(portal.count(stays).await, 3);
    let ended = "select count(*) from assignments where effective_to = '2026-08-04'";
    assert!(portal.count(ended).await > 0, "what had begun ends");
}

#[sqlx::test]
async fn an_officer_without_the_urp_hands_the_doctor_to_somebody_who_has_it(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let colleague = portal.user_named("rufus", "904", RecruitmentAndApplicantEnrolment).await;
    let officer = portal.sign_in("904", MedicalStaffingOfficer).await;
    let path = format!("/doctors/applications/{application}/hire");
    let page = officer.get(&path).await;
    assert!(
        page.assert_ok().words().contains("needs the Recruitment and Applicant Enrolment URP")
            && !page.has("#hired-on")
    );
    assert_eq!(hire(&officer, &application, "2026-08-05", "Honorary", "").await.status, 403);
    let hand = format!("/doctors/applications/{application}/hand-over");
    officer.post(&hand, [("to", colleague.user_id.to_string().as_str())]).await.assert_redirect();
    let item = portal.text("select role || ' ' || state from items where type = 'hire_request'").await;
    assert_eq!(item, "recruitment_and_applicant_enrolment open");
    let recruiter = portal.sign_in_as(&colleague).await;
    assert!(recruiter.get("/inbox").await.assert_ok().words().contains("Davies, Yusuf"));
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    assert_eq!(portal.text("select state from items where type = 'hire_request'").await, "closed_by_system");
    portal.run_jobs().await;
}

#[sqlx::test]
async fn authz_4_a_right_that_was_taken_away_between_form_and_press_does_not_hire(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let user = portal.user("904", RecruitmentAndApplicantEnrolment).await;
    let recruiter = portal.sign_in_as(&user).await;
    recruiter.get(format!("/doctors/applications/{application}/hire")).await.assert_ok();
    sqlx::query("update user_grants set ended_at = now(), ended_by = 'test' where user_id = $1")
        .bind(user.user_id)
        .execute(&portal.owner)
        .await
        .unwrap();
    let page = hire(&recruiter, &application, "2026-08-05", "Honorary", "").await;
    assert!(page.status == 403 || page.status == 303, "{}", page.status);
    assert_eq!(portal.count("select count(*) from hires").await, 0);
}
