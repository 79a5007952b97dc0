use sqlx::PgPool;

use super::{codes, column, for_position, load, record, reply, said, with_trusts};
use crate::support::Portal;

const NEW: &str = "Application is from a NEW Applicant";
const APPLICANT: &str = "Application is from an EXISTING Applicant";
const EMPLOYEE: &str = "Application is from an EXISTING Employee";

fn info(text: &str) -> (String, String) {
    ("INFO".to_owned(), text.to_owned())
}

/// Another post of 904 for the same doctor.
fn second_post(changes: &[(usize, &str)]) -> String {
    for_position("9041004", "KSS/R9A01/052/FY1/005", changes)
}

#[sqlx::test]
async fn edge_14_the_same_gmc_number_with_another_name_is_an_update(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    load(&portal, 1, &[record(&[])]).await;
    let report = load(&portal, 2, &[second_post(&[(column::LAST_NAME, "Evans")])]).await;
    let said = said(&reply(&report), 1);
    assert_eq!((said.len(), said[0].0.as_str(), &said[1]), (2, "WARNING", &info(APPLICANT)));
    assert!(said[0].1.contains("LAST_NAME Evans") && !said[0].1.contains("Davies"), "{said:?}");
    let names = "select last_name || '/' || previous_last_name || '/' || last_name_key from people where gmc_number = '9779858'";
    assert_eq!(portal.text(names).await, "Evans/Davies/evans");
    assert_eq!(codes(&portal, 1).await, ["A020", "I004"]);
}

#[sqlx::test]
async fn edge_15_one_name_and_birth_date_with_two_gmc_numbers_are_two_persons(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    load(&portal, 1, &[record(&[])]).await;
    let other = [(column::GMC, "9000001"), (column::NI, "AB123456C")];
    let report = load(&portal, 2, &[second_post(&other)]).await;
    let said = said(&reply(&report), 1);
    assert_eq!(said, [("WARNING".to_owned(), "Possible duplicate person 1".to_owned()), info(NEW)]);
    assert_eq!(portal.count("select count(*) from people where origin = 'deanery'").await, 2);
    assert_eq!(portal.count("select count(*) from possible_duplicates where state = 'open'").await, 1);
    // The same pair is asked about once.
    let third = for_position("9041005", "KSS/R9A01/091/FY2/006", &other);
    load(&portal, 3, &[third]).await;
    assert_eq!(portal.count("select count(*) from possible_duplicates").await, 1);
    assert_eq!(portal.count("select count(*) from items where type = 'dit_app_duplicate'").await, 1);
}

#[sqlx::test]
async fn edge_16_an_employee_who_applies_stays_the_employee(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    // 9045002 Umarova, Oluwaseun of the Generic Outbound file.
    let changes = [
        (column::LAST_NAME, "UMAROVA"),
        (column::FIRST_NAME, "Olu"),
        (column::BORN, "19860418"),
        (column::NI, "xg 89 72 19 a"),
        (column::GMC, "9888598"),
    ];
    let report = load(&portal, 1, &[record(&changes)]).await;
    let said = said(&reply(&report), 1);
    assert_eq!((said[0].0.as_str(), &said[1]), ("WARNING", &info(EMPLOYEE)), "{said:?}");
    let kept = "select first_name || '/' || last_name || '/' || gmc_number || '/' || system_type from people where person_id = '9045002'";
    assert_eq!(portal.text(kept).await, "Oluwaseun/Umarova/9888598/EMP", "ESR's record gains the GMC number alone");
    // By that number the employee is found from now on.
    let report =
        load(&portal, 2, &[second_post(&[(column::GMC, "9888598"), (column::NI, ""), (column::BORN, "19860418")])])
            .await;
    assert_eq!(super::said(&reply(&report), 1).last().unwrap(), &info(EMPLOYEE));
    assert_eq!(portal.count("select count(*) from people where origin = 'deanery'").await, 0);
}

