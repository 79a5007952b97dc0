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
    assert!(line(&page, "RECRUIT - VACANCY").contains("9999978"));
    assert!(line(&page, "Yusuf").contains("EXPORTED"));
    assert_eq!(officer.get("/doctors/exceptions?position=No").await.texts("tbody tr").len(), 1);
    assert_eq!(
        officer.get("/doctors/exceptions?specialty=Paediatrics&export=EXPORTED").await.texts("tbody tr").len(),
        1
    );
}
