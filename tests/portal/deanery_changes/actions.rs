use changeover::access::Right;
use sqlx::PgPool;

use super::{DAVIES, POST, column, link, new_dates, notification, told, with_davies, withdrawal};
use crate::support::Portal;

const BOTH: [Right; 2] = [Right::MedicalStaffingOfficer, Right::RecruitmentAndApplicantEnrolment];

async fn status(portal: &Portal) -> String {
    portal.text("select status from applications where vpd = '904'").await
}

async fn days(portal: &Portal) -> String {
    portal.text("select hire_on || ' ' || coalesce(end_on::text, '') from applications where vpd = '904'").await
}

#[sqlx::test]
async fn withdrawing_from_the_item_withdraws_the_application_closes_the_item_and_can_be_undone(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    sqlx::query("update position_directory set dpn_key = $1, host_or_lead = 'lead' where position_id = '9171003'")
        .bind(POST)
        .execute(&portal.owner)
        .await
        .unwrap();
    told(&portal, 2701, &[withdrawal(POST, DAVIES)]).await;
    let officer = portal.sign_in("904", BOTH).await;
    let path = link(&portal, "dit_wdraw").await;
    let message = portal.text("select message_id::text from items where type = 'dit_wdraw' and vpd = '904'").await;
    let item = officer.get(&format!("/inbox/{message}")).await;
    assert!(
        item.body.contains("Withdraw the application") && item.body.contains("Position details"),
        "the item has the way to act"
    );
    let page = officer.get(&path).await;
    page.assert_ok();
    assert_eq!(page.text("h1"), "Yusuf Davies was withdrawn by the deanery");
    assert!(page.words().contains("Lead Trust 917"), "domain §11 names who pays: {}", page.words());

    officer.post(&format!("{path}/withdraw"), [("then", "")]).await.assert_redirect();
    assert_eq!(status(&portal).await, "withdrawn");
    assert_eq!(
        portal.text("select state from items where type = 'dit_wdraw' and vpd = '904'").await,
        "closed_by_system"
    );
    assert!(portal.audit("904").await.contains(&"deanery_change_applied".to_owned()));
    let after = officer.get(&path).await;
    // The doctor's page leads there: taken back, the change waits for a decision again.
    let doctor = officer
        .get(&format!("/doctors/{}", portal.text("select person_id from applications where vpd = '904'").await))
        .await;
    assert!(doctor.has(&format!("a[href='{path}']")) && !doctor.has("form[action$='/take-back']"), "{}", doctor.body);
    let step =
        portal.text("select event_id::text from application_events order by at desc, event_id desc limit 1").await;
    let id = portal.text("select application_id::text from applications where vpd = '904'").await;
    let refused = officer.post(&format!("/doctors/applications/{id}/take-back"), [("step", step.as_str())]).await;
    assert_eq!(refused.status, 409);
    assert!(after.body.contains("withdrew the application on") && after.has(&format!("form[action='{path}/undo']")));
    // BIZ-3: a second press finds it done. A browser says which page of ours it was sent from, and the answer leads back there;
    // another's page is not believed.
    assert_eq!(officer.post(&format!("{path}/withdraw"), [("then", "")]).await.status, 409);
    for (referer, leads_back) in
        [(format!("{}{path}", portal.base), true), (format!("https://evil.example{path}"), false)]
    {
        let mut headers = http::HeaderMap::new();
        headers.insert("origin", portal.base.parse().unwrap());
        headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        headers.insert("referer", referer.parse().unwrap());
        let body = format!("then=&csrf={}", officer.csrf().await);
        let again = officer.send(http::Method::POST, &format!("{path}/withdraw"), headers, body.into_bytes()).await;
        assert_eq!((again.status, again.has(&format!("main a[href='{path}']"))), (409, leads_back), "{referer}");
    }

    officer.post(&format!("{path}/undo"), [("then", "")]).await.assert_redirect();
    assert_eq!(status(&portal).await, "preferred_applicant");
    assert_eq!(portal.text("select state from items where type = 'dit_wdraw' and vpd = '904'").await, "open");
}

