//! Interface files: how they are taken in, refused, held, and processed once whatever happens.

use std::time::Duration;

use changeover::audit::Actor;
use changeover::file_exchange::folders::{Inbound, Patience};
use changeover::file_exchange::held::{self, Decision};
use changeover::file_exchange::processor::{
    Outcome, ProcessingError, Processor, RecordLine, RecordOutcome, Work, Working,
};
use changeover::file_exchange::{FileReport, Interface, Processors, engine, intake, receive};
use changeover::tenancy::{Vpd, VpdTx};
use changeover::worker;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::files::{framed, sample};
use crate::support::{Page, Portal};

fn app_name(number: u32) -> String {
    format!("DE_KSS_APP_20260506_{number:08}.DAT")
}

/// A file of applicants that each fail, which is all that these tests need of them.
fn applicants(number: u32, records: usize) -> (String, String) {
    let name = app_name(number);
    let records: Vec<String> = (1..=records).map(|n| format!("APP~{n}~not an applicant")).collect();
    (name.clone(), framed(&name, "KSS", &records))
}

async fn send(portal: &Portal, number: u32) -> FileReport {
    let (name, text) = applicants(number, 1);
    portal.receive(&name, text).await
}

/// A page's source, with codes in one piece.
trait Html {
    fn html(&self) -> String;
}

impl Html for Page {
    fn html(&self) -> String {
        String::from_utf8_lossy(&self.bytes).replace("<wbr>", "")
    }
}

async fn id_of(portal: &Portal, name: &str) -> Uuid {
    let found = sqlx::query_scalar("select file_id from interface_files where file_name = $1").bind(name);
    found.fetch_one(&portal.owner).await.unwrap()
}

fn code(report: &FileReport) -> (&str, &str) {
    (report.outcome.as_str(), report.code.as_deref().unwrap_or(""))
}

#[sqlx::test]
async fn file_1_to_9_each_fault_of_a_whole_file_has_its_code_and_changes_nothing(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (name, good) = applicants(5, 1);
    let nul = good.replace("not an", "not\0an");
    let cases: [(&str, String, &str); 9] = [
        (&name, String::new(), "F01"),
        (&name, good.replace("TRL~1\r\n", ""), "F02"),
        (&name, good.replace("TRL~1", "TRL~9"), "F03"),
        ("applicants.txt", good.clone(), "F04"),
        (&name, good.replace("APP~1", "XXX~1"), "F04"),
        ("GO_555_EXP_GOC_20260506_00000001.DAT", framed("GO_555_EXP_GOC_20260506_00000001.DAT", "555", &[]), "F06"),
        (&name, good.replace(&name, "DE_KSS_APP_20260506_00000006.DAT"), "F11"),
        (&name, good.replace("000~01\r", "000~02\r"), "F12"),
        (&name, nul, "F14"),
    ];
    for (name, text, wanted) in cases {
        let report = portal.receive(name, text).await;
        assert_eq!(code(&report), ("refused", wanted), "{report:?}");
        let reason = report.reason.unwrap();
        assert!(reason.ends_with('.') && reason.len() > 40, "{reason}");
        assert_eq!((report.records, report.success, report.fail, report.held), (0, 0, 0, 0));
    }
    assert_eq!(portal.count("select count(*) from file_records").await, 0);
    // A body that nobody knows, by a name of its own.
    let other = framed("DE_XYZ_APP_20260506_00000001.DAT", "XYZ", &[]);
    assert_eq!(code(&portal.receive("DE_XYZ_APP_20260506_00000001.DAT", other).await), ("refused", "F06"));
    // The name of a refused file is free.
    assert_eq!(portal.receive(&name, good).await.outcome, "processed");
    portal.run_jobs().await;
    let items = portal.items("0").await;
    assert!(items.iter().any(|item| item.1 == "applicants.txt was refused"), "{items:?}");
    assert!(portal.audit("0").await.contains(&"file_refused".to_owned()));
}

