//! Files of ours that answer nothing: begun, filled piece by piece as they are made, and put into the outbound folder when whole.
//!
//! A file that was not finished is never sent; whoever makes the next gives it up first.

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::delimited::Writer;
use super::envelope::header_fields;
use super::name::FileName;
use super::register;
use super::replies::{Temporary, mark_sent, next_number, send_waiting, stamp};
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::{SystemTx, Vpd};

/// A file in the making.
pub struct Outgoing {
    pub file_id: Uuid,
    pub name: String,
    chunk: i32,
    size: i64,
    /// Of each employer whom it concerns.
    records: BTreeMap<Vpd, i32>,
    hash: Sha256,
    /// The file beside its pieces; without it, it is put together from them at the end.
    temporary: Option<Temporary>,
}

/// Keeps every other run for this receiver waiting until the transaction ends.
pub async fn lock(tx: &mut SystemTx, file_type: &str, sender: &str) -> sqlx::Result<()> {
    register::lock_sender(tx, &format!("out {file_type}"), sender).await
}

/// Gives up what an earlier run for this receiver left unfinished: nothing of it was sent.
pub async fn give_up_unfinished(app: &App, sender: &str, file_types: &[String]) -> sqlx::Result<()> {
    let mut tx = app.db.system().await?;
    let left = sqlx::query_scalar!(
        "update interface_files set state = 'failed', settled_at = $3, reason = 'The run that made it was cut off; the next contains it.'
          where direction = 'out' and state = 'processing' and sender = $1 and file_type = any($2) returning file_id",
        sender,
        file_types,
        app.now()
    )
    .fetch_all(&mut *tx)
    .await?;
    for file_id in left {
        register::drop_chunks(&mut tx, file_id).await?;
        register::event(&mut tx, file_id, "failed", "worker", None, app.now()).await?;
    }
    tx.commit().await
}

/// Begins a file with its header.
pub async fn begin(app: &App, file_type: &str, sender: &str) -> sqlx::Result<Outgoing> {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let number = next_number(&mut tx, file_type, sender).await?;
    let name = format!("DE_{sender}_{file_type}_{}_{number:08}.DAT", app.today().format("%Y%m%d"));
    let run = stamp(app.today(), now);
    let previous = sqlx::query_scalar!(
        "select header->>'run' from interface_files where direction = 'out' and file_type = $1 and sender = $2 and state <> 'failed'
          order by sequence desc limit 1",
        file_type,
        sender
    )
    .fetch_optional(&mut *tx)
    .await?
    .flatten()
    .unwrap_or_else(|| run.clone());
    let parsed = FileName::parse(&name).map_err(|refusal| sqlx::Error::Encode(refusal.into()))?;
    let file_id = Uuid::now_v7();
    let header = json!({ "file_name": name, "created": run, "sender": sender, "previous_run": previous, "run": run, "version": "01" });
    sqlx::query!(
        "insert into interface_files (file_id, file_name, direction, interface, file_type, sender, sequence, file_date, sha256, size_bytes, header,
                                      state, source, received_by, received_at)
         values ($1, $2, 'out', $3, $4, $5, $6, $7, '', 0, $8, 'processing', 'portal', 'worker', $9)",
        file_id,
        name,
        parsed.interface.code(),
        file_type,
        sender,
        number,
        app.today(),
        header,
        now
    )
    .execute(&mut *tx)
    .await?;
    register::event(&mut tx, file_id, "processing", "worker", None, now).await?;
    let temporary = Temporary::create(app, &name).ok();
    let mut out = Outgoing {
        file_id,
        name: name.clone(),
        chunk: 0,
        size: 0,
        records: BTreeMap::new(),
        hash: Sha256::new(),
        temporary,
    };
    let mut line = Writer::default();
    line.line(header_fields(&name, &run, sender, &previous, &run, None));
    out.store(&mut tx, &line.finish()).await?;
    tx.commit().await?;
    Ok(out)
}

/// Whole lines for a file, and whom they concern.
#[derive(Default)]
pub struct Piece {
    text: String,
    records: BTreeMap<Vpd, usize>,
}

impl Piece {
    /// Adds lines that concern an employer, by so many records.
    pub fn say(&mut self, vpd: &Vpd, lines: &str, records: usize) {
        self.text.push_str(lines);
        *self.records.entry(vpd.clone()).or_default() += records;
    }

    /// The size of its lines, in bytes.
    pub fn size(&self) -> usize {
        self.text.len()
    }
}

impl Outgoing {
    async fn store(&mut self, tx: &mut SystemTx, text: &str) -> sqlx::Result<()> {
        self.hash.update(text.as_bytes());
        self.size += i64::try_from(text.len()).unwrap_or(i64::MAX);
        register::store_chunk(tx, self.file_id, self.chunk, text.as_bytes()).await?;
        self.temporary = self.temporary.take().and_then(|mut file| file.write(text.as_bytes()).is_ok().then_some(file));
        self.chunk += 1;
        Ok(())
    }

    /// Adds lines. They wait for the disk with the file's end: one without it is never sent.
    pub async fn add(&mut self, app: &App, piece: Piece) -> sqlx::Result<()> {
        let mut tx = app.db.system().await?;
        self.store(&mut tx, &piece.text).await?;
        for (vpd, records) in piece.records {
            *self.records.entry(vpd).or_default() += i32::try_from(records).unwrap_or(i32::MAX);
        }
        tx.commit_with_the_next().await
    }

    /// Writes the trailer and whom the file concerns, whose pages show it then, and puts it into the outbound folder.
    pub async fn finish(mut self, app: &App, by: &Actor) -> sqlx::Result<(String, i64)> {
        let now = app.now();
        let records: i64 = self.records.values().map(|count| i64::from(*count)).sum();
        let mut tx = app.db.system().await?;
        let trailer = format!("TRL~{records}\r\n");
        self.store(&mut tx, &trailer).await?;
        sqlx::query!(
            "insert into file_vpds (vpd, file_id, records, success) select vpd, $1, records, records from unnest($2::text[], $3::int4[]) as n (vpd, records)",
            self.file_id,
            &self.records.keys().map(|vpd| vpd.as_str().to_owned()).collect::<Vec<_>>(),
            &self.records.values().copied().collect::<Vec<_>>()
        )
        .execute(&mut *tx)
        .await?;
        let finished = sqlx::query!(
            "update interface_files set size_bytes = $2, sha256 = $3, trailer_count = $4, records = $5, success = $5, state = 'queued'
              where file_id = $1 and state = 'processing'",
            self.file_id,
            self.size,
            self.hash.clone().finalize().to_vec(),
            records,
            i32::try_from(records).unwrap_or(i32::MAX)
        )
        .execute(&mut *tx)
        .await?;
        if finished.rows_affected() == 0 {
            // Another run held this one for dead and let go of its pieces.
            return Err(sqlx::Error::Protocol(format!("{} was given up while it was made", self.name)));
        }
        register::event(&mut tx, self.file_id, "queued", by.name(), None, now).await?;
        let detail = json!({ "file": self.name, "records": records });
        let about = Subject::new("file", self.file_id);
        audit::record_for(&mut tx, &Vpd::operations(), by, Event::FileMade, about, detail, now).await?;
        tx.commit().await?;
        // What cannot be put there now waits, as every reply does.
        if self.temporary.take().is_some_and(|file| file.finish().is_ok()) {
            mark_sent(app, self.file_id).await?;
        }
        send_waiting(app).await?;
        Ok((self.name, records))
    }
}