#[sqlx::test]
async fn applying_dates_says_what_follows_changes_both_and_can_be_undone(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    let before = days(&portal).await;
    told(&portal, 2701, &[new_dates(POST, DAVIES, "20260902", "20270902")]).await;
    let officer = portal.sign_in("904", BOTH).await;
    let path = link(&portal, "dit_dates").await;
    let page = officer.get(&path).await;
    assert!(page.body.contains("4 weeks later"), "{}", page.body);
    let kept = officer.post(&format!("{path}/dismiss"), [("reason", "")]).await;
    assert_eq!(kept.text("#reason-error"), "Error: Enter why the current dates are kept");
    assert!(page.body.contains("The transfer window is then"), "{}", page.body);
    officer.post(&format!("{path}/apply"), [("then", "")]).await.assert_redirect();
    assert_eq!(days(&portal).await, "2026-09-02 2027-09-02");
    let person = portal.text("select person_id from applications where vpd = '904'").await;
    let doctor = officer.get(&format!("/doctors/{person}")).await;
    assert!(
        doctor.body.contains("What the deanery changed") && doctor.body.contains("DE_<wbr>KSS_<wbr>DNC"),
        "{}",
        doctor.body
    );
    assert!(
        doctor.body.contains("The projected hire date was 5 August 2026 and is 2 September 2026."),
        "{}",
        doctor.body
    );
    // From what, to what: on the doctor's page and on that of the change.
    assert!(doctor.words().contains("Hire date from 5 August 2026 to 2 September 2026."), "{}", doctor.words());
    let page = officer.get(&path).await;
    let heads = page.texts("thead th");
    assert!(heads.contains(&"Before".to_owned()) && heads.contains(&"After".to_owned()), "{heads:?}");
    assert!(page.words().contains("5 August 2026") && page.body.contains("4 weeks later"), "{}", page.words());
    officer.post(&format!("{path}/undo"), [("then", "")]).await.assert_redirect();
    assert_eq!(days(&portal).await, before);
}

#[sqlx::test]
async fn what_was_followed_by_something_is_not_undone(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[new_dates(POST, DAVIES, "20260902", "")]).await;
    let officer = portal.sign_in("904", BOTH).await;
    let path = link(&portal, "dit_dates").await;
    officer.post(&format!("{path}/apply"), [("then", "")]).await.assert_redirect();
    let id = portal.text("select application_id::text from applications where vpd = '904'").await;
    let step = [("shown", "preferred_applicant"), ("event-1", "offer_conditionally"), ("reason-1", "")];
    officer.post(&format!("/doctors/applications/{id}/status"), step).await.assert_redirect();
    let refused = officer.post(&format!("{path}/undo"), [("then", "")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("changed since"), "{}", refused.body);
    assert!(days(&portal).await.starts_with("2026-09-02"));
}

#[sqlx::test]
async fn an_end_before_the_hire_date_is_refused_in_words(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[new_dates(POST, DAVIES, "", "20260701")]).await;
    let officer = portal.sign_in("904", BOTH).await;
    let path = link(&portal, "dit_dates").await;
    let refused = officer.post(&format!("{path}/apply"), [("then", "")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("would be before the hire date 5 August 2026"), "{}", refused.body);
}

/// BIZ-2: without a reason nothing is dismissed, and what was typed stays.
#[sqlx::test]
async fn biz_2_dismissing_needs_a_reason(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[withdrawal(POST, DAVIES)]).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let path = link(&portal, "dit_wdraw").await;
    for reason in [String::new(), "x".repeat(4_001)] {
        let refused = officer.post(&format!("{path}/dismiss"), [("reason", reason.as_str())]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.has("#reason-error"));
    }
    officer.post(&format!("{path}/dismiss"), [("reason", "<b>Stays</b>, says the deanery")]).await.assert_redirect();
    assert_eq!(status(&portal).await, "preferred_applicant");
    assert!(officer.get(&path).await.body.contains("&#60;b&#62;Stays&#60;/<wbr>b&#62;"));
}

/// An officer without the URP is told so, and hands the item to somebody who has it.
#[sqlx::test]
async fn a_holder_without_the_urp_hands_it_to_somebody_who_has_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[withdrawal(POST, DAVIES)]).await;
    let recruiter = portal.user("904", Right::RecruitmentAndApplicantEnrolment).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let path = link(&portal, "dit_wdraw").await;
    let page = officer.get(&path).await;
    assert!(page.body.contains("Recruitment and Applicant Enrolment URP, which you do not have"));
    assert_eq!(officer.post(&format!("{path}/withdraw"), [("then", "")]).await.status, 403);
    let to = recruiter.user_id.to_string();
    officer.post(&format!("{path}/hand-over"), [("to", to.as_str())]).await.assert_redirect();
    let theirs = portal.sign_in_as(&recruiter).await;
    assert!(theirs.get("/inbox").await.body.contains("Davies, Yusuf"));
    theirs.get(&path).await.assert_ok();
    theirs.post(&format!("{path}/withdraw"), [("then", "")]).await.assert_redirect();
    assert_eq!(
        portal.count("select count(*) from items where type = 'dit_wdraw' and state = 'closed_by_system'").await,
        2
    );
}

