use std::time::Duration;

use changeover::audit::Actor;
use changeover::file_exchange::folders::{Inbound, Patience};
use changeover::file_exchange::held;
use changeover::file_exchange::processor::{
    Outcome, ProcessingError, Processor, RecordLine, RecordOutcome, Work, Working,
};
use changeover::file_exchange::{Interface, Processors, engine, intake, receive};
use changeover::tenancy::{Vpd, VpdTx};
use changeover::worker;
use sqlx::PgPool;
use uuid::Uuid;

use super::{app_name, applicants};
use crate::support::Portal;
use crate::support::files::{framed, sample};

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

/// A processor for tests: every record is a success, but one of them breaks in the way that it names.
pub struct Poisoned;

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
