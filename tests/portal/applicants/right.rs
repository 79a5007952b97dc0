use changeover::access::Right::{MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment};
use sqlx::PgPool;

use super::{codes, column, load, record, with_trusts};
use crate::support::{Portal, Visitor};

/// A failed record of 904 and the address under which it is put right.
async fn with_failure(portal: &Portal, changes: &[(usize, &str)]) -> String {
    with_trusts(portal).await;
    let report = load(portal, 1, &[record(changes)]).await;
    assert_eq!(report.fail, 1, "{report:?}");
    portal.run_jobs().await;
    portal.text("select link from items where type = 'dit_app_failed'").await
}

async fn officer(portal: &Portal) -> Visitor {
    portal.sign_in("904", [MedicalStaffingOfficer]).await
}

async fn item(portal: &Portal) -> (String, String) {
    sqlx::query_as("select state, coalesce(closed_reason, '') from items where type = 'dit_app_failed' order by created_at limit 1")
        .fetch_one(&portal.owner)
        .await
        .unwrap()
}

async fn contact(portal: &Portal, address: &str) {
    sqlx::query(
        "insert into managing_body_contacts (contact_id, body_code, purpose, address, valid_from) values (gen_random_uuid(), 'KSS', 'applicants', $1, '2020-01-01')",
    )
    .bind(address)
    .execute(&portal.owner)
    .await
    .unwrap();
}

#[sqlx::test]
async fn a_failed_record_is_tried_again_with_the_positions_of_today(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let link = with_failure(&portal, &[(column::DPN, "KSS/R9A01/024/STR/999")]).await;
    let officer = officer(&portal).await;
    let page = officer.get(&link).await;
    assert_eq!(page.assert_ok().text("h1"), "Failed application: Davies, Yusuf");
    assert!(page.words().contains("KSS/R9A01/024/STR/999 is not that of the position"));
    assert!(page.words().contains("TX ** ** 41 B") && !page.body.contains("TX958941B"), "the NI number is masked");

    let back = officer.press(format!("{link}/try-again")).await;
    assert_eq!(back.assert_redirect(), link);
    let page = officer.get(&link).await;
    assert!(page.words().contains("The application failed again"), "{}", page.words());
    assert_eq!(item(&portal).await.0, "open");

    // The post was renumbered: ESR says so in its next file.
    let name = "GO_904_EXP_GOC_20260506_00000001.DAT";
    let position =
        std::fs::read_to_string(crate::support::files::sample("GO_904_EXP_GOF_20260505_00000001.DAT")).unwrap();
    let position =
        position.lines().find(|line| line.starts_with("POA~9041003~")).unwrap().replace("STR/004", "STR/999");
    portal.receive(name, crate::support::files::framed(name, "904", &[position])).await;

    let there = officer.post(format!("{link}/try-again"), [("then", "/inbox")]).await;
    assert_eq!(there.assert_redirect(), "/inbox");
    let (state, reason) = item(&portal).await;
    assert_eq!(state, "closed_by_system");
    assert!(reason.contains("tried it again, and it loaded"), "{reason}");
    assert_eq!(portal.count("select count(*) from applications").await, 1);
    let page = officer.get(&link).await;
    assert!(page.words().contains("Put right on") && !page.has("form[action$='try-again']"));
    // What was confirmed stays confirmed: the record failed, and was put right.
    assert_eq!(
        portal.text("select outcome || '/' || settled_by from file_records where record_type = 'APP'").await,
        "failed/tried_again"
    );
    assert!(portal.audit("904").await.contains(&"record_tried_again".to_owned()));
}

