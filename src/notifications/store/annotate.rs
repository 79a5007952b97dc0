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
    open_again(tx, &[subject_key.to_owned()], &["closed_by_system"], why, by, now).await
}

/// As [`reopen`] for many facts, and what a person had marked as done too.
pub async fn reopen_done(
    tx: &mut VpdTx,
    subject_keys: &[String],
    why: &str,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    open_again(tx, subject_keys, &["closed_by_system", "done"], why, by, now).await
}

async fn open_again(
    tx: &mut VpdTx,
    subject_keys: &[String],
    states: &[&str],
    why: &str,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "with opened as (
           update items set state = 'open', closed_reason = null, decided_at = null, decided_by = null, version = version + 1
            where vpd = $1 and subject_key = any($2) and state = any($6) returning item_id)
         insert into item_events (vpd, event_id, item_id, at, actor, what, note)
         select $1, gen_random_uuid(), item_id, $3, $4, 'reopened', $5 from opened",
        vpd,
        subject_keys,
        now,
        by.name(),
        why,
        states as &[&str]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a waiting item becomes when its fact turns into another question.
#[derive(Debug)]
pub struct Turned<'a> {
    pub kind: &'static str,
    pub title: &'a str,
    pub text: &'a str,
    /// A sentence for the history.
    pub note: &'a str,
}

/// Makes waiting items about facts ask something else; whose they are, and what was noted, stays.
pub async fn turn(
    tx: &mut VpdTx,
    subject_keys: &[String],
    to: &Turned<'_>,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "with turned as (
           update items set type = $3, title = $4, facts = facts || jsonb_build_object('text', $5::text), version = version + 1
            where vpd = $1 and subject_key = any($2) and state in ('open', 'claimed') and type <> $3 returning item_id)
         insert into item_events (vpd, event_id, item_id, at, actor, what, note)
         select $1, gen_random_uuid(), item_id, $6, $7, 'turned', $8 from turned",
        vpd,
        subject_keys,
        to.kind,
        to.title,
        to.text,
        now,
        by.name(),
        to.note
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Says of waiting items whom they turned out to be about.
pub async fn name_person(
    tx: &mut VpdTx,
    subject_keys: &[String],
    person_id: &str,
    application_id: Uuid,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update items set person_id = $3, application_id = $4
          where vpd = $1 and subject_key = any($2) and state in ('open', 'claimed') and application_id is null",
        vpd,
        subject_keys,
        person_id,
        application_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
