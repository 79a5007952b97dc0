//! Mangled files and readers, minute after minute, and a flood of sign-ins: nothing is lost, nothing fails, memory stays where it is.
//! LibreOffice, where it is installed, opens what people download (CSV-3). `SOAK_MINUTES` says how long (10, at most 120), `SOAK_SEED` repeats a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use changeover::access::Passwords;
use changeover::audit::{self, Actor};
use changeover::config::PasswordCost;
use changeover::file_exchange::receive;
use changeover::{server, worker};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::ground::{Ground, growth, resident_mib};
use crate::inbox::{add_user, cookie_of, grant, sign_in};
use crate::load;
use crate::mangle::{Dice, mangle};
use crate::office;
use crate::report::Report;

const SAMPLES: &str = "tests/fixtures/doctors-in-training";
/// Those whose files the samples are.
const EMPLOYERS: [&str; 3] = ["904", "917", "931"];
const PAGES: &[&str] = &["/", "/inbox", "/doctors", "/interfaces", "/positions", "/account"];
/// Sign-ins at one instant, and by how much memory may grow for them.
const FLOOD: usize = 64;
const FLOOD_MIB: f64 = 250.0;
/// The longest that one file may take.
const A_FILE: Duration = Duration::from_secs(120);

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

pub async fn run(report: &mut Report) -> Result<()> {
    let minutes = setting("SOAK_MINUTES", 10).clamp(1, 120);
    let seed = setting("SOAK_SEED", u64::from(std::process::id()));
    report.line(format!("soak of {minutes} minutes, seed {seed}"));
    let mut ground = Ground::prepare("soak").await?;
    let processors = worker::processors();
    for vpd in EMPLOYERS {
        let path = Path::new(SAMPLES).join(format!("GO_{vpd}_EXP_GOF_20260505_00000001.DAT"));
        let copy = ground.folder.join(path.file_name().unwrap_or_default());
        std::fs::copy(&path, &copy)?;
        receive(&ground.app, &processors, &copy, &Actor::Command).await?;
    }
    ground.sql("insert into vpds (vpd, name) values ('1002', 'Employer')".to_owned()).await?;
    let username = add_user(&ground).await?;
    grant(&ground, "904").await?;
    let listener = ground.listener();
    let address = listener.local_addr()?.to_string();
    let portal = server::start_with(ground.app.clone(), Passwords::new(PasswordCost::default()), listener)?;
    let handle = portal.handle();
    tokio::spawn(portal);
    let cookie = sign_in(&ground, &address, &username).await?;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::run(ground.app.clone(), stopped));

    let mut faults = flood(report, &ground, &address, &cookie).await?;
    let reading = Arc::new(AtomicBool::new(true));
    let (read, broken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let reader = tokio::spawn(read_on(address.clone(), cookie, reading.clone(), read.clone(), broken.clone()));
    let before = resident_mib();
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let (sent, failed) = send_until(&ground, until, &mut Dice::new(seed)).await?;
    faults.extend(failed);
    reading.store(false, Ordering::Relaxed);
    reader.await?;
    let _nobody_listens = stop.send(true);
    let _ended = timeout(Duration::from_secs(60), working).await;
    let grown = resident_mib() - before;
    faults.extend(office::trial(report)?);

    let files: usize = sent.values().sum();
    report.line(format!(
        "{files} files, {} pages read by two readers; resident memory grew by {grown:.0} MiB",
        read.load(Ordering::Relaxed)
    ));
    for ((deed, outcome), count) in &sent {
        report.line(format!("  {deed}: {count} {outcome}"));
    }
    faults.extend(leftovers(&ground, files + EMPLOYERS.len()).await?);
    match broken.load(Ordering::Relaxed) {
        0 => {}
        n => faults.push(format!("{n} pages failed")),
    }
    handle.stop(false).await;
    if faults.is_empty() {
        report.line("nothing failed, nothing was lost");
        return Ok(());
    }
    for fault in &faults {
        report.line(format!("FAULT: {fault}"));
    }
    bail!("{} faults; SOAK_SEED={seed} repeats them", faults.len())
}

/// AUTH-5: wrong passwords for as many names at one instant, hashed at what a hash costs in earnest, while somebody reads.
async fn flood(report: &mut Report, ground: &Ground, address: &str, cookie: &str) -> Result<Vec<String>> {
    let origin = ground.app.config.origin();
    let mut forms = Vec::new();
    for n in 0..FLOOD {
        let (head, page) = load::once(address, "/sign-in", "").await?;
        let session = cookie_of(&head);
        let token = load::token_of(&page);
        forms.push((session, format!("username=nobody{n}&password=a+wrong+password&csrf={token}")));
    }
    let quiet = load::ask(address, "/account", cookie, 1, Duration::from_secs(2)).await?;
    let tries = async {
        let tries = forms.iter().map(|(session, form)| load::post(address, &origin, "/sign-in", session, form));
        let answers = futures_util::future::join_all(tries);
        let reader = load::ask(address, "/account", cookie, 1, Duration::from_secs(2));
        let (answers, reader) = tokio::join!(answers, reader);
        Ok((answers, reader?))
    };
    let ((answers, busy), grown) = growth(tries).await?;
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for answer in answers {
        *statuses.entry(answer.map_or(0, |(status, _)| status)).or_default() += 1;
    }
    report.line(format!(
        "{FLOOD} sign-ins at once: resident memory grew by {grown:.0} MiB (at most {FLOOD_MIB:.0}); answers {statuses:?}; a page beside them {:.1} ms, before {:.1} ms",
        busy.median_ms, quiet.median_ms
    ));
    ground.sql("delete from sign_in_throttles".to_owned()).await?;
    let mut faults = Vec::new();
    if grown > FLOOD_MIB {
        faults.push(format!("memory grew by {grown:.0} MiB for {FLOOD} sign-ins"));
    }
    if statuses.keys().any(|status| ![422, 429, 503].contains(status)) {
        faults.push(format!("sign-ins were answered with {statuses:?}"));
    }
    Ok(faults)
}

