//! Several programs on one database: any of them serves any user, and what is to be done is done once.

use std::time::{Duration, Instant};

use changeover::access::Right;
use sqlx::PgPool;

use crate::mail::{choose, draft, queue};
use crate::support::files::sample;
use crate::support::program::Running;
use crate::support::smtp::SmtpSink;
use crate::support::{Portal, Visitor};

async fn until(portal: &Portal, what: &str, sql: &'static str, wanted: i64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let found = portal.count(sql).await;
        if found == wanted {
            return;
        }
        assert!(found < wanted, "{what}: {found} of {wanted}");
        assert!(Instant::now() < deadline, "{what}: {found} of {wanted} after a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Two `serve --no-worker` and three `work`, of which one is killed, on one database and one folder.
#[sqlx::test]
async fn several_servers_and_workers_share_sessions_files_and_the_queue(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = Portal::start(pool).await;
    let user = portal.user_named("several", "904", [Right::MedicalStaffingOfficer, Right::VpdAdmin]).await;
    choose(&portal, &user, "never").await;
    let program = || {
        let mut command = portal.program();
        command.env("CHANGEOVER_SMTP_URL", sink.url());
        command
    };
    let ((_first, here), (_second, there)) =
        tokio::join!(Running::serve_pages(program()), Running::serve_pages(program()));

    // Signed in at one, the session is known at the other; signed out there, it is dead here.
    let visitor = Visitor::new(&here);
    visitor.get("/sign-in").await.assert_ok();
    visitor.post("/sign-in", [("username", "several"), ("password", crate::support::PASSWORD)]).await.assert_redirect();
    let elsewhere = Visitor::new(&there);
    elsewhere.set_cookie("sid", &visitor.cookie("sid").unwrap());
    assert!(elsewhere.get("/account").await.assert_ok().words().contains("904 Trust 904"));

    // What waits when the workers come: mails, and files in the folder that they all watch.
    for number in 0..40 {
        queue(&portal, draft(&format!("person{number}@trust.example"))).await;
    }
    let inbound = portal.data_dir.join("exchange/inbound");
    std::fs::create_dir_all(&inbound).unwrap();
    let files = [
        "GO_904_EXP_GOF_20260505_00000001.DAT",
        "GO_917_EXP_GOF_20260505_00000001.DAT",
        "GO_931_EXP_GOF_20260505_00000001.DAT",
    ];
    for name in files {
        std::fs::copy(sample(name), inbound.join(format!("{name}.part"))).unwrap();
        std::fs::rename(inbound.join(format!("{name}.part")), inbound.join(name)).unwrap();
    }
    let work = || Running::start(program().arg("work"));
    let (_one, _two, third) = (work(), work(), work());
    tokio::time::sleep(Duration::from_millis(3_300)).await;
    third.kill();

    until(&portal, "files processed", "select count(*) from interface_files where state = 'processed'", 3).await;
    assert_eq!(portal.count("select count(*) from interface_files").await, 3, "none was taken twice");
    let once = "select count(*) from audit where event = 'file_processed' and vpd <> '0'";
    assert_eq!(portal.count(once).await, 3);
    assert_eq!(portal.count("select count(*) from people").await, 40 + 40 + 30);
    assert_eq!(std::fs::read_dir(&inbound).unwrap().count(), 0, "the folder is put away");

    // A mail that the killed worker held comes back with its lease, under the same Message-ID.
    sqlx::query(
        "update jobs set lease_until = now() where state = 'leased' and lease_until > now() + interval '1 minute'",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    until(&portal, "mails sent", "select count(*) from emails where purpose = 'alarm' and state = 'sent'", 40).await;
    let mut ids: Vec<String> = sink
        .received()
        .iter()
        .filter(|mail| mail.to[0].starts_with("person"))
        .filter_map(|mail| mail.header("Message-ID"))
        .collect();
    let sent = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40);
    // R5: at most one twice for the worker that was killed, and none for those that go on.
    assert!(sent <= 41, "{sent} mails for 40");

    elsewhere.press("/sign-out").await.assert_redirect();
    assert!(visitor.get("/account").await.location().is_some_and(|to| to.starts_with("/sign-in")));
}