#[sqlx::test]
async fn f_37_a_sender_that_nobody_knows_and_a_header_that_names_another_file(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let unknown = framed("DE_XYZ_APP_20260506_00000001.DAT", "XYZ", &[]);
    assert_eq!(code(&portal.receive("DE_XYZ_APP_20260506_00000001.DAT", unknown).await), ("refused", "F06"));
    // Only a full file registers an employer; changes for one that nobody knows are refused.
    let changes = "GO_555_EXP_GOC_20260506_00000001.DAT";
    assert_eq!(code(&portal.receive(changes, framed(changes, "555", &[])).await), ("refused", "F06"));
    let (name, text) = applicants(1, 1);
    let other = text.replacen(&name, &app_name(2), 1);
    assert_eq!(code(&portal.receive(&name, other).await), ("refused", "F11"));
}

#[sqlx::test]
async fn file_12_record_types_unknown_out_of_order_and_after_the_trailer(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let (name, text) = applicants(1, 2);
    // The first record of another kind: this is another file than its name says.
    let first = text.replacen("APP~1~", "XXX~1~", 1);
    assert_eq!(code(&portal.receive(&name, first).await), ("refused", "F04"));
    // A later one costs only itself.
    let later = text.replacen("APP~2~", "XXX~2~", 1);
    let report = portal.receive(&name, later).await;
    assert_eq!((report.outcome.as_str(), report.records, report.fail), ("processed", 2, 2), "{report:?}");
    let (name, text) = applicants(2, 1);
    let after = format!("{text}APP~2~after the trailer\r\n");
    assert_eq!(code(&portal.receive(&name, after).await), ("refused", "F04"));
    // In a Generic Outbound file an unknown type rejects that record, and the order of types is free.
    let name = "GO_904_EXP_GOC_20260506_00000001.DAT";
    let records = [
        "PHA~9045000~9990001~M~07700 900123~20240807~~20260506".to_owned(),
        "ZZZ~1".to_owned(),
        "ORD~9040017".to_owned(),
    ];
    let report = portal.receive(name, framed(name, "904", &records)).await;
    assert_eq!((report.outcome.as_str(), report.success, report.fail), ("processed", 2, 1), "{report:?}");
}

#[sqlx::test]
async fn f_42_two_schedulers_at_once_run_a_slot_once(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let user = portal.user("904", changeover::access::Right::MedicalStaffingOfficer).await;
    sqlx::query("update users set mail_frequency = 'hourly' where username = $1")
        .bind(&user.username)
        .execute(&portal.owner)
        .await
        .unwrap();
    let run = || changeover::notifications::summaries::run_schedule(&portal.app);
    let (one, two) = tokio::join!(run(), run());
    one.unwrap();
    two.unwrap();
    let slots = portal.count("select count(*) from scheduled_runs where schedule = 'summaries'").await;
    let distinct = portal.count("select count(distinct slot) from scheduled_runs where schedule = 'summaries'").await;
    assert!(slots > 0 && slots == distinct, "{slots} {distinct}");
    let queued = portal.waiting_jobs().await.iter().filter(|kind| kind.contains("summar")).count();
    assert!(queued <= 2, "a summary was queued twice: {:?}", portal.waiting_jobs().await);
}

