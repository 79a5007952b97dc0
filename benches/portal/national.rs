//! A changeover of the size of the country: 100,000 positions and 60,000 doctors over 200 employers. A notification file of 40,000 records beside
//! the same rows inserted by SQL alone, the board of 900 posts beside a bare page of the same bytes, the DPN report beside one scan of the
//! table, and a managing body's positions in full beside COPY TO.

use std::path::PathBuf;
use std::time::Duration;

use actix_web::web::Bytes;
use anyhow::{Result, ensure};
use changeover::audit::Actor;
use changeover::demo::files::{Employer, write_lines};
use changeover::demo::names::{Invented, person};
use changeover::demo::notifications::{CURRENT, NEXT, Notification, REPLACEMENT, WITHDRAWN};
use changeover::doctors_in_training::files::dnc::Column;
use changeover::file_exchange::Processors;
use changeover::tenancy::Vpd;
use changeover::{deanery_outbound, dpn_report, server, worker};
use chrono::NaiveDate;
use futures_util::TryStreamExt;

use crate::bare;
use crate::files::{applicants, day, employer, forget, insert_again, take, write};
use crate::ground::{Ground, growth, timed};
use crate::inbox::{add_user, grant, sign_in};
use crate::load;
use crate::report::Report;

/// How much there is: employers, posts of the first, posts and doctors of each other, records of the notification file.
#[derive(Clone, Copy)]
struct Size {
    employers: usize,
    board: usize,
    posts: usize,
    doctors: usize,
    records: usize,
}

const FULL: Size = Size { employers: 200, board: 900, posts: 498, doctors: 300, records: 40_000 };
const QUICK: Size = Size { employers: 10, board: 90, posts: 50, doctors: 30, records: 400 };
/// The managing body of nine tenths of the employers, and that of the others.
const BODY: &str = "KSS";
const SMALL_BODY: &str = "EOE";
const CLIENTS: usize = 16;

/// What a notification file fills.
const TABLES: &[&str] = &[
    "rotation_grids",
    "rotation_rows",
    "deanery_changes",
    "messages",
    "items",
    "file_records",
    "file_replies",
    "file_vpds",
];

pub async fn measure(report: &mut Report, quick: bool) -> Result<()> {
    let size = if quick { QUICK } else { FULL };
    let mut ground = Ground::prepare("bench_changeover").await?;
    let processors = worker::processors();
    let employers = fill(&ground, &processors, size).await?;
    ground.sql("vacuum (analyze)".to_owned()).await?;
    notifications(report, &ground, &processors, &employers, size).await?;
    ground.sql("vacuum (analyze)".to_owned()).await?;
    dpn_reports(report, &ground, &employers).await?;
    positions_in_full(report, &ground).await?;
    board(report, &mut ground, &processors, &employers[0], size, quick).await
}

/// Employers with their positions and staff by Generic Outbound files, their doctors by applicant files.
async fn fill(ground: &Ground, processors: &Processors, size: Size) -> Result<Vec<Employer>> {
    let employers: Vec<Employer> = (0..size.employers)
        .map(|n| {
            let posts = if n == 0 { size.board } else { size.posts };
            let body = if is_of_small_body(n) { SMALL_BODY } else { BODY };
            // No two of one code: their posts would be pairs.
            let ods_code = format!("{}{:02}", if n < 100 { 'R' } else { 'S' }, n % 100);
            let staff = if n == 0 { posts } else { size.doctors };
            Employer { body: body.to_owned(), ods_code, ..employer(n, posts, staff) }
        })
        .collect();
    for employer in &employers {
        let name = employer.full_file_name(day(5, 5), 1);
        let path = write(ground, &name, |out| employer.write_full_file(&name, day(5, 5), out))?;
        take(ground, processors, &path).await?;
    }
    for body in [BODY, SMALL_BODY] {
        let its: Vec<Employer> = employers.iter().filter(|employer| employer.body == body).cloned().collect();
        let name = format!("DE_{body}_APP_20260506_00000001.DAT");
        let path = applicants(ground, &its, &name, 0, its.len() * size.doctors)?;
        take(ground, processors, &path).await?;
    }
    Ok(employers)
}