#[sqlx::test]
async fn edges_11_to_13_numbers_may_be_missing_and_names_have_accents(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    load(&portal, 1, &[record(&[(column::LAST_NAME, "von Münchhausen"), (column::GMC, "UNKNOWN")])]).await;
    let plain = second_post(&[(column::LAST_NAME, "VON MUNCHHAUSEN"), (column::GMC, "N/A")]);
    let report = load(&portal, 2, &[plain]).await;
    assert_eq!(said(&reply(&report), 1), [info(APPLICANT)], "found by NI number, birth date and last name");
    assert_eq!(portal.text("select last_name from people where origin = 'deanery'").await, "VON MUNCHHAUSEN");
    let missing = for_position("9041005", "KSS/R9A01/091/FY2/006", &[(column::NI, ""), (column::GMC, "")]);
    let report = load(&portal, 3, &[missing]).await;
    let said = said(&reply(&report), 1);
    assert_eq!((said[0].0.as_str(), &said[1]), ("WARNING", &info(NEW)));
    assert!(said[0].1.contains("NI_NUMBER"));
}

#[sqlx::test]
async fn edge_19_who_was_withdrawn_and_comes_again_has_a_new_application(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    load(&portal, 1, &[record(&[])]).await;
    sqlx::query("update applications set status = 'withdrawn'").execute(&portal.owner).await.unwrap();
    let report = load(&portal, 2, &[record(&[])]).await;
    assert_eq!((report.success, report.unchanged), (1, 0));
    assert_eq!(said(&reply(&report), 1), [info(APPLICANT)]);
    assert_eq!(portal.count("select count(*) from applications").await, 2);
    assert_eq!(
        portal.count("select count(*) from application_events where changes ? 'follows'").await,
        1,
        "the history is linked"
    );
}

#[sqlx::test]
async fn another_hire_date_is_a_second_application_and_another_value_an_update(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    load(&portal, 1, &[record(&[])]).await;
    let report = load(&portal, 2, &[record(&[(column::HIRE, "20260729")])]).await;
    let rows = said(&reply(&report), 1);
    assert_eq!((rows[0].0.as_str(), &rows[1]), ("WARNING", &info(APPLICANT)));
    assert!(rows[0].1.contains("PROJECTED_HIRE_DATE 20260729"), "{rows:?}");
    assert_eq!(portal.count("select count(*) from applications").await, 2);

    let report = load(&portal, 3, &[record(&[(column::GRADE, "ST4")])]).await;
    assert_eq!((report.success, report.unchanged), (1, 0));
    assert_eq!(said(&reply(&report), 1), [info(APPLICANT)]);
    assert_eq!(portal.count("select count(*) from applications").await, 2);
    assert_eq!(portal.text("select string_agg(grade, ',' order by grade) from applications").await, "ST3,ST4");
}

#[sqlx::test]
async fn who_was_hired_from_an_application_does_not_apply_again(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    load(&portal, 1, &[record(&[])]).await;
    sqlx::query("update applications set status = 'hired'").execute(&portal.owner).await.unwrap();
    let report = load(&portal, 2, &[record(&[(column::GRADE, "ST4")])]).await;
    assert_eq!((report.fail, codes(&portal, 1).await), (1, vec!["A013".to_owned()]));
}

/// Two files at one time: the second waits and finds whom the first brought.
#[sqlx::test]
async fn two_files_at_one_time_bring_one_doctor_once(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let frame = |body: &str, records: &[String]| {
        let name = format!("DE_{body}_APP_20260506_00000001.DAT");
        let bytes = crate::support::files::framed(&name, body, records);
        (name, bytes)
    };
    let (one, other) = (frame("KSS", &[record(&[])]), frame("LDN", &[second_post(&[])]));
    tokio::join!(portal.receive(&one.0, one.1), portal.receive(&other.0, other.1));
    assert_eq!(portal.count("select count(*) from people where origin = 'deanery'").await, 1);
    assert_eq!(portal.count("select count(*) from applications").await, 2);
}
