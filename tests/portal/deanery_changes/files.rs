use changeover::access::Right;
use sqlx::PgPool;

use super::{DAVIES, POST, grid, grid_row, new_dates, notification, reply, told, told_as, with_davies, withdrawal};
use super::{column, link};
use crate::applicants::{column as app, load, record, with_trusts};
use crate::support::Portal;

const NOBODY: (&str, &str, &str) = ("", "", "");
const SINGH: (&str, &str, &str) = ("Singh", "Chloe", "9841235");
const LEWIS: (&str, &str, &str) = ("Lewis", "Victoria", "9237961");

fn said(rows: &[Vec<String>]) -> Vec<(&str, &str, &str)> {
    rows.iter().map(|row| (row[1].as_str(), row[5].as_str(), row[7].as_str())).collect()
}

/// FILE-12, FILE-13, FILE-14: one bad record costs itself alone, and whoever it was for is told.
#[sqlx::test]
async fn file_13_a_bad_notification_fails_and_the_others_are_taken_in(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    let records = [
        withdrawal(POST, DAVIES),
        "NOT~2~X~KSS/R9A01/024/STR/004".to_owned(),
        new_dates(POST, DAVIES, "20260230", ""),
        notification("7", POST, &[]),
        grid_row(POST, SINGH, "20260804", DAVIES, "2026x805"),
        withdrawal("KSS/R9X99/024/STR/001", DAVIES),
    ];
    let report = told(&portal, 2701, &records).await;
    assert_eq!((report.success, report.fail), (2, 4), "{report:?}");
    let rows = reply(&report);
    assert_eq!(
        said(&rows),
        [
            ("1", "SUCCESS", ""),
            ("2", "FAIL", "A015"),
            ("3", "FAIL", "A001"),
            ("4", "FAIL", "N002"),
            ("5", "SUCCESS", "A006"),
            ("6", "FAIL", "N001"),
        ]
    );
    assert!(rows[2][8].contains("CHANGE_OF_PROJECTED_HIRE_DATE 20260230"), "{rows:?}");
    let unread: Vec<(String, String, String)> =
        portal.items("904").await.into_iter().filter(|item| item.0 == "data_quality").collect();
    assert_eq!(unread.len(), 2, "the unknown title code is the deanery's to mend: {unread:?}");
    assert_eq!(grid(&portal, "904").await.len(), 1);
}

/// Domain §9.8: a lead and host pair are both told, each in a row of the reply; the record counts once.
#[sqlx::test]
async fn a_lead_and_a_host_of_one_post_are_both_told(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let shared = "update positions set dpn = 'KSS/R9A01/024/STR/004', dpn_key = 'KSS/R9A01/024/STR/004' where vpd = '917' and position_id = '9171003'";
    sqlx::query(shared).execute(&portal.owner).await.unwrap();
    let directory =
        "update position_directory set dpn_key = 'KSS/R9A01/024/STR/004' where vpd = '917' and position_id = '9171003'";
    sqlx::query(directory).execute(&portal.owner).await.unwrap();
    let report =
        told(&portal, 2701, &[withdrawal(POST, DAVIES), grid_row(POST, SINGH, "20260804", DAVIES, "20260805")]).await;
    assert_eq!((report.records, report.success, report.fail), (2, 2, 0), "{report:?}");
    let rows = reply(&report);
    let vpds: Vec<(&str, &str)> = rows.iter().map(|row| (row[1].as_str(), row[4].as_str())).collect();
    assert_eq!(vpds, [("1", "904"), ("1", "917"), ("2", "904"), ("2", "917")]);
    for vpd in ["904", "917"] {
        assert_eq!(grid(&portal, vpd).await.len(), 1, "{vpd}");
        assert!(portal.items(vpd).await.iter().any(|item| item.0 == "dit_wdraw"), "{vpd}");
    }
}

/// Domain §23, rows 22 to 25: several holders never overwrite each other, a deleted row goes, its snapshots stay.
#[sqlx::test]
async fn several_holders_of_one_post_stand_side_by_side(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let rows = [grid_row(POST, SINGH, "20260804", DAVIES, "20260805"), grid_row(POST, LEWIS, "20260804", NOBODY, "")];
    told(&portal, 2701, &rows).await;
    assert_eq!(grid(&portal, "904").await.len(), 2);
    told(&portal, 2702, &[grid_row(POST, SINGH, "20260901", DAVIES, "20260902")]).await;
    assert_eq!(grid(&portal, "904").await.len(), 2, "the row of the other holder stays");
    let gone = notification(
        "1",
        POST,
        &[
            (column::CURRENT_LAST, "Lewis"),
            (column::CURRENT_FIRST, "Victoria"),
            (column::CURRENT_GMC, "9237961"),
            (column::DELETE, "Y"),
        ],
    );
    told(&portal, 2703, &[gone]).await;
    assert_eq!(grid(&portal, "904").await.len(), 1);
    let first = "select count(*) from rotation_rows where vpd = '904' and from_grid <= 1 and coalesce(to_grid, 99) > 1";
    assert_eq!(portal.count(first).await, 2, "the grid of the first file can be shown again");
}

