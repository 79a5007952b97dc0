use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::audit::Actor;
use crate::tenancy::VpdTx;

/// What happened to a fact that still waits.
#[derive(Debug)]
pub struct Annotation<'a> {
    /// A code for the item's history, such as `asked`.
    pub what: &'static str,
    /// A sentence for the history.
    pub note: &'a str,
    /// Added to what the message's table shows.
    pub facts: Value,
}

/// Adds to every waiting item about a fact what happened meanwhile; the items go on waiting.
pub async fn annotate(
    tx: &mut VpdTx,
    subject_key: &str,
    annotation: &Annotation<'_>,
    by: &Actor,
    user_id: Option<Uuid>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "with changed as (
           update items set facts = facts || $3, version = version + 1
            where vpd = $1 and subject_key = $2 and state in ('open', 'claimed') returning item_id)
         insert into item_events (vpd, event_id, item_id, at, actor, user_id, what, note)
         select $1, gen_random_uuid(), item_id, $4, $5, $6, $7, $8 from changed",
        vpd,
        subject_key,
        annotation.facts,
        now,
        by.name(),
        user_id,
        annotation.what,
        annotation.note
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Opens again what closed itself about a fact, because the fact broke again.
pub async fn reopen(tx: &mut VpdTx, subject_key: &str, why: &str, by: &Actor, now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "with opened as (
           update items set state = 'open', closed_reason = null, decided_at = null, version = version + 1
            where vpd = $1 and subject_key = $2 and state = 'closed_by_system' returning item_id)
         insert into item_events (vpd, event_id, item_id, at, actor, what, note)
         select $1, gen_random_uuid(), item_id, $3, $4, 'reopened', $5 from opened",
        vpd,
        subject_key,
        now,
        by.name(),
        why
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
