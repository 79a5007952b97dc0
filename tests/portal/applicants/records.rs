use sqlx::PgPool;

use super::{codes, column, for_position, load, record, reply, said, with_trusts};
use crate::support::Portal;

#[sqlx::test]
async fn file_13_a_bad_record_costs_only_itself(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let long = "x".repeat(151);
    let records = [
        record(&[(column::LAST_NAME, &long)]),
        record(&[]).replace("~Davies~", "~Dav~ies~"),
        for_position("9041004", "KSS/R9A01/052/FY1/005", &[]),
        format!("{}~", record(&[])),
        for_position("9041005", "KSS/R9A01/091/FY2/006", &[(column::LAST_NAME, "Dav\u{1}ies")]),
        record(&[]).replace("APP~", "XYZ~"),
    ];
    let report = load(&portal, 1, &records).await;
    assert_eq!((report.success, report.fail, report.warnings), (2, 4, 1), "{report:?}");
    for (no, wanted) in
        [(1, &["A018"][..]), (2, &["A015"]), (3, &["I001"]), (4, &["A015"]), (5, &["A016", "I004"]), (6, &["A015"])]
    {
        assert_eq!(codes(&portal, no).await, wanted, "record {no}");
    }
    assert_eq!(portal.count("select count(*) from applications").await, 2);
}

#[sqlx::test]
async fn file_16_the_first_of_two_counts_whatever_the_second_says(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let records = [
        record(&[]),
        record(&[]),
        record(&[(column::GRADE, "ST7"), (column::FIRST_NAME, "Joseph")]),
        record(&[(column::HIRE, "20260729")]),
    ];
    let report = load(&portal, 1, &records).await;
    assert_eq!((report.success, report.fail), (2, 2));
    assert_eq!(codes(&portal, 2).await, ["A012"]);
    assert_eq!(codes(&portal, 3).await, ["A012"]);
    assert!(said(&reply(&report), 2)[0].1.contains("record 1"));
    assert_eq!(portal.text("select first_name from people where origin = 'deanery'").await, "Yusuf");
    assert_eq!(portal.text("select string_agg(grade, ',') from applications").await, "ST3,ST3");
    // Sent again in the next file, the first is unchanged and the others are repetitions still.
    let report = load(&portal, 2, &records).await;
    assert_eq!((report.success, report.unchanged, report.fail), (2, 2, 2), "{report:?}");
}

#[sqlx::test]
async fn edge_7_a_position_that_was_deleted_takes_nobody(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let name = "GO_904_EXP_GOC_20260506_00000001.DAT";
    let report = portal.receive(name, crate::support::files::framed(name, "904", &["POD~9041003".to_owned()])).await;
    assert_eq!(report.fail, 0, "{report:?}");
    let report = load(&portal, 1, &[record(&[])]).await;
    assert_eq!((report.fail, codes(&portal, 1).await), (1, vec!["A003".to_owned()]));
    assert!(portal.items("904").await.iter().any(|item| item.0 == "dit_app_failed"));
}

/// The position's id decides who is told; if it is not known, its number; then the post; and if nothing is, operators.
#[sqlx::test]
async fn a_record_finds_its_employer_by_what_it_has(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let unknown =
        [(column::POSITION_ID, "1"), (column::POSITION_NUMBER, "29310005"), (column::DPN, "KSS/R9A01/024/STR/004")];
    let by_post =
        [(column::POSITION_ID, "2"), (column::POSITION_NUMBER, "3"), (column::DPN, " kss/R9A01/100/str/028 ")];
    let nowhere = [(column::POSITION_ID, "4"), (column::POSITION_NUMBER, "5"), (column::DPN, "KSS/X/X/X/1")];
    let report = load(&portal, 1, &[record(&unknown), record(&by_post), record(&nowhere)]).await;
    assert_eq!((report.records, report.fail), (3, 3), "a record that two are told of is one record: {report:?}");
    let rows = reply(&report);
    assert_eq!(rows.len(), 3, "and is answered once");
    let told = "select string_agg(vpd || ':' || record_no, ' ' order by record_no, vpd) from file_records where record_type = 'APP'";
    assert_eq!(portal.text(told).await, "931:1 904:2 917:2 0:3");
    let nobody = portal.items("0").await.into_iter().find(|item| item.0 == "data_quality").unwrap();
    assert_eq!(nobody.1, "Record 3 names a post that no employer here has");
    assert_eq!(portal.count("select count(*) from items where vpd = '0' and person_name is not null").await, 0);
}

#[sqlx::test]
async fn an_employer_that_is_switched_off_takes_nobody(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    sqlx::query("update vpds set dit_subscribed = false where vpd = '904'").execute(&portal.owner).await.unwrap();
    let report = load(&portal, 1, &[record(&[])]).await;
    assert_eq!((report.fail, codes(&portal, 1).await), (1, vec!["A014".to_owned()]));
}

/// What is special is kept apart, and National Insurance numbers are masked wherever people read.
#[sqlx::test]
async fn special_data_is_kept_apart(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let changes = [(column::ETHNIC, "K"), (column::DISABILITY, "05"), (column::NI, "QQ123456C")];
    load(&portal, 1, &[record(&changes)]).await;
    let kept = "select ethnic_origin || '/' || disability from person_equality where person_id like '9000%'";
    assert_eq!(portal.text(kept).await, "K/05");
    let facts = portal.text("select string_agg(facts::text, ' ') from items where vpd = '904'").await;
    assert!(!facts.contains("QQ123456C") && facts.contains("QQ ** ** 56 C"), "{facts}");
    assert!(!portal.text("select string_agg(received::text, ' ') from applications").await.contains("\"K\""));
    assert_eq!(portal.count("select count(*) from file_records where messages::text like '%QQ123456C%'").await, 0);
}

/// The same value is nobody's secret: what one employer has says nothing to another.
#[sqlx::test]
async fn ten_20_the_ni_number_of_another_employers_doctor_is_accepted_as_own(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    load(&portal, 1, &[record(&[])]).await;
    let other = [
        (column::POSITION_ID, "9311000"),
        (column::POSITION_NUMBER, "29310000"),
        (column::DPN, "KSS/R9C01/001/STR/001"),
    ];
    let report = load(&portal, 2, &[record(&other)]).await;
    assert_eq!(said(&reply(&report), 1), [("INFO".to_owned(), "Application is from a NEW Applicant".to_owned())]);
}

/// The records of a file are applied in slices of 5,000: what counts is the file.
#[sqlx::test]
async fn file_16_a_repetition_is_found_across_slices(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let failing = for_position("9041004", "KSS/R9A01/052/FY1/005", &[(column::LAST_NAME, "")]);
    let mut records = vec![record(&[]), failing];
    records.resize(5_000, "APP~".to_owned());
    records.push(record(&[(column::GRADE, "ST9")]));
    records.push(for_position("9041004", "KSS/R9A01/052/FY1/005", &[]));
    for number in [1, 2] {
        let report = load(&portal, number, &records).await;
        assert_eq!((report.success, report.fail), (1, 5_001), "{report:?}");
        assert_eq!(codes(&portal, 5_001).await, ["A012"]);
        assert_eq!(codes(&portal, 5_002).await, ["A012"], "the first counts, though it failed");
    }
    assert_eq!(portal.text("select string_agg(grade, ',') from applications").await, "ST3");
}
