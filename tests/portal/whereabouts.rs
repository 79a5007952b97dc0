//! Where is my doctor: one line for each, what blocks it, and why a search finds nothing.

use changeover::access::Right;
use sqlx::PgPool;

use crate::applicants::{column as app, load, record, with_trusts};
use crate::deanery_changes::{DAVIES, POST, grid_row, new_dates, notification, told, with_davies};
use crate::support::{Page, Portal};

const SINGH: (&str, &str, &str) = ("Singh", "Chloe", "9841235");
const GHOSH: (&str, &str, &str) = ("Ghosh", "Lowri", "9123646");

fn line(page: &Page, name: &str) -> String {
    let rows = page.texts("tbody tr");
    rows.into_iter().find(|row| row.contains(name)).unwrap_or_else(|| panic!("no {name}: {}", page.words()))
}

#[sqlx::test]
async fn every_doctor_has_a_line_with_the_stage_and_what_blocks_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    load(&portal, 2602, &[record(&[(app::FIRST_NAME, "Ruth"), (app::GMC, "912345"), (app::NI, "")])]).await;
    told(
        &portal,
        2701,
        &[grid_row(POST, SINGH, "20260804", GHOSH, "20260805"), new_dates(POST, DAVIES, "20260902", "")],
    )
    .await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = officer.get("/doctors").await;
    let davies = line(&page, "Davies, Yusuf");
    assert!(
        davies.contains("Preferred Applicant")
            && davies.contains("The deanery gave new dates")
            && davies.contains("Apply or keep the dates"),
        "{davies}"
    );
    assert!(davies.contains("Medical staffing, to decide a change"), "{davies}");
    let failed = line(&page, "Davies, Ruth");
    assert!(
        failed.contains("Did not load") && failed.contains("912345") && failed.contains("Put the record right"),
        "{failed}"
    );
    let expected = line(&page, "Ghosh, Lowri");
    assert!(expected.contains("Not released yet") && expected.contains("The deanery (KSS)"), "{expected}");
    // The filters are in the address.
    assert_eq!(officer.get("/doctors?stage=failed").await.texts("tbody tr").len(), 1);
    assert_eq!(officer.get("/doctors?stage=not_released&start_from=1%2F8%2F2026").await.texts("tbody tr").len(), 1);
    assert_eq!(officer.get("/doctors?blocked=no").await.texts("tbody tr").len(), 0);
}