#[sqlx::test]
async fn file_10_names_and_headers_that_lead_elsewhere(pool: PgPool) {
    let portal = Portal::start(pool).await;
    for name in ["CON", "DE_KSS_APP_20260506_00000001.DAT.", "a\nb.DAT"] {
        assert_eq!(code(&portal.receive(name, "HDR~x").await), ("refused", "F04"), "{name:?}");
    }
    let (name, text) = applicants(1, 1);
    let path = text.replacen(&name, "../../etc/passwd", 1);
    assert_eq!(code(&portal.receive(&name, path).await), ("refused", "F11"));
    let gone = receive(&portal.app, &worker::processors(), &portal.data_dir.join("nothing.DAT"), &Actor::Command).await;
    assert_eq!(code(&gone.unwrap()), ("refused", "F08"));
}

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
async fn f_36_other_bytes_under_a_taken_name_are_refused(pool: PgPool) {
    let portal = Portal::start(pool).await;
    assert_eq!(send(&portal, 7).await.outcome, "processed");
    let (name, text) = applicants(7, 2);
    assert_eq!(code(&portal.receive(&name, text).await), ("refused", "F09"));
    assert_eq!(portal.count("select count(*) from file_records").await, 1);
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
    assert_eq!(code(&report), ("held", "F10"), "{report:?}");
    assert!(report.reason.unwrap().contains("does not process them yet"));

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
async fn f_33_bytes_of_another_code_page_are_read_with_a_warning(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let text = std::fs::read_to_string(sample("GO_904_EXP_GOF_20260505_00000001.DAT")).unwrap();
    let text = text.replacen("~Zhang~", "~M\u{1}nch~", 1);
    let bytes: Vec<u8> = text.bytes().map(|b| if b == 1 { 0xfc } else { b }).collect();
    let report = portal.receive("GO_904_EXP_GOF_20260505_00000001.DAT", bytes).await;
    assert_eq!((report.success, report.warnings), (250, 1));
    assert_eq!(portal.text("select last_name from people where person_id = '9045000'").await, "Münch");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(code(&portal.receive("GO_904_EXP_GOF_20260506_00000002.DAT", utf16).await), ("refused", "F14"));
}

#[sqlx::test]
async fn f_30_and_f_31_a_file_is_taken_from_the_folder_when_it_is_whole(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let inbound = portal.data_dir.join("exchange/inbound");
    std::fs::create_dir_all(&inbound).unwrap();
    let processors = worker::processors();
    let whole = std::fs::read(sample("GO_904_EXP_GOF_20260505_00000001.DAT")).unwrap();
    let path = inbound.join("GO_904_EXP_GOF_20260505_00000001.DAT");
    let (name, text) = applicants(3, 1);
    let patience = Patience { still: Duration::from_millis(40), for_trailer: Duration::from_millis(400) };
    let mut watch = Inbound::with(patience);

    std::fs::write(&path, &whole[..10_000]).unwrap();
    std::fs::write(inbound.join(format!("{name}.part")), &text).unwrap();
    for _ in 0..3 {
        assert_eq!(watch.look(&portal.app, &processors).await.unwrap(), 0, "half a file waits");
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    std::fs::write(&path, &whole).unwrap();
    std::fs::rename(inbound.join(format!("{name}.part")), inbound.join(&name)).unwrap();
    assert_eq!(watch.look(&portal.app, &processors).await.unwrap(), 0, "still for no time yet");
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(watch.look(&portal.app, &processors).await.unwrap(), 2);
    while engine::run_due(&portal.app, &processors).await.unwrap() > 0 {}
    assert_eq!(portal.count("select count(*) from people").await, 40);
    assert!(!path.exists() && portal.data_dir.join("exchange/archive/GO_904_EXP_GOF_20260505_00000001.DAT").exists());

    // Cut off and never completed.
    let (cut, text) = applicants(4, 1);
    std::fs::write(inbound.join(cut), &text[..text.len() - 8]).unwrap();
    std::fs::write(inbound.join(app_name(5)), "").unwrap();
    let mut taken = 0;
    for _ in 0..20 {
        taken += watch.look(&portal.app, &processors).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(taken, 2);
    let codes = "select string_agg(code, ',' order by file_name) from interface_files where state = 'refused'";
    assert_eq!(portal.text(codes).await, "F02,F01".to_owned());
    assert!(portal.data_dir.join("exchange/refused").join(app_name(5)).exists());
    // A worker that was cut off before it could move the file: seen again, it is a duplicate and nothing else.
    std::fs::write(&path, &whole).unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    watch.look(&portal.app, &processors).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(watch.look(&portal.app, &processors).await.unwrap(), 1);
    assert!(portal.data_dir.join("exchange/archive/GO_904_EXP_GOF_20260505_00000001.DAT.2").exists());
    assert_eq!(portal.count("select count(*) from people").await, 40);
}

#[sqlx::test]
async fn f_32_trailers_that_count_otherwise(pool: PgPool) {
    let portal = Portal::start(pool).await;
    for (number, count, wanted) in [(1, "2", "F03"), (1, "3", ""), (2, "-1", "F03"), (2, "one", "F03"), (2, "1", "")] {
        let (name, text) = applicants(number, 1);
        let report = portal.receive(&name, text.replace("TRL~1", &format!("TRL~{count}"))).await;
        assert_eq!(report.code.as_deref().unwrap_or(""), wanted, "{count}");
    }
}

/// A processor for tests: every record is a success, but one of them breaks in the way that it names.
struct Poisoned;

impl Processor for Poisoned {
    fn route<'a>(&'a self, _work: &'a Work<'a>, slice: &'a [RecordLine]) -> Working<'a, Vec<Vec<Vpd>>> {
        Box::pin(async move { Ok(vec![vec![Vpd::operations()]; slice.len()]) })
    }

    fn load<'a>(
        &'a self,
        _work: &'a Work<'a>,
        tx: &'a mut VpdTx,
        records: &'a [(&'a RecordLine, bool)],
    ) -> Working<'a, Vec<RecordOutcome>> {
        Box::pin(async move {
            for (line, _) in records {
                assert!(!line.text.contains("PANIC"), "a fault of the program");
                if line.text.contains("BREAK") {
                    sqlx::query("insert into file_vpds (vpd, file_id) values ('0', gen_random_uuid())")
                        .execute(&mut **tx)
                        .await?;
                }
                if line.text.contains("STOP") {
                    return Err(ProcessingError::Database(sqlx::Error::PoolTimedOut));
                }
            }
            Ok(records.iter().map(|_| RecordOutcome::new(Outcome::Loaded)).collect())
        })
    }
}

