//! F-20: a machine's clock jumps, or is wrong: what counts is the database's, which all of them share.

use changeover::access::Right;
use changeover::jobs::{self, Lane};
use changeover::worker;
use chrono::TimeDelta;
use http::{HeaderMap, Method};
use sqlx::PgPool;

use crate::employment_checks::{Supplier, token};
use crate::support::{Portal, Visitor};

/// A server of the same portal on a machine whose clock is wrong.
fn replica(portal: &Portal, off: TimeDelta) -> String {
    portal.replica_of(portal.app.with_clock_off(off))
}

#[sqlx::test]
async fn f_20_sessions_links_and_tokens_last_as_long_whatever_a_machines_clock_says(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", [Right::MedicalStaffingOfficer, Right::VpdAdmin]).await;
    let visitor = portal.sign_in_as(&user).await;
    let api = token(&portal, "904", "Trac").await;
    for hours in [1, -1] {
        let base = replica(&portal, TimeDelta::hours(hours));
        let elsewhere = Visitor::new(&base);
        elsewhere.set_cookie("sid", &visitor.cookie("sid").unwrap());
        elsewhere.get("/account").await.assert_ok();
        // A link made there lasts as long as one made here, and works here; the one made here works there until it is over.
        for (maker, opener) in [(&elsewhere, Visitor::new(&portal.base)), (&visitor, Visitor::new(&base))] {
            let invited = portal.user("904", Right::IgAuditor).await;
            sqlx::query("update users set password_hash = null where user_id = $1")
                .bind(invited.user_id)
                .execute(&portal.owner)
                .await
                .unwrap();
            let body = format!("organisation=&csrf={}", maker.csrf().await);
            let mut headers = HeaderMap::new();
            headers.insert("Origin", portal.base.parse().unwrap());
            headers.insert("Content-Type", "application/x-www-form-urlencoded".parse().unwrap());
            let path = format!("/admin/users/{}/link/hand-over", invited.user_id);
            let page = maker.send(Method::POST, &path, headers, body.into_bytes()).await;
            let link = page.assert_ok().text("#link");
            let path = format!("/password/{}", link.rsplit('/').next().unwrap());
            let lasts = "select round(extract(epoch from expires_at - now()) / 60)::bigint from one_time_links where superseded_at is null order by created_at desc limit 1";
            assert_eq!(portal.count(lasts).await, 14 * 24 * 60, "{hours}: minutes");
            assert!(opener.get(&path).await.assert_ok().has("input[type=password]"));
            sqlx::query("update one_time_links set expires_at = now() - interval '1 second'")
                .execute(&portal.owner)
                .await
                .unwrap();
            assert!(!opener.get(&path).await.has("input[type=password]"), "{hours}: it is over");
        }
        let answer = Supplier::at(&base, &api).get("/api/employment-checks/v1/applications").await;
        answer.assert_ok();
        sqlx::query("update api_tokens set expires_at = now() + interval '10 minutes'")
            .execute(&portal.owner)
            .await
            .unwrap();
        Supplier::at(&base, &api).get("/api/employment-checks/v1/applications").await.assert_ok();
    }
    sqlx::query("update api_tokens set expires_at = now() - interval '1 second'").execute(&portal.owner).await.unwrap();
    sqlx::query("update sessions set last_seen_at = now() - interval '31 minutes'")
        .execute(&portal.owner)
        .await
        .unwrap();
    for hours in [1, -1, -12] {
        let base = replica(&portal, TimeDelta::hours(hours));
        let late = Visitor::new(&base);
        late.set_cookie("sid", &visitor.cookie("sid").unwrap());
        assert!(late.get("/account").await.location().is_some_and(|to| to.starts_with("/sign-in")), "{hours}");
        assert_eq!(
            Supplier::at(&base, &api).get("/api/employment-checks/v1/applications").await.status,
            401,
            "{hours}"
        );
    }
}

#[sqlx::test]
async fn f_20_a_worker_with_a_wrong_clock_leaves_anothers_lease_alone_and_a_day_is_done_once(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.item("904", "One").raise().await;
    sqlx::query(
        "update jobs set state = 'leased', lease_until = now() + interval '2 minutes', lease_token = gen_random_uuid()",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    for hours in [1, -1] {
        let app = portal.app.with_clock_off(TimeDelta::hours(hours));
        let registry = worker::registry(&app);
        assert_eq!(jobs::run_due(&app, &registry, Lane::Work, 20).await.unwrap(), 0, "{hours}: the lease is another's");
    }
    sqlx::query("update jobs set lease_until = now() - interval '1 second'").execute(&portal.owner).await.unwrap();
    let slow = portal.app.with_clock_off(TimeDelta::hours(-1));
    assert!(jobs::run_due(&slow, &worker::registry(&slow), Lane::Work, 20).await.unwrap() > 0, "lapsed, it is taken");
    portal.run_jobs().await;

    // The business date's work, asked for by machines that disagree by two hours: taken once.
    for hours in [0, 1, -1] {
        let app = portal.app.with_clock_off(TimeDelta::hours(hours));
        changeover::notifications::queue_expiry(&app).await.unwrap();
        changeover::deanery_changes::queue_expiry(&app).await.unwrap();
    }
    let slots = "select string_agg(schedule || ' ' || n, ', ' order by schedule) from (select schedule, count(*) n from scheduled_runs group by 1) s";
    assert_eq!(portal.text(slots).await, "deanery_changes.expire_pending 1, notifications.expire 1");
    portal.run_jobs().await;
    // What a machine queues whose clock is an hour fast is due at once all the same, and nothing of a slow one is older than it is.
    for hours in [1, -1] {
        let app = portal.app.with_clock_off(TimeDelta::hours(hours));
        assert!(
            changeover::dpn_report::queue(&app, format!("2026-06-0{}", hours + 2).parse().unwrap()).await.unwrap() > 0
        );
        let apart = "select max(abs(extract(epoch from now() - run_at)))::bigint from jobs where state = 'ready'";
        assert!(portal.count(apart).await < 60, "{hours}");
        portal.run_jobs().await;
        assert_eq!(portal.waiting_jobs().await, Vec::<String>::new(), "{hours}");
    }
}
