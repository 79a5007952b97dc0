//! One run for one managing body: employer by employer, what changed since what was last sent.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate, NaiveTime};
use chrono_tz::Europe::London;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files::{PersonNow, PositionNow, person_lines, person_withdrawn, position_lines, position_withdrawn};
use super::store::{self, LastSent, PersonSent, Sent};
use crate::app::App;
use crate::audit::Actor;
use crate::file_exchange::outbound;
use crate::jobs::{self, Failure, Work};
use crate::positions::quality::is_stopped;
use crate::tenancy::{Vpd, VpdTx};
use crate::ui::dates::london_day;

/// The kind of the job that makes a file on request.
pub const SEND: &str = "deanery_outbound.send";
/// Bytes of lines that are stored together.
const PIECE: usize = 512 * 1024;
const FULL: &str = "RMF";
const CHANGES: &str = "RMC";

/// A file that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    pub file: String,
    pub records: i64,
}

/// What somebody asks to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    Positions { body: String, full: bool },
    PersonUpdate { vpd: Vpd },
}

/// What is told of an employer's positions.
#[derive(Default)]
struct Telling {
    /// What differs from what was last sent.
    news: Vec<Sent>,
    lines: String,
    records: usize,
}

impl Telling {
    fn say(&mut self, lines: [&str; 2]) {
        for line in lines {
            self.lines.push_str(line);
            self.lines.push_str("\r\n");
        }
        self.records += 2;
    }

    fn say_news(&mut self, one: Sent) {
        self.say([&one.pos_line, &one.por_line]);
        self.news.push(one);
    }
}

/// What became of a position since the last file.
enum Told {
    /// It says what was said before.
    Again(String, String),
    Change(Sent),
    /// Under this number it is no more.
    Gone(String),
}

fn digest_of(lines: [&str; 2]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().to_vec()
}

/// What is to be told of positions, in the order of the file: a number that changed goes before it comes, what has ended goes last.
fn compare(now: &[PositionNow], mut last: HashMap<String, LastSent>, vpd: &Vpd) -> Vec<Told> {
    let mut told = Vec::with_capacity(now.len());
    for position in now {
        let before = last.remove(&position.position_id).filter(|before| before.action == "C");
        if is_stopped(&position.dpn, &position.name) {
            continue;
        }
        let (pos_line, por_line) = position_lines(position, vpd.as_str());
        let digest = digest_of([&pos_line, &por_line]);
        if let Some(before) = before {
            if before.dpn != position.dpn {
                told.push(Told::Gone(before.position_id));
            } else if before.digest == digest {
                told.push(Told::Again(pos_line, por_line));
                continue;
            }
        }
        let (position_id, dpn) = (position.position_id.clone(), position.dpn.clone());
        told.push(Told::Change(Sent { position_id, action: "C".to_owned(), dpn, pos_line, por_line, digest }));
    }
    let mut ended: Vec<String> =
        last.into_values().filter(|before| before.action == "C").map(|before| before.position_id).collect();
    ended.sort_unstable();
    told.extend(ended.into_iter().map(Told::Gone));
    told
}

/// The lines of what is told; `full` tells all, else what is new. What has gone is told as it was last said.
fn tell(told: Vec<Told>, said: Vec<Sent>, full: bool) -> Telling {
    let mut said: HashMap<String, Sent> = said.into_iter().map(|one| (one.position_id.clone(), one)).collect();
    let mut telling = Telling::default();
    for one in told {
        match one {
            Told::Again(pos_line, por_line) if full => telling.say([&pos_line, &por_line]),
            Told::Again(..) => {}
            Told::Change(new) => telling.say_news(new),
            Told::Gone(position_id) => {
                if let Some(old) = said.remove(&position_id) {
                    let (pos_line, por_line) = (position_withdrawn(&old.pos_line), position_withdrawn(&old.por_line));
                    let digest = digest_of([&pos_line, &por_line]);
                    telling.say_news(Sent { action: "D".to_owned(), pos_line, por_line, digest, ..old });
                }
            }
        }
    }
    telling
}

/// Reads what an employer has to tell a managing body; the transaction stays open for what is kept of it.
async fn employer_tells(app: App, vpd: Vpd, body: String, full: bool) -> sqlx::Result<(VpdTx, Telling)> {
    let mut tx = app.db.vpd(&vpd).await?;
    let now = store::positions_now(&mut tx, &body, app.today()).await?;
    let last = store::positions_sent(&mut tx, &body).await?;
    let told = compare(&now, last, &vpd);
    let gone: Vec<&str> = told
        .iter()
        .filter_map(|one| match one {
            Told::Gone(position_id) => Some(position_id.as_str()),
            Told::Again(..) | Told::Change(_) => None,
        })
        .collect();
    let said = store::lines_sent(&mut tx, &body, &gone).await?;
    Ok((tx, tell(told, said, full)))
}

