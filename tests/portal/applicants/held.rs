use changeover::audit::Actor;
use changeover::file_exchange::held::{DecideError, Decision, decide_post};
use changeover::file_exchange::intake::{self, Received, Source};
use changeover::file_exchange::{FileReport, engine, receive};
use changeover::worker;
use sqlx::PgPool;
use uuid::Uuid;

use super::{column, for_position, load, reply, said, with_trusts};
use crate::support::Portal;
use crate::support::files::sample;

const HELD: &str = "DE_KSS_APP_20260506_00002696.DAT";

async fn decide(portal: &Portal, decision: Decision, reason: &str) -> Result<FileReport, DecideError> {
    let post: Uuid = sqlx::query_scalar("select held_post_id from held_posts").fetch_one(&portal.owner).await.unwrap();
    let file_id = decide_post(&portal.app, post, decision, reason, &Actor::Command).await?;
    Ok(receive::settled(&portal.app, &worker::processors(), file_id).await.unwrap())
}

/// The replies to the file, by their numbers.
async fn replies(portal: &Portal, report: &FileReport) -> Vec<Vec<Vec<String>>> {
    let first = std::path::PathBuf::from(report.confirmation.as_ref().unwrap());
    let mut names: Vec<String> =
        sqlx::query_scalar("select file_name from interface_files where direction = 'out' order by sequence")
            .fetch_all(&portal.owner)
            .await
            .unwrap();
    names.sort();
    let answer = |name: String| {
        let confirmation = Some(first.parent().unwrap().join(name).to_str().unwrap().to_owned());
        reply(&FileReport { confirmation, ..report.clone() })
    };
    names.into_iter().map(answer).collect()
}

#[sqlx::test]
async fn file_11_a_held_post_is_released_once_and_confirmed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let report = portal.receive_sample(HELD).await;
    assert_eq!((report.records, report.success, report.fail, report.held), (44, 3, 0, 41));
    assert_eq!(portal.count("select count(*) from applications where vpd = '904'").await, 0);
    assert_eq!(portal.count("select count(*) from applications where vpd = '931'").await, 3);
    let waits = |vpd: &'static str| {
        let portal = &portal;
        async move { portal.items(vpd).await.into_iter().filter(|item| item.0 == "held_post").collect::<Vec<_>>() }
    };
    assert_eq!(waits("904").await[0].1, "41 applications for one post wait for national operations");
    assert_eq!(waits("0").await[0].1, "41 records for one post wait for you");
    assert!(waits("931").await.is_empty());

    let report = decide(&portal, Decision::Release, "Checked with the deanery: a shared post").await.unwrap();
    assert_eq!((report.success, report.fail, report.held), (44, 0, 0), "{report:?}");
    assert_eq!(portal.count("select count(*) from applications where vpd = '904'").await, 41);
    assert_eq!(waits("904").await[0].2, "closed_by_system");
    assert_eq!(waits("0").await[0].2, "closed_by_system");
    let replies = replies(&portal, &report).await;
    assert_eq!((replies.len(), replies[0].len()), (2, 3));
    let answered: std::collections::BTreeSet<&str> = replies[1].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(answered.len(), 41, "a further reply says what became of the held records, and nothing of the others");
    assert!(replies[1].iter().all(|row| row[6] == "SUCCESS"));

    let again = decide(&portal, Decision::Discard, "Too late").await;
    assert!(matches!(again, Err(DecideError::Decided(_))), "a post is decided once");
}

