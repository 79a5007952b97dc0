use serde_json::Value;
use sqlx::PgPool;

use super::{grid, reply};
use crate::applicants::{expected, with_trusts};
use crate::support::Portal;

const SAMPLE: &str = "DE_KSS_DNC_20260506_00002701.DAT";

async fn all(portal: &Portal) -> changeover::file_exchange::FileReport {
    with_trusts(portal).await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    let report = portal.receive_sample(SAMPLE).await;
    portal.run_jobs().await;
    report
}

#[sqlx::test]
async fn the_sample_gives_the_expected_outcomes_and_notifications(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let report = all(&portal).await;
    let expected = expected();
    let wanted = &expected["files"][SAMPLE];
    assert_eq!(report.outcome, wanted["outcome"].as_str().unwrap());
    assert_eq!(Value::from(report.success), wanted["success"], "{report:?}");
    assert_eq!(Value::from(report.fail), wanted["fail"], "{report:?}");

    let titles: Vec<String> =
        portal.inbox("904").await.into_iter().filter(|title| title.starts_with("Medical")).collect();
    let mut wanted = vec![
        "Medical Training - Applicant(s) Withdrawn (No specialty supplied)",
        "Medical Training - Change to Project Hire/End Date Notification (No specialty supplied)",
        "Medical Training - Change to Project Hire/End Date Notification (Paediatrics)",
        "Medical Training - Medical Rotation Notification",
        "Medical Training - New Training Post Created by LETB (Anaesthetics)",
    ];
    let mut titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    titles.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(titles, wanted);

    let kinds: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "select type, role, person_name from items where vpd = '904' and type like 'dit_%' and type not like 'dit_app%' order by 1, 2, 3",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    let kinds: Vec<(&str, &str, &str)> =
        kinds.iter().map(|(kind, role, name)| (kind.as_str(), role.as_str(), name.as_deref().unwrap_or(""))).collect();
    assert_eq!(
        kinds,
        [
            ("dit_dates", "medical_staffing_officer", "Campbell, José"),
            ("dit_dates", "medical_staffing_officer", "Hughes, Jia"),
            ("dit_medrot", "medical_staffing_officer", ""),
            ("dit_newpost", "local_workstructures_administration", ""),
            ("dit_newpost", "medical_staffing_officer", ""),
            ("dit_wdraw", "medical_staffing_officer", "Davies, Yusuf"),
            ("dit_wdraw", "medical_staffing_officer", "Unknown, Frederick"),
        ]
    );

    let facts = |name: &'static str| {
        let pool = portal.owner.clone();
        async move {
            sqlx::query_scalar::<_, String>(
                "select facts::text from items where vpd = '904' and person_name = $1 and type not like 'dit_app%'",
            )
            .bind(name)
            .fetch_one(&pool)
            .await
            .unwrap()
        }
    };
    let unknown = facts("Unknown, Frederick").await;
    assert!(unknown.contains("Number Unavailable - Person has been removed from the position and does not have a GMC record in this VPD, so unable to identify Applicant/Employee Number"), "{unknown}");
    assert!(unknown.contains("3: Other"), "{unknown}");
    let davies = facts("Davies, Yusuf").await;
    assert!(
        davies.contains("Person has been removed from the position in ESR") && davies.contains("\"90000"),
        "{davies}"
    );
    let hughes = facts("Hughes, Jia").await;
    assert!(hughes.contains("2 September 2026") && hughes.contains("2 September 2027"), "{hughes}");

    let rows = grid(&portal, "904").await;
    assert_eq!(rows.len(), 12);
    assert_eq!(rows.iter().filter(|(_, _, next)| next.is_empty()).count(), 1);
    assert_eq!(
        portal
            .items("917")
            .await
            .iter()
            .filter(|item| item.0.starts_with("dit_") && !item.0.starts_with("dit_app"))
            .count(),
        0
    );
    assert_eq!(
        portal
            .count(
                "select count(*) from items where vpd = '0' and type = 'data_quality' and dpn = 'KSS/R9X99/024/STR/001'"
            )
            .await,
        1
    );
}

#[sqlx::test]
async fn the_reply_has_a_row_for_each_record_and_employer(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let report = all(&portal).await;
    let rows = reply(&report);
    assert_eq!(rows.len(), 19);
    for (record, title, vpd, status, kind, code) in [
        (1, "1", "904", "SUCCESS", "INFO", ""),
        (13, "2", "904", "SUCCESS", "INFO", "N003"),
        (14, "2", "904", "SUCCESS", "INFO", ""),
        (15, "4", "904", "SUCCESS", "INFO", ""),
        (17, "5", "904", "SUCCESS", "INFO", ""),
        (18, "9", "904", "FAIL", "ERROR", "N002"),
        (19, "2", "", "FAIL", "ERROR", "N001"),
    ] {
        let row = rows.iter().find(|row| row[1] == record.to_string()).unwrap();
        assert_eq!(
            [&row[2], &row[4], &row[5], &row[6], &row[7]],
            [title, vpd, status, kind, code],
            "record {record}: {row:?}"
        );
    }
    // Nobody is named to the deanery but by its own DPN.
    assert!(rows.iter().all(|row| !row[8].contains("Davies") && !row[8].contains("9779858")), "{rows:?}");
}

/// F-29, FILE-16 in spirit: what is told again changes nothing and says so.
#[sqlx::test]
async fn the_same_notifications_in_another_file_change_nothing(pool: PgPool) {
    let portal = Portal::start(pool).await;
    all(&portal).await;
    let state = "select md5((select string_agg(c::text, '' order by change_id) from deanery_changes c)
                          || (select string_agg(i.item_id::text || i.state, '' order by item_id) from items i where vpd <> '0')
                          || (select string_agg(r.row_id::text || coalesce(r.to_grid, 0), '' order by row_id) from rotation_rows r))";
    let before = portal.text(state).await;
    assert_eq!(portal.receive_sample(SAMPLE).await.outcome, "duplicate");
    let again = std::fs::read_to_string(crate::support::files::sample(SAMPLE)).unwrap();
    let name = "DE_KSS_DNC_20260506_00002702.DAT";
    let report = portal.receive(name, again.replace(SAMPLE, name)).await;
    portal.run_jobs().await;
    assert_eq!((report.success, report.unchanged, report.fail), (17, 17, 2), "{report:?}");
    assert_eq!(portal.text(state).await, before);
    let codes: Vec<String> =
        reply(&report).into_iter().filter(|row| row[5] == "SUCCESS").map(|row| row[7].clone()).collect();
    assert!(codes.iter().all(|code| code == "N004" || code == "N003"), "{codes:?}");
}
