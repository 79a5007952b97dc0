//! Records that failed and wait for somebody to put them right; what was said of them stays as it was.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// A failed record with what its sender wrote.
#[derive(Clone, Debug)]
pub struct FailedRecord {
    pub file_id: Uuid,
    pub file_name: String,
    pub sender: Option<String>,
    pub record_no: i32,
    pub raw: String,
    pub codes: Vec<String>,
    /// What its page says: `[{"type", "code", "text"}]`.
    pub messages: Value,
    pub summary: Option<String>,
    pub position_id: Option<String>,
    pub dpn: Option<String>,
    pub settled_by: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
    pub settled_note: Option<String>,
    pub asked_at: Option<DateTime<Utc>>,
    pub asked_by: Option<String>,
    pub person_id: Option<String>,
    pub application_id: Option<Uuid>,
}

/// How a failed record was put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// A later record of the same doctor and post loaded.
    LoadedLater,
    /// A later record of the same doctor and post failed too, and stands for both.
    FailedAgain,
    TriedAgain,
    ByHand,
    Dismissed,
}

impl Settlement {
    pub fn code(self) -> &'static str {
        match self {
            Self::LoadedLater => "loaded_later",
            Self::FailedAgain => "failed_again",
            Self::TriedAgain => "tried_again",
            Self::ByHand => "by_hand",
            Self::Dismissed => "dismissed",
        }
    }
}

/// A failed record of this employer; with `lock`, others wait until this transaction ends.
pub async fn find(tx: &mut VpdTx, file_id: Uuid, record_no: i32) -> sqlx::Result<Option<FailedRecord>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        FailedRecord,
        "select r.file_id, f.file_name, f.sender, r.record_no, r.raw, r.codes, r.messages, r.summary, r.position_id, r.dpn, r.settled_by,
                r.settled_at, r.settled_note, r.asked_at, r.asked_by, r.person_id, r.application_id
           from file_records r join interface_files f on f.file_id = r.file_id
          where r.vpd = $1 and r.file_id = $2 and r.record_no = $3 and r.outcome = 'failed'",
        vpd,
        file_id,
        record_no
    )
    .fetch_optional(&mut **tx)
    .await
}

/// As [`find`], and nobody else can put it right until this transaction ends.
pub async fn lock(tx: &mut VpdTx, file_id: Uuid, record_no: i32) -> sqlx::Result<Option<FailedRecord>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "select record_no from file_records where vpd = $1 and file_id = $2 and record_no = $3 and outcome = 'failed' for update",
        vpd,
        file_id,
        record_no
    )
    .fetch_optional(&mut **tx)
    .await?;
    find(tx, file_id, record_no).await
}

/// Failed records of other files that nobody has put right, for any of these posts or positions.
pub async fn list_unsettled(
    tx: &mut VpdTx,
    except_file: Uuid,
    dpns: &[String],
    position_ids: &[String],
) -> sqlx::Result<Vec<FailedRecord>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        FailedRecord,
        "select r.file_id, f.file_name, f.sender, r.record_no, r.raw, r.codes, r.messages, r.summary, r.position_id, r.dpn, r.settled_by,
                r.settled_at, r.settled_note, r.asked_at, r.asked_by, r.person_id, r.application_id
           from file_records r join interface_files f on f.file_id = r.file_id
          where r.vpd = $1 and r.outcome = 'failed' and r.settled_at is null and r.file_id <> $2
            and r.record_type = 'APP' and (r.dpn = any($3) or r.position_id = any($4))",
        vpd,
        except_file,
        dpns,
        position_ids
    )
    .fetch_all(&mut **tx)
    .await
}

/// Records of this file before the slice at hand, for any of these positions: number and line.
pub async fn list_earlier_of_file(
    tx: &mut VpdTx,
    file_id: Uuid,
    before: i32,
    position_ids: &[String],
) -> sqlx::Result<Vec<(i32, String)>> {
    list_of_file(tx, file_id, before, position_ids, &["loaded", "unchanged", "failed", "skipped"]).await
}

/// The failed records among those, which are few: number and line.
pub async fn list_failed_of_file(
    tx: &mut VpdTx,
    file_id: Uuid,
    before: i32,
    position_ids: &[String],
) -> sqlx::Result<Vec<(i32, String)>> {
    list_of_file(tx, file_id, before, position_ids, &["failed"]).await
}

async fn list_of_file(
    tx: &mut VpdTx,
    file_id: Uuid,
    before: i32,
    position_ids: &[String],
    outcomes: &[&str],
) -> sqlx::Result<Vec<(i32, String)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select record_no, raw from file_records
          where vpd = $1 and file_id = $2 and outcome = any($5) and record_no < $3 and position_id = any($4) order by record_no",
        vpd,
        file_id,
        before,
        position_ids,
        outcomes as &[&str]
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.record_no, row.raw)).collect())
}

/// Which of these applications an earlier record of this file brought, and which record that was.
pub async fn list_applications_of_file(
    tx: &mut VpdTx,
    file_id: Uuid,
    before: i32,
    application_ids: &[Uuid],
) -> sqlx::Result<Vec<(Uuid, i32)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select application_id as "application_id!", min(record_no) as "record_no!" from file_records
            where vpd = $1 and file_id = $2 and record_no < $3 and application_id = any($4) group by application_id"#,
        vpd,
        file_id,
        before,
        application_ids
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.application_id, row.record_no)).collect())
}

/// How one failed record was put right, and what it became.
#[derive(Clone, Debug)]
pub struct Settled<'a> {
    pub file_id: Uuid,
    pub record_no: i32,
    pub by: Settlement,
    pub note: &'a str,
    pub became: Option<(&'a str, Uuid)>,
}

/// Notes that a failed record was put right; false when somebody else was first.
pub async fn settle(tx: &mut VpdTx, settled: &Settled<'_>, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    let done = sqlx::query!(
        "update file_records set settled_by = $4, settled_at = $5, settled_note = $6, person_id = coalesce($7, person_id),
                application_id = coalesce($8, application_id)
          where vpd = $1 and file_id = $2 and record_no = $3 and outcome = 'failed' and settled_at is null",
        vpd,
        settled.file_id,
        settled.record_no,
        settled.by.code(),
        now,
        settled.note,
        settled.became.map(|(person, _)| person),
        settled.became.map(|(_, application)| application),
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that the sender was asked for a record again; it waits.
pub async fn save_asked(
    tx: &mut VpdTx,
    file_id: Uuid,
    record_no: i32,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    let done = sqlx::query!(
        "update file_records set asked_at = $4, asked_by = $5
          where vpd = $1 and file_id = $2 and record_no = $3 and outcome = 'failed' and settled_at is null",
        vpd,
        file_id,
        record_no,
        now,
        by
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
