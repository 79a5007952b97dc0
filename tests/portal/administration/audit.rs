use changeover::access::Right;
use changeover::audit::{self, Verdict};
use sqlx::{AssertSqlSafe, PgPool};

use crate::support::Portal;

async fn verdict(portal: &Portal, vpd: &str) -> Verdict {
    let verdicts = audit::verify(&portal.app.db, &portal.app.key("audit seal")).await.unwrap();
    verdicts.into_iter().find(|verdict| verdict.vpd.as_str() == vpd).unwrap()
}

/// A chain of six rows.
async fn chain(portal: &Portal) {
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let colleague = portal.user("904", Right::IatApproval).await;
    let path = format!("/admin/users/{}/rights", colleague.user_id);
    for right in ["bi_administration", "hr_management", "payroll_administration"] {
        admin.post(&path, [("right", right)]).await.assert_redirect();
        admin.post(format!("{path}/end"), [("right", right)]).await.assert_redirect();
    }
    assert_eq!(portal.audit("904").await.len(), 6);
}

async fn as_superuser(portal: &Portal, sql: &str) {
    let sql = format!("set session_replication_role = replica; {sql}; set session_replication_role = origin");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&portal.owner).await.unwrap();
}

#[sqlx::test]
async fn aud_1_no_role_of_ours_changes_or_removes_a_row(pool: PgPool) {
    let portal = Portal::start(pool).await;
    chain(&portal).await;
    for role in ["changeover_app", "changeover_system"] {
        for statement in [
            "update audit set actor = 'x'",
            "delete from audit",
            "truncate audit",
            "update audit_heads set seq = 0",
            "delete from audit_seals",
        ] {
            let mut connection = portal.owner.acquire().await.unwrap();
            let sql = format!("begin; set local role {role}; set local changeover.vpd = '904'; {statement}");
            let refused = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await.unwrap_err();
            assert!(refused.to_string().contains("permission denied"), "{role}: {statement}: {refused}");
            sqlx::raw_sql("rollback").execute(&mut *connection).await.unwrap();
        }
    }
    let refused = sqlx::raw_sql("delete from audit").execute(&portal.owner).await.unwrap_err();
    assert!(refused.to_string().contains("the audit trail cannot be changed"), "not even its owner: {refused}");
}

#[sqlx::test]
async fn aud_2_what_a_superuser_does_to_the_trail_is_found(pool: PgPool) {
    let portal = Portal::start(pool).await;
    chain(&portal).await;
    assert_eq!(verdict(&portal, "904").await.broken, None);
    sqlx::raw_sql("create table kept as select * from audit; create table kept_heads as select * from audit_heads")
        .execute(&portal.owner)
        .await
        .unwrap();
    for (what, sql, first) in [
        ("a field edited", "update audit set actor = 'somebody else' where vpd = '904' and seq = 3", 3),
        ("the last row deleted", "delete from audit where vpd = '904' and seq = 6", 6),
        ("a row in the middle deleted", "delete from audit where vpd = '904' and seq = 2", 2),
        (
            "two rows swapped",
            "update audit set seq = -seq where vpd = '904' and seq in (2, 3); update audit set seq = case seq when -2 then 3 else 2 end where vpd = '904' and seq < 0",
            2,
        ),
    ] {
        as_superuser(&portal, sql).await;
        let broken = verdict(&portal, "904").await.broken;
        assert_eq!(broken.as_ref().map(|(seq, _)| *seq), Some(first), "{what}: {broken:?}");
        assert_eq!(verdict(&portal, "0").await.broken, None, "the other chain is whole");
        as_superuser(&portal, "truncate audit; insert into audit select * from kept; truncate audit_heads; insert into audit_heads select * from kept_heads").await;
        assert_eq!(verdict(&portal, "904").await.broken, None);
    }
    // The tail rebuilt with its hashes right: only the seal tells.
    audit::seal_heads(&portal.app.db, &portal.app.key("audit seal"), portal.app.now()).await.unwrap();
    as_superuser(
        &portal,
        "update audit set actor = 'somebody else' where vpd = '904' and seq = 6;
         update audit set hash = sec.audit_digest(prev, vpd, seq, at, actor_kind, actor, user_id, event, object_type, object_id, detail, request_id)
          where vpd = '904' and seq = 6;
         update audit_heads h set hash = a.hash from audit a where a.vpd = '904' and a.seq = 6 and h.vpd = '904'",
    )
    .await;
    let broken = verdict(&portal, "904").await.broken;
    assert_eq!(broken.as_ref().map(|(seq, words)| (*seq, words.contains("rebuilt"))), Some((6, true)), "{broken:?}");
    // The page says so too.
    let auditor = portal.sign_in("904", Right::IgAuditor).await;
    auditor.press("/admin/audit/check").await.assert_redirect();
    portal.run_jobs().await;
    let page = auditor.get("/admin/audit").await;
    assert!(page.text(".nhsuk-warning-callout").contains("Broken at row 6"), "{}", page.words());
}