/// Makes the file of positions of a managing body, and sends it; no file where nothing changed. A full one is always made.
pub async fn send_positions(app: &App, body: &str, full: bool, by: &Actor) -> sqlx::Result<Option<Made>> {
    let mut running = app.db.system().await?;
    outbound::lock(&mut running, "deanery", body).await?;
    outbound::give_up_unfinished(app, body, &[FULL.to_owned(), CHANGES.to_owned()]).await?;
    let employers = store::employers(&mut running).await?;
    // A file of changes begins with its first change: a run with nothing to say takes no number.
    let mut out = if full { Some(outbound::begin(app, FULL, body).await?) } else { None };
    let mut waiting = Telling::default();
    // While one employer's lines are kept, the next one's are read.
    let mut tellings = futures_util::stream::iter(employers)
        .map(|vpd| employer_tells(app.clone(), vpd, body.to_owned(), full))
        .buffered(2);
    while let Some(telling) = tellings.next().await {
        let (mut tx, told) = telling?;
        if told.records == 0 {
            continue;
        }
        let begun = match out.take() {
            Some(begun) => begun,
            None => outbound::begin(app, CHANGES, body).await?,
        };
        let out = out.insert(begun);
        store::insert_positions_sent(&mut tx, out.file_id, body, &told.news).await?;
        outbound::concerns(&mut tx, out.file_id, told.records).await?;
        // A file counts once it is queued, and that commit waits for the disk, for this one too.
        tx.commit_with_the_next().await?;
        waiting.lines.push_str(&told.lines);
        waiting.records += told.records;
        // What a file that never left says of itself counts for nothing, so the lines may follow in larger pieces.
        if waiting.lines.len() >= PIECE {
            let Telling { lines, records, .. } = std::mem::take(&mut waiting);
            out.add(app, &lines, records).await?;
        }
    }
    let made = match out {
        Some(mut out) => {
            if waiting.records > 0 {
                out.add(app, &waiting.lines, waiting.records).await?;
            }
            Some(settle(app, out, by).await?)
        }
        None => None,
    };
    running.commit().await?;
    Ok(made)
}

async fn settle(app: &App, out: outbound::Outgoing, by: &Actor) -> sqlx::Result<Made> {
    let (file, records) = out.finish(app, by).await?;
    Ok(Made { file, records })
}

/// What is told of doctors: the lines, and what is kept of them.
fn tell_persons(now: &[PersonNow], mut last: HashMap<String, PersonSent>, vpd: &Vpd) -> (Vec<String>, Vec<PersonSent>) {
    let (mut lines, mut told) = (Vec::new(), Vec::new());
    let mut by_person: BTreeMap<&str, Vec<&PersonNow>> = BTreeMap::new();
    for person in now.iter().filter(|person| !is_stopped(&person.dpn, &person.position_name)) {
        by_person.entry(&person.person_id).or_default().push(person);
    }
    for (person_id, posts) in by_person {
        let before = last.remove(person_id).filter(|before| before.action == "C");
        let says: Vec<String> = posts.iter().flat_map(|post| person_lines(post, vpd.as_str())).collect();
        let digest = Sha256::digest(says.join("\n").as_bytes()).to_vec();
        if before.as_ref().is_some_and(|before| before.digest == digest) {
            continue;
        }
        let Some(first) = posts.first() else { continue };
        // The person under a post that is no longer theirs is taken away before the new one is told.
        if let Some(before) = before.filter(|before| before.position_id != first.position_id || before.dpn != first.dpn)
        {
            lines.push(person_withdrawn(person_id, &before.position_id, &before.dpn));
        }
        lines.extend(says);
        told.push(PersonSent {
            person_id: person_id.to_owned(),
            action: "C".to_owned(),
            position_id: first.position_id.clone(),
            dpn: first.dpn.clone(),
            digest,
        });
    }
    let stopped: Vec<&str> = now
        .iter()
        .filter(|person| is_stopped(&person.dpn, &person.position_name))
        .map(|person| person.person_id.as_str())
        .collect();
    let ended: BTreeMap<String, PersonSent> =
        last.into_iter().filter(|(id, before)| before.action == "C" && !stopped.contains(&id.as_str())).collect();
    for before in ended.into_values() {
        lines.push(person_withdrawn(&before.person_id, &before.position_id, &before.dpn));
        told.push(PersonSent { action: "D".to_owned(), digest: Vec::new(), ..before });
    }
    (lines, told)
}

