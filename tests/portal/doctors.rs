//! The pages about doctors: who sees them, what they say, what can be done there.

use changeover::access::Right::{IgAuditor, MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment};
use sqlx::PgPool;

use crate::applicants::{column, for_position, load, record, with_trusts};
use crate::support::{Portal, Visitor};

async fn with_doctor(portal: &Portal) -> String {
    with_trusts(portal).await;
    assert_eq!(load(portal, 1, &[record(&[])]).await.success, 1);
    portal.text("select '/doctors/' || person_id from applications").await
}

async fn recruiter(portal: &Portal) -> Visitor {
    portal.sign_in("904", [RecruitmentAndApplicantEnrolment, MedicalStaffingOfficer]).await
}

#[sqlx::test]
async fn a_doctors_page_says_what_came_and_what_is_next_and_viewing_is_recorded(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let doctor = with_doctor(&portal).await;
    let officer = portal.sign_in("904", [MedicalStaffingOfficer]).await;
    let page = officer.get(&doctor).await;
    assert_eq!(page.assert_ok().text("h1"), "Yusuf Davies");
    let words = page.words();
    for said in [
        "Preferred Applicant",
        "Specialty Registrar, from 5 August 2026",
        "in 91 days",
        "DE_KSS_APP_20260506_00000001.DAT",
        "9779858",
        "offer the post, with conditions",
        "needs the Recruitment and Applicant Enrolment URP",
    ] {
        assert!(words.replace("/ ", "/").replace("_ ", "_").contains(said), "{said}: {words}");
    }
    assert!(words.contains("TX ** ** 41 B") && !page.body.contains("TX958941B"));
    assert!(!page.body.contains("ethnic") && !page.has("form[action*='/status']"));
    assert_eq!(portal.audit("904").await.iter().filter(|event| *event == "person_viewed").count(), 1);

    let page = officer.press(format!("{doctor}/ni-number")).await;
    assert!(page.assert_ok().body.contains("TX958941B"));
    assert!(portal.audit("904").await.contains(&"ni_number_shown".to_owned()));
}

#[sqlx::test]
async fn another_organisations_doctor_is_not_there_and_an_auditor_sees_none(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let doctor = with_doctor(&portal).await;
    let application = portal.text("select application_id::text from applications").await;
    let stranger = portal.sign_in("917", [MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment]).await;
    assert_eq!(stranger.get(&doctor).await.status, 404);
    assert_eq!(stranger.press(format!("{doctor}/ni-number")).await.status, 404);
    let form = [("shown", "preferred_applicant"), ("event-1", "withdraw"), ("reason-1", "x")];
    assert_eq!(stranger.post(format!("/doctors/applications/{application}/status"), form).await.status, 404);
    assert!(!stranger.get("/doctors").await.assert_ok().words().contains("Davies"));
    let auditor = portal.sign_in("904", [IgAuditor]).await;
    assert_eq!(auditor.get(&doctor).await.status, 403);
    assert_eq!(auditor.get("/doctors").await.status, 403);
    // An employee who applies for nothing is not a doctor in training here.
    assert_eq!(recruiter(&portal).await.get("/doctors/9045002").await.status, 404);
}