/// Domain §19: somebody hired is never withdrawn by a button; a task says what to do.
#[sqlx::test]
async fn a_withdrawal_of_somebody_hired_is_a_task_and_never_an_ending(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    sqlx::query("update applications set status = 'hired' where vpd = '904'").execute(&portal.owner).await.unwrap();
    let report = told(&portal, 2701, &[withdrawal(POST, DAVIES)]).await;
    assert_eq!(super::reply(&report)[0][6..8], ["WARNING".to_owned(), "N005".to_owned()]);
    let path = link(&portal, "dit_leaver").await;
    let officer = portal.sign_in("904", BOTH).await;
    let page = officer.get(&path).await;
    assert!(page.body.contains("Nothing ends by itself") && !page.has(&format!("form[action='{path}/withdraw']")));
    assert_eq!(officer.post(&format!("{path}/withdraw"), [("then", "")]).await.status, 409);
    assert_eq!(status(&portal).await, "hired");
}

#[sqlx::test]
async fn dates_of_several_doctors_are_applied_together_and_undone_as_one(pool: PgPool) {
    let portal = Portal::start(pool).await;
    crate::applicants::with_trusts(&portal).await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    let doctors: Vec<(String, String, String, String)> = sqlx::query_as(
        "select a.dpn, p.last_name, p.first_name, p.gmc_number from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
          where a.vpd = '904' and a.hire_on = '2026-08-05' and p.gmc_number is not null order by a.application_id limit 3",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    let records: Vec<String> =
        doctors.iter().map(|(dpn, last, first, gmc)| new_dates(dpn, (last, first, gmc), "20260902", "")).collect();
    told(&portal, 2701, &records).await;
    let officer = portal.sign_in("904", BOTH).await;
    let list = officer.get("/doctors/changes?kind=dates").await;
    let ids = list.attrs("input[name=change]", "value");
    assert_eq!(ids.len(), 3);
    let query: String = ids.iter().map(|id| format!("&change={id}")).collect();
    let page = officer.get(&format!("/doctors/changes/bulk?{}", &query[1..])).await;
    assert_eq!(page.text("h1"), "New dates for 3 doctors");
    let all = ids.join(",");
    officer.post("/doctors/changes/bulk", [("changes", all.as_str()), ("decision", "apply")]).await.assert_redirect();
    let moved = "select count(*) from applications where vpd = '904' and hire_on = '2026-09-02'";
    let before = portal.count(moved).await;
    assert!(before >= 3);
    let stranger = portal.sign_in("917", BOTH).await;
    // TEN-5: with another organisation's ids nothing is done at all.
    assert_eq!(stranger.post("/doctors/changes/undo", [("changes", all.as_str())]).await.status, 404);
    officer.post("/doctors/changes/undo", [("changes", all.as_str())]).await.assert_redirect();
    assert_eq!(portal.count(moved).await, before - 3);
    assert_eq!(officer.get("/doctors/changes/bulk").await.status, 303, "none selected says so on the list");
}

const NEW: &str = "KSS/R9A01/052/STR/301";

#[sqlx::test]
async fn a_new_post_is_drafted_from_its_item_and_taken_back(pool: PgPool) {
    let portal = Portal::start(pool).await;
    crate::applicants::with_trusts(&portal).await;
    told(&portal, 2701, &[notification("5", NEW, &[(column::SPECIALTY, "Anaesthetics"), (column::SITE, "Main Site")])])
        .await;
    let keeper = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let path = link(&portal, "dit_newpost").await;
    let page = keeper.get(&path).await;
    assert_eq!(page.attr("#title", "value"), "Specialty Registrar");
    assert_eq!(page.attr("#area", "value"), "Anaesthetics");
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    assert!(officer.get(&path).await.body.contains("Local Workstructures Administration URP, which you do not have"));
    assert_eq!(officer.get("/positions/new-posts").await.texts("tbody tr").len(), 1);

    let form = |confirmed: &'static str| {
        [
            ("title", "Specialty Registrar"),
            ("occupation_code", "052"),
            ("area", "Anaesthetics"),
            ("site", "R9A01"),
            ("budgeted_fte", "1.00"),
            ("host_or_lead", "host"),
            ("effective-day", "6"),
            ("effective-month", "5"),
            ("effective-year", "2026"),
            ("confirmed", confirmed),
        ]
    };
    let elsewhere = form("yes").map(|(name, value)| (name, if name == "site" { "ZZ" } else { value }));
    let refused = keeper.post(&format!("{path}/draft"), elsewhere).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text("#site-error").contains("ZZ is not the code of a site of yours"), "{}", refused.words());
    assert_eq!(refused.attrs("#site option", "value"), ["", "R9A01"], "the employer's own sites");
    assert_eq!(refused.attr("#title", "value"), "Specialty Registrar", "what was typed stays");
    let mut done = keeper.post(&format!("{path}/draft"), form("")).await;
    if done.status == 422 {
        done = keeper.post(&format!("{path}/draft"), form("yes")).await;
    }
    let position = done.assert_redirect().to_owned();
    assert!(keeper.get(&position).await.body.contains("301"));
    assert_eq!(
        portal.count("select count(*) from items where type = 'dit_newpost' and state = 'closed_by_system'").await,
        2
    );
    keeper.post(&format!("{path}/undo"), [("then", "")]).await.assert_redirect();
    assert_eq!(portal.count("select count(*) from items where type = 'dit_newpost' and state = 'open'").await, 2);
    assert_eq!(
        portal.count("select count(*) from position_directory where dpn_key = 'KSS/R9A01/052/STR/301'").await,
        0
    );
}

