//! Boards are kept in memory while nothing of them changes: no page is ever out of date, in whatever process, and no employer's is another's.

use changeover::access::Right;
use changeover::tenancy;
use sqlx::{AssertSqlSafe, PgPool};

use crate::deanery_changes::{DAVIES, POST, grid_row, told, with_davies};
use crate::support::{Portal, Visitor};

const SINGH: (&str, &str, &str) = ("Singh", "Chloe", "9841235");
const BOARD: &str = "/rotation?on=2026-08-05&q=KSS%2FR9A01%2F024%2FSTR%2F004";

async fn ground(pool: PgPool) -> Portal {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(&portal, 2701, &[grid_row(POST, SINGH, "20260804", DAVIES, "20260805")]).await;
    portal
}

async fn change(portal: &Portal, sql: &str) {
    let mut tx = portal.begin("904").await;
    let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
    assert!(done.rows_affected() > 0, "{sql}");
    tx.commit().await.unwrap();
}

/// The words of the post's row.
async fn row(visitor: &Visitor) -> String {
    let page = visitor.get(BOARD).await;
    page.assert_ok();
    page.texts("tbody tr, .app-filter option").join(" ")
}

#[sqlx::test]
async fn a_board_says_what_any_of_its_tables_says_now(pool: PgPool) {
    let portal = ground(pool).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let elsewhere = Visitor::new(&portal.replica());
    elsewhere.set_cookie("sid", &officer.cookie("sid").unwrap());
    let holds = format!("(select position_id from positions where vpd = '904' and dpn_key = '{POST}' limit 1)");
    for (sql, now) in [
        ("update people set last_name = 'Daviesson' where vpd = '904' and last_name = 'Davies'".to_owned(), "Daviesson, Yusuf"),
        (
            format!("update positions set name = '29040004|Clinical Fellow|024|Paediatrics' where vpd = '904' and dpn_key = '{POST}'"),
            "Clinical Fellow",
        ),
        (
            "update applications set hire_on = '2026-08-12' where vpd = '904' and hire_on = '2026-08-05'".to_owned(),
            "from 12 Aug 2026",
        ),
        (
            format!("update rotation_rows set next_last_name = 'Ghosh', next_gmc = '9123646' where vpd = '904' and dpn_key = '{POST}'"),
            "Ghosh, Yusuf",
        ),
        ("update locations set description = 'Harbour Wing' where vpd = '904'".to_owned(), "Harbour Wing"),
        (
            format!("update assignments set position_id = {holds}, effective_from = '2025-08-06', effective_to = null, contract_end_on = '2026-08-02'
                      where vpd = '904' and assignment_id = (select min(assignment_id) from assignments where vpd = '904')"),
            "until 2 Aug 2026",
        ),
        (
            format!("update file_records set outcome = 'held' where vpd = '904' and record_type = 'APP' and upper(btrim(dpn)) = '{POST}'"),
            "1 applicant waits until an operator releases the post",
        ),
        (
            "insert into rotation_grids (vpd, grid_no, file_id, file_name, body_code, sequence, is_full, told_at, told_on)
             select vpd, grid_no + 1, (select f.file_id from interface_files f where f.file_id <> g.file_id limit 1), 'later', body_code, sequence + 1,
                    false, told_at, told_on from rotation_grids g where vpd = '904'"
                .to_owned(),
            "",
        ),
    ] {
        for visitor in [&officer, &elsewhere] {
            let before = row(visitor).await;
            assert_eq!(before, row(visitor).await);
            assert!(now.is_empty() || !before.contains(now), "{sql}");
        }
        // Once in the filter, and once in the row.
        let marks = |words: &str| words.matches("since last time").count();
        let marked = marks(&row(&officer).await);
        change(&portal, &sql).await;
        for visitor in [&officer, &elsewhere] {
            let after = row(visitor).await;
            match now {
                "" => assert_eq!((marked, marks(&after)), (2, 1), "a later telling said nothing of it: {after}"),
                now => assert!(after.contains(now), "{sql}: {after}"),
            }
        }
    }
}

/// F-20, BIZ-5: what is committed later than a page was read is seen by the next, and what is taken back by none.
#[sqlx::test]
async fn a_change_that_is_committed_after_a_board_was_read_is_seen_by_the_next(pool: PgPool) {
    let portal = ground(pool).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let renamed = "update people set last_name = 'Daviesson' where vpd = '904' and last_name = 'Davies'";
    let mut late = portal.begin("904").await;
    sqlx::query(renamed).execute(&mut *late).await.unwrap();
    assert!(row(&officer).await.contains("Davies, Yusuf"), "read while the other has not ended");
    // Somebody who began later ends earlier.
    change(&portal, "update people set first_name = 'Yousef' where vpd = '904' and last_name = 'Singh'").await;
    assert!(row(&officer).await.contains("Davies, Yusuf"));
    late.commit().await.unwrap();
    assert!(row(&officer).await.contains("Daviesson, Yusuf"));

    let mut taken_back = portal.begin("904").await;
    sqlx::query("update people set last_name = 'Nobody' where vpd = '904'").execute(&mut *taken_back).await.unwrap();
    assert!(row(&officer).await.contains("Daviesson, Yusuf"));
    taken_back.rollback().await.unwrap();
    assert!(row(&officer).await.contains("Daviesson, Yusuf"));
}

#[sqlx::test]
async fn a_board_is_kept_and_old_notes_of_changes_are_forgotten(pool: PgPool) {
    let portal = ground(pool).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let before = row(&officer).await;
    // What no trigger notes is not seen: the page came from memory.
    sqlx::raw_sql(
        "begin; set local session_replication_role = replica; update people set last_name = 'Unnoted' where last_name = 'Davies'; commit",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    assert_eq!(row(&officer).await, before);
    // Another employer's change is none of ours; an upgrade's is everybody's.
    portal.organisation("905", "Another").await;
    let mut tx = portal.begin("905").await;
    sqlx::query("update positions set name = name where vpd = '905'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(row(&officer).await, before);
    sqlx::query("update positions set name = name where vpd = '905'").execute(&portal.owner).await.unwrap();
    assert!(row(&officer).await.contains("Unnoted, Yusuf"));

    // A note goes two hours after it could first be seen.
    tenancy::forget_old_changes(&portal.app.db).await.unwrap();
    let all = portal.count("select count(*) from changes_noted").await;
    sqlx::query("update changes_noted set seen_at = now() - interval '3 hours' where vpd = '904'")
        .execute(&portal.owner)
        .await
        .unwrap();
    change(&portal, "update people set updated_at = now() where vpd = '904'").await;
    let young = "select count(*) from changes_noted where seen_at is null or seen_at > now() - interval '2 hours'";
    let left = portal.count(young).await;
    tenancy::forget_old_changes(&portal.app.db).await.unwrap();
    assert!(left > 0 && left <= all);
    assert_eq!(portal.count("select count(*) from changes_noted").await, left);
    assert!(row(&officer).await.contains("Unnoted, Yusuf"));
}

/// F-19: a server that crashed may count its transactions anew.
#[sqlx::test]
async fn what_was_kept_before_the_database_went_away_is_read_again(pool: PgPool) {
    let portal = ground(pool).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    assert!(row(&officer).await.contains("Davies, Yusuf"));
    sqlx::raw_sql(
        "begin; set local session_replication_role = replica; update people set last_name = 'Unnoted' where last_name = 'Davies'; commit;
         select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    let mut tries = 0;
    while officer.get(BOARD).await.status != 200 {
        tries += 1;
        assert!(tries < 30, "the pages never came back");
    }
    assert!(row(&officer).await.contains("Unnoted, Yusuf"));
}

#[sqlx::test]
async fn ten_15_two_employers_who_ask_for_one_address_at_once_are_never_mixed(pool: PgPool) {
    let portal = ground(pool).await;
    portal.organisation("905", "Another").await;
    sqlx::raw_sql(
        "insert into positions (vpd, position_id, effective_from, position_number, name, job_role, dpn, dpn_key, managing_body, record, digest)
         values ('905', '9051004', '2020-01-01', '29051004', '1|Canary 905|024|Paediatrics', 'Canary', 'KSS/R9A01/024/STR/004', 'KSS/R9A01/024/STR/004',
                 'KSS', '{}', '\\x00')",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    let ours = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let theirs = portal.sign_in("905", Right::MedicalStaffingOfficer).await;
    for round in 0..200 {
        // Every so often what is kept is read anew.
        if round % 20 == 0 {
            change(&portal, "update people set updated_at = now() where vpd = '904'").await;
        }
        let (a, b) = futures_util::future::join(row(&ours), row(&theirs)).await;
        assert!(a.contains("Davies, Yusuf") && !a.contains("Canary 905"), "{round}: {a}");
        assert!(b.contains("Canary 905") && !b.contains("Davies"), "{round}: {b}");
    }
}