fn is_of_small_body(number: usize) -> bool {
    number % 10 == 9
}

/// The doctor who applies for a post, as the applicant file numbers them: round the employers, post by post.
fn doctor(employers: usize, number: usize, post: usize) -> Invented {
    person(1_000_000_000 + (post * employers + number) as u64)
}

/// Who holds a post and who comes.
fn rotation(employer: &Employer, post: usize, next: &Invented) -> String {
    use Column as C;
    Notification::new("1", &employer.post(post).dpn, &employer.body)
        .names(CURRENT, &employer.employee(post))
        .set(C::CurrentProjectedEndDate, "20260804")
        .set(C::CurrentVpdForNextPlacement, "NOT KNOWN")
        .set(C::CurrentWorkingHours, "1.0")
        .names(NEXT, next)
        .set(C::NextCurrentPlacementVpd, "NOT KNOWN")
        .set(C::NextProjectedStartDate, "20260805")
        .set(C::NextEmailAddress, &next.email)
        .set(C::NextGrade, "ST3")
        .set(C::WorkingHourIndicator, "1.0")
        .set(C::PostVacantAtNextRotation, "N")
        .line()
}

/// Fifteen rows of the grid in twenty, two changes of dates, a withdrawal, a replacement and a new post.
fn told(employers: &[&Employer], count: usize) -> Vec<String> {
    use Column as C;
    let one = |n: usize| {
        let (number, place) = (n % employers.len(), n / employers.len());
        let employer = employers[number];
        let post = place % employer.positions;
        let who = doctor(employers.len(), number, post);
        let dpn = employer.post(post).dpn;
        match place % 20 {
            0..15 => rotation(employer, post, &who),
            15 | 16 => Notification::new("4", &dpn, &employer.body)
                .names(NEXT, &who)
                .set(C::ChangeOfProjectedHireDate, "20260902")
                .set(C::ChangeOfProjectedEndDate, "20270831")
                .set(C::PostSpeciality, "Paediatrics")
                .line(),
            17 => {
                Notification::new("2", &dpn, &employer.body).names(WITHDRAWN, &who).set(C::WithdrawalReason, "3").line()
            }
            18 => Notification::new("3", &dpn, &employer.body)
                .names(REPLACEMENT, &person(3_000_000_000 + n as u64))
                .set(C::ReplacementProjectedHireDate, "20260805")
                .line(),
            _ => Notification::new(
                "5",
                &format!("{}/{}01/052/STR/9{place:04}", employer.body, employer.ods_code),
                &employer.body,
            )
            .set(C::PostSpeciality, "Anaesthetics")
            .set(C::NewTrainingPositionLocation, &format!("{} Main Site", employer.name))
            .set(C::PostVacantAtNextRotation, "Y")
            .line(),
        }
    };
    (0..count).map(one).collect()
}

fn told_file(ground: &Ground, name: &str, on: NaiveDate, lines: &[String]) -> Result<PathBuf> {
    write(ground, name, |out| write_lines(name, BODY, on, lines, out))
}