async fn read_on(
    address: String,
    cookie: String,
    reading: Arc<AtomicBool>,
    read: Arc<AtomicUsize>,
    broken: Arc<AtomicUsize>,
) {
    let reader = |first: usize| {
        let (address, cookie, reading, read, broken) = (&address, &cookie, &reading, &read, &broken);
        async move {
            let mut at = first;
            while reading.load(Ordering::Relaxed) {
                let path = PAGES[at % PAGES.len()];
                if let Err(error) = load::once(address, path, cookie).await {
                    broken.fetch_add(1, Ordering::Relaxed);
                    eprintln!("{path}: {error}");
                }
                read.fetch_add(1, Ordering::Relaxed);
                at += 1;
            }
        }
    };
    tokio::join!(reader(0), reader(3));
}

type Sent = BTreeMap<(&'static str, String), usize>;

/// Sends one mangled file after another; what it did to each, and what became of it.
async fn send_until(ground: &Ground, until: Instant, dice: &mut Dice) -> Result<(Sent, Vec<String>)> {
    let processors = worker::processors();
    let samples = samples()?;
    let (mut sent, mut faults, mut number) = (Sent::new(), Vec::new(), 0);
    while Instant::now() < until {
        number += 1;
        let (old, bytes) = &samples[dice.below(samples.len())];
        let (sound, name) = renamed(old, bytes, number);
        let (deed, bytes) = mangle(&name, &sound, dice);
        let path = ground.folder.join(&name);
        std::fs::write(&path, &bytes)?;
        let outcome = match timeout(A_FILE, receive(&ground.app, &processors, &path, &Actor::Command)).await {
            Ok(Ok(told)) => told.outcome,
            Ok(Err(error)) => {
                faults.push(format!("{name} ({deed}): {error}"));
                "not taken".to_owned()
            }
            Err(_) => {
                faults.push(format!("{name} ({deed}) took longer than {} s", A_FILE.as_secs()));
                "too slow".to_owned()
            }
        };
        if outcome == "failed" {
            faults.push(format!("the program gave {name} ({deed}) up"));
        }
        *sent.entry((deed, outcome)).or_default() += 1;
    }
    Ok((sent, faults))
}

fn samples() -> Result<Vec<(String, Vec<u8>)>> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(Path::new(SAMPLES))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    found.retain(|path| path.extension().is_some_and(|end| end == "DAT"));
    found.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, std::fs::read(path)?))
    };
    found.into_iter().map(read).collect()
}

/// A sample under the next number of its sender.
fn renamed(old: &str, bytes: &[u8], number: usize) -> (Vec<u8>, String) {
    let stem = old.trim_end_matches(".DAT").rsplit_once('_').map_or(old, |(stem, _)| stem);
    let name = format!("{stem}_{:08}.DAT", 10_000 + number);
    let text = String::from_utf8_lossy(bytes).replacen(old, &name, 1);
    (text.into_bytes(), name)
}

/// What should not be there afterwards: work given up, files without an end, records that are missing, a chain that does not hold.
async fn leftovers(ground: &Ground, files: usize) -> Result<Vec<String>> {
    let count = |sql: &'static str| async move { sqlx::query_scalar::<_, i64>(sql).fetch_one(&ground.owner).await };
    let mut faults = Vec::new();
    for (what, sql) in [
        ("jobs were given up", "select count(*) from jobs where state = 'dead'"),
        (
            "files never came to an end",
            "select count(*) from interface_files where state in ('receiving', 'received', 'validating', 'queued', 'processing')",
        ),
        (
            "files lack an outcome for some of their records",
            "select count(*) from interface_files f where direction = 'in' and state in ('confirmed', 'processed', 'processed_with_errors')
                and records <> (select count(distinct record_no) from file_records r where r.file_id = f.file_id)",
        ),
    ] {
        match count(sql).await? {
            0 => {}
            n => faults.push(format!("{n} {what}")),
        }
    }
    let registered = count("select count(*) from interface_files where direction = 'in'").await?;
    if usize::try_from(registered).unwrap_or_default() != files {
        faults.push(format!("{files} files were sent, {registered} are in the register"));
    }
    let verdicts = audit::verify(&ground.app.db, &ground.app.key("audit seal")).await?;
    let broken = verdicts.iter().filter(|verdict| verdict.broken.is_some()).count();
    if broken > 0 {
        faults.push(format!("{broken} audit chains do not hold"));
    }
    Ok(faults)
}