#[sqlx::test]
async fn f_39_a_record_that_breaks_the_program_costs_only_itself(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let processors = Processors::default().on(Interface::Applicants, Poisoned);
    let records: Vec<String> = (1..=300)
        .map(|n| {
            format!(
                "APP~{n}~{}",
                match n {
                    77 => "PANIC",
                    200 => "BREAK",
                    _ => "fine",
                }
            )
        })
        .collect();
    let path = portal.write(&app_name(1), framed(&app_name(1), "KSS", &records));
    let report = receive(&portal.app, &processors, &path, &Actor::Command).await.unwrap();
    assert_eq!((report.outcome.as_str(), report.records, report.success, report.fail), ("processed", 300, 298, 2));
    let failed = "select string_agg(record_no::text || codes[1], ',' order by record_no) from file_records where outcome = 'failed'";
    assert_eq!(portal.text(failed).await, "77X001,200X001");
}

#[sqlx::test]
async fn a_file_that_cannot_be_processed_is_given_up_and_operators_are_told(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let processors = Processors::default().on(Interface::Applicants, Poisoned);
    let path = portal.write(&app_name(1), framed(&app_name(1), "KSS", &["APP~STOP".to_owned()]));
    intake::register(&portal.app, &processors, &app_name(1), &path, intake::Source::Command, &Actor::Command)
        .await
        .unwrap();
    for _ in 0..8 {
        engine::run_due(&portal.app, &processors).await.unwrap();
        sqlx::query("update interface_files set lease_until = null").execute(&portal.owner).await.unwrap();
    }
    assert_eq!(portal.text("select state from interface_files").await, "failed");
    portal.run_jobs().await;
    assert!(portal.items("0").await.iter().any(|item| item.1.ends_with("could not be processed")));
    // With the fault mended, an operator lets it go on.
    let file_id: Uuid =
        sqlx::query_scalar("select file_id from interface_files").fetch_one(&portal.owner).await.unwrap();
    assert!(held::process_again(&portal.app, file_id, &Actor::Command).await.unwrap());
    let report = receive::settled(&portal.app, &worker::processors(), file_id).await.unwrap();
    assert_eq!((report.outcome.as_str(), report.records), ("processed", 1));
}

