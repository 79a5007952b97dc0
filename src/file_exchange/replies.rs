//! Files that answer files: their bytes are stored first, then put into the folder whole; made again they are the same.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::delimited::Writer;
use super::envelope::header_fields;
use super::name::FileName;
use super::processor::InterfaceFile;
use super::register;
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::{SystemTx, Vpd};

/// The rows of a reply are read, and its bytes stored, in pieces of about this many rows.
const PIECE: i64 = 5_000;

/// Whether the reply to the first pass of a file is there.
pub(super) async fn is_written(tx: &mut SystemTx, file_id: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select 1 from interface_files where answers = $1) as "there!""#, file_id)
        .fetch_one(&mut **tx)
        .await
}

/// Stores the reply of one round, unless it is there, and puts it into the outbound folder.
pub(super) async fn write(app: &App, file: &InterfaceFile, reply_type: &str, round: i32) -> sqlx::Result<()> {
    store(app, file, reply_type, round).await?;
    send_waiting(app).await
}

async fn store(app: &App, file: &InterfaceFile, reply_type: &str, round: i32) -> sqlx::Result<()> {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let there = sqlx::query_scalar!(
        r#"select exists (select 1 from interface_files where answers = $1 and (header->>'round')::integer = $2) as "there!""#,
        file.file_id,
        round
    )
    .fetch_one(&mut *tx)
    .await?;
    if there {
        return Ok(());
    }
    let sender = &file.name.sender;
    let number = next_number(&mut tx, reply_type, sender).await?;
    let name = format!("DE_{sender}_{reply_type}_{}_{number:08}.DAT", app.today().format("%Y%m%d"));
    let run = stamp(app.today(), now);
    let previous = sqlx::query_scalar!(
        "select header->>'run' from interface_files
          where direction = 'out' and file_type = $1 and sender = $2 order by sequence desc limit 1",
        reply_type,
        sender
    )
    .fetch_optional(&mut *tx)
    .await?
    .flatten()
    .unwrap_or_else(|| run.clone());
    let reply_id = Uuid::now_v7();
    let parsed = FileName::parse(&name).map_err(|refusal| sqlx::Error::Encode(refusal.into()))?;
    let header = json!({ "file_name": name, "created": run, "sender": sender, "previous_run": previous, "run": run, "version": "01",
                         "answers": file.name.text, "round": round });
    sqlx::query!(
        "insert into interface_files (file_id, file_name, direction, interface, file_type, sender, sequence, file_date, sha256, size_bytes, header,
                                      state, source, received_by, received_at, answers)
         values ($1, $2, 'out', $3, $4, $5, $6, $7, '', 0, $8, 'queued', 'portal', 'worker', $9, $10)",
        reply_id,
        name,
        parsed.interface.code(),
        reply_type,
        sender,
        number,
        app.today(),
        header,
        now,
        file.file_id
    )
    .execute(&mut *tx)
    .await?;
    let mut bytes = Bytes { tx: &mut tx, file_id: reply_id, chunk: 0, size: 0, hash: Sha256::new() };
    let mut line = Writer::default();
    line.line(header_fields(&name, &run, sender, &previous, &run, Some(&file.name.text)));
    bytes.add(line.finish()).await?;
    let rows = bytes.rows_of(file.file_id, round).await?;
    bytes.add(format!("TRL~{rows}\r\n")).await?;
    let (size, sha256) = (bytes.size, bytes.hash.finalize().to_vec());
    sqlx::query!(
        "update interface_files set size_bytes = $2, sha256 = $3, trailer_count = $4, records = $5 where file_id = $1",
        reply_id,
        size,
        sha256,
        rows,
        i32::try_from(rows).unwrap_or(i32::MAX)
    )
    .execute(&mut *tx)
    .await?;
    register::event(&mut tx, reply_id, "queued", "worker", None, now).await?;
    let by = Actor::File(file.name.text.clone());
    let detail = json!({ "file": name, "answers": file.name.text, "rows": rows });
    audit::record_for(
        &mut tx,
        &Vpd::operations(),
        &by,
        Event::FileConfirmed,
        Subject::new("file", reply_id),
        detail,
        now,
    )
    .await?;
    tx.commit().await
}

/// Business date and London clock, as headers bear them.
pub(super) fn stamp(today: NaiveDate, now: DateTime<Utc>) -> String {
    format!("{} {}", today.format("%Y%m%d"), now.with_timezone(&London).format("%H%M%S"))
}

pub(super) async fn next_number(tx: &mut SystemTx, reply_type: &str, sender: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into outbound_sequences as s (interface, sender, last) values ($1, $2, 1)
         on conflict (interface, sender) do update set last = s.last + 1 returning last",
        reply_type,
        sender
    )
    .fetch_one(&mut **tx)
    .await
}

struct Bytes<'a> {
    tx: &'a mut SystemTx,
    file_id: Uuid,
    chunk: i32,
    size: i64,
    hash: Sha256,
}