#[sqlx::test]
async fn a_search_that_finds_nothing_says_why(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let ended = "update positions set effective_to = '2026-04-30' where vpd = '904' and position_id = '9041003'";
    sqlx::query(ended).execute(&portal.owner).await.unwrap();
    sqlx::query("update positions set deleted_at = '2026-05-02 12:00Z' where vpd = '904' and position_id = '9041004'")
        .execute(&portal.owner)
        .await
        .unwrap();
    for (search, words) in [
        ("Nobody", "released from 13 weeks before the first day: for somebody who starts after 5 August 2026"),
        ("9999999", "No application, failed record, held record or next holder"),
        (POST, "ended on 30 April 2026"),
        ("KSS/R9A01/052/FY1/005", "was deleted on 2 May 2026"),
        ("29040003", "Position 29040003 ended on 30 April 2026"),
        (" 2904 0004", "Position 29040004 was deleted on 2 May 2026"),
        ("KSS/R9B01/024/STR/004", "Another employer has a post of this number: 917"),
        ("KSS/R9Z99/024/STR/999", "No position here bears this Deanery Post Number"),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", search).finish();
        let page = officer.get(&format!("/doctors?{query}")).await;
        page.assert_ok();
        assert!(page.words().contains(words), "{search}: {}", page.words());
    }
    let escaped = officer.get("/doctors?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(!escaped.body.contains("<script>alert"), "XSS-1");
}

/// One line for each doctor: the record that did not load is the application that the grid waits for.
#[sqlx::test]
async fn a_doctor_whose_record_did_not_load_has_one_line(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    let ghosh = |gmc: &str, first: &str| {
        record(&[
            (app::LAST_NAME, "Ghosh"),
            (app::FIRST_NAME, first),
            (app::GMC, gmc),
            (app::NI, ""),
            (app::HIRE, "20270805"),
        ])
    };
    told(&portal, 2701, &[grid_row(POST, SINGH, "20260804", GHOSH, "20260805")]).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    assert!(line(&officer.get("/doctors").await, "Ghosh, Lowri").contains("Not released yet"));
    for (number, gmc, first) in [(2602, "9123646", "L."), (2603, "912364", "LOWRI")] {
        assert_eq!(load(&portal, number, &[ghosh(gmc, first)]).await.fail, 1);
        let rows = officer.get("/doctors?q=Ghosh").await.texts("tbody tr");
        assert!(rows.len() == 1 && rows[0].contains("Did not load"), "{rows:?}");
        assert!(officer.get("/doctors?stage=not_released").await.texts("tbody tr").is_empty());
        let seen = officer.get("/doctors/exceptions").await.texts("tbody tr");
        assert_eq!(seen.iter().filter(|row| row.contains("Ghosh")).count(), 1, "{seen:?}");
        sqlx::query("update file_records set settled_at = now(), settled_by = 'dismissed' where outcome = 'failed'")
            .execute(&portal.owner)
            .await
            .unwrap();
    }
    assert!(line(&officer.get("/doctors").await, "Ghosh, Lowri").contains("Not released yet"), "it is awaited again");
}

/// Checks that are not complete block whoever is to start, as the list of first days says.
#[sqlx::test]
async fn open_checks_block_a_doctor_at_every_stage(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    for status in ["preferred_applicant", "offered_post_conditional", "offer_accepted", "hired"] {
        sqlx::query("update applications set status = $1").bind(status).execute(&portal.owner).await.unwrap();
        let davies = line(&officer.get("/doctors").await, "Davies, Yusuf");
        assert!(davies.contains("6 employment checks outstanding"), "{status}: {davies}");
        assert!(officer.get("/doctors?blocked=no").await.texts("tbody tr").is_empty(), "{status}");
    }
}

/// TEN-6, TEN-7, TEN-8: what two organisations share, a lead and host pair, shows each the fields that it may see of the other, and nobody's
/// doctor.
#[sqlx::test]
async fn ten_6_of_a_pair_each_sees_that_it_exists_and_nobody(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    let directory = "update position_directory set dpn_key = 'KSS/R9A01/024/STR/004', host_or_lead = 'lead' where vpd = '917' and position_id = '9171003'";
    sqlx::query(directory).execute(&portal.owner).await.unwrap();
    let host = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = host.get("/doctors?q=9779858").await;
    assert!(line(&page, "Davies, Yusuf").contains("Also a post of 917") && page.body.contains("Lead Employer"));
    let lead = portal.sign_in("917", Right::MedicalStaffingOfficer).await;
    for path in ["/doctors", "/doctors?q=9779858", "/doctors/exceptions", "/rotation", "/rotation/grid"] {
        let page = lead.get(path).await;
        page.assert_ok();
        assert!(
            !page.body.contains("Davies, Yusuf") && !page.texts("td").iter().any(|text| text.contains("9779858")),
            "{path}"
        );
    }
}

/// Domain §21: the deanery's own words and columns, vacancies as vacancies.
#[sqlx::test]
async fn the_exception_view_has_the_deanerys_columns_and_shows_vacancies(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    load(
        &portal,
        2602,
        &[record(&[
            (app::FIRST_NAME, "Ruth"),
            (app::GMC, "9000001"),
            (app::NI, ""),
            (app::DPN, "KSS/R9A01/024/STR/999"),
        ])],
    )
    .await;
    let nobody = [(app::LAST_NAME, "RECRUIT"), (app::FIRST_NAME, "VACANCY"), (app::GMC, "9999978"), (app::NI, "")];
    assert_eq!(load(&portal, 2603, &[record(&nobody)]).await.fail, 1);
    let vacant = notification("1", "KSS/R9A01/052/FY1/005", &[(34, "Y")]);
    told(&portal, 2701, &[vacant, grid_row(POST, SINGH, "20260804", GHOSH, "20260805")]).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = officer.get("/doctors/exceptions").await;
    assert_eq!(
        page.texts("thead th")[..6],
        ["ApplicantExport", "PositionMatch", "NationalPostNumber", "Surname", "Forenames", "ReferenceNumber"]
    );
    let rows = page.texts("tbody tr");
    assert!(rows[0].contains("No ESR Position - Check DPN in ESR Position") && rows[0].contains("Ruth"), "{rows:?}");
    let vacancies: Vec<&String> = rows.iter().filter(|row| row.contains("9999978")).collect();
    assert_eq!(vacancies.len(), 2, "{rows:?}");
    assert!(vacancies.iter().all(|row| row.contains("RECRUIT - VACANCY") && row.contains("*****")), "{vacancies:?}");
    assert!(line(&page, "Ghosh").contains("(None)") && !page.words().contains("Not yet exported"));
    assert_eq!(officer.get("/doctors/exceptions?export=none").await.texts("tbody tr").len(), 2);
    let search = officer.get("/doctors?q=9999978").await;
    assert!(search.assert_ok().texts("tbody tr").is_empty(), "a vacancy is no doctor");
    assert!(search.words().contains("the deanery gives it for a vacancy"), "{}", search.words());
    assert!(line(&page, "Yusuf").contains("EXPORTED"));
    assert_eq!(officer.get("/doctors/exceptions?position=No").await.texts("tbody tr").len(), 1);
    assert_eq!(
        officer.get("/doctors/exceptions?specialty=Paediatrics&export=EXPORTED").await.texts("tbody tr").len(),
        1
    );
}

/// More doctors of 904 than a list ever looked at one by one: 20,120 on their way on a hundred days, and 100 who were withdrawn.
const MANY: &str = "
  insert into people (vpd, person_id, system_type, last_name, first_name, last_name_key, first_name_key, gmc_number, origin, updated_at)
    select '904', (7000000 + n)::text, 'APL', 'Doctor' || n, 'Sam', 'doctor' || n, 'sam', (8000000 + n)::text, 'deanery', now() from generate_series(1, 20220) n;
  insert into applications (vpd, application_id, person_id, position_id, position_number, dpn, hire_on, status, status_at, origin, applicant_number,
                            assignment_id, digest, received_at, changed_at, grade)
    select '904', gen_random_uuid(), (7000000 + n)::text, (6000000 + n)::text, (28000000 + n)::text, 'KSS/R9A01/999/STR/' || n, '2026-08-01'::date + n % 100,
           case when n > 20120 then 'withdrawn' else (array['preferred_applicant', 'offer_accepted', 'hired'])[1 + n % 3] end, now(), 'deanery',
           (910000000 + n)::text, (800000000 + n)::text, '\\x00', now(), now(), 'ST' || n % 7 from generate_series(1, 20220) n;
  analyze applications; analyze people";

fn caption(page: &Page) -> String {
    page.text("table caption")
}

/// DOS-3: a list counts every doctor and has a page for each, however many there are; where it looks at so many at most, it says so.
#[sqlx::test]
async fn dos_3_every_doctor_is_counted_however_many_there_are(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    load(&portal, 2602, &[record(&[(app::FIRST_NAME, "Ruth"), (app::GMC, "912345"), (app::NI, "")])]).await;
    told(&portal, 2701, &[grid_row(POST, SINGH, "20260804", GHOSH, "20260805")]).await;
    sqlx::raw_sql(MANY).execute(&portal.owner).await.unwrap();
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let get = |query: &'static str| {
        let officer = &officer;
        async move {
            let page = officer.get(query).await;
            page.assert_ok();
            page
        }
    };

    // Davies, the record of Ruth that failed, and Ghosh of the grid are among them.
    let first = get("/doctors").await;
    assert_eq!(caption(&first), "20,123 doctors");
    let chips = ["Not released yet: 1", "Did not load: 1", "Received: 6,707", "Offer accepted: 6,707", "Hired: 6,707"];
    assert_eq!(first.texts(".app-chip"), chips);
    assert_eq!(first.texts("tbody tr").len(), 50);
    assert!(!first.body.contains("were looked at"));
    assert_eq!(get("/doctors?page=403").await.texts("tbody tr").len(), 23);
    assert_eq!(get("/doctors?page=9999").await.texts("tbody tr").len(), 23, "the last page stands for all after it");
    for (query, total) in [
        ("stage=hired", "6,707 doctors"),
        ("status=withdrawn", "100 doctors"),
        ("q=doctor1999", "11 doctors"),
        ("q=Sam+Doctor77", "111 doctors"),
        ("q=8020001", "1 doctor"),
        ("q=kss%2Fr9a01%2F999%2Fstr%2F20119", "1 doctor"),
        ("q=910000042", "1 doctor"),
        ("stage=ended&start_from=1%2F8%2F2026&start_to=1%2F8%2F2026", "1 doctor"),
        ("start_from=6%2F8%2F2026&start_to=6%2F8%2F2026", "202 doctors"),
        ("stage=failed&start_from=1%2F8%2F2026", "1 doctor"),
    ] {
        let page = officer.get(&format!("/doctors?{query}")).await;
        page.assert_ok();
        assert_eq!(caption(&page), total, "{query}");
    }
    // Page after page brings everybody once, whoever has an application and who has not.
    let mut names = Vec::new();
    for page in 1..=5 {
        let query = format!("/doctors?start_from=5%2F8%2F2026&start_to=5%2F8%2F2026&page={page}");
        names.extend(officer.get(&query).await.assert_ok().texts("tbody th"));
    }
    let (all, of_day) =
        (names.len(), "select count(*) from applications where hire_on = '2026-08-05' and status <> 'withdrawn'");
    names.sort_unstable();
    names.dedup();
    assert_eq!((all, names.len()), (205, 205));
    assert_eq!(portal.count(of_day).await, 203);
    assert!(names.iter().any(|name| name.contains("Ruth")) && names.iter().any(|name| name.contains("Ghosh")));

    // What blocks them is asked of so many at most: said, and how to see the others.
    let blocked = get("/doctors?blocked=yes").await;
    assert!(
        blocked.words().contains("more than 20,000 doctors of whom to ask what blocks them"),
        "{}",
        blocked.words()
    );
    let narrowed = get("/doctors?blocked=yes&start_from=6%2F8%2F2026&start_to=6%2F8%2F2026").await;
    assert!(caption(&narrowed) == "202 doctors" && !narrowed.body.contains("were looked at"));

    let view = get("/doctors/exceptions").await;
    assert!(view.words().contains("more than 20,000 placements"), "{}", view.words());
    assert_eq!(view.texts("tbody tr").len(), 1_000);
    let by_grade = get("/doctors/exceptions?grade=ST3&start_from=1%2F8%2F2026").await;
    assert!(!by_grade.body.contains("were looked at"));
    assert_eq!(caption(&by_grade), "2,876 placements of 20,123: the first 1,000 are shown");
    assert_eq!(caption(&get("/doctors/exceptions?position=Yes").await), "3 placements of 20,123");
}

#[sqlx::test]
async fn a_day_that_is_none_is_refused_beside_its_field(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    for (path, field) in [("/doctors", "start_from"), ("/doctors/exceptions", "start_to"), ("/rotation/grid", "end_to")]
    {
        if path == "/rotation/grid" {
            told(&portal, 2701, &[grid_row(POST, SINGH, "20260804", GHOSH, "20260805")]).await;
        }
        let page = officer.get(&format!("{path}?{field}=31%2F2%2F2026")).await;
        assert_eq!(page.status, 422, "{path}");
        assert!(page.text(&format!("#{field}-error")).contains("Enter a date as day, month and year"), "{path}");
        assert!(page.body.contains("app-filter__fold--narrow\" open"), "{path}");
    }
}