#[sqlx::test]
async fn f_2_a_worker_that_is_cut_off_anywhere_leaves_the_rest_to_the_next(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let processors = worker::processors();
    // Three slices, so that there is something done and something to do.
    let records: Vec<String> = (0..11_000).map(|n| format!("PRD~{n}")).collect();
    let name = "GO_904_EXP_GOF_20260505_00000001.DAT";
    let path = portal.write(name, framed(name, "904", &records));
    intake::register(&portal.app, &processors, name, &path, intake::Source::Command, &Actor::Command).await.unwrap();
    for cut_after in [5, 40, 90, 150, 220, 300, 400] {
        let (app, processors) = (portal.app.clone(), processors.clone());
        let worker = tokio::spawn(async move { engine::run_due(&app, &processors).await });
        tokio::time::sleep(Duration::from_millis(cut_after)).await;
        worker.abort();
        let _cut = worker.await;
        sqlx::query("update interface_files set attempts = 0").execute(&portal.owner).await.unwrap();
    }
    let file_id: Uuid =
        sqlx::query_scalar("select file_id from interface_files").fetch_one(&portal.owner).await.unwrap();
    let report = receive::settled(&portal.app, &processors, file_id).await.unwrap();
    assert_eq!(
        (report.outcome.as_str(), report.records, report.success, report.unchanged),
        ("processed", 11_000, 11_000, 11_000)
    );
    assert_eq!(portal.count("select count(*) from file_records").await, 11_000);
    assert_eq!(portal.count("select records::bigint from file_vpds").await, 11_000);
    assert_eq!(portal.count("select count(*) from audit where vpd = '904' and event = 'file_processed'").await, 1);
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
    let operator = portal.sign_in("0", changeover::access::Right::SysAdmin).await;
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

#[sqlx::test]
async fn who_sees_which_of_a_file(pool: PgPool) {
    use changeover::access::Right;
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let report = portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    assert_eq!((report.success, report.fail), (49, 12), "{report:?}");
    let app = format!("/interfaces/files/{}", id_of(&portal, "DE_KSS_APP_20260506_00002689.DAT").await);
    let go = format!("/interfaces/files/{}", id_of(&portal, "GO_904_EXP_GOF_20260505_00000001.DAT").await);

    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = officer.get(&app).await;
    page.assert_ok();
    assert!(page.html().contains("Davies") && page.html().contains("KSS/"), "their own records, with content");
    assert!(!page.html().contains("TX958941B"), "no National Insurance number");
    assert_eq!(officer.get(&go).await.status, 404, "another role's interface");
    assert!(officer.get("/interfaces").await.assert_ok().html().contains("2689"));

    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    assert!(works.get(format!("{go}?page=2")).await.assert_ok().html().contains("Zhang"));
    let others = portal.sign_in("931", Right::LocalWorkstructuresAdministration).await;
    assert_eq!(others.get(&go).await.status, 404, "another organisation's file");
    let administrator = portal.sign_in("904", Right::VpdAdmin).await;
    assert!(
        !administrator.get(format!("{go}?page=2")).await.assert_ok().html().contains("Zhang"),
        "counts, not content"
    );

    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let page = operator.get(format!("{app}?vpd=904")).await;
    page.assert_ok();
    assert!(!page.html().contains("Davies") && page.html().contains("Read it, with a reason"));
    let record = format!("{app}/records/1");
    operator.get(format!("{record}?vpd=904")).await.assert_ok();
    assert_eq!(operator.post(&record, [("vpd", "904"), ("reason", "")]).await.status, 422);
    let read = operator.post(&record, [("vpd", "904"), ("reason", "the deanery asked")]).await;
    assert!(read.status == 200 && read.html().contains("Davies"));
    assert!(portal.audit("904").await.contains(&"record_viewed".to_owned()));
    assert!(portal.inbox("904").await.contains(&"An operator read a record of yours".to_owned()));

    let reply = portal.count("select count(*) from interface_files where direction = 'out'").await;
    assert_eq!(reply, 1);
    let reply: Uuid = sqlx::query_scalar("select file_id from interface_files where direction = 'out'")
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    let download = format!("/interfaces/files/{reply}/download");
    assert!(operator.get(&download).await.assert_ok().words().contains("organisations 904"), "who will be told");
    let blank = operator.post(&download, [("reason", " ")]).await;
    assert_eq!((blank.status, blank.text("#reason-error").contains("why you need")), (422, true));
    assert!(!portal.audit("904").await.contains(&"file_downloaded".to_owned()), "not yet");
    let page = operator.post(&download, [("reason", "the deanery lost it")]).await;
    assert_eq!(page.bytes.as_ref(), std::fs::read(report.confirmation.unwrap()).unwrap().as_slice());
    for vpd in ["0", "904", "931"] {
        assert!(portal.audit(vpd).await.contains(&"file_downloaded".to_owned()), "{vpd}");
    }
    let told = portal.inbox("904").await;
    assert!(told.contains(&"An operator downloaded a file about your records".to_owned()), "{told:?}");
    assert!(portal.items("904").await.iter().any(|item| item.1.contains("downloaded DE_KSS_APC")));
    assert_eq!(officer.get(format!("/interfaces/files/{reply}/download")).await.status, 403);
    for view in ["", "?view=today", "?view=held", "?view=outbound", "?interface=applicants&failures=yes&from=1/1/2020"]
    {
        operator.get(format!("/interfaces{view}")).await.assert_ok();
    }
    assert_eq!(operator.get("/interfaces?from=yesterday").await.status, 422);
    assert_eq!(portal.visitor().get(&app).await.status, 303);
}

#[sqlx::test]
async fn an_upload_goes_the_way_of_every_file(pool: PgPool) {
    use changeover::access::Right;
    let portal = Portal::start(pool).await;
    let name = "GO_904_EXP_GOF_20260505_00000001.DAT";
    let bytes = std::fs::read(sample(name)).unwrap();
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    operator.get("/interfaces/upload").await.assert_ok();
    assert_eq!(operator.upload("/interfaces/upload", &[], &[]).await.status, 422);
    operator.upload("/interfaces/upload", &[], &[("file", name, &bytes)]).await.assert_redirect();
    while engine::run_due(&portal.app, &worker::processors()).await.unwrap() > 0 {}
    assert_eq!(portal.count("select count(*) from people").await, 40);
    assert_eq!(portal.text("select source || received_by from interface_files").await, "uploaduser1");
    let leftovers = std::fs::read_dir(portal.data_dir.join("uploads")).unwrap().count();
    assert_eq!(leftovers, 0);

    let administrator = portal.sign_in("904", Right::VpdAdmin).await;
    administrator.get("/interfaces/upload").await.assert_ok();
    let refused = administrator.upload("/interfaces/upload", &[], &[("file", &app_name(1), b"HDR")]).await;
    assert_eq!(refused.status, 422, "not a file of their own organisation");
    administrator.upload("/interfaces/upload", &[], &[("file", name, &bytes)]).await.assert_redirect();
    assert_eq!(portal.count("select count(*) from interface_files where state = 'duplicate'").await, 1);
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    assert_eq!(officer.get("/interfaces/upload").await.status, 403);
    // Names that lead elsewhere are names like any other: refused, and written nowhere.
    operator.upload("/interfaces/upload", &[], &[("file", "../../escape.DAT", b"HDR")]).await.assert_redirect();
    assert!(!portal.data_dir.join("escape.DAT").exists() && !portal.data_dir.join("../escape.DAT").exists());
}

#[sqlx::test]
async fn positions_and_people_are_shown_as_on_a_date_and_the_viewing_is_recorded(pool: PgPool) {
    use changeover::access::Right;
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let list = works.get("/positions?q=004&dpn=with").await;
    list.assert_ok();
    assert!(list.html().contains("KSS/"));
    let page = works.get("/positions/9041000").await;
    page.assert_ok();
    assert!(page.html().contains("Zhang, Aisha") && page.html().contains("Active on 6 May 2026"), "{}", page.html());
    assert!(works.get("/positions/9041000?on=1/1/2010").await.assert_ok().html().contains("Not yet active"));
    assert_eq!(works.get("/positions/9041000?on=soon").await.status, 422);
    assert_eq!(works.get("/positions/9171000").await.status, 404, "another organisation's");
    let person = works.get("/people/9045000").await;
    person.assert_ok();
    assert!(person.html().contains("TC ** ** 03 A") && !person.html().contains("TC832103A"), "{}", person.html());
    for hidden in ["Ethnic", "Disab", "Marital"] {
        assert!(!person.html().contains(hidden));
    }
    assert!(portal.audit("904").await.contains(&"person_viewed".to_owned()));
    assert_eq!(works.get("/people/9175000").await.status, 404);
}

#[sqlx::test]
async fn an_expected_file_that_has_not_come_is_an_item_until_it_comes(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002694.DAT").await;
    portal.run_jobs().await;
    // The file of the day is there; of another body that sends on every day, nothing came.
    sqlx::query("insert into expected_files values ('applicants', 'LDN', '00:00', '2026-01-01', true)")
        .execute(&portal.owner)
        .await
        .unwrap();
    let told = changeover::file_exchange::expected::check(&portal.app).await.unwrap();
    assert_eq!(told, 1);
    assert_eq!(changeover::file_exchange::expected::check(&portal.app).await.unwrap(), 0, "told once");
    assert!(portal.items("0").await.iter().any(|i| i.1 == "Applicants file from LDN has not come" && i.2 == "open"));
    let name = "DE_LDN_APP_20260506_00003000.DAT";
    portal.receive(name, framed(name, "LDN", &[])).await;
    portal.run_jobs().await;
    let items = portal.items("0").await;
    assert!(
        items.iter().any(|i| i.1 == "Applicants file from LDN has not come" && i.2 == "closed_by_system"),
        "{items:?}"
    );
}

#[sqlx::test]
async fn operators_keep_the_contacts_of_managing_bodies(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let operator = portal.sign_in("0", changeover::access::Right::SysAdmin).await;
    operator.get("/interfaces/bodies").await.assert_ok();
    operator.get("/interfaces/bodies/KSS").await.assert_ok();
    assert_eq!(operator.get("/interfaces/bodies/XXX").await.status, 404);
    let add = |address: &'static str| [("purpose", "applicants"), ("address", address), ("telephone", "")];
    assert_eq!(operator.post("/interfaces/bodies/KSS/contacts", add("nobody")).await.status, 422);
    let dated =
        |from: &'static str, to: &'static str| add("later@kss.example").into_iter().chain([("from", from), ("to", to)]);
    for (from, to) in [("soon", ""), ("", "5/5/2026"), ("1/6/2026", "31/5/2026")] {
        assert_eq!(operator.post("/interfaces/bodies/KSS/contacts", dated(from, to)).await.status, 422, "{from} {to}");
    }
    assert!(operator.get("/interfaces/bodies").await.words().contains("No contact today"));
    assert!(operator.get("/admin").await.has("a[href='/interfaces/bodies']"));
    operator.post("/interfaces/bodies/KSS/contacts", add("applicants@kss.example")).await.assert_redirect();
    let contact = portal.text("select contact_id::text from managing_body_contacts").await;
    let chosen = [("contact", contact.as_str())];
    operator.post("/interfaces/bodies/KSS/contacts/confirm", chosen).await.assert_redirect();
    operator.post("/interfaces/bodies/KSS/contacts/end", chosen).await.assert_redirect();
    assert_eq!(operator.post("/interfaces/bodies/KSS/contacts/end", chosen).await.status, 409);
    operator.get("/interfaces/bodies/KSS").await.assert_ok();
    assert_eq!(portal.audit("0").await.iter().filter(|event| *event == "contact_changed").count(), 3);
}
