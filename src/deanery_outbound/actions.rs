//! One run for one managing body: employer by employer, what changed since what was last sent.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Europe::London;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::store;
use super::telling::{Says, Telling, Told, compare, no_longer, tell, tell_persons};
use crate::app::App;
use crate::audit::Actor;
use crate::file_exchange::outbound::{self, Outgoing, Piece};
use crate::jobs::{self, Failure, Work};
use crate::tenancy::{Vpd, VpdTx};
use crate::ui::dates::london_day;

/// The kind of the job that makes a file on request.
pub const SEND: &str = "deanery_outbound.send";
/// Bytes of lines that are stored together.
const PIECE: usize = 512 * 1024;
/// Employers of whom is read ahead, each over a connection of its own.
const READ_AHEAD: usize = 4;
const FULL: &str = "RMF";
const CHANGES: &str = "RMC";

/// A file that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    pub file: String,
    pub records: i64,
}

/// What somebody, or the day, asks to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    Positions {
        body: String,
        full: bool,
    },
    PersonUpdate {
        vpd: Vpd,
    },
    /// All that is due to a managing body.
    Due {
        body: String,
    },
}

/// What an employer has to tell.
struct Read {
    vpd: Vpd,
    telling: Telling,
    /// The transaction, open for what is kept of the telling, and the digest of all that its positions say; none where they say what they
    /// said before.
    news: Option<(VpdTx, Vec<u8>)>,
}

/// Reads what an employer has to tell, of a full file everything. Where it is what was told before, there is nothing to keep of it.
async fn employer_tells(app: App, vpd: Vpd, body: String, full: bool) -> sqlx::Result<Read> {
    let mut tx = app.db.vpd_of_many(&vpd).await?;
    let now = store::positions_now(&mut tx, &body, app.today()).await?;
    let says = Says::of(&now, &store::employer(&mut tx).await?, &body);
    if store::digest_said(&mut tx, &body).await?.is_some_and(|before| before == says.digest) {
        tx.done_reading();
        return Ok(Read { vpd, telling: says.again(full), news: None });
    }
    let last = store::positions_sent(&mut tx, &body).await?;
    let told = compare(&says, last);
    let gone: Vec<&str> = told
        .iter()
        .filter_map(|one| match one {
            Told::Gone(position_id) => Some(position_id.as_str()),
            Told::Again(_) | Told::Change(_) => None,
        })
        .collect();
    let said = store::lines_sent(&mut tx, &body, &gone).await?;
    let telling = tell(told, said, full);
    Ok(Read { vpd, telling, news: Some((tx, says.digest)) })
}

/// A file that is stored piece by piece while the next employers are read.
struct Filling {
    file_id: Uuid,
    pieces: mpsc::Sender<Piece>,
    storing: JoinHandle<sqlx::Result<Outgoing>>,
    waiting: Piece,
}

impl Filling {
    fn of(app: &App, mut out: Outgoing) -> Self {
        let (file_id, app) = (out.file_id, app.clone());
        let (pieces, mut received) = mpsc::channel::<Piece>(1);
        let storing = tokio::spawn(async move {
            while let Some(piece) = received.recv().await {
                out.add(&app, piece).await?;
            }
            Ok(out)
        });
        Self { file_id, pieces, storing, waiting: Piece::default() }
    }

    /// Adds lines. What a file that never left says of itself counts for nothing, so they may follow in larger pieces.
    async fn add(&mut self, vpd: &Vpd, told: &Telling) {
        self.waiting.say(vpd, &told.lines, told.records);
        if self.waiting.size() >= PIECE {
            self.store().await;
        }
    }

    async fn store(&mut self) {
        // Where storing has failed nobody receives; the end says why.
        let _ = self.pieces.send(std::mem::take(&mut self.waiting)).await;
    }

    async fn whole(mut self) -> sqlx::Result<Outgoing> {
        if self.waiting.size() > 0 {
            self.store().await;
        }
        drop(self.pieces);
        self.storing.await.map_err(|error| sqlx::Error::Io(error.into()))?
    }
}