impl Bytes<'_> {
    async fn add(&mut self, text: String) -> sqlx::Result<()> {
        self.hash.update(text.as_bytes());
        self.size += i64::try_from(text.len()).unwrap_or(i64::MAX);
        register::store_chunk(self.tx, self.file_id, self.chunk, text.as_bytes()).await?;
        self.chunk += 1;
        Ok(())
    }

    /// Adds the stored rows of a round in the order of the records; gives how many there are.
    async fn rows_of(&mut self, file_id: Uuid, round: i32) -> sqlx::Result<i64> {
        let (mut record, mut vpd, mut row, mut count) = (0, String::new(), 0, 0);
        loop {
            let rows = sqlx::query!(
                "select record_no, vpd, row_no, line from file_replies
                  where file_id = $1 and round = $2 and (record_no, vpd, row_no) > ($3, $4, $5) order by record_no, vpd, row_no limit $6",
                file_id,
                round,
                record,
                vpd,
                row,
                PIECE
            )
            .fetch_all(&mut **self.tx)
            .await?;
            let Some(last) = rows.last() else { return Ok(count) };
            (record, vpd, row) = (last.record_no, last.vpd.clone(), last.row_no);
            count += i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let text: String = rows.iter().flat_map(|row| [row.line.as_str(), "\r\n"]).collect();
            self.add(text).await?;
        }
    }
}

/// Puts every stored reply that is not yet in the outbound folder there, whole.
pub async fn send_waiting(app: &App) -> sqlx::Result<()> {
    let waiting = {
        let mut connection = app.db.system_connection().await?;
        sqlx::query!("select file_id, file_name from interface_files where direction = 'out' and state = 'queued' order by received_at")
            .fetch_all(&mut *connection)
            .await?
    };
    for row in waiting {
        put(app, row.file_id, &row.file_name).await?;
        mark_sent(app, row.file_id).await?;
    }
    Ok(())
}

/// Says that a file lies in the outbound folder.
pub(super) async fn mark_sent(app: &App, file_id: Uuid) -> sqlx::Result<()> {
    let mut tx = app.db.system().await?;
    let sent = sqlx::query!(
        "update interface_files set state = 'sent', settled_at = $2 where file_id = $1 and state = 'queued'",
        file_id,
        app.now()
    )
    .execute(&mut *tx)
    .await?;
    if sent.rows_affected() == 1 {
        register::event(&mut tx, file_id, "sent", "worker", None, app.now()).await?;
    }
    tx.commit().await
}

/// Where a reply lies once it is sent.
pub fn path_of(app: &App, name: &str) -> PathBuf {
    let folder = app.config.exchange.join("outbound");
    folder.canonicalize().unwrap_or_else(|_| std::path::absolute(&folder).unwrap_or(folder)).join(name)
}

async fn put(app: &App, file_id: Uuid, name: &str) -> sqlx::Result<()> {
    let mut temporary = Temporary::create(app, name).map_err(sqlx::Error::Io)?;
    let mut number = 0;
    loop {
        let mut connection = app.db.system_connection().await?;
        let piece =
            sqlx::query_scalar!("select bytes from file_chunks where file_id = $1 and chunk_no = $2", file_id, number)
                .fetch_optional(&mut *connection)
                .await?;
        let Some(piece) = piece else { break };
        temporary.write(&piece).map_err(sqlx::Error::Io)?;
        number += 1;
    }
    temporary.finish().map_err(sqlx::Error::Io)
}

/// A file of the outbound folder that nobody looks for by its name until it is whole; given up, it is gone.
pub(super) struct Temporary {
    file: std::fs::File,
    path: PathBuf,
    folder: PathBuf,
    name: String,
    /// Bytes that the disk was not asked for yet.
    unasked: usize,
}

/// The disk is asked for so many bytes at a time, so that the end waits for the last of them alone.
const ASKED: usize = 4 * 1024 * 1024;

impl Temporary {
    pub fn create(app: &App, name: &str) -> std::io::Result<Self> {
        let folder = app.config.exchange.join("outbound");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!(".{name}.{}.part", Uuid::new_v4().simple()));
        Ok(Self { file: std::fs::File::create(&path)?, path, folder, name: name.to_owned(), unasked: 0 })
    }

    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.write_all(bytes)?;
        self.unasked += bytes.len();
        if self.unasked >= ASKED {
            self.unasked = 0;
            let file = self.file.try_clone()?;
            // A failure shows again at the end, which asks for all of it.
            drop(tokio::task::spawn_blocking(move || file.sync_data()));
        }
        Ok(())
    }

    pub fn finish(self) -> std::io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.path, self.folder.join(&self.name))?;
        std::fs::File::open(&self.folder)?.sync_all()
    }
}

/// Files that a killed program left half written are removed after so long: nobody writes one for a day.
const UNFINISHED_LASTS: Duration = Duration::from_secs(24 * 3600);

/// Removes what killed programs left half written in the outbound folder: its rows say what became of each, and the next run makes it anew.
pub fn remove_unfinished(app: &App) -> std::io::Result<()> {
    let folder = app.config.exchange.join("outbound");
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if name.starts_with('.') && name.ends_with(".part") && age > UNFINISHED_LASTS {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
