//! The exchange folder: files are picked up from `inbound/` once they are complete, and put away in `archive/` or `refused/`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

use super::alone::Alone;
use super::intake::{self, Received, Source};
use super::{Processors, engine, replies};
use crate::app::App;
use crate::audit::Actor;

/// How long a file must have been still before it is looked at, and how long one without a trailer is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub still: Duration,
    pub for_trailer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { still: Duration::from_secs(3), for_trailer: Duration::from_secs(15 * 60) }
    }
}

/// What was seen of the files in the folder, from one look to the next.
#[derive(Debug, Default)]
pub struct Inbound {
    patience: Patience,
    seen: HashMap<OsString, Seen>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    length: u64,
    modified: Option<SystemTime>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    stat: Stat,
    since: Instant,
}

/// Watches the folder and processes what waits, until told to stop.
pub async fn run(app: App, processors: Processors, mut stop: watch::Receiver<bool>) {
    let mut inbound = Inbound::default();
    make(&app);
    while !*stop.borrow() {
        if let Err(error) = inbound.look(&app, &processors).await {
            tracing::error!(%error, "the inbound folder could not be looked through");
        }
        match engine::run_due(&app, &processors).await {
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "waiting files cannot be read"),
        }
        if let Err(error) = replies::send_waiting(&app).await {
            tracing::error!(%error, "a reply file could not be put into the outbound folder");
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// Makes the folders, so that whoever sends files finds them.
pub fn make(app: &App) {
    for name in ["inbound", "outbound", "archive", "refused"] {
        let folder = app.config.exchange.join(name);
        if let Err(error) = std::fs::create_dir_all(&folder) {
            tracing::error!(%error, folder = %folder.display(), "an exchange folder could not be made");
        }
    }
    remove_leftovers(&app.config.data_dir.join("uploads"));
}

/// Uploads that a killed program left on the disk; one that is under way is younger.
fn remove_leftovers(folder: &Path) {
    let old = |meta: std::fs::Metadata| {
        meta.modified().ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(3600))
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.metadata().is_ok_and(old)
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!(%error, "an upload that was left behind could not be removed");
        }
    }
}

impl Inbound {
    /// With other waits, for tests.
    pub fn with(patience: Patience) -> Self {
        Self { patience, seen: HashMap::new() }
    }

    /// Takes in every file that is complete; gives how many.
    pub async fn look(&mut self, app: &App, processors: &Processors) -> sqlx::Result<usize> {
        let folder = app.config.exchange.join("inbound");
        let complete = self.complete(&folder);
        if complete.is_empty() {
            return Ok(0);
        }
        // Of several workers that watch one folder, one at a time takes files from it.
        let Some(_lock) = Alone::with(app, "inbound folder").await? else { return Ok(0) };
        let mut count = 0;
        for name in complete {
            let path = folder.join(&name);
            let by = Actor::System("inbound folder");
            match intake::register(app, processors, &name.to_string_lossy(), &path, Source::Folder, &by).await {
                Ok(Received::Registered { state, .. }) => {
                    put_away(app, &path, state);
                    count += 1;
                }
                Ok(Received::Unavailable(why)) => {
                    tracing::warn!(reason = why.reason, "a file in the inbound folder is gone or cannot be read")
                }
                Err(intake::IntakeError::Database(error)) => return Err(error),
                Err(intake::IntakeError::Read(error)) => {
                    tracing::warn!(%error, "a file in the inbound folder could not be read")
                }
            }
            self.seen.remove(&name);
        }
        Ok(count)
    }

    /// The files that are whole as far as can be told, in the order of their names.
    fn complete(&mut self, folder: &Path) -> Vec<OsString> {
        let now = Instant::now();
        let mut there = HashMap::new();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Ok(meta) = entry.metadata() else { continue };
            if !meta.is_file() || is_being_written(&name.to_string_lossy()) {
                continue;
            }
            let stat = Stat { length: meta.len(), modified: meta.modified().ok() };
            let since = self.seen.get(&name).filter(|seen| seen.stat == stat).map_or(now, |seen| seen.since);
            there.insert(name, Seen { stat, since });
        }
        self.seen = there;
        let mut complete: Vec<OsString> = self
            .seen
            .iter()
            .filter(|(name, seen)| {
                let still = now - seen.since;
                still >= self.patience.still && (still >= self.patience.for_trailer || has_trailer(&folder.join(name)))
            })
            .map(|(name, _)| name.clone())
            .collect();
        complete.sort();
        complete
    }
}

/// Names that senders use until a file is whole.
fn is_being_written(name: &str) -> bool {
    let lower = name.to_lowercase();
    name.starts_with('.') || [".part", ".tmp", ".filepart", ".crdownload"].iter().any(|end| lower.ends_with(end))
}

fn has_trailer(path: &Path) -> bool {
    let tail = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
        let mut bytes = Vec::new();
        file.take(4096).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let Ok(tail) = tail() else { return false };
    let last = tail.rsplit(|b| *b == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty());
    last.is_some_and(|line| line.starts_with(b"TRL"))
}

/// Moves a file that was taken in out of the inbound folder; one that lies elsewhere stays where its owner put it.
pub fn put_away(app: &App, path: &Path, state: &str) {
    let exchange = &app.config.exchange;
    let (Ok(path), Ok(inbound)) = (path.canonicalize(), exchange.join("inbound").canonicalize()) else { return };
    if path.parent() != Some(inbound.as_path()) {
        return;
    }
    let folder = exchange.join(if state == "refused" { "refused" } else { "archive" });
    let moved = std::fs::create_dir_all(&folder).and_then(|()| std::fs::rename(&path, free_name(&folder, &path)));
    if let Err(error) = moved {
        // It is in the register: seen again, it is a duplicate without effect.
        tracing::error!(%error, "a file could not be moved out of the inbound folder");
    }
}

fn free_name(folder: &Path, path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut free = folder.join(&name);
    for n in 2.. {
        if !free.exists() {
            break;
        }
        free = folder.join(format!("{name}.{n}"));
    }
    free
}