/// A full file says by what it leaves out that it has gone, even for an employer of whom it has no record.
#[sqlx::test]
async fn a_full_snapshot_ends_what_it_does_not_name(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let theirs = "KSS/R9B01/024/STR/004";
    told(
        &portal,
        2701,
        &[
            grid_row(POST, SINGH, "20260804", DAVIES, "20260805"),
            grid_row("KSS/R9A01/052/FY1/005", LEWIS, "20260804", NOBODY, ""),
            grid_row(theirs, LEWIS, "20260804", NOBODY, ""),
        ],
    )
    .await;
    told_as(&portal, "DNF", 2702, &[grid_row(POST, SINGH, "20260804", DAVIES, "20260805")]).await;
    assert_eq!(grid(&portal, "904").await.len(), 1);
    assert_eq!(grid(&portal, "917").await.len(), 0);
}

/// FILE-17: an older file that an operator releases late does not undo a newer grid.
#[sqlx::test]
async fn file_17_an_older_file_does_not_undo_a_newer_grid(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    told(&portal, 2705, &[grid_row(POST, SINGH, "20260901", DAVIES, "20260902")]).await;
    let held = told(&portal, 2701, &[grid_row(POST, SINGH, "20260804", DAVIES, "20260805")]).await;
    assert_eq!(held.outcome, "held");
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let file = portal.text("select file_id::text from interface_files where file_name like '%2701.DAT'").await;
    operator.get(&format!("/interfaces/files/{file}/decide")).await.assert_ok();
    operator
        .post(&format!("/interfaces/files/{file}/decide"), [("decision", "release"), ("reason", "Late")])
        .await
        .assert_redirect();
    changeover::file_exchange::engine::run_due(&portal.app, &changeover::worker::processors()).await.unwrap();
    portal.run_jobs().await;
    let start =
        portal.text("select next_start_on::text from rotation_rows where vpd = '904' and to_grid is null").await;
    assert_eq!(start, "2026-09-02");
}

/// A file that an earlier release kept is processed when an operator releases it.
#[sqlx::test]
async fn a_file_kept_by_an_earlier_release_is_processed_when_it_is_released(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    let name = "DE_KSS_DNC_20260506_00002701.DAT";
    let bytes = crate::support::files::framed(name, "KSS", &[withdrawal(POST, DAVIES)]);
    let path = portal.write(name, bytes);
    let old = changeover::file_exchange::Processors::default();
    let report =
        changeover::file_exchange::receive(&portal.app, &old, &path, &changeover::audit::Actor::Command).await.unwrap();
    assert_eq!((report.outcome.as_str(), report.code.as_deref()), ("held", Some("F10")));
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let file = portal.text("select file_id::text from interface_files where file_name like '%2701.DAT'").await;
    assert!(operator.get(&format!("/interfaces/files/{file}")).await.body.contains("Release or discard this file"));
    operator
        .post(&format!("/interfaces/files/{file}/decide"), [("decision", "release"), ("reason", "It can be read now")])
        .await
        .assert_redirect();
    changeover::file_exchange::engine::run_due(&portal.app, &changeover::worker::processors()).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.items("904").await.iter().any(|item| item.0 == "dit_wdraw"));
}

/// Domain §23, row 20: new dates before their applicant wait for it, three days.
#[sqlx::test]
async fn new_dates_wait_for_their_applicant_and_are_raised_when_it_loads(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let report = told(&portal, 2701, &[new_dates(POST, DAVIES, "20260902", "20270902")]).await;
    assert_eq!(said(&reply(&report)), [("1", "SUCCESS", "N003")]);
    assert!(!portal.items("904").await.iter().any(|item| item.0 == "dit_dates"), "it waits");
    load(&portal, 2801, &[record(&[])]).await;
    portal.run_jobs().await;
    assert!(portal.items("904").await.iter().any(|item| item.0 == "dit_dates" && item.2 == "open"));
    assert_eq!(portal.text("select state from deanery_changes").await, "open");
}