async fn notifications(
    report: &mut Report,
    ground: &Ground,
    processors: &Processors,
    employers: &[Employer],
    size: Size,
) -> Result<()> {
    let its: Vec<&Employer> = employers.iter().filter(|employer| employer.body == BODY).collect();
    let lines = told(&its, size.records);
    // A tenth first, in a file of its own, for how memory grows with the size.
    let small = told_file(ground, "DE_KSS_DNC_20260505_00000001.DAT", day(5, 5), &lines[..size.records / 10])?;
    forget(ground, TABLES).await?;
    let (_, small_growth) = growth(take(ground, processors, &small)).await?;
    ground.sql("truncate persons_sent, positions_sent, positions_said".to_owned()).await?;
    forget(ground, TABLES).await?;
    let large = told_file(ground, "DE_KSS_DNC_20260506_00000002.DAT", day(5, 6), &lines)?;
    drop(lines);
    let ((_, ours), large_growth) = growth(timed(take(ground, processors, &large))).await?;
    let plain = insert_again(ground, TABLES).await?;
    let [ours, plain] = [ours, plain].map(|time| time.as_secs_f64());
    report.line(format!(
        "notification file of {} records: {ours:.1} s, {:.0} records/s; plain inserts of the same rows: {plain:.1} s",
        size.records,
        size.records as f64 / ours
    ));
    report.line(format!(
        "  resident memory grew by {small_growth:.0} MiB for a tenth of it, by {large_growth:.0} MiB for all of it"
    ));
    report.ratio("notification file to the plain inserts", ours / plain, "at most 2.00", |r| r <= 2.0);
    let memory = (large_growth + 20.0) / (small_growth + 20.0);
    report.ratio("memory for ten times the records", memory, "flat, at most 1.50", |r| r <= 1.5);
    Ok(())
}

type Scanned = (
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    NaiveDate,
    Option<NaiveDate>,
);

/// The report of every employer, one after the other, beside one reading of the whole table with the columns that it reads.
async fn dpn_reports(report: &mut Report, ground: &Ground, employers: &[Employer]) -> Result<()> {
    let (mut ours, mut scans, mut positions) = (Vec::new(), Vec::new(), 0);
    for _ in 0..3 {
        let (count, scan) = timed(async {
            let mut rows = sqlx::query_as::<_, Scanned>(
                "select position_id, position_number, name, dpn, managing_body, host_or_lead, job_role, effective_from, effective_to from positions",
            )
            .fetch(&ground.owner);
            let mut count = 0_usize;
            while let Some(row) = rows.try_next().await? {
                count += usize::from(!row.0.is_empty());
            }
            Ok(count)
        })
        .await?;
        let (judged, time) = timed(async {
            let mut judged = 0;
            for employer in employers {
                let vpd: Vpd = employer.vpd.parse()?;
                let mut tx = ground.app.db.vpd(&vpd).await?;
                let made = dpn_report::read(&mut tx, day(5, 6), ground.app.now()).await?;
                tx.done_reading();
                judged += made.quality.lines.len();
            }
            Ok(judged)
        })
        .await?;
        ensure!(judged == count, "the reports judge {judged} positions of {count}");
        positions = count;
        ours.push(time);
        scans.push(scan);
    }
    let (ours, scan) = (middle(ours), middle(scans));
    report.line(format!("DPN reports over {positions} positions: {ours:.2} s; one scan of the table: {scan:.2} s"));
    report.ratio("DPN reports to the scan", ours / scan, "at most 3.00", |r| r <= 3.0);
    Ok(())
}

fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// A managing body's positions in full, the first time and again, beside COPY TO of what the records are made of.
async fn positions_in_full(report: &mut Report, ground: &Ground) -> Result<()> {
    let send = async |body: &str| -> Result<i64> {
        let made = deanery_outbound::actions::send_positions(&ground.app, body, true, &Actor::Command).await?;
        Ok(made.map_or(0, |made| made.records))
    };
    let (_, small_growth) = growth(send(SMALL_BODY)).await?;
    let ((records, first), large_growth) = growth(timed(send(BODY))).await?;
    // What the first run leaves to the server, its dirty pages and new statistics, is part of neither.
    ground.sql("vacuum (analyze)".to_owned()).await?;
    ground.sql("checkpoint".to_owned()).await?;
    let (mut again, mut copies, mut bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..7 {
        let (size, copy) = timed(copied(ground)).await?;
        let (same, time) = timed(send(BODY)).await?;
        ensure!(same == records, "the second file has {same} records, the first {records}");
        again.push(time);
        copies.push(copy);
        bytes = size;
    }
    let (again, copy, first) = (middle(again), middle(copies), first.as_secs_f64());
    report.line(format!(
        "positions of one body in full, {records} records: {first:.2} s the first time, {again:.2} s again; COPY TO of the same, {} MiB: {copy:.2} s",
        bytes / 1024 / 1024
    ));
    report.line(format!(
        "  resident memory grew by {small_growth:.0} MiB for a ninth of it, by {large_growth:.0} MiB for all of it"
    ));
    report.ratio("COPY TO to the positions in full", copy / again, "at least 0.50", |r| r >= 0.5);
    let memory = (large_growth + 20.0) / (small_growth + 20.0);
    report.ratio("memory for nine times the positions", memory, "flat, at most 1.50", |r| r <= 1.5);
    Ok(())
}

/// COPY TO of the columns that the records are made of, of every employer of the body; gives the bytes.
async fn copied(ground: &Ground) -> Result<usize> {
    let mut connection = ground.owner.acquire().await?;
    let mut out = connection
        .copy_out_raw(
            "copy (select p.position_id, p.effective_from, p.position_number, p.name, p.occupation_code, p.pay_scale, p.workplace_code, p.dpn,
                          p.managing_body, p.host_or_lead, o.name, l.description, v.ods_code
                     from positions p join vpds v on v.vpd = p.vpd
                     left join organisations o on o.vpd = p.vpd and o.organisation_id = p.organisation_id
                     left join locations l on l.vpd = p.vpd and l.location_id = o.location_id
                    where p.managing_body = 'KSS' order by p.vpd, p.position_id) to stdout",
        )
        .await?;
    let mut bytes = 0;
    while let Some(piece) = out.try_next().await? {
        bytes += piece.len();
    }
    Ok(bytes)
}

/// The board of an employer with many posts, each held and each with somebody who comes.
async fn board(
    report: &mut Report,
    ground: &mut Ground,
    processors: &Processors,
    employer: &Employer,
    size: Size,
    quick: bool,
) -> Result<()> {
    let body_employers = size.employers - size.employers / 10;
    let lines: Vec<String> = (0..size.board).map(|n| rotation(employer, n, &doctor(body_employers, 0, n))).collect();
    let path = told_file(ground, "DE_KSS_DNC_20260507_00000003.DAT", day(5, 7), &lines)?;
    take(ground, processors, &path).await?;
    ground.sql("vacuum (analyze)".to_owned()).await?;
    let user = add_user(ground).await?;
    grant(ground, &employer.vpd).await?;
    let listener = ground.listener();
    let address = listener.local_addr()?.to_string();
    let portal = server::start(ground.app.clone(), listener)?;
    let handle = portal.handle();
    tokio::spawn(portal);
    let cookie = sign_in(ground, &address, &user).await?;
    let path = "/rotation?on=2026-08-05";
    let (_, page) = load::once(&address, path, &cookie).await?;
    let bytes = page.len();
    let bare = bare::start(&ground.owner, Bytes::from(page), bare::Query::Board(employer.vpd.clone())).await?;
    let time = Duration::from_secs(if quick { 1 } else { 6 });
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        theirs.push(load::ask(&bare.address, "/", "", CLIENTS, time).await?);
        ours.push(load::ask(&address, path, &cookie, CLIENTS, time).await?);
    }
    let (ours, theirs) = (load::median(ours), load::median(theirs));
    report.line(format!(
        "rotation board of {} posts, {bytes} bytes, {CLIENTS} clients: {:.0} pages/s (median {:.1} ms); bare page with one query: {:.0} pages/s",
        size.board, ours.pages_a_second, ours.median_ms, theirs.pages_a_second
    ));
    report.ratio(
        "rotation board to the bare page",
        ours.pages_a_second / theirs.pages_a_second,
        "at least 0.40",
        |r| r >= 0.4,
    );
    bare.handle.stop(false).await;
    handle.stop(false).await;
    Ok(())
}
