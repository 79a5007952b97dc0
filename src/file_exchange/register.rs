//! The SQL of the register: one row a file, its bytes, its states.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::envelope::Header;
use super::name::{FileName, SequencePolicy};
use super::processor::InterfaceFile;
use super::refusal::Refusal;
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::{SystemTx, Vpd};

/// Keeps every other delivery and every other worker away from this sender's files until the transaction ends.
pub async fn lock_sender(tx: &mut SystemTx, interface: &str, sender: &str) -> sqlx::Result<()> {
    // A large file takes its time to be stored; those behind it wait.
    sqlx::query("select set_config('lock_timeout', '600s', true)").execute(&mut **tx).await?;
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 41))", format!("{interface}/{sender}"))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A file that was taken under a name, and what its bytes were.
pub struct Taken {
    pub sha256: Vec<u8>,
    pub received_at: DateTime<Utc>,
}

/// The file that was taken under this name, if one was: one that was refused leaves its name free.
pub async fn taken(tx: &mut SystemTx, name: &str) -> sqlx::Result<Option<Taken>> {
    sqlx::query_as!(
        Taken,
        "select sha256, received_at from interface_files
          where file_name = $1 and direction = 'in' and state not in ('refused', 'duplicate', 'receiving')",
        name
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The greatest number taken so far from this sender, of this type.
pub async fn last_sequence(tx: &mut SystemTx, name: &FileName) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "select max(sequence) from interface_files
          where interface = $1 and sender = $2 and file_type = $3 and direction = 'in'
            and state not in ('refused', 'duplicate', 'receiving', 'held_for_order')",
        name.interface.code(),
        name.sender,
        name.file_type
    )
    .fetch_one(&mut **tx)
    .await
}