#[sqlx::test]
async fn biz_3_two_who_press_at_once_have_one_effect(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let link = with_failure(&portal, &[(column::DPN, "KSS/R9A01/024/STR/999")]).await;
    sqlx::query("update positions set dpn = 'KSS/R9A01/024/STR/999' where position_id = '9041003'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let (one, other) = (officer(&portal).await, officer(&portal).await);
    let path = format!("{link}/try-again");
    let pressed = tokio::join!(one.press(&path), other.press(&path));
    pressed.0.assert_redirect();
    pressed.1.assert_redirect();
    assert_eq!(portal.count("select count(*) from applications").await, 1);
    // Back, and the same button again: the reader is told who was first.
    assert_eq!(one.press(&path).await.assert_redirect(), link);
    let page = one.get(&link).await;
    assert!(page.words().contains("This record was put right on"), "{}", page.words());
}

#[sqlx::test]
async fn the_deanery_is_asked_again_and_the_file_that_answers_closes_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let link = with_failure(&portal, &[(column::BORN, "19801332")]).await;
    let officer = officer(&portal).await;
    officer.press(format!("{link}/ask-again")).await.assert_redirect();
    assert!(officer.get(&link).await.words().contains("No address is known for KSS"));

    assert!(officer.get(&link).await.words().contains("Contact at the deanery: none is known for KSS"));
    contact(&portal, "applicants@kss.example").await;
    assert!(officer.get(&link).await.words().contains("applicants@kss.example"));
    officer.press(format!("{link}/ask-again")).await.assert_redirect();
    let mail: (String, String, String, String) =
        sqlx::query_as("select to_address, subject, body_text, body_html from emails where purpose = 'ask_again'")
            .fetch_one(&portal.owner)
            .await
            .unwrap();
    assert_eq!(mail.0, "applicants@kss.example");
    for part in [&mail.2, &mail.3] {
        for said in [
            "DE_KSS_APP_20260506_00000001.DAT",
            "KSS/R9A01/024/STR/004",
            "DATE_OF_BIRTH cannot be accepted",
            "29040003",
        ] {
            assert!(part.contains(said), "{said} in {part}");
        }
        for unsaid in ["19801332", "TX958941B", "Davies", "Yusuf", "nhs.example"] {
            assert!(!part.contains(unsaid), "{unsaid} in {part}");
        }
    }
    let page = officer.get(&link).await;
    assert!(page.words().contains("asked the deanery on"), "{}", page.words());
    assert_eq!(item(&portal).await.0, "open", "it waits, visibly");
    officer.press(format!("{link}/ask-again")).await.assert_redirect();
    assert_eq!(
        portal.count("select count(*) from emails where purpose = 'ask_again'").await,
        1,
        "once a day is enough"
    );

    let report = load(&portal, 2, &[record(&[])]).await;
    assert_eq!(report.success, 1);
    let (state, reason) = item(&portal).await;
    assert_eq!(state, "closed_by_system");
    assert_eq!(reason, "The deanery sent it again in DE_KSS_APP_20260506_00000002.DAT, record 1, and it loaded.");
    assert_eq!(portal.text("select settled_by from file_records where outcome = 'failed'").await, "loaded_later");
    portal.run_jobs().await;
}

#[sqlx::test]
async fn a_record_that_fails_again_in_the_next_file_is_one_thing_to_do(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_failure(&portal, &[(column::LAST_NAME, "")]).await;
    load(&portal, 2, &[record(&[(column::LAST_NAME, "")])]).await;
    let items = portal.items("904").await;
    let states: Vec<&str> = items.iter().filter(|i| i.0 == "dit_app_failed").map(|i| i.2.as_str()).collect();
    assert_eq!(states, ["closed_by_system", "open"]);
    assert!(item(&portal).await.1.contains("failed again"));
    // Somebody else's record for the same post answers nothing.
    load(
        &portal,
        3,
        &[record(&[
            (column::GMC, "9000001"),
            (column::NI, ""),
            (column::LAST_NAME, "Other"),
            (column::BORN, "19910101"),
        ])],
    )
    .await;
    assert_eq!(portal.count("select count(*) from items where type = 'dit_app_failed' and state = 'open'").await, 1);
}