/// Makes the Person Update of an employer for a managing body, and sends it; no file where nothing changed.
pub async fn send_persons(app: &App, vpd: &Vpd, body: &str, by: &Actor) -> sqlx::Result<Option<Made>> {
    let mut running = app.db.system().await?;
    outbound::lock(&mut running, "deanery", body).await?;
    outbound::give_up_unfinished(app, body, &[FULL.to_owned(), CHANGES.to_owned()]).await?;
    let mut tx = app.db.vpd(vpd).await?;
    let now = store::persons_now(&mut tx, body, app.today()).await?;
    let last = store::persons_sent(&mut tx, body).await?;
    let (lines, told) = tell_persons(&now, last, vpd);
    if told.is_empty() {
        return Ok(None);
    }
    let mut out = outbound::begin(app, CHANGES, body).await?;
    store::insert_persons_sent(&mut tx, out.file_id, body, &told).await?;
    outbound::concerns(&mut tx, out.file_id, lines.len()).await?;
    tx.commit().await?;
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
    out.add(app, &text, lines.len()).await?;
    let made = settle(app, out, by).await?;
    running.commit().await?;
    Ok(Some(made))
}

/// Everything that is due on a business date: positions of every managing body, in full the first time of a month, and the person
/// updates of every employer. What was sent is not sent again.
pub async fn send_due(app: &App, by: &Actor) -> sqlx::Result<Vec<Made>> {
    let mut made = Vec::new();
    for (body, _) in all_bodies(app).await? {
        made.extend(send_due_to(app, &body, by).await?);
    }
    Ok(made)
}

async fn all_bodies(app: &App) -> sqlx::Result<Vec<(String, NaiveTime)>> {
    let mut tx = app.db.system().await?;
    store::bodies_with_hours(&mut tx).await
}

/// What is due to one managing body.
async fn send_due_to(app: &App, body: &str, by: &Actor) -> sqlx::Result<Vec<Made>> {
    let employers = {
        let mut tx = app.db.system().await?;
        store::employers(&mut tx).await?
    };
    if !has_positions(app, body, &employers).await? {
        return Ok(Vec::new());
    }
    let month = format!("{body}:{}", app.today().format("%Y-%m"));
    let mut tx = app.db.system().await?;
    let full = jobs::take_slot(&mut tx, "positions_in_full", &month, app.now()).await?;
    tx.commit().await?;
    let mut made: Vec<Made> = send_positions(app, body, full, by).await?.into_iter().collect();
    for vpd in &employers {
        made.extend(send_persons(app, vpd, body, by).await?);
    }
    Ok(made)
}

