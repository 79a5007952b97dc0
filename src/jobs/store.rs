use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::tenancy::{SystemTx, Tx, Vpd, VpdTx};

/// Queues work of this transaction's organisation, due at once. With a `dedupe` key, one that already waits serves for both.
pub async fn enqueue(
    tx: &mut VpdTx,
    kind: &'static str,
    payload: &impl Serialize,
    dedupe: Option<&str>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().clone();
    insert(tx, &vpd, kind, payload, dedupe, None).await
}

/// As [`enqueue`], for work that waits for a moment, such as tonight at ten.
pub async fn enqueue_at(
    tx: &mut VpdTx,
    kind: &'static str,
    payload: &impl Serialize,
    dedupe: Option<&str>,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().clone();
    insert(tx, &vpd, kind, payload, dedupe, Some(at)).await
}

/// Queues work for an organisation from sign-in or the file register, due at once.
pub async fn enqueue_system(
    tx: &mut SystemTx,
    vpd: &Vpd,
    kind: &'static str,
    payload: &impl Serialize,
    dedupe: Option<&str>,
) -> sqlx::Result<()> {
    insert(tx, vpd, kind, payload, dedupe, None).await
}

async fn insert(
    tx: &mut impl Tx,
    vpd: &Vpd,
    kind: &'static str,
    payload: &impl Serialize,
    dedupe: Option<&str>,
    at: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    let payload = serde_json::to_value(payload).map_err(|error| sqlx::Error::Encode(error.into()))?;
    // By the database's clock, as the runner looks: a machine whose own is wrong neither hurries its work nor keeps it waiting (F-20).
    sqlx::query!(
        "insert into jobs (job_id, vpd, kind, dedupe_key, payload, run_at) values ($1, $2, $3, $4, $5, coalesce($6, now()))
             on conflict (vpd, kind, dedupe_key) where state = 'ready' and dedupe_key is not null do nothing",
        Uuid::now_v7(),
        vpd as &Vpd,
        kind,
        dedupe,
        payload,
        at
    )
    .execute(&mut **tx)
    .await?;
    // Only a wake-up call, delivered when the transaction commits: the worker looks every two seconds anyhow.
    sqlx::query("select pg_notify('changeover_jobs', '')").execute(&mut **tx).await?;
    Ok(())
}

/// A job that was given up.
#[derive(Debug)]
pub struct DeadJob {
    pub job_id: Uuid,
    pub vpd: Vpd,
    pub kind: String,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Jobs that were given up, newest first; of one organisation, or of all for operators.
pub async fn dead(tx: &mut SystemTx, vpd: Option<&Vpd>) -> sqlx::Result<Vec<DeadJob>> {
    sqlx::query_as!(
        DeadJob,
        r#"select job_id, vpd as "vpd: Vpd", kind, attempts, last_error, created_at from jobs
            where state = 'dead' and ($1::text is null or vpd = $1) order by created_at desc limit 200"#,
        vpd.map(Vpd::as_str)
    )
    .fetch_all(&mut **tx)
    .await
}

/// Gives a dead job another ten tries.
pub async fn requeue(tx: &mut SystemTx, vpd: Option<&Vpd>, job_id: Uuid) -> sqlx::Result<bool> {
    // The same work may wait already, queued since by what caused it again: then that one serves.
    let served = sqlx::query!(
        "delete from jobs d where d.job_id = $1 and d.state = 'dead' and ($2::text is null or d.vpd = $2)
            and exists (select 1 from jobs w where w.vpd = d.vpd and w.kind = d.kind and w.dedupe_key = d.dedupe_key and w.state = 'ready')",
        job_id,
        vpd.map(Vpd::as_str)
    )
    .execute(&mut **tx)
    .await?;
    if served.rows_affected() == 1 {
        return Ok(true);
    }
    let done = sqlx::query!(
        "update jobs set state = 'ready', attempts = 0, run_at = now(), lease_token = null, lease_until = null
          where job_id = $1 and state = 'dead' and ($2::text is null or vpd = $2)",
        job_id,
        vpd.map(Vpd::as_str)
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes one slot of a schedule; `false` when it was taken before, here or by another worker.
pub async fn take_slot(
    tx: &mut SystemTx,
    schedule: &'static str,
    slot: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into scheduled_runs (schedule, slot, ran_at) values ($1, $2, $3) on conflict do nothing",
        schedule,
        slot,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The last slot of a schedule that was taken.
pub async fn last_slot(tx: &mut SystemTx, schedule: &'static str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select max(slot) from scheduled_runs where schedule = $1", schedule).fetch_one(&mut **tx).await
}

/// How much waits, for `/metrics`.
#[derive(Debug)]
pub struct Backlog {
    pub kind: String,
    pub waiting: i64,
    pub dead: i64,
    /// How long the oldest that is due has waited.
    pub oldest_seconds: f64,
}

/// Every kind of job that waits or was given up.
pub async fn backlog(connection: &mut sqlx::PgConnection) -> sqlx::Result<Vec<Backlog>> {
    sqlx::query_as!(
        Backlog,
        r#"select kind, count(*) filter (where state <> 'dead') as "waiting!", count(*) filter (where state = 'dead') as "dead!",
                  coalesce(extract(epoch from now() - min(created_at) filter (where state = 'ready' and run_at <= now())), 0)::float8 as "oldest_seconds!"
             from jobs group by kind order by kind"#
    )
    .fetch_all(connection)
    .await
}