#[sqlx::test]
async fn biz_2_dismissing_needs_a_reason_that_is_kept(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let link = with_failure(&portal, &[(column::LAST_NAME, "")]).await;
    let officer = officer(&portal).await;
    let page = officer.post(format!("{link}/dismiss"), [("reason", " ")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text("#reason-error"), "Error: Enter why nothing is to be done about this record");
    let long = "x".repeat(4_001);
    let page = officer.post(format!("{link}/dismiss"), [("reason", long.as_str()), ("then", "/inbox")]).await;
    assert_eq!((page.status, page.text("#reason").len()), (422, 4_001));
    assert_eq!(page.attr("input[name=then]", "value"), "/inbox");
    officer
        .post(format!("{link}/dismiss"), [("reason", "<b>Left</b> the programme"), ("then", "//evil.example")])
        .await
        .assert_redirect();
    let (state, reason) = item(&portal).await;
    assert_eq!(state, "closed_by_system");
    assert!(reason.ends_with("dismissed it: <b>Left</b> the programme"), "{reason}");
    let page = officer.get(&link).await;
    assert!(page.body.contains("&#60;b&#62;Left") || page.body.contains("&lt;b&gt;Left"));
}

#[sqlx::test]
async fn an_application_is_entered_by_hand_from_the_record(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let link = with_failure(&portal, &[(column::LAST_NAME, ""), (column::ETHNIC, "K")]).await;
    let place: Vec<&str> = link.rsplit('/').take(2).collect();
    let recruiter = portal.sign_in("904", [RecruitmentAndApplicantEnrolment]).await;
    let page = recruiter.get(format!("/doctors/new?file={}&record={}", place[1], place[0])).await;
    page.assert_ok();
    assert_eq!(page.attr("#first-name", "value"), "Yusuf");
    assert_eq!(page.attr("#gmc-number", "value"), "9779858");
    assert!(page.words().contains("TX ** ** 41 B") && !page.body.contains("TX958941B"), "shown whole only on request");
    assert_eq!(page.attr("#ni-number", "value"), "");
    assert_eq!(
        (page.attr("#hire-date", "value"), page.attr("#hire-date-year", "value")),
        ("05".to_owned(), "2026".to_owned())
    );
    let form = |last_name: &'static str, number: &'static str| {
        vec![
            ("file", place[1]),
            ("record", place[0]),
            ("position-number", number),
            ("deanery-number", ""),
            ("hire-date-day", "5"),
            ("hire-date-month", "8"),
            ("hire-date-year", "2026"),
            ("last-name", last_name),
            ("first-name", "Yusuf"),
            ("date-of-birth-day", "5"),
            ("date-of-birth-month", "7"),
            ("date-of-birth-year", "1990"),
            ("gmc-number", "9779858"),
            ("ni-number", ""),
            ("title", "Dr."),
        ]
    };
    // The same rules and the same messages, every fault at once, and what was typed stays.
    let page = recruiter.post("/doctors/new", form("", "1")).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text("#last-name-error"), "Error: Enter the last name");
    assert_eq!(page.text("#position-number-error"), "Error: 1 is not the number of a position of yours");
    assert!(!page.has("#deanery-number-error"), "which may be left empty");
    assert_eq!(page.attr("#first-name", "value"), "Yusuf");
    assert!(!page.body.contains("TX958941B"));

    let page = recruiter.post("/doctors/new", form("Davies", "29040003")).await;
    let doctor = page.assert_redirect().to_owned();
    let page = recruiter.get(&doctor).await;
    assert_eq!(page.assert_ok().text("h1"), "Yusuf Davies");
    assert!(page.words().contains("By hand"));
    assert_eq!(
        portal.text("select ni_number from people where person_id = (select person_id from applications)").await,
        "TX958941B"
    );
    let (state, reason) = item(&portal).await;
    assert_eq!(state, "closed_by_system");
    assert!(reason.ends_with("entered it by hand."), "{reason}");
    assert_eq!(portal.text("select ethnic_origin from person_equality where person_id like '9000%'").await, "K");
    assert_eq!(portal.text("select origin || '/' || dpn from applications").await, "by_hand/KSS/R9A01/024/STR/004");
    // When the deanery sends the same doctor after all, it is the same application.
    let report = load(&portal, 2, &[record(&[])]).await;
    assert_eq!((report.success, codes(&portal, 1).await), (1, vec!["I004".to_owned()]));
    assert_eq!(portal.count("select count(*) from applications").await, 1);
    // Entered once: the form of before puts nothing right a second time.
    assert_eq!(recruiter.post("/doctors/new", form("Davies", "29040003")).await.status, 409);
}