/// Whether the managing body or the employing organisation of a name is known.
pub async fn sender_is_known(tx: &mut SystemTx, name: &FileName) -> sqlx::Result<bool> {
    let known = if name.sender_is_vpd() {
        sqlx::query_scalar!(
            r#"select exists (select 1 from vpds where vpd = $1 and vpd <> '0') as "known!""#,
            name.sender
        )
        .fetch_one(&mut **tx)
        .await?
    } else {
        sqlx::query_scalar!(r#"select exists (select 1 from managing_bodies where code = $1) as "known!""#, name.sender)
            .fetch_one(&mut **tx)
            .await?
    };
    Ok(known)
}

/// Stores a piece of a file's bytes.
pub async fn store_chunk(tx: &mut SystemTx, file_id: Uuid, number: i32, bytes: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("insert into file_chunks (file_id, chunk_no, bytes) values ($1, $2, $3)", file_id, number, bytes)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Lets the bytes of a file go that is here already.
pub async fn drop_chunks(tx: &mut SystemTx, file_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from file_chunks where file_id = $1", file_id).execute(&mut **tx).await?;
    Ok(())
}

/// Begins the row of a file whose bytes are about to be stored.
pub async fn begin(
    tx: &mut SystemTx,
    file_id: Uuid,
    name: &str,
    source: &str,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let kept: String = name.chars().filter(|c| *c != '\0').take(300).collect();
    sqlx::query!(
        "insert into interface_files (file_id, file_name, direction, interface, sha256, size_bytes, state, source, received_by, received_at)
         values ($1, $2, 'in', 'unknown', '', 0, 'receiving', $3, $4, $5)",
        file_id,
        kept,
        source,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    event(tx, file_id, "received", by, None, now).await
}

/// What was decided about a file.
pub struct Decided<'a> {
    pub state: &'static str,
    pub name: Option<&'a FileName>,
    pub sha256: &'a [u8],
    pub size: u64,
    pub header: Option<&'a Header>,
    pub trailer_count: Option<u64>,
    pub records: u64,
    pub held: u64,
    pub refusal: Option<&'a Refusal>,
    pub warnings: &'a [String],
}

/// Writes the decision about a received file, and records it.
pub async fn decide(
    tx: &mut SystemTx,
    file_id: Uuid,
    decided: &Decided<'_>,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let settled = matches!(decided.state, "refused" | "duplicate").then_some(now);
    let warnings: Vec<Value> = decided.warnings.iter().map(|text| json!({ "code": "F07", "text": text })).collect();
    sqlx::query!(
        "update interface_files
            set state = $2, interface = coalesce($3, interface), file_type = $4, sender = $5, sequence = $6, file_date = $7, sha256 = $8,
                size_bytes = $9, header = $10, trailer_count = $11, records = $12, held = $13, code = $14, reason = $15, warnings = $16,
                settled_at = $17
          where file_id = $1",
        file_id,
        decided.state,
        decided.name.map(|name| name.interface.code()),
        decided.name.map(|name| name.file_type.as_str()),
        decided.name.map(|name| name.sender.as_str()),
        decided.name.map(|name| name.sequence),
        decided.name.map(|name| name.date),
        decided.sha256,
        i64::try_from(decided.size).unwrap_or(i64::MAX),
        decided.header.map(|header| json!(header)),
        decided.trailer_count.and_then(|count| i64::try_from(count).ok()),
        i32::try_from(decided.records).unwrap_or(i32::MAX),
        i32::try_from(decided.held).unwrap_or(i32::MAX),
        decided.refusal.map(|refusal| refusal.code.code()),
        decided.refusal.map(|refusal| refusal.reason.as_str()),
        Value::Array(warnings),
        settled,
    )
    .execute(&mut **tx)
    .await?;
    event(tx, file_id, decided.state, by.name(), decided.refusal.map(|refusal| refusal.reason.as_str()), now).await?;
    let what = match decided.state {
        "refused" => Event::FileRefused,
        "held" | "held_for_order" => Event::FileHeld,
        _ => Event::FileReceived,
    };
    let detail = json!({ "file": decided.name.map(|name| &name.text), "state": decided.state,
                         "code": decided.refusal.map(|refusal| refusal.code.code()), "records": decided.records });
    audit::record_for(tx, &Vpd::operations(), by, what, Subject::new("file", file_id), detail, now).await
}

/// Adds a line to a file's timeline.
pub async fn event(
    tx: &mut SystemTx,
    file_id: Uuid,
    state: &str,
    actor: &str,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into file_events (event_id, file_id, at, actor, state, note) values ($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        file_id,
        now,
        actor,
        state,
        note
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A file's row, as far as its processing needs it.
pub struct Row {
    pub file: InterfaceFile,
    pub state: String,
    /// Tries since it last got further.
    pub attempts: i32,
    /// How far it was when the last try began ([`super::results::progress`]).
    pub progress: i64,
}

/// One inbound file of the register.
pub async fn find(tx: &mut SystemTx, file_id: Uuid) -> sqlx::Result<Option<Row>> {
    let row = sqlx::query!(
        "select file_name, records, received_at, state, attempts, progress from interface_files where file_id = $1 and direction = 'in'",
        file_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.and_then(|row| {
        let name = FileName::parse(&row.file_name).ok()?;
        let file = InterfaceFile { file_id, name, records: row.records, received_at: row.received_at };
        Some(Row { file, state: row.state, attempts: row.attempts, progress: row.progress })
    }))
}

/// How a file's numbers stand to those before it.
pub enum Order {
    Next,
    Gap { last: i64 },
    Behind { last: i64 },
}

/// Judges a number by the greatest taken so far: the first file of a sender may bear any.
pub fn order(name: &FileName, last: Option<i64>) -> Order {
    match last {
        None => Order::Next,
        Some(last) if name.sequence <= last => Order::Behind { last },
        Some(last) if name.sequence_policy() == SequencePolicy::OneByOne && name.sequence > last + 1 => {
            Order::Gap { last }
        }
        Some(_) => Order::Next,
    }
}
