use serde_json::Value;
use sqlx::PgPool;

use super::{expected, reply, said, with_trusts};
use crate::support::Portal;

/// Every file in the order of its number, each with what `expected.json` says of it.
#[sqlx::test]
async fn the_samples_come_out_as_expected_record_by_record(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let expected = expected();
    let main = expected["applicants"]["file"].as_str().unwrap();
    let files = expected["files"].as_object().unwrap();
    let mut taken = 0;
    for (name, wanted) in files.iter().filter(|(name, _)| name.starts_with("DE_KSS_APP_")) {
        let report = portal.receive_sample(name).await;
        assert_eq!(report.outcome, wanted["outcome"].as_str().unwrap(), "{name}: {report:?}");
        assert_eq!(report.code.as_deref(), wanted["code"].as_str(), "{name}");
        for (field, value) in [("success", report.success), ("fail", report.fail), ("held", report.held)] {
            if let Some(wanted) = wanted[field].as_i64() {
                assert_eq!(value, wanted, "{name}: {field}");
            }
        }
        assert_eq!(report.confirmation.is_some(), report.outcome == "processed", "{name}");
        if report.outcome == "processed" {
            taken += 1;
            assert_eq!(report.records, report.success + report.fail + report.held, "{name}");
        }
        if name == main {
            assert_main_file(&reply(&report), expected["applicants"]["records"].as_array().unwrap());
        }
        match name.as_str() {
            "DE_KSS_APP_20260506_00002693.DAT" => {
                assert_eq!((report.success, report.unchanged, report.fail), (3, 3, 0));
                let rows = reply(&report);
                let info = ("INFO".to_owned(), "Application is from an EXISTING Applicant".to_owned());
                assert!((1..=3).all(|record| said(&rows, record) == [info.clone()]), "{rows:?}");
            }
            "DE_KSS_APP_20260506_00002694.DAT" => assert!(reply(&report).is_empty()),
            "DE_KSS_APP_20260506_00002696.DAT" => {
                let answered: Vec<String> = reply(&report).into_iter().map(|row| row[1].clone()).collect();
                assert_eq!(answered, ["42", "43", "44"], "held records are in no reply yet");
            }
            "DE_KSS_APP_20260506_00002697.DAT" => {
                let rows = reply(&report);
                let said = said(&rows, 1);
                assert_eq!((said.len(), said[0].0.as_str(), said[1].0.as_str()), (2, "WARNING", "INFO"));
                assert!(said[0].1.contains("Münchhausen"), "{said:?}");
                assert_eq!(portal.text("select last_name from people where first_name = 'Marek' and vpd = '931' and origin = 'deanery'").await, "Münchhausen");
            }
            _ => {}
        }
    }
    assert_eq!(taken, 5);
    let dnc = portal.receive_sample("DE_KSS_DNC_20260506_00002701.DAT").await;
    assert_eq!((dnc.outcome.as_str(), dnc.records, dnc.success, dnc.fail), ("processed", 19, 17, 2));
    assert!(dnc.confirmation.is_some());
    portal.run_jobs().await;
}

fn assert_main_file(rows: &[Vec<String>], records: &[Value]) {
    assert_eq!(records.len(), 61);
    for wanted in records {
        let no = wanted["record"].as_u64().unwrap() as usize;
        let (why, status) = (wanted["why"].as_str().unwrap(), wanted["load_status"].as_str().unwrap());
        let ours: Vec<&Vec<String>> = rows.iter().filter(|row| row[1] == no.to_string()).collect();
        let messages = wanted["messages"].as_array().unwrap();
        assert_eq!(ours.len(), messages.len(), "record {no}, {why}: {ours:?}");
        for (row, message) in ours.iter().zip(messages) {
            assert_eq!(row[2], format!("{}-DiT{no}", &row[2][..3]), "{why}: the vacancy reference is echoed");
            assert_eq!(row[3], wanted["position_id"].to_string(), "{why}");
            assert_eq!(row[5], wanted["dpn"].as_str().unwrap(), "{why}");
            assert_eq!(row[6], status, "record {no}, {why}");
            assert_eq!(row[7], message["type"].as_str().unwrap(), "record {no}, {why}");
            match message["text"].as_str() {
                Some(text) => assert_eq!(row[8], text, "record {no}, {why}"),
                None => assert!(!row[8].is_empty() && row[8].chars().count() <= 200, "record {no}, {why}"),
            }
            let has_numbers = !row[9].is_empty() && !row[10].is_empty();
            assert_eq!(has_numbers, status == "SUCCESS", "record {no}, {why}");
            if status == "SUCCESS" {
                assert!(
                    row[9].parse::<u64>().unwrap() >= 900_000_000 && row[10].parse::<u64>().unwrap() >= 900_000_000
                );
            }
        }
    }
}

