//! F-2: the program is killed, and the next one finishes what it began.

use std::time::{Duration, Instant};

use changeover::audit::{self, Actor};
use changeover::file_exchange::{engine, intake};
use changeover::schema::MIGRATOR;
use changeover::worker;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::support::Portal;
use crate::support::files::{framed, sample};
use crate::support::program::Running;

/// One of each interface that is processed, and an employer's file that more than one of them follows.
const FILES: [&str; 5] = [
    "GO_904_EXP_GOF_20260505_00000001.DAT",
    "GO_917_EXP_GOF_20260505_00000001.DAT",
    "DE_KSS_APP_20260506_00002689.DAT",
    "DE_KSS_APP_20260506_00002696.DAT",
    "DE_KSS_DNC_20260506_00002701.DAT",
];
/// Twenty moments: four for each file. The fifth try that gets no further is the last before operators are asked.
const KILLS: u64 = 4;

/// Everything that the files did, without what a second run may call otherwise: ids of ours, numbers from a sequence, instants.
const EFFECTS: &str = "
  select string_agg(line, E'\\n' order by line) from (
    select concat_ws('|', 'file', file_name, state, records, success, unchanged, fail, held, warned) as line from interface_files
    union all select concat_ws('|', 'part', f.file_name, v.vpd, v.records, v.success, v.unchanged, v.fail, v.held)
      from file_vpds v join interface_files f using (file_id)
    union all select concat_ws('|', 'event', f.file_name, e.state) from file_events e join interface_files f using (file_id)
    union all select concat_ws('|', 'record', f.file_name, r.vpd, r.record_no, r.outcome, r.codes, r.position_id, r.dpn)
      from file_records r join interface_files f using (file_id)
    union all select concat_ws('|', 'reply', f.file_name, r.vpd, r.round, r.record_no, r.row_no, array_length(string_to_array(r.line, '~'), 1))
      from file_replies r join interface_files f using (file_id)
    union all select concat_ws('|', 'held', f.file_name, h.dpn_key, h.records, h.state) from held_posts h join interface_files f using (file_id)
    union all select concat_ws('|', 'position', vpd, position_id, effective_from, name, dpn) from positions
    union all select concat_ws('|', 'organisation', vpd, organisation_id, effective_from, name) from organisations
    union all select concat_ws('|', 'location', vpd, location_id, description) from locations
    union all select concat_ws('|', 'person', vpd, last_name, first_name, date_of_birth, ni_number, gmc_number, system_type, origin) from people
    union all select concat_ws('|', 'assignment', a.vpd, p.last_name, p.first_name, a.effective_from, a.position_id, a.status)
      from assignments a join people p on p.vpd = a.vpd and p.person_id = a.person_id
    union all select concat_ws('|', 'application', a.vpd, p.last_name, p.first_name, a.dpn, a.hire_on, a.end_on, a.status, a.origin, a.record_no)
      from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
    union all select concat_ws('|', 'history', vpd, what, from_status, to_status, record_no) from application_events
    union all select concat_ws('|', 'change', vpd, kind, state, dpn, last_name, first_name, hire_on, end_on) from deanery_changes
    union all select concat_ws('|', 'grid', vpd, dpn, current_key, next_key, from_grid, to_grid) from rotation_rows
    union all select concat_ws('|', 'message', vpd, type, title, item_count, file_name) from messages where file_id is not null
    union all select concat_ws('|', 'item', i.vpd, i.type, i.role, i.state, i.title, i.person_name, i.dpn, i.record_no)
      from items i join messages m using (vpd, message_id) where m.file_id is not null
    union all select concat_ws('|', 'audit', vpd, event, object_type, detail->>'file', detail->>'records')
      from audit where detail ? 'file') effects";

async fn effects(portal: &Portal) -> String {
    portal.text(EFFECTS).await
}

/// A portal on an empty database beside the test's own.
async fn beside(pool: &PgPool) -> (Portal, String) {
    let name = format!("clean_{}", Uuid::new_v4().simple());
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(pool).await.unwrap();
    let options = pool.connect_options().as_ref().clone().database(&name);
    let clean = PgPoolOptions::new().max_connections(5).connect_with(options).await.unwrap();
    MIGRATOR.run(&clean).await.unwrap();
    (Portal::start(clean).await, name)
}

/// Numbers that look random and come again with their seed.
struct Moments(u64);