#[sqlx::test]
async fn a_new_post_is_linked_to_a_position_that_exists(pool: PgPool) {
    let portal = Portal::start(pool).await;
    crate::applicants::with_trusts(&portal).await;
    told(&portal, 2701, &[notification("5", NEW, &[])]).await;
    let keeper = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let path = link(&portal, "dit_newpost").await;
    for number in ["", "99999999"] {
        let refused = keeper.post(&format!("{path}/link"), [("position_number", number)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.has("#position_number-error"));
    }
    let mut done = keeper.post(&format!("{path}/link"), [("position_number", "29040063")]).await;
    if done.status == 422 {
        let seen = done.attr("input[name=confirmed][type=checkbox]", "value");
        let confirmed = [("position_number", "29040063"), ("confirmed", seen.as_str())];
        done = keeper.post(&format!("{path}/link"), confirmed).await;
    }
    done.assert_redirect();
    assert_eq!(portal.text("select state from deanery_changes").await, "applied");
    assert_eq!(
        portal
            .count("select count(*) from position_directory where dpn_key = 'KSS/R9A01/052/STR/301' and vpd = '904'")
            .await,
        1
    );
}

#[sqlx::test]
async fn a_new_post_that_is_handed_over_is_one_item_of_the_colleague(pool: PgPool) {
    let portal = Portal::start(pool).await;
    crate::applicants::with_trusts(&portal).await;
    told(&portal, 2701, &[notification("5", NEW, &[])]).await;
    let kit = portal.user_named("kit", "904", Right::LocalWorkstructuresAdministration).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let path = link(&portal, "dit_newpost").await;
    let to = kit.user_id.to_string();
    officer.post(format!("{path}/hand-over"), [("to", to.as_str())]).await.assert_redirect();
    let items = "select string_agg(role || ' ' || state || ' ' || coalesce(facts->>'handed_to', ''), ', ' order by role) from items where type = 'dit_newpost'";
    let handed = "local_workstructures_administration claimed , medical_staffing_officer open Test kit";
    assert_eq!(portal.text(items).await, handed);
    let counted = "select item_count::bigint from messages where vpd = '904' and type = 'DIT-NEWPOST'";
    assert_eq!(portal.count(counted).await, 2);
    let keeper = portal.sign_in_as(&kit).await;
    let rows = keeper.get("/inbox").await.texts("tbody tr");
    assert_eq!(rows.iter().filter(|row| row.contains("New training post")).count(), 1, "{rows:?}");

    // Put back, it is everybody's again, and nobody reads that it was handed.
    let item = portal.text("select item_id::text from items where type = 'dit_newpost' and state = 'claimed'").await;
    keeper.press(format!("/inbox/items/{item}/release")).await.assert_redirect();
    assert_eq!(portal.text(items).await, "local_workstructures_administration open , medical_staffing_officer open ");
}

#[sqlx::test]
async fn a_withdrawal_of_somebody_who_does_not_apply_here_offers_no_withdrawing(pool: PgPool) {
    let portal = Portal::start(pool).await;
    crate::applicants::with_trusts(&portal).await;
    told(&portal, 2701, &[withdrawal(POST, ("Nobody", "Nell", "7654321"))]).await;
    let officer = portal.sign_in("904", BOTH).await;
    let path = link(&portal, "dit_wdraw").await;
    let message = portal.text("select message_id::text from items where type = 'dit_wdraw' and vpd = '904'").await;
    let item = officer.get(&format!("/inbox/{message}")).await;
    assert!(item.body.contains("See what can be done") && !item.body.contains("Withdraw the application"));
    let page = officer.get(&path).await;
    assert!(page.words().contains("ask the deanery, or dismiss this") && page.has("#reason"), "{}", page.words());
}