async fn has_positions(app: &App, body: &str, employers: &[Vpd]) -> sqlx::Result<bool> {
    for vpd in employers {
        let mut tx = app.db.vpd(vpd).await?;
        if store::has_positions(&mut tx, body).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes the day's files once, to each managing body from its hour on, on a working day. In a rehearsal no hour of the business date ever
/// comes: there the files are made on request, or by `changeover daily`.
pub async fn run_schedule(app: &App) -> sqlx::Result<()> {
    let (today, now) = (app.today(), app.now());
    let is_rehearsal = today != london_day(now);
    if is_rehearsal || is_weekend(today) {
        return Ok(());
    }
    let clock = now.with_timezone(&London).time();
    for (body, _) in all_bodies(app).await?.into_iter().filter(|(_, hour)| is_due(*hour, clock)) {
        let mut tx = app.db.system().await?;
        let mine = jobs::take_slot(&mut tx, "deanery_outbound", &format!("{body}:{today}"), now).await?;
        tx.commit().await?;
        if mine {
            send_due_to(app, &body, &Actor::Schedule("files to the deanery")).await?;
        }
    }
    Ok(())
}

fn is_due(hour: NaiveTime, clock: NaiveTime) -> bool {
    clock >= hour
}

fn is_weekend(day: NaiveDate) -> bool {
    day.weekday().number_from_monday() > 5
}

/// What the request names that is not known here, as a sentence.
pub async fn unknown(app: &App, request: &Request) -> sqlx::Result<Option<String>> {
    let mut tx = app.db.system().await?;
    Ok(match request {
        Request::Positions { body, .. } => {
            let known = store::bodies(&mut tx).await?;
            (!known.contains(body))
                .then(|| format!("{body} is not a managing body here. Give one of {}.", known.join(", ")))
        }
        Request::PersonUpdate { vpd } => {
            let known = store::employers(&mut tx).await?;
            (!known.contains(vpd))
                .then(|| format!("{vpd} is not an employer here: it has sent no Generic Outbound full file."))
        }
    })
}

/// Makes what somebody asked for.
pub async fn send(app: &App, request: &Request, by: &Actor) -> sqlx::Result<Vec<Made>> {
    match request {
        Request::Positions { body, full } => Ok(send_positions(app, body, *full, by).await?.into_iter().collect()),
        Request::PersonUpdate { vpd } => {
            let bodies = {
                let mut tx = app.db.system().await?;
                store::bodies(&mut tx).await?
            };
            let mut made = Vec::new();
            for body in bodies {
                made.extend(send_persons(app, vpd, &body, by).await?);
            }
            Ok(made)
        }
    }
}

/// The same as a job. Run again it sends only what the first did not.
pub async fn run_job(work: Work) -> Result<(), Failure> {
    let request: Request = work.payload()?;
    send(&work.app, &request, &Actor::System("files to the deanery, on request")).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(id: &str, dpn: &str) -> PositionNow {
        PositionNow {
            position_id: id.to_owned(),
            effective_from: "2019-08-07".parse().unwrap(),
            position_number: format!("2{id}"),
            name: format!("2{id}|Registrar|024|Paediatrics"),
            occupation_code: None,
            pay_scale: None,
            workplace_code: None,
            dpn: dpn.to_owned(),
            body: "KSS".to_owned(),
            host_or_lead: None,
            organisation_name: None,
            location_name: None,
            ods_code: None,
        }
    }

    fn actions(told: &[Sent]) -> Vec<(String, String)> {
        told.iter().map(|one| (one.action.clone(), one.dpn.clone())).collect()
    }

    /// What is told after the file before, of which `last` is what was sent.
    fn told(now: &[PositionNow], last: &[Sent], full: bool) -> Telling {
        let digests = last.iter().cloned().map(|Sent { position_id, action, dpn, digest, .. }| {
            (position_id.clone(), LastSent { position_id, action, dpn, digest })
        });
        let vpd: Vpd = "904".parse().unwrap();
        tell(compare(now, digests.collect(), &vpd), last.to_vec(), full)
    }

    #[test]
    fn a_bodys_files_are_made_from_its_hour_on() {
        let at = |text: &str| text.parse::<NaiveTime>().unwrap();
        for (hour, clock, due) in
            [("14:00:00", "13:59:59", false), ("14:00:00", "14:00:00", true), ("06:30:00", "23:00:00", true)]
        {
            assert_eq!(is_due(at(hour), at(clock)), due, "{hour} at {clock}");
        }
    }

    #[test]
    fn what_is_told_is_what_differs_from_what_was_told() {
        let (one, two) = (position("1", "KSS/R9A01/024/STR/001"), position("2", "KSS/R9A01/024/STR/002"));
        let both = [one.clone(), two.clone()];
        let first = told(&both, &[], false).news;
        assert_eq!(first.len(), 2);
        assert_eq!(told(&both, &first, false).records, 0, "the same again");
        let full = told(&both, &first, true);
        assert_eq!((full.records, full.news.len()), (4, 0), "a full one tells all, and none of it is news");
        assert_eq!(full.lines.lines().count(), 4);
        // A new number: a delete for the old key, a change for the new. A position that is gone: a delete.
        let renumbered = position("1", "KSS/R9A01/024/STR/009");
        let news = told(std::slice::from_ref(&renumbered), &first, false).news;
        let said = |action: &str, dpn: &str| (action.to_owned(), format!("KSS/R9A01/024/STR/{dpn}"));
        assert_eq!(actions(&news), [said("D", "001"), said("C", "009"), said("D", "002")]);
        assert!(news[0].pos_line.contains("~D~") && news[0].por_line.contains("~D~"));
        // What was deleted is not deleted again, and comes back as a change.
        let deleted = [news[2].clone()];
        assert_eq!(told(&[], &deleted, false).records, 0);
        assert_eq!(actions(&told(std::slice::from_ref(&two), &deleted, false).news), [said("C", "002")]);
        // A fault that stops: nothing goes out, not even the delete of what was right before.
        let faulty = position("1", "KSS/R9A01//001");
        assert_eq!(told(&[faulty, two.clone()], &first, false).records, 0);
        // The report weighs a name that cannot be read as stopping too.
        let name = "21|Regis\ttrar|024|Paediatrics".to_owned();
        let unreadable = PositionNow { name, ..position("1", "KSS/R9A01/024/STR/001") };
        assert_eq!(told(&[unreadable, two], &first, true).records, 2, "only the other");
    }
}