#[sqlx::test]
async fn an_application_goes_through_its_statuses_with_their_guards(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let doctor = with_doctor(&portal).await;
    let recruiter = recruiter(&portal).await;
    let path =
        format!("/doctors/applications/{}/status", portal.text("select application_id::text from applications").await);
    let step = |shown: &'static str, event: &'static str, reason: &'static str| {
        let (recruiter, path) = (&recruiter, &path);
        async move { recruiter.post(path, [("shown", shown), ("event-1", event), ("reason-1", reason)]).await }
    };
    let status = "select status from applications";
    // Nobody accepts what was not offered, and nothing is done that was not chosen.
    assert_eq!(step("preferred_applicant", "accept_offer", "Reason").await.status, 422);
    let page = step("preferred_applicant", "", "typed").await;
    assert_eq!((page.status, page.text("#event-1-error").as_str()), (422, "Error: Choose what happens next"));
    assert_eq!(page.text("#reason-1"), "typed");
    assert_eq!(step("preferred_applicant", "offer_conditionally", "").await.assert_redirect(), doctor);
    assert_eq!(portal.text(status).await, "offered_post_conditional");
    // A page that showed another status changes nothing.
    assert_eq!(step("preferred_applicant", "withdraw", "x").await.status, 409);
    let page = step("offered_post_conditional", "accept_offer", " ").await;
    assert_eq!((page.status, page.text("#reason-1-error").as_str()), (422, "Error: Enter a reason"));
    step("offered_post_conditional", "accept_offer", "Checks seen on paper").await.assert_redirect();
    assert_eq!(portal.text(status).await, "offer_accepted");
    step("offer_accepted", "withdraw", "Went to another trust").await.assert_redirect();
    assert_eq!(portal.text(status).await, "withdrawn");
    let page = recruiter.get(&doctor).await;
    assert!(page.words().contains("Offer Accepted to Withdrawn") && page.words().contains("Went to another trust"));
    assert!(!page.has("form[action*='/status']"), "nothing follows an end");
    let changes = portal.audit("904").await.iter().filter(|event| *event == "application_status_changed").count();
    assert_eq!(changes, 3);
}

#[sqlx::test]
async fn each_step_of_an_application_is_taken_back_while_nothing_followed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let doctor = with_doctor(&portal).await;
    let recruiter = recruiter(&portal).await;
    let id = portal.text("select application_id::text from applications").await;
    let step = |shown: &'static str, event: &'static str, reason: &'static str| {
        let (recruiter, path) = (&recruiter, format!("/doctors/applications/{id}/status"));
        async move { recruiter.post(path, [("shown", shown), ("event-1", event), ("reason-1", reason)]).await }
    };
    let stands = "select status || ' ' || coalesce(status_reason, '') from applications";
    let since = "select status_at::text from applications";
    let undo = format!("/doctors/applications/{id}/take-back");
    step("preferred_applicant", "offer_conditionally", "Telephoned").await.assert_redirect();
    let offered_at = portal.text(since).await;
    step("offered_post_conditional", "withdraw", "The wrong doctor").await.assert_redirect();
    // The banner offers it, and so does the page, which says who, when and why.
    let page = recruiter.get(&doctor).await;
    assert_eq!(page.attr("#banner form", "action"), undo);
    let withdrawn = page.attr("#banner input[name=step]", "value");
    let page = recruiter.get(&doctor).await;
    assert!(page.words().contains("withdrew the application on") && page.words().contains("Reason: The wrong doctor"));
    assert_eq!(page.attr(&format!("main form[action='{undo}'] input[name=step]"), "value"), withdrawn);
    let officer = portal.sign_in("904", [MedicalStaffingOfficer]).await;
    assert!(!officer.get(&doctor).await.has(&format!("form[action='{undo}']")), "a button for those who may");

    recruiter.post(&undo, [("step", withdrawn.as_str())]).await.assert_redirect();
    assert_eq!(portal.text(stands).await, "offered_post_conditional Telephoned");
    assert_eq!(portal.text(since).await, offered_at, "as it was, and since when");
    assert!(portal.audit("904").await.iter().filter(|event| *event == "application_status_changed").count() == 3);
    // The second press says so; the step before can be taken back too.
    let late = recruiter.post(&undo, [("step", withdrawn.as_str())]).await;
    assert!(late.status == 409 && late.words().contains("this step cannot be taken back"), "{}", late.words());
    let page = recruiter.get(&doctor).await;
    let offered = page.attr(&format!("main form[action='{undo}'] input[name=step]"), "value");
    recruiter.post(&undo, [("step", offered.as_str())]).await.assert_redirect();
    assert_eq!(portal.text(stands).await, "preferred_applicant ");
    assert!(!recruiter.get(&doctor).await.has(&format!("main form[action='{undo}']")), "nothing is left to take back");

    // What came since is not lost.
    step("preferred_applicant", "withdraw", "x").await.assert_redirect();
    let last = recruiter.get(&doctor).await.attr("#banner input[name=step]", "value");
    load(&portal, 2, &[record(&[])]).await;
    let refused = recruiter.post(&undo, [("step", last.as_str())]).await;
    assert_eq!(refused.status, 409, "{}", refused.words());
}