#[sqlx::test]
async fn texts_of_ours_name_the_field_and_the_value(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let report = portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    let rows = reply(&report);
    for (record, words) in [
        (43, &["NI_NUMBER", "QQ123456C"][..]),
        (44, &["NI_NUMBER"]),
        (45, &["REG_NO_1", "912345"]),
        (46, &["REG_NO_1", "9999978"]),
        (47, &["POSITION_ID", "999999999"]),
        (48, &["POSITION_ID", "9041072", "20250805"]),
        (49, &["DEANERY_NUMBER", "KSS/R9A01/024/STR/999", "KSS/R9A01/091/FY1/041"]),
        (51, &["POSITION_ID", "9041041", "record 50"]),
        (52, &["DATE_OF_BIRTH", "19801332"]),
        (53, &["PROJECTED_HIRE_DATE", "20260401"]),
        (54, &["PROJECTED_HIRE_DATE", "20270203"]),
        (55, &["PROJECTED_HIRE_DATE", "20260902", "EARLY"]),
        (56, &["PROJECTED_HIRE_DATE", "20260507", "LATE"]),
        (57, &["PROJECTED_END_DATE", "20260801"]),
        (58, &["TITLE", "Wizard"]),
        (61, &["Possible duplicate person 1"]),
    ] {
        let (_, text) = &said(&rows, record)[0];
        assert!(words.iter().all(|word| text.contains(word)), "record {record}: {text}");
    }
    // No code of ours begins a text, and nobody's number but the sender's own leaves the employer.
    assert!(rows.iter().all(|row| !row[8].starts_with('A') || row[8].starts_with("Application")), "{rows:?}");
    assert!(said(&rows, 61).iter().all(|(_, text)| !text.contains("9045004")));
}

/// One message for each employer and file, an item for each doctor.
#[sqlx::test]
async fn each_employer_is_told_of_its_own_doctors(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    portal.run_jobs().await;
    let kinds = |items: Vec<(String, String, String)>, kind: &str| items.iter().filter(|item| item.0 == kind).count();
    let items = portal.items("904").await;
    assert_eq!(kinds(items.clone(), "dit_app_failed"), 12);
    assert_eq!(kinds(items.clone(), "dit_app_loaded"), 49 - 10);
    assert_eq!(kinds(items, "dit_app_duplicate"), 1);
    assert_eq!(kinds(portal.items("917").await, "dit_app_loaded"), 6);
    assert_eq!(kinds(portal.items("931").await, "dit_app_loaded"), 4);
    for vpd in ["904", "917", "931"] {
        let notified =
            portal.inbox(vpd).await.iter().filter(|title| *title == "Deanery Applicant Notification").count();
        assert_eq!(notified, 1, "{vpd}");
        assert!(portal.audit(vpd).await.len() <= 3, "{vpd}: one row for each file, and no other for its records");
    }
}

/// What was confirmed is there, what was not is finished after the restart, nothing is there twice.
#[sqlx::test]
async fn the_same_records_in_another_file_change_nothing(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let name = "DE_KSS_APP_20260506_00002689.DAT";
    portal.receive_sample(name).await;
    let people = "select md5(string_agg(p::text, '' order by vpd, person_id)) from people p";
    let applications = "select md5(string_agg(a::text, '' order by vpd, application_id)) from applications a";
    let before = (portal.text(people).await, portal.text(applications).await);
    let again = std::fs::read_to_string(crate::support::files::sample(name)).unwrap();
    let report = portal
        .receive("DE_KSS_APP_20260506_00002699.DAT", again.replace(name, "DE_KSS_APP_20260506_00002699.DAT"))
        .await;
    assert_eq!((report.success, report.unchanged, report.fail), (49, 49, 12), "{report:?}");
    assert_eq!((portal.text(people).await, portal.text(applications).await), before);
    let open = "select count(*) from items where type = 'dit_app_failed' and state = 'open'";
    assert_eq!(portal.count(open).await, 12, "a failure that is sent again is one failure");
    let loaded = "select count(*) from items where type = 'dit_app_loaded'";
    assert_eq!(portal.count(loaded).await, 49);
    // Twice the very same file is one file.
    assert_eq!(portal.receive_sample(name).await.outcome, "duplicate");
}
