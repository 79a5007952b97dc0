use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// Two records of one person that became one, with what went over.
#[derive(Clone, Debug)]
pub struct Merge {
    pub merge_id: Uuid,
    pub kept: String,
    pub merged: String,
    pub moved: Value,
    pub by: String,
    pub at: DateTime<Utc>,
    pub reason: Option<String>,
    pub undone_by: Option<String>,
    pub undone_at: Option<DateTime<Utc>>,
}

pub async fn insert_merge(tx: &mut VpdTx, merge: &Merge) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into person_merges (vpd, merge_id, kept, merged, moved, by, at, reason) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        vpd,
        merge.merge_id,
        merge.kept,
        merge.merged,
        merge.moved,
        merge.by,
        merge.at,
        merge.reason
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A merge that nobody else can undo until this transaction ends.
pub async fn lock_merge(tx: &mut VpdTx, merge_id: Uuid) -> sqlx::Result<Option<Merge>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Merge,
        "select merge_id, kept, merged, moved, by, at, reason, undone_by, undone_at from person_merges
          where vpd = $1 and merge_id = $2 for update",
        vpd,
        merge_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Merges into a person, the newest first.
pub async fn list_merges(tx: &mut VpdTx, kept: &str) -> sqlx::Result<Vec<Merge>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Merge,
        "select merge_id, kept, merged, moved, by, at, reason, undone_by, undone_at from person_merges
          where vpd = $1 and kept = $2 order by at desc",
        vpd,
        kept
    )
    .fetch_all(&mut **tx)
    .await
}

pub async fn save_undone(tx: &mut VpdTx, merge_id: Uuid, by: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update person_merges set undone_by = $3, undone_at = $4 where vpd = $1 and merge_id = $2",
        vpd,
        merge_id,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
