//! An applicant file of 100,000 records and a Generic Outbound file of 1,000,000, beside the same rows inserted by SQL alone into the same tables,
//! with their keys and policies, and beside COPY of the lines into one table.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use changeover::audit::Actor;
use changeover::demo::files::{Applicant, Employer, write_deanery_file};
use changeover::file_exchange::{Processors, receive};
use changeover::worker;
use chrono::NaiveDate;
use sqlx::AssertSqlSafe;

use crate::ground::{Ground, growth, timed};
use crate::report::Report;

pub fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).expect("a day of 2026")
}

pub fn employer(number: usize, positions: usize, staff: usize) -> Employer {
    Employer {
        vpd: (1000 + number).to_string(),
        ods_code: format!("R{:02}", number % 100),
        name: format!("Employer {number}"),
        town: "Northmoor".to_owned(),
        body: "KSS".to_owned(),
        positions,
        staff,
    }
}

pub async fn measure_applicants(report: &mut Report, quick: bool) -> Result<()> {
    let (employers, records) = if quick { (10, 1_000) } else { (250, 100_000) };
    let ground = Ground::prepare("bench_applicants").await?;
    let processors = worker::processors();
    let employers: Vec<Employer> = (1..=employers).map(|n| employer(n, records / employers * 11 / 10, 0)).collect();
    for employer in &employers {
        let name = employer.full_file_name(day(5, 5), 1);
        let path = write(&ground, &name, |out| employer.write_full_file(&name, day(5, 5), out))?;
        take(&ground, &processors, &path).await?;
    }
    // A tenth first, in a file of its own, for how memory grows with the size.
    let small = applicants(&ground, &employers, "DE_KSS_APP_20260505_00000001.DAT", 0, records / 10)?;
    let (_, small_growth) = growth(take(&ground, &processors, &small)).await?;
    let tables = [
        "people",
        "person_versions",
        "person_equality",
        "person_phones",
        "person_addresses",
        "applications",
        "placements_told",
        "application_events",
        "messages",
        "items",
        "file_records",
        "file_replies",
        "file_vpds",
        "possible_duplicates",
    ];
    forget(&ground, &tables).await?;
    let large = applicants(&ground, &employers, "DE_KSS_APP_20260506_00000002.DAT", 1_000_000, records)?;
    let ((_, ours), large_growth) = growth(timed(take(&ground, &processors, &large))).await?;
    let plain = insert_again(&ground, &tables).await?;
    let copied = copy(&ground, &large).await?;
    let measured = Measured { what: "applicant file", records, ours, plain, copied, small_growth, large_growth };
    measured.say(report);
    Ok(())
}

pub async fn measure_generic_outbound(report: &mut Report, quick: bool) -> Result<()> {
    let records = if quick { 10_000 } else { 1_000_000 };
    let ground = Ground::prepare("bench_outbound").await?;
    let processors = worker::processors();
    let small = employer(1, records / 50, records * 9 / 400);
    let name = small.full_file_name(day(5, 5), 1);
    let path = write(&ground, &name, |out| small.write_full_file(&name, day(5, 5), out))?;
    let (_, small_growth) = growth(take(&ground, &processors, &path)).await?;
    let tables = [
        "organisations",
        "locations",
        "positions",
        "position_directory",
        "people",
        "person_versions",
        "person_equality",
        "person_phones",
        "person_addresses",
        "assignments",
        "file_records",
        "file_vpds",
        "messages",
        "items",
    ];
    forget(&ground, &tables).await?;
    let large = employer(2, records / 5, records / 5);
    let count = large.records();
    let name = large.full_file_name(day(5, 5), 1);
    let path = write(&ground, &name, |out| large.write_full_file(&name, day(5, 5), out))?;
    let ((_, ours), large_growth) = growth(timed(take(&ground, &processors, &path))).await?;
    let plain = insert_again(&ground, &tables).await?;
    let copied = copy(&ground, &path).await?;
    let what = "Generic Outbound file";
    let measured = Measured { what, records: count, ours, plain, copied, small_growth, large_growth };
    measured.say(report);
    Ok(())
}