#[sqlx::test]
async fn two_who_may_be_one_are_merged_and_the_merge_is_undone(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let first = with_doctor(&portal).await;
    let changes = [(column::GMC, ""), (column::NI, "")];
    load(&portal, 2, &[for_position("9041004", "KSS/R9A01/052/FY1/005", &changes)]).await;
    let pair = portal.text("select link from items where type = 'dit_app_duplicate'").await;
    let second = portal.text("select '/doctors/' || person_id from applications where position_id = '9041004'").await;

    let officer = portal.sign_in("904", [MedicalStaffingOfficer]).await;
    let page = officer.get(&pair).await;
    assert_eq!(page.assert_ok().text("h1"), "Are these the same person?");
    assert!(
        page.words().contains("Settling it needs the Recruitment and Applicant Enrolment URP")
            && !page.has("form[action$=same]")
    );
    assert_eq!(officer.press(format!("{pair}/same")).await.status, 403);

    let recruiter = recruiter(&portal).await;
    assert!(recruiter.get(&second).await.words().contains("Possible duplicate"));
    let page = recruiter.press(format!("{pair}/same")).await;
    assert_eq!((page.status, page.text("#keep-error").as_str()), (422, "Error: Choose which record is kept"));
    let keep = first.rsplit('/').next().unwrap();
    sqlx::query("update people set mobile_phone = null, email = null where person_id = $1")
        .bind(keep)
        .execute(&portal.owner)
        .await
        .unwrap();
    assert_eq!(recruiter.post(format!("{pair}/same"), [("keep", keep)]).await.assert_redirect(), first);
    let page = recruiter.get(&first).await;
    assert_eq!(page.texts("h2[id^=application-]").len(), 2, "the applications of both");
    let reached = "select string_agg(email || '/' || mobile_phone, '') from people where merged_into is null and applicant_number is not null";
    assert_eq!(portal.text(reached).await, "dr9779858@nhs.example/07700 900858", "what only the other record had");
    assert_eq!(recruiter.get(&second).await.assert_redirect(), first, "the old address leads to the one who was kept");
    assert_eq!(portal.text("select state from items where type = 'dit_app_duplicate'").await, "closed_by_system");
    // Whoever comes by the merged record is the person who was kept.
    load(
        &portal,
        3,
        &[for_position("9041004", "KSS/R9A01/052/FY1/005", &[(column::GMC, "9779858"), (column::GRADE, "ST4")])],
    )
    .await;
    assert_eq!(portal.count("select count(distinct person_id) from applications").await, 1);

    let undo = page.attr("form[action^='/doctors/merges/']", "action");
    assert_eq!(recruiter.press(&undo).await.assert_redirect(), first);
    assert_eq!(portal.count("select count(distinct person_id) from applications").await, 2);
    assert_eq!(recruiter.get(&second).await.status, 200);
    assert_eq!(recruiter.press(&undo).await.status, 409, "a merge is undone once");
    assert!(portal.audit("904").await.contains(&"merge_undone".to_owned()));
    assert!(recruiter.get(&second).await.words().contains("Possible duplicate"), "it waits to be settled again");
    assert_eq!(portal.text("select state from items where type = 'dit_app_duplicate'").await, "open");

    // They are two after all, and nobody is asked again.
    recruiter.post(format!("{pair}/different"), [("reason", "Twins")]).await.assert_redirect();
    assert!(!recruiter.get(&second).await.words().contains("Possible duplicate"));
    assert_eq!(recruiter.post(format!("{pair}/same"), [("keep", keep)]).await.assert_redirect(), pair);
    assert!(recruiter.get(&pair).await.words().contains("not the same person"));
    assert_eq!(portal.count("select count(*) from people where merged_into is not null").await, 0);
}