#[sqlx::test]
async fn new_dates_whose_applicant_never_comes_are_shown_after_three_days(pool: PgPool) {
    let portal = Portal::start(pool.clone()).await;
    with_trusts(&portal).await;
    told(&portal, 2701, &[new_dates(POST, DAVIES, "20260902", "")]).await;
    changeover::deanery_changes::queue_expiry(&portal.app).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(portal.text("select state from deanery_changes").await, "pending");
    let later = Portal::start_with(pool, &[("CHANGEOVER_TODAY", "2026-05-10")]).await;
    changeover::deanery_changes::queue_expiry(&later.app).await.unwrap();
    later.run_jobs().await;
    assert_eq!(later.text("select state from deanery_changes").await, "expired");
    assert_eq!(later.text("select class from items where type = 'dit_dates'").await, "information");
    assert!(later.text("select facts->>'text' from items where type = 'dit_dates'").await.contains("N003"));
}

#[sqlx::test]
async fn an_applicant_who_comes_with_the_new_dates_settles_them(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    told(&portal, 2701, &[new_dates(POST, DAVIES, "20260803", "")]).await;
    load(&portal, 2801, &[record(&[(app::HIRE, "20260803")])]).await;
    portal.run_jobs().await;
    assert_eq!(portal.text("select state from deanery_changes").await, "superseded");
    assert!(!portal.items("904").await.iter().any(|item| item.0 == "dit_dates"));
}

/// Domain §9.6: a grid with other dates and no change of dates beside it is a hint.
#[sqlx::test]
async fn dates_that_changed_without_notice_are_a_hint(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[grid_row(POST, SINGH, "20260804", DAVIES, "20260805")]).await;
    assert!(!portal.items("904").await.iter().any(|item| item.0 == "dit_dates"));
    told(&portal, 2702, &[grid_row(POST, SINGH, "20260804", DAVIES, "20260902")]).await;
    let hints: Vec<_> = portal.items("904").await.into_iter().filter(|item| item.0 == "dit_dates").collect();
    assert_eq!(hints.len(), 1, "{hints:?}");
    assert_eq!(hints[0].1, "Dates changed without notice");
    // With the change beside it, in whatever order, it is no hint.
    let with_notice = [grid_row(POST, SINGH, "20260804", DAVIES, "20261007"), new_dates(POST, DAVIES, "20261007", "")];
    told(&portal, 2703, &with_notice).await;
    let open: Vec<_> =
        portal.items("904").await.into_iter().filter(|item| item.0 == "dit_dates" && item.2 == "open").collect();
    assert_eq!(open.len(), 1, "the later dates close the earlier hint: {open:?}");
    assert_eq!(open[0].1, "Projected dates changed");
}

#[sqlx::test]
async fn a_withdrawal_makes_waiting_dates_void(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[new_dates(POST, DAVIES, "20260902", "")]).await;
    told(&portal, 2702, &[withdrawal(POST, DAVIES)]).await;
    let open: Vec<String> = portal
        .items("904")
        .await
        .into_iter()
        .filter(|item| item.2 == "open" && item.0.starts_with("dit_") && !item.0.starts_with("dit_app"))
        .map(|item| item.0)
        .collect();
    assert_eq!(open, ["dit_wdraw"]);
    assert!(link(&portal, "dit_wdraw").await.starts_with("/doctors/changes/"));
}

/// Domain §9.8: a new post is that of the employer with a location of its site, or else of the one whose code the site begins with.
#[sqlx::test]
async fn a_new_post_finds_its_employer_by_its_site(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let report = told(
        &portal,
        2701,
        &[
            notification(
                "5",
                "KSS/R9B01/052/STR/301",
                &[(column::SITE, "Main Site"), (column::SPECIALTY, "Anaesthetics")],
            ),
            notification("5", "KSS/R9A77/052/STR/302", &[]),
            notification("5", "KSS/ZZZ01/052/STR/303", &[]),
            notification("5", POST, &[]),
        ],
    )
    .await;
    let rows = reply(&report);
    let vpds: Vec<(&str, &str, &str)> =
        rows.iter().map(|row| (row[4].as_str(), row[5].as_str(), row[7].as_str())).collect();
    assert_eq!(
        vpds,
        [("917", "SUCCESS", ""), ("904", "SUCCESS", ""), ("", "FAIL", "N001"), ("904", "SUCCESS", "N004")]
    );
}