/// What one kind of file cost, and how memory grew for a tenth of it and for all of it, in MiB.
struct Measured {
    what: &'static str,
    records: usize,
    ours: Duration,
    plain: Duration,
    copied: Duration,
    small_growth: f64,
    large_growth: f64,
}

impl Measured {
    fn say(&self, report: &mut Report) {
        let [ours, plain, copied] = [self.ours, self.plain, self.copied].map(|time| time.as_secs_f64());
        let (what, records, small, large) = (self.what, self.records, self.small_growth, self.large_growth);
        report.line(format!(
            "{what} of {records} records: {ours:.1} s, {:.0} records/s; plain inserts of the same rows: {plain:.1} s; COPY into one table: {copied:.1} s",
            records as f64 / ours
        ));
        report.line(format!(
            "  resident memory grew by {small:.0} MiB for a tenth of it, by {large:.0} MiB for all of it"
        ));
        report.ratio(&format!("{what} to the plain inserts"), ours / plain, "at most 2.00", |r| r <= 2.0);
        let memory = (large + 20.0) / (small + 20.0);
        report.ratio("memory for ten times the records", memory, "flat, at most 1.50", |r| r <= 1.5);
    }
}

pub fn write(
    ground: &Ground,
    name: &str,
    content: impl FnOnce(&mut BufWriter<std::fs::File>) -> std::io::Result<()>,
) -> Result<PathBuf> {
    let path = ground.folder.join(name);
    let mut out = BufWriter::new(std::fs::File::create(&path)?);
    content(&mut out)?;
    out.flush()?;
    Ok(path)
}

pub fn applicants(ground: &Ground, employers: &[Employer], name: &str, first: u64, count: usize) -> Result<PathBuf> {
    let records = (0..count).map(|n| {
        let employer = &employers[n % employers.len()];
        let post = employer.post(n / employers.len());
        Applicant::new(first + n as u64, employer, &post, day(5, 6), day(8, 5))
    });
    write(ground, name, |out| write_deanery_file(name, &employers[0].body, day(5, 6), count, records, out))
}

pub async fn take(ground: &Ground, processors: &Processors, path: &Path) -> Result<()> {
    let report = receive(&ground.app, processors, path, &Actor::Command).await?;
    ensure!(report.outcome == "processed" && report.fail == 0, "{report:?}");
    Ok(())
}

/// Empties the tables that a file fills.
pub async fn forget(ground: &Ground, tables: &[&str]) -> Result<()> {
    ground.sql(format!("truncate {} cascade", tables.join(", "))).await
}

/// Inserts the rows that a file left, once more, by SQL alone: as the role that serves, employer by employer, with every key and policy.
pub async fn insert_again(ground: &Ground, tables: &[&str]) -> Result<Duration> {
    for table in tables {
        ground.sql(format!("create table bench_{table} as table {table}; grant select on bench_{table} to changeover_app, changeover_system")).await?;
    }
    forget(ground, tables).await?;
    let employers: Vec<String> =
        sqlx::query_scalar("select vpd from bench_file_vpds order by vpd").fetch_all(&ground.owner).await?;
    let (_, time) = timed(async {
        for vpd in &employers {
            let mut text = format!("begin; set local role changeover_app; set local changeover.vpd = '{vpd}';");
            // A row before those that point to it.
            for table in tables {
                text.push_str(&format!("insert into {table} select * from bench_{table} where vpd = '{vpd}';"));
            }
            text.push_str("commit;");
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&ground.owner).await?;
        }
        Ok(())
    })
    .await?;
    Ok(time)
}

/// COPY of the file's lines into a table of one column.
async fn copy(ground: &Ground, path: &Path) -> Result<Duration> {
    ground.sql("create table if not exists bench_lines (line text); truncate bench_lines".to_owned()).await?;
    let bytes: Vec<u8> = std::fs::read(path)?.into_iter().filter(|b| *b != b'\r').collect();
    let (_, time) = timed(async {
        let mut connection = ground.owner.acquire().await?;
        let mut copy =
            connection.copy_in_raw("copy bench_lines from stdin with (format text, delimiter E'\\x01')").await?;
        for piece in bytes.chunks(1024 * 1024) {
            copy.send(piece).await?;
        }
        copy.finish().await?;
        Ok(())
    })
    .await?;
    Ok(time)
}