#[sqlx::test]
async fn of_an_employee_and_an_applicant_the_employees_record_is_kept(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    // Campbell, Marek is an employee; the deanery's record has other numbers.
    let changes = [
        (column::LAST_NAME, "Campbell"),
        (column::FIRST_NAME, "Marek"),
        (column::BORN, "19970527"),
        (column::NI, "NG757457A"),
        (column::GMC, "9360527"),
    ];
    load(&portal, 1, &[record(&changes)]).await;
    let pair = portal.text("select link from items where type = 'dit_app_duplicate'").await;
    let applicant = portal.text("select person_id from applications").await;
    let recruiter = recruiter(&portal).await;
    let page = recruiter.get(&pair).await;
    assert_eq!(page.attrs("input[name=keep]", "value"), ["9045004"]);
    let page = recruiter.post(format!("{pair}/same"), [("keep", applicant.as_str())]).await;
    assert_eq!(page.status, 422);
    // The employee applies for nothing yet, so has no page among the doctors.
    assert_eq!(page.attrs("main a[href='/people/9045004']", "href").len(), 1);
    // Other numbers may be another person: what is kept and what is not is said, and confirmed for that record.
    let page = recruiter.post(format!("{pair}/same"), [("keep", "9045004"), ("confirmed", applicant.as_str())]).await;
    assert_eq!(page.status, 422);
    assert!(
        page.words().contains("These differ") && page.words().contains("National Insurance number:"),
        "{}",
        page.words()
    );
    assert_eq!(page.attr("input[name=confirmed]", "value"), "9045004");
    assert!(page.has("#confirmed-error") && page.has("input[name=keep][checked]"));
    assert_eq!(portal.count("select count(*) from person_merges").await, 0);
    let keep = [("keep", "9045004"), ("confirmed", "9045004")];
    assert_eq!(recruiter.post(format!("{pair}/same"), keep).await.assert_redirect(), "/doctors/9045004");
    let undo = recruiter.get("/doctors/9045004").await.attr("form[action^='/doctors/merges/']", "action");
    // On the kept person's own page too, for those who may settle: a pair without applications has no other.
    let page = recruiter.get("/people/9045004").await;
    assert_eq!(page.assert_ok().attr("form[action^='/doctors/merges/']", "action"), undo);
    let officer = portal.sign_in("904", MedicalStaffingOfficer).await;
    let page = officer.get("/people/9045004").await;
    assert!(page.assert_ok().words().contains("merged person") && !page.has("form[action^='/doctors/merges/']"));
    let undone = recruiter.press(&undo).await;
    recruiter.get(undone.assert_redirect()).await.assert_ok();
    assert_eq!(undone.location(), Some("/people/9045004"));
    assert!(!recruiter.get("/people/9045004").await.words().contains("merged person"));
    // Whoever settles pairs without being Medical Staffing Officer has no items: the home page says it.
    let settler = portal.sign_in("904", RecruitmentAndApplicantEnrolment).await;
    let home = settler.get("/").await;
    assert_eq!(home.text(".app-card a[href='/doctors/duplicates']"), "1 possible duplicate");
    let list = settler.get("/doctors/duplicates").await;
    assert_eq!(list.assert_ok().attrs("tbody a", "href"), [pair.as_str()]);
    recruiter.post(format!("{pair}/same"), keep).await.assert_redirect();
    assert!(settler.get("/doctors/duplicates").await.words().contains("No pair waits to be settled"));
    assert_eq!(portal.text("select person_id from applications").await, "9045004");
    assert_eq!(
        portal.text("select gmc_number || '/' || ni_number from people where person_id = '9045004'").await,
        "9360527/AE316738B"
    );
    // The next file finds the employee.
    load(&portal, 2, &[for_position("9041004", "KSS/R9A01/052/FY1/005", &changes)]).await;
    assert_eq!(portal.count("select count(*) from applications where person_id = '9045004'").await, 2);
}