#[sqlx::test]
async fn aud_3_each_change_writes_one_row_with_who_what_and_about_whom(pool: PgPool) {
    let portal = Portal::start(pool).await;
    chain(&portal).await;
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "select actor, event, object_id, detail ->> 'right' from audit where vpd = '904' order by seq limit 2",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    let row = |event: &str| ("user1".to_owned(), event.to_owned(), "user2".to_owned(), "bi_administration".to_owned());
    assert_eq!(rows, [row("right_granted"), row("right_ended")]);
    let auditor = portal.sign_in("904", Right::IgAuditor).await;
    let page = auditor.get("/admin/audit").await;
    assert_eq!(page.texts("tbody tr").len(), 6);
    assert!(
        page.text("tbody tr").contains("Took the right Payroll Administration from user2"),
        "{}",
        page.text("tbody tr")
    );
    assert!(page.words().contains("The trail has 6 rows"));
    for (filter, rows) in [
        ("actor=user1&event=right_ended", 3),
        ("actor=nobody", 0),
        ("object=user2", 6),
        ("from=2020-01-01&until=1/1/2021", 0),
        ("event=signed_in", 0),
    ] {
        assert_eq!(auditor.get(format!("/admin/audit?{filter}")).await.texts("tbody tr").len(), rows, "{filter}");
    }
    let page = auditor.get("/admin/audit?from=yesterday").await;
    assert_eq!(page.status, 422);
    assert!(page.text("#from-error").contains("Enter a date such as 6/5/2026"));
    let csv = auditor.get("/admin/audit.csv?event=right_ended").await;
    csv.assert_ok();
    assert_eq!(csv.body.lines().count(), 4);
    assert!(portal.audit("904").await.contains(&"list_exported".to_owned()));
    // Sign-ins are in chain 0, which operators alone read.
    assert!(!auditor.get("/admin/audit").await.words().contains("Signed in from"));
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    assert!(operator.get("/admin/audit").await.words().contains("Signed in from"));
}

#[sqlx::test]
async fn aud_4_and_f_50_what_cannot_be_audited_is_not_done_and_the_user_is_told(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let colleague = portal.user("904", Right::IatApproval).await;
    let path = format!("/admin/users/{}/rights", colleague.user_id);
    admin.get("/admin/users").await.assert_ok();
    sqlx::raw_sql("revoke execute on all functions in schema sec from changeover_app, changeover_system, public")
        .execute(&portal.owner)
        .await
        .unwrap();
    let page = admin.post(&path, [("right", "medical_staffing_officer")]).await;
    assert_eq!(page.status, 500);
    assert!(page.words().contains("Nothing of what you sent was saved"), "{}", page.words());
    assert_eq!(portal.count("select count(*) from user_grants where name = 'medical_staffing_officer'").await, 0);
    assert_eq!(portal.count("select count(*) from jobs").await, 0);
    sqlx::raw_sql("grant execute on all functions in schema sec to changeover_app, changeover_system")
        .execute(&portal.owner)
        .await
        .unwrap();
    admin.post(&path, [("right", "medical_staffing_officer")]).await.assert_redirect();
    assert_eq!(portal.audit("904").await, ["right_granted"]);
}
