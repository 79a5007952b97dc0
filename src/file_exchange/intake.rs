//! The one way in: from the folder, the upload page and the command alike, a file is stored, checked and decided upon.

use std::path::Path;

use serde_json::json;
use tokio::io::AsyncReadExt;
use uuid::Uuid;

use super::envelope::{Envelope, LARGEST_FILE, Scan, Scanner};
use super::name::{FileName, shown};
use super::refusal::{Code, Refusal};
use super::register::{self, Decided, Order};
use super::{Processors, expected, notices, own_files};
use crate::app::App;
use crate::audit::Actor;
use crate::tenancy::SystemTx;

/// How much of a file is in memory, and in one row, at a time.
const CHUNK: usize = 1024 * 1024;

/// By which way a file came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Folder,
    Upload,
    Command,
}

impl Source {
    pub fn code(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Upload => "upload",
            Self::Command => "command",
        }
    }
}

/// What became of a delivery: the row in the register, or why there is none.
#[derive(Debug)]
pub enum Received {
    /// The file is in the register, in this state.
    Registered { file_id: Uuid, state: &'static str },
    /// It could not be read, so nothing of it is here.
    Unavailable(Refusal),
}

/// Why a delivery came to nothing; nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("the file could not be read: {0}")]
    Read(#[from] std::io::Error),
}

enum Decision {
    Refused(Refusal),
    Duplicate(Refusal),
    Held { state: &'static str, why: Refusal, envelope: Envelope },
    Queued { warnings: Vec<String>, envelope: Envelope },
}

/// Stores a file's bytes, checks them in the order of the catalogue, and decides. Nothing stays if this is cut off.
pub async fn register(
    app: &App,
    processors: &Processors,
    name: &str,
    path: &Path,
    source: Source,
    by: &Actor,
) -> Result<Received, IntakeError> {
    let mut file = match tokio::fs::File::open(path).await {
        Ok(file) => file,
        Err(error) => return Ok(Received::Unavailable(unavailable(name, &error))),
    };
    let before = file.metadata().await?;
    if !before.is_file() {
        return Ok(Received::Unavailable(unavailable(name, &std::io::Error::other("it is not a file"))));
    }
    let now = app.now();
    let file_id = Uuid::now_v7();
    let parsed = FileName::parse(name);
    let mut tx = app.db.system().await?;
    let key = parsed.as_ref().map_or(("unknown", name), |name| (name.interface.code(), &name.sender));
    register::lock_sender(&mut tx, key.0, key.1).await?;
    register::begin(&mut tx, file_id, name, source.code(), by.name(), now).await?;

    let mut scanner = Scanner::default();
    let mut buffer = vec![0; CHUNK];
    let (mut size, mut number) = (0_u64, 0);
    loop {
        let mut filled = 0;
        while filled < CHUNK {
            match file.read(&mut buffer[filled..]).await? {
                0 => break,
                more => filled += more,
            }
        }
        scanner.feed(&buffer[..filled]);
        size += filled as u64;
        if filled == 0 || size > LARGEST_FILE {
            break;
        }
        register::store_chunk(&mut tx, file_id, number, &buffer[..filled]).await?;
        number += 1;
    }
    let scan = scanner.finish();
    // Grown or cut while it was read: what is here is neither the old file nor the new.
    let torn = size <= LARGEST_FILE && (size != before.len() || file.metadata().await?.len() != size);
    let decision = match &parsed {
        Err(refusal) => Decision::Refused(refusal.clone()),
        Ok(name) => decide(&mut tx, processors, name, &scan, torn).await?,
    };
    let state = write(&mut tx, file_id, parsed.as_ref().ok(), &scan, &decision, by, now).await?;
    if state == "queued" {
        sqlx::query("select pg_notify('changeover_jobs', '')").execute(&mut *tx).await?;
    }
    tx.commit().await?;
    tracing::info!(file.id = %file_id, state, source = source.code(), "an interface file was received");
    Ok(Received::Registered { file_id, state })
}

fn unavailable(name: &str, error: &std::io::Error) -> Refusal {
    Refusal::new(
        Code::FileNotAvailable,
        format!(
            "The file {} cannot be read: {error}. Check that it is there and may be read, then send it again.",
            shown(name)
        ),
    )
}

async fn decide(
    tx: &mut SystemTx,
    processors: &Processors,
    name: &FileName,
    scan: &Scan,
    torn: bool,
) -> sqlx::Result<Decision> {
    if !name.is_inbound() {
        let reason = format!(
            "Files of type {} are written by this portal, not taken in. Check which file was meant, and send that one.",
            name.file_type
        );
        return Ok(Decision::Refused(Refusal::new(Code::WrongFormat, reason)));
    }
    if let Some(taken) = register::taken(tx, &name.text).await? {
        let when = crate::ui::dates::at(taken.received_at);
        if taken.sha256 == scan.sha256 {
            let reason = format!("This file was taken on {when}; it is the same, so nothing was done.");
            return Ok(Decision::Duplicate(Refusal::new(Code::DuplicateFile, reason)));
        }
        let reason = format!(
            "A file of this name with other content was taken on {when}. Nothing was changed. Ask the sender to send it under a number of its own."
        );
        return Ok(Decision::Refused(Refusal::new(Code::DuplicateFile, reason)));
    }
    if torn {
        let reason =
            "The file changed while it was read, so its bytes are not those that were announced. Send it again.";
        return Ok(Decision::Refused(Refusal::new(Code::ByteCountMismatch, reason)));
    }
    let envelope = match check(tx, name, scan).await? {
        Ok(envelope) => envelope,
        Err(refusal) => return Ok(Decision::Refused(refusal)),
    };
    let warnings = match register::order(name, register::last_sequence(tx, name).await?) {
        Order::Next => Vec::new(),
        Order::Gap { last } => vec![format!(
            "The last {} file from {} had number {last} and this one has {}: files between them are missing. It was processed all the same.",
            name.file_type, name.sender, name.sequence
        )],
        Order::Behind { last } => {
            let reason = format!(
                "Number {} is not greater than {last}, the last of the {} files taken from {}. An operator must release the file or discard it.",
                name.sequence, name.file_type, name.sender
            );
            let why = Refusal::new(Code::WrongSequence, reason);
            return Ok(Decision::Held { state: "held_for_order", why, envelope });
        }
    };
    if processors.get(name.interface).is_none() {
        let reason = format!(
            "This release of the portal keeps {} files ({}) and does not process them yet. Nothing of the file was applied.",
            name.interface.label().to_lowercase(),
            name.file_type
        );
        return Ok(Decision::Held { state: "held", why: Refusal::new(Code::Held, reason), envelope });
    }
    Ok(Decision::Queued { warnings, envelope })
}

async fn check(tx: &mut SystemTx, name: &FileName, scan: &Scan) -> sqlx::Result<Result<Envelope, Refusal>> {
    let header = match scan.header(name, LARGEST_FILE) {
        Ok(header) => header,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !name.is_full_generic_outbound() && !register::sender_is_known(tx, name).await? {
        let reason = if name.sender_is_vpd() {
            format!(
                "Employing organisation {} is not known here. Its first file must be a full Generic Outbound file (GOF), which registers it.",
                name.sender
            )
        } else {
            format!(
                "{} is not the code of a managing deanery body. Ask the sender which body the file is from.",
                name.sender
            )
        };
        return Ok(Err(Refusal::new(Code::OrgNotFound, reason)));
    }
    Ok(scan.envelope(name, header))
}

async fn write(
    tx: &mut SystemTx,
    file_id: Uuid,
    name: Option<&FileName>,
    scan: &Scan,
    decision: &Decision,
    by: &Actor,
    now: chrono::DateTime<chrono::Utc>,
) -> sqlx::Result<&'static str> {
    let (state, refusal, warnings, envelope) = match decision {
        Decision::Refused(refusal) => ("refused", Some(refusal), &[][..], None),
        Decision::Duplicate(refusal) => ("duplicate", Some(refusal), &[][..], None),
        Decision::Held { state, why, envelope } => (*state, Some(why), &[][..], Some(envelope)),
        Decision::Queued { warnings, envelope } => ("queued", None, warnings.as_slice(), Some(envelope)),
    };
    let records = envelope.map_or(0, |envelope| envelope.records);
    let decided = Decided {
        state,
        name,
        sha256: &scan.sha256,
        size: scan.size,
        header: envelope.map(|envelope| &envelope.header),
        trailer_count: envelope.map(|envelope| envelope.trailer_count),
        records,
        held: if state.starts_with("held") { records } else { 0 },
        refusal,
        warnings,
    };
    if state == "duplicate" {
        register::drop_chunks(tx, file_id).await?;
    }
    register::decide(tx, file_id, &decided, by, now).await?;
    if let (Some(name), true) = (name, !matches!(state, "refused" | "duplicate")) {
        expected::note_arrival(tx, name, now).await?;
    }
    let alarming = matches!(state, "refused" | "held_for_order") || !warnings.is_empty();
    if alarming {
        notices::tell_operators(tx, &json!({ "file_id": file_id }), &format!("{file_id}:{state}")).await?;
    }
    if let (Some(name), true) = (name, alarming || state == "held") {
        own_files::tell_employer(tx, name, file_id, state).await?;
    }
    Ok(state)
}