#[sqlx::test]
async fn doctors_are_found_by_name_number_and_post(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    let officer = portal.sign_in("904", [MedicalStaffingOfficer]).await;
    let found = |query: &'static str| {
        let officer = &officer;
        async move { officer.get(format!("/doctors?{query}")).await.assert_ok().texts("tbody th") }
    };
    let names = |rows: Vec<String>| {
        let name = |row: String| row.trim_start_matches("Name ").split(" GMC ").next().unwrap_or_default().to_owned();
        rows.into_iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(found("").await).len(), 50, "39 applications and the 12 that failed: a page has 50");
    assert_eq!(names(found("q=m%C3%BCnchhausen,+low").await), ["Münchhausen, Lowri"]);
    assert_eq!(names(found("q=MUNCH").await).len(), 2);
    assert_eq!(names(found("q=Davies,+Yus").await), ["Davies, Yusuf", "Davies, Yusuf"]);
    assert_eq!(names(found("q=yusuf+davies").await), ["Davies, Yusuf", "Davies, Yusuf"]);
    assert_eq!(names(found("q=9779858").await), ["Davies, Yusuf"]);
    assert_eq!(names(found("q=kss/r9a01/024/str/004").await), ["Davies, Yusuf"]);
    assert_eq!(names(found("q=29040003").await), ["Davies, Yusuf"]);
    assert!(found("q=%25").await.is_empty() && found("q='--").await.is_empty());
    assert!(found("status=withdrawn").await.is_empty());
    assert_eq!(found("status=preferred_applicant&page=1").await.len(), 39);
}

#[sqlx::test]
async fn authz_2_national_insurance_numbers_are_masked_and_equality_data_is_nowhere(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let name = "DE_KSS_APP_20260506_00002689.DAT";
    let sample = std::fs::read_to_string(crate::support::files::sample(name)).unwrap();
    // A religion in the first record, to be looked for wherever the officer may look.
    let mut lines: Vec<String> = sample.split("\r\n").map(str::to_owned).collect();
    let mut fields: Vec<&str> = lines[1].split('~').collect();
    fields[31] = "Jainism";
    lines[1] = fields.join("~");
    portal.receive(name, lines.join("\r\n")).await;
    let mso = portal.sign_in("904", changeover::access::Right::MedicalStaffingOfficer).await;
    let person = portal.text("select person_id from people where vpd = '904' and ni_number = 'TX958941B'").await;
    let file = portal.text("select file_id::text from interface_files where file_name like 'DE_KSS_APP%'").await;
    let message = portal.text("select message_id::text from messages where vpd = '904' and type = 'DIT-APP'").await;
    let kept: i64 = portal.count("select count(*) from person_equality where religious_belief = 'Jainism'").await;
    assert_eq!(kept, 1);
    let mut seen = false;
    for path in [
        format!("/doctors/{person}"),
        "/doctors".to_owned(),
        "/inbox".to_owned(),
        "/inbox?class=information".to_owned(),
        format!("/inbox/{message}"),
        format!("/interfaces/files/{file}"),
        format!("/interfaces/files/{file}/records/1"),
        "/inbox/export.csv".to_owned(),
    ] {
        let page = mso.get(&path).await;
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        seen |= text.contains("TX ** ** 41 B");
        for secret in ["TX958941B", "TX 95 89 41 B", "Jainism"] {
            assert!(!text.contains(secret), "{path} shows {secret}");
        }
    }
    assert!(seen, "the number is shown masked somewhere");
}