#[sqlx::test]
async fn file_11_a_held_post_is_discarded_with_the_reason_as_its_error(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    portal.receive_sample(HELD).await;
    let report = decide(&portal, Decision::Discard, "The deanery sent its whole rota").await.unwrap();
    assert_eq!((report.success, report.fail, report.held), (3, 41, 0), "{report:?}");
    assert_eq!(portal.count("select count(*) from applications where vpd = '904'").await, 0);
    let items = portal.items("904").await;
    assert!(!items.iter().any(|item| item.0 == "dit_app_failed"), "not one item a record");
    let told: Vec<_> = items.iter().filter(|item| item.0 == "post_discarded").collect();
    assert!(told.len() == 1 && told[0].1 == "41 applications for one post discarded", "{told:?}");
    assert!(!portal.items("931").await.iter().any(|item| item.0 == "post_discarded"), "none of theirs");
    let officer = portal.sign_in("904", changeover::access::Right::MedicalStaffingOfficer).await;
    let message = portal
        .text("select '/inbox/' || message_id || '?item=' || item_id from items where type = 'post_discarded'")
        .await;
    let page = officer.get(&message).await;
    assert!(page.assert_ok().words().contains("The deanery sent its whole rota"));
    let link = page.attr_of("#panel a[href*='?post=']", "href").unwrap();
    let listed = officer.get(link.split('#').next().unwrap()).await;
    assert!(listed.assert_ok().words().contains("41 records for post"), "{}", listed.words());
    let record = listed.attr_of("a[href^='/doctors/records/']", "href").unwrap();
    officer.get(&record).await.assert_ok();

    let replies = replies(&portal, &report).await;
    assert_eq!(said(&replies[1], 1), [("ERROR".to_owned(), "The deanery sent its whole rota".to_owned())]);
    assert_eq!(replies[1].len(), 41);
}

#[sqlx::test]
async fn file_11_forty_one_over_two_employers_are_held_in_both(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    // The host's and the lead's position of one post; a faulty record counts too.
    let dpn = "KSS/R9A01/100/STR/028";
    let mut records = Vec::new();
    for n in 0..41_u32 {
        let id = if n % 2 == 0 { "9041027" } else { "9171027" };
        let (gmc, last_name) = (format!("{}", 9_100_000 + n), format!("Doctor{}", char::from(b'A' + (n % 26) as u8)));
        let written = if n % 3 == 0 { dpn.to_lowercase() } else { dpn.to_owned() };
        let name = if n == 7 { "" } else { last_name.as_str() };
        let changes = [(column::GMC, gmc.as_str()), (column::NI, ""), (column::LAST_NAME, name)];
        records.push(for_position(id, &written, &changes));
    }
    records.push(for_position("9041003", "KSS/R9A01/024/STR/004", &[]));
    let report = load(&portal, 3000, &records).await;
    assert_eq!((report.records, report.success, report.fail, report.held), (42, 1, 0, 41), "{report:?}");
    let held = "select string_agg(vpd || ' ' || n, ', ' order by vpd) from (select vpd, count(*) n from file_records where outcome = 'held' group by 1) h";
    assert_eq!(portal.text(held).await, "904 21, 917 20");
    let released = decide(&portal, Decision::Release, "It is so").await.unwrap();
    assert_eq!((released.success, released.fail, released.held), (41, 1, 0), "{released:?}");
}

/// Cut off at any moment, the file is finished by whoever comes next, and nothing is there twice.
#[sqlx::test]
async fn a_file_that_was_cut_off_ends_as_if_it_had_not_been(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_trusts(&portal).await;
    let name = "DE_KSS_APP_20260506_00002689.DAT";
    let processors = worker::processors();
    let received = intake::register(&portal.app, &processors, name, &sample(name), Source::Command, &Actor::Command)
        .await
        .unwrap();
    let Received::Registered { file_id, .. } = received else { panic!("not registered") };
    let mut cuts = 0;
    for after in [1, 5, 10, 15, 20, 30, 40, 60] {
        let work = engine::run_sender(&portal.app, &processors, "applicants", "KSS");
        if tokio::time::timeout(std::time::Duration::from_millis(after), work).await.is_err() {
            cuts += 1;
        }
        // On a slow machine every cut counts as a try, and five end a file: here it is about what was half done.
        sqlx::query("update interface_files set attempts = 0").execute(&portal.owner).await.unwrap();
    }
    assert!(cuts > 1, "it was cut off {cuts} times");
    let report = receive::settled(&portal.app, &processors, file_id).await.unwrap();
    assert_eq!((report.records, report.success, report.fail), (61, 49, 12), "{report:?}");
    assert_eq!(portal.count("select count(*) from applications").await, 49);
    assert_eq!(portal.count("select count(*) from people where origin = 'deanery'").await, 48);
    assert_eq!(portal.count("select count(*) from items where type like 'dit_app%'").await, 62);
    let rows = reply(&report);
    let answered: std::collections::BTreeSet<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    assert_eq!((answered.len(), rows.len()), (61, 68));
}
