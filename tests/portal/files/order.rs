use changeover::access::Right;
use changeover::audit::Actor;
use changeover::file_exchange::held::{self, Decision};
use changeover::file_exchange::{engine, receive};
use changeover::worker;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Html, app_name, code, id_of, send};
use crate::support::Portal;
use crate::support::files::{framed, sample};

#[sqlx::test]
async fn f_29_the_same_file_five_times_two_at_once_has_one_effect(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let path = sample("GO_904_EXP_GOF_20260505_00000001.DAT");
    let (first, second) = tokio::join!(portal.receive_path(path.clone()), portal.receive_path(path.clone()));
    let mut outcomes = vec![first, second];
    for _ in 0..3 {
        outcomes.push(portal.receive_path(path.clone()).await);
    }
    let mut codes: Vec<_> = outcomes.iter().map(code).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [("duplicate", "F09"), ("duplicate", "F09"), ("duplicate", "F09"), ("duplicate", "F09"), ("processed", "")]
    );
    assert_eq!(portal.count("select count(*) from people").await, 40);
    assert_eq!(portal.count("select count(*) from file_records").await, 250);
    let kept = "select count(distinct file_id) from file_chunks";
    assert_eq!(portal.count(kept).await, 1, "a duplicate's bytes are not kept");
}

#[sqlx::test]
async fn f_35_and_file_17_numbers_out_of_order_wait_for_an_operator(pool: PgPool) {
    let portal = Portal::start(pool).await;
    // One counter over all bodies: a gap is normal.
    assert_eq!(send(&portal, 20).await.outcome, "processed");
    assert_eq!(send(&portal, 25).await.outcome, "processed");
    for replayed in [22, 1] {
        let report = send(&portal, replayed).await;
        assert_eq!(code(&report), ("held", "F07"), "{report:?}");
        assert_eq!((report.records, report.held), (1, 1));
    }
    // Another type of the same body has an order of its own.
    let name = "DE_KSS_DNC_20260506_00000003.DAT";
    let report = portal.receive(name, framed(name, "KSS", &["NOT~1".to_owned()])).await;
    assert_eq!(code(&report), ("processed", ""), "{report:?}");

    portal.run_jobs().await;
    let waiting = portal.items("0").await.into_iter().filter(|item| item.1.ends_with("waits for your decision"));
    assert_eq!(waiting.count(), 2);
    let (late, early) = (id_of(&portal, &app_name(22)).await, id_of(&portal, &app_name(1)).await);
    held::decide_file(&portal.app, late, Decision::Release, "checked with the deanery", &Actor::Command).await.unwrap();
    let report = receive::settled(&portal.app, &worker::processors(), late).await.unwrap();
    assert_eq!((report.outcome.as_str(), report.fail, report.held), ("processed", 1, 0));
    held::decide_file(&portal.app, early, Decision::Discard, "a test", &Actor::Command).await.unwrap();
    let report = receive::settled(&portal.app, &worker::processors(), early).await.unwrap();
    assert_eq!(report.outcome, "refused");
    assert!(held::decide_file(&portal.app, early, Decision::Release, "again", &Actor::Command).await.is_err());
    let open =
        portal.items("0").await.into_iter().filter(|i| i.1.ends_with("waits for your decision") && i.2 == "open");
    assert_eq!(open.count(), 0, "decided items close themselves");
}

#[sqlx::test]
async fn f_35_a_gap_in_an_employers_numbers_is_processed_with_an_alert(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.receive_sample("GO_904_EXP_GOF_20260505_00000001.DAT").await;
    let name = "GO_904_EXP_GOF_20260506_00000004.DAT";
    let report = portal.receive(name, framed(name, "904", &[])).await;
    assert_eq!((report.outcome.as_str(), report.warnings), ("processed", 1), "one for the file itself");
    portal.run_jobs().await;
    assert!(portal.items("0").await.iter().any(|item| item.1.starts_with("Files are missing before GO_904")));
}

#[sqlx::test]
async fn file_11_forty_one_records_for_one_post_wait_and_each_decision_is_confirmed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let report = portal.receive_sample("DE_KSS_APP_20260506_00002696.DAT").await;
    assert_eq!(
        (report.outcome.as_str(), report.success, report.held, report.fail),
        ("processed", 3, 41, 0),
        "{report:?}"
    );
    let reply = std::fs::read_to_string(report.confirmation.unwrap()).unwrap();
    assert!(reply.lines().all(|line| !line.starts_with("APC~4~")), "held records are in no reply: {reply}");
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let list = operator.get("/interfaces?view=held").await;
    list.assert_ok();
    assert!(list.html().contains("2696"), "{}", list.html());
    let post: Uuid = sqlx::query_scalar("select held_post_id from held_posts").fetch_one(&portal.owner).await.unwrap();
    let path = format!("/interfaces/held-posts/{post}");
    operator.get(&path).await.assert_ok();
    let unsure = operator.post(&path, [("decision", ""), ("reason", " ")]).await;
    assert_eq!(unsure.status, 422);
    assert_eq!(unsure.text("#reason-error"), "Error: Enter the reason for your decision");
    operator.post(&path, [("decision", "release"), ("reason", "confirmed by the deanery")]).await.assert_redirect();
    while engine::run_due(&portal.app, &worker::processors()).await.unwrap() > 0 {}
    let counts = "select success || '/' || fail || '/' || held from interface_files where file_name like '%2696.DAT'";
    let settled = portal.text(counts).await;
    assert!(settled.ends_with("/0") && settled != "3/0/0", "{settled}");
    assert_eq!(portal.count("select count(*) from interface_files where answers is not null").await, 2);
    let again = operator.post(&path, [("decision", "discard"), ("reason", "too late")]).await;
    assert_eq!(again.status, 409, "the second is told who was first");
}
