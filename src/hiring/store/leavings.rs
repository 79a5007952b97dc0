use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// What was decided of an employment or honorary record.
#[derive(Clone, Debug)]
pub struct Leaving {
    pub leaving_id: Uuid,
    pub person_id: String,
    pub outcome: String,
    pub last_day: Option<NaiveDate>,
    pub reason_code: Option<String>,
    pub destination: Option<String>,
    pub note: Option<String>,
    pub before: Value,
    pub after: Value,
    pub by: String,
    pub at: DateTime<Utc>,
    pub taken_back_at: Option<DateTime<Utc>>,
}

pub async fn insert_leaving(tx: &mut VpdTx, leaving: &Leaving) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into leavings (vpd, leaving_id, person_id, outcome, last_day, reason_code, destination, note, before, after, by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        vpd,
        leaving.leaving_id,
        leaving.person_id,
        leaving.outcome,
        leaving.last_day,
        leaving.reason_code,
        leaving.destination,
        leaving.note,
        leaving.before,
        leaving.after,
        leaving.by,
        leaving.at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One decision, which nobody else takes back until this transaction ends.
pub async fn find_leaving(tx: &mut VpdTx, leaving_id: Uuid) -> sqlx::Result<Option<Leaving>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Leaving,
        "select leaving_id, person_id, outcome, last_day, reason_code, destination, note, before, after, by, at, taken_back_at
           from leavings where vpd = $1 and leaving_id = $2 for update",
        vpd,
        leaving_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// What was last decided of a person's record and was not taken back.
pub async fn latest_leaving(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Option<Leaving>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Leaving,
        "select leaving_id, person_id, outcome, last_day, reason_code, destination, note, before, after, by, at, taken_back_at
           from leavings where vpd = $1 and person_id = $2 and taken_back_at is null order by at desc, leaving_id desc limit 1",
        vpd,
        person_id
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn take_leaving_back(tx: &mut VpdTx, leaving_id: Uuid, by: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update leavings set taken_back_by = $3, taken_back_at = $4 where vpd = $1 and leaving_id = $2",
        vpd,
        leaving_id,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A list of codes with their labels.
pub async fn codes(tx: &mut VpdTx, list: &str) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!("select code, label from code_values where list = $1 and active order by code", list)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.label)).collect())
}