#[sqlx::test]
async fn what_a_file_would_drop_is_refused_of_a_person_at_its_field(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let recruiter = portal.sign_in("904", [RecruitmentAndApplicantEnrolment, MedicalStaffingOfficer]).await;
    let sound = vec![
        ("position-number", "29040003"),
        ("hire-date-day", "5"),
        ("hire-date-month", "8"),
        ("hire-date-year", "2026"),
        ("last-name", "Davies"),
        ("first-name", "Yusuf"),
        ("date-of-birth-day", "5"),
        ("date-of-birth-month", "7"),
        ("date-of-birth-year", "1990"),
    ];
    let wrong = [
        ("wte", "9", "Whole-time equivalent must be a number above 0 and up to 1.00, such as 0.80"),
        ("ni-number", "RK", "National Insurance number is not two letters, six digits and a letter from A to D"),
        ("email", "foo", "Enter an email address in the correct format, like name@example.com"),
        ("mobile-phone", "abc", "Enter a mobile phone number, such as 07700 900 982"),
        ("gmc-number", "96732", "GMC number must be 7 digits, such as 7654321"),
    ];
    let mut form = sound.clone();
    form.extend(wrong.iter().map(|(name, value, _)| (*name, *value)));
    form.extend([("end-date-day", "3"), ("end-date-month", "8"), ("end-date-year", "2025")]);
    let page = recruiter.post("/doctors/new", form).await;
    assert_eq!(page.status, 422);
    for (name, value, words) in wrong {
        let said = page.text(&format!("#{name}-error"));
        assert!(said.starts_with(&format!("Error: {words}")), "{name}: {said}");
        assert_eq!(page.attr(&format!("#{name}"), "value"), value, "what was typed stays");
    }
    let said = page.text("#end-date-error");
    assert_eq!(said, "Error: Projected end date 3 August 2025 is before projected hire date 5 August 2026");
    assert_eq!(portal.count("select count(*) from applications").await, 0);

    // By itself, each of what a file only warns of is refused too.
    for (name, value, _) in &wrong[..4] {
        let mut form = sound.clone();
        form.push((name, value));
        let page = recruiter.post("/doctors/new", form).await;
        assert!(page.status == 422 && page.has(&format!("#{name}-error")), "{name}");
    }
    assert_eq!(portal.count("select count(*) from applications").await, 0);
    let page = recruiter.post("/doctors/new", sound).await;
    let page = recruiter.get(page.assert_redirect()).await;
    assert!(page.text("#banner").contains("National Insurance number is not supplied"), "{}", page.text("#banner"));
}

#[sqlx::test]
async fn another_organisations_record_is_not_there(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let link = with_failure(&portal, &[(column::LAST_NAME, "")]).await;
    let place: Vec<&str> = link.rsplit('/').take(2).collect();
    let stranger = portal.sign_in("917", [MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment]).await;
    contact(&portal, "applicants@kss.example").await;
    assert_eq!(stranger.get(&link).await.status, 404);
    assert_eq!(stranger.get(format!("/doctors/new?file={}&record={}", place[1], place[0])).await.status, 404);
    for action in ["try-again", "ask-again"] {
        assert_eq!(stranger.press(format!("{link}/{action}")).await.status, 404, "{action}");
    }
    assert_eq!(stranger.post(format!("{link}/dismiss"), [("reason", "x")]).await.status, 404);
    assert_eq!(item(&portal).await.0, "open");
    assert_eq!(portal.count("select count(*) from emails").await, 0);
}

#[sqlx::test]
async fn each_act_needs_its_right(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let link = with_failure(&portal, &[(column::LAST_NAME, "")]).await;
    let recruiter = portal.sign_in("904", [RecruitmentAndApplicantEnrolment]).await;
    assert_eq!(recruiter.get(&link).await.status, 200);
    for action in ["try-again", "ask-again", "dismiss"] {
        assert_eq!(recruiter.press(format!("{link}/{action}")).await.status, 403, "{action}");
    }
    let officer = officer(&portal).await;
    assert_eq!(officer.get("/doctors/new").await.status, 403);
    assert_eq!(officer.press("/doctors/new").await.status, 403);
    let page = officer.get(&link).await;
    assert!(
        page.words().contains("needs the Recruitment and Applicant Enrolment URP"),
        "the page says what is missing"
    );
}