/// Makes the file of positions of a managing body, and sends it; no file where nothing changed. A full one is always made.
pub async fn send_positions(app: &App, body: &str, full: bool, by: &Actor) -> sqlx::Result<Option<Made>> {
    let mut running = app.db.system().await?;
    outbound::lock(&mut running, "deanery", body).await?;
    outbound::give_up_unfinished(app, body, &[FULL.to_owned(), CHANGES.to_owned()]).await?;
    let employers = store::employers(&mut running).await?;
    // A file of changes begins with its first change: a run with nothing to say takes no number.
    let mut filling = if full { Some(Filling::of(app, outbound::begin(app, FULL, body).await?)) } else { None };
    // While one employer's lines are kept, the next ones' are read, on whatever core is free.
    let mut tellings = futures_util::stream::iter(employers)
        .map(|vpd| tokio::spawn(employer_tells(app.clone(), vpd, body.to_owned(), full)))
        .buffered(READ_AHEAD);
    while let Some(read) = tellings.next().await {
        let Read { vpd, telling: told, news } = read.map_err(|error| sqlx::Error::Io(error.into()))??;
        if told.records == 0 {
            continue;
        }
        let begun = match filling.take() {
            Some(begun) => begun,
            None => Filling::of(app, outbound::begin(app, CHANGES, body).await?),
        };
        let filling = filling.insert(begun);
        if let Some((mut tx, digest)) = news {
            store::insert_positions_sent(&mut tx, filling.file_id, body, &told.news).await?;
            store::save_digest_said(&mut tx, filling.file_id, body, &digest).await?;
            // A file counts once it is queued, and that commit waits for the disk, for this one too.
            tx.commit().await?;
        }
        filling.add(&vpd, &told).await;
    }
    let made = match filling {
        Some(filling) => Some(settle(app, filling.whole().await?, by).await?),
        None => None,
    };
    running.commit().await?;
    Ok(made)
}

async fn settle(app: &App, out: Outgoing, by: &Actor) -> sqlx::Result<Made> {
    let (file, records) = out.finish(app, by).await?;
    Ok(Made { file, records })
}

/// Makes the Person Update of an employer for a managing body, and sends it; no file where nothing changed.
pub async fn send_persons(app: &App, vpd: &Vpd, body: &str, by: &Actor) -> sqlx::Result<Option<Made>> {
    let mut running = app.db.system().await?;
    outbound::lock(&mut running, "deanery", body).await?;
    outbound::give_up_unfinished(app, body, &[FULL.to_owned(), CHANGES.to_owned()]).await?;
    let mut tx = app.db.vpd(vpd).await?;
    let now = store::persons_now(&mut tx, body, app.today()).await?;
    let last = store::persons_sent(&mut tx, body).await?;
    let left = store::persons_left(&mut tx, body, &no_longer(&now, &last), app.today()).await?;
    let (lines, told) = tell_persons(&now, &left, last, vpd);
    if told.is_empty() {
        return Ok(None);
    }
    let mut out = outbound::begin(app, CHANGES, body).await?;
    store::insert_persons_sent(&mut tx, out.file_id, body, &told).await?;
    tx.commit().await?;
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
    let mut piece = Piece::default();
    piece.say(vpd, &text, lines.len());
    out.add(app, piece).await?;
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
    // By what was made, not by what was begun: a full file that failed is made by the next run.
    let month = app.today().with_day0(0).unwrap_or(app.today());
    let mut tx = app.db.system().await?;
    let full = !store::full_made_since(&mut tx, FULL, body, month).await?;
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

/// Queues the day's files. In a rehearsal no hour of the business date ever comes: there the files are made on request, or by
/// `changeover daily`.
pub async fn run_schedule(app: &App) -> sqlx::Result<()> {
    let (today, now) = (app.today(), app.now());
    if today != london_day(now) {
        return Ok(());
    }
    queue_due(app, now.with_timezone(&London).naive_local()).await
}

/// Queues the files of a working day once, to each managing body from its hour on, by the clock in London. A run that is cut off comes
/// back with its job.
pub async fn queue_due(app: &App, clock: NaiveDateTime) -> sqlx::Result<()> {
    let today = clock.date();
    if is_weekend(today) {
        return Ok(());
    }
    for (body, _) in all_bodies(app).await?.into_iter().filter(|(_, hour)| is_due(*hour, clock.time())) {
        let mut tx = app.db.system().await?;
        let slot = format!("{body}:{today}");
        if jobs::take_slot(&mut tx, "deanery_outbound", &slot, app.now()).await? {
            let request = Request::Due { body };
            jobs::enqueue_system(&mut tx, &Vpd::operations(), SEND, &request, Some(&format!("due:{slot}"))).await?;
        }
        tx.commit().await?;
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
        Request::Positions { body, .. } | Request::Due { body } => {
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
        Request::Due { body } => send_due_to(app, body, by).await,
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
    let by = match request {
        Request::Due { .. } => Actor::Schedule("files to the deanery"),
        Request::Positions { .. } | Request::PersonUpdate { .. } => Actor::System("files to the deanery, on request"),
    };
    send(&work.app, &request, &by).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bodys_files_are_made_from_its_hour_on() {
        let at = |text: &str| text.parse::<NaiveTime>().unwrap();
        for (hour, clock, due) in
            [("14:00:00", "13:59:59", false), ("14:00:00", "14:00:00", true), ("06:30:00", "23:00:00", true)]
        {
            assert_eq!(is_due(at(hour), at(clock)), due, "{hour} at {clock}");
        }
    }
}