impl Moments {
    /// At most this long.
    fn within(&mut self, limit: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        limit.mul_f64((mixed >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

/// GO, APP and DNC files, each with the program killed at four moments between its start and its end; what is there afterwards is what an
/// undisturbed run leaves, and every chain of the audit trail is whole. `F2_SEED` has the same moments again.
#[sqlx::test]
async fn f_2_a_program_killed_at_twenty_moments_leaves_what_an_undisturbed_one_leaves(pool: PgPool) {
    let seed = std::env::var("F2_SEED").map_or_else(|_| Uuid::new_v4().as_u64_pair().0, |seed| seed.parse().unwrap());
    println!("F2_SEED={seed}");
    let mut moments = Moments(seed);
    let (clean, clean_name) = beside(&pool).await;
    let owner = pool.clone();
    let portal = Portal::start(pool).await;
    let processors = worker::processors();
    for file in FILES {
        let started = Instant::now();
        assert!(clean.program().arg("receive").arg(sample(file)).status().unwrap().success(), "{file}");
        let lasts = started.elapsed();
        clean.run_jobs().await;

        let taken = "select count(*) from interface_files where file_name = ";
        let taken = || async {
            let sql = AssertSqlSafe(format!("{taken}'{file}' and state <> 'receiving'"));
            sqlx::query_scalar::<_, i64>(sql).fetch_one(&owner).await.unwrap()
        };
        for _ in 0..KILLS {
            // A file that is in the register is a worker's; one that is not is received again.
            let mut command = portal.program();
            match taken().await {
                0 => command.arg("receive").arg(sample(file)),
                _ => command.arg("work"),
            };
            let running = Running::start(&mut command);
            let moment = moments.within(lasts);
            tokio::time::sleep(moment).await;
            running.kill();
            println!("{file}: killed after {} ms of {}", moment.as_millis(), lasts.as_millis());
        }
        if taken().await == 0 {
            assert!(portal.program().arg("receive").arg(sample(file)).status().unwrap().success(), "{file}");
        }
        // The database notices at its leisure that the killed one has gone: until then its file is its own.
        let waiting = "select count(*) from interface_files where state in ('queued', 'processing', 'receiving')";
        let deadline = Instant::now() + Duration::from_secs(30);
        while portal.count(waiting).await > 0 {
            engine::run_due(&portal.app, &processors).await.unwrap();
            assert!(Instant::now() < deadline, "{file} is not finished");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // What a job of a killed worker holds comes back when its lease lapses.
        sqlx::query("update jobs set lease_until = now() where state = 'leased'").execute(&owner).await.unwrap();
        portal.run_jobs_later().await;
    }
    assert!(portal.dead_jobs().await.is_empty(), "{:?}", portal.dead_jobs().await);
    let (disturbed, undisturbed) = (effects(&portal).await, effects(&clean).await);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<String>>();
    let (more, less) = (lines(&disturbed), lines(&undisturbed));
    let differs: Vec<_> = more.symmetric_difference(&less).collect();
    assert!(differs.is_empty(), "seed {seed}: {differs:#?}");
    assert_eq!(disturbed, undisturbed, "seed {seed}: something is there twice");
    let key = portal.app.key("audit seal");
    for chain in audit::verify(&portal.app.db, &key).await.unwrap() {
        assert_eq!(chain.broken, None, "seed {seed}: the chain of {}", chain.vpd);
    }
    clean.owner.close().await;
    sqlx::raw_sql(AssertSqlSafe(format!("drop database {clean_name} with (force)"))).execute(&owner).await.unwrap();
}

/// A kill is not the file's fault: one that gets further each time is finished, however often that was; one that gets nowhere is given up.
#[sqlx::test]
async fn f_2_a_file_that_gets_further_outlives_more_kills_than_it_has_tries(pool: PgPool) {
    const RECORDS: i64 = 160_000;
    let portal = Portal::start(pool).await;
    let processors = worker::processors();
    let name = "GO_904_EXP_GOF_20260505_00000001.DAT";
    let records: Vec<String> = (0..RECORDS).map(|n| format!("PRD~{n}")).collect();
    let path = portal.write(name, framed(name, "904", &records));
    intake::register(&portal.app, &processors, name, &path, intake::Source::Command, &Actor::Command).await.unwrap();
    let settled = "select coalesce(sum(records), 0)::bigint from file_vpds";
    for kill in 1..=6 {
        let before = portal.count(settled).await;
        let running = Running::start(portal.program().arg("work"));
        let deadline = Instant::now() + Duration::from_secs(60);
        while portal.count(settled).await == before {
            assert!(Instant::now() < deadline, "nothing more was settled before kill {kill}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        running.kill();
    }
    assert!(portal.count(settled).await < RECORDS, "it was killed in the middle each time");
    let state = "select state from interface_files";
    let deadline = Instant::now() + Duration::from_secs(60);
    while portal.text(state).await == "processing" {
        engine::run_due(&portal.app, &processors).await.unwrap();
        assert!(Instant::now() < deadline, "it is not finished");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((portal.text(state).await.as_str(), portal.count(settled).await), ("processed", RECORDS));

    let nowhere = "update interface_files set state = 'processing', attempts = 5, progress = 1000000000";
    sqlx::query(nowhere).execute(&portal.owner).await.unwrap();
    engine::run_due(&portal.app, &processors).await.unwrap();
    assert_eq!(portal.text(state).await, "failed");
    portal.run_jobs().await;
}
