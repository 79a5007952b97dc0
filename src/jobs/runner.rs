use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use rand::RngExt;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::app::App;
use crate::tenancy::{Vpd, VpdTx};

const LEASE: TimeDelta = TimeDelta::minutes(2);
/// How often a job is tried before it is given up.
pub const TRIES: i32 = 10;

/// One leased job, as its handler gets it.
pub struct Work {
    pub app: App,
    pub vpd: Vpd,
    pub attempt: i32,
    payload: serde_json::Value,
}

impl Work {
    /// Begins the transaction of the job's organisation.
    pub async fn begin(&self) -> sqlx::Result<VpdTx> {
        self.app.db.vpd(&self.vpd).await
    }

    /// The payload; one that does not read gives the job up at once.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_value(self.payload.clone())
            .map_err(|error| Failure::GiveUp(format!("the payload does not read: {error}")))
    }
}

/// Why a job did not do its work. The text is shown to administrators: no personal data.
#[derive(Debug)]
pub enum Failure {
    Retry(String),
    GiveUp(String),
    /// Nothing is wrong with the work, what it needs is away: to be tried after the pause, without counting as a try.
    Later(String, Duration),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Retry(error.to_string())
    }
}

type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// What does the work of one kind.
pub type Handler = Arc<dyn Fn(Work) -> Run + Send + Sync>;

/// Every kind of job and what does it; made once, in `worker`.
#[derive(Default, Clone)]
pub struct Registry {
    handlers: HashMap<&'static str, Handler>,
}

impl Registry {
    pub fn on<F, R>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Work) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let run: Handler = Arc::new(move |work| Box::pin(handler(work)));
        assert!(self.handlers.insert(kind, run).is_none(), "two handlers for {kind}");
        self
    }
}

struct Leased {
    job_id: Uuid,
    vpd: Vpd,
    kind: String,
    payload: serde_json::Value,
    attempts: i32,
}

/// Mail has a lane of its own: a mail server that hangs holds up no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Kinds that begin with `email.`.
    Mail,
    /// Every other kind.
    Work,
}

/// Runs what is due in one lane, at most `limit` jobs in their order, fairly over the organisations; gives how many were run.
pub async fn run_due(app: &App, registry: &Registry, lane: Lane, limit: i64) -> sqlx::Result<usize> {
    let token = Uuid::new_v4();
    let mut connection = app.db.system_connection().await?;
    // A trust with 40,000 jobs does not keep the others waiting: at most a few of each in a round.
    let mut leased = sqlx::query_as!(
        Leased,
        r#"with due as (
             select job_id, row_number() over (partition by vpd order by job_id) as turn, run_at from (
               select job_id, vpd, run_at from jobs
                where ((state = 'ready' and run_at <= now()) or (state = 'leased' and lease_until < now()))
                  and starts_with(kind, 'email.') = $4
                order by run_at limit 500) window_of_jobs),
           chosen as (
             select j.job_id from jobs j join due on due.job_id = j.job_id order by due.turn, due.run_at limit $1 for update of j skip locked)
           update jobs set state = 'leased', lease_token = $2, lease_until = now() + $3, attempts = attempts + 1
             from chosen where jobs.job_id = chosen.job_id and (jobs.state = 'ready' or jobs.lease_until < now())
           returning jobs.job_id, vpd as "vpd: Vpd", kind, payload, attempts"#,
        limit,
        token,
        LEASE as _,
        lane == Lane::Mail,
    )
    .fetch_all(&mut *connection)
    .await?;
    drop(connection);
    // Ids grow with time: what was queued first goes first, even when several have waited for the same thing.
    leased.sort_by_key(|job| job.job_id);
    let count = leased.len();
    let running = async {
        for job in leased {
            let (id, kind) = (job.job_id, job.kind.clone());
            if let Err(error) = run_one(app, registry, job, token).await {
                // Its lease lapses, and then it is taken up again.
                tracing::error!(%error, job.kind = kind, job.id = %id, "a job could not be settled");
            }
        }
    };
    tokio::select! {
        () = running => {}
        () = keep_lease(app, token) => {}
    }
    Ok(count)
}

/// Lengthens the lease while the work goes on; ends, and the work with it, when the lease is another's by now.
async fn keep_lease(app: &App, token: Uuid) {
    loop {
        tokio::time::sleep(LEASE.to_std().unwrap_or_default() / 4).await;
        let lengthened = async {
            let mut connection = app.db.system_connection().await?;
            sqlx::query!("update jobs set lease_until = now() + $2 where lease_token = $1", token, LEASE as _)
                .execute(&mut *connection)
                .await
        };
        match lengthened.await {
            Ok(done) if done.rows_affected() == 0 => {
                tracing::warn!("the lease of running work was lost to another worker");
                return;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the lease of running work could not be lengthened"),
        }
    }
}

async fn run_one(app: &App, registry: &Registry, job: Leased, token: Uuid) -> sqlx::Result<()> {
    let result = match registry.handlers.get(job.kind.as_str()) {
        None => Err(Failure::GiveUp(format!("this release has no work called {}", job.kind))),
        Some(handler) => {
            let work = Work { app: app.clone(), vpd: job.vpd.clone(), attempt: job.attempts, payload: job.payload };
            match AssertUnwindSafe(handler(work)).catch_unwind().await {
                Ok(result) => result,
                Err(_) => Err(Failure::Retry("the work stopped at a fault of the program".to_owned())),
            }
        }
    };
    let mut connection = app.db.system_connection().await?;
    let failure = match result {
        Ok(()) => {
            sqlx::query!("delete from jobs where job_id = $1 and lease_token = $2", job.job_id, token)
                .execute(&mut *connection)
                .await?;
            return Ok(());
        }
        Err(failure) => failure,
    };
    let (text, dead, wait, counted) = match failure {
        Failure::Retry(text) => (text, job.attempts >= TRIES, back_off(job.attempts), 0),
        Failure::GiveUp(text) => (text, true, TimeDelta::zero(), 0),
        // Whole milliseconds: PostgreSQL's intervals know no shorter ones than millionths.
        Failure::Later(text, pause) => {
            let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX / 2000);
            (text, false, TimeDelta::milliseconds(pause + 1), 1)
        }
    };
    tracing::warn!(job.kind = job.kind, job.id = %job.job_id, attempts = job.attempts, dead, "a job failed");
    // One of the same key may have come to wait meanwhile: then both wait, the older one without its key.
    sqlx::query!(
        "update jobs set state = $3, run_at = now() + $4, lease_token = null, lease_until = null, last_error = $5, attempts = attempts - $6,
                dedupe_key = case when exists (select 1 from jobs o where o.vpd = jobs.vpd and o.kind = jobs.kind
                                     and o.dedupe_key = jobs.dedupe_key and o.state = 'ready') then null else dedupe_key end
          where job_id = $1 and lease_token = $2",
        job.job_id,
        token,
        if dead { "dead" } else { "ready" },
        wait as _,
        text.chars().take(500).collect::<String>(),
        counted
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// 10 s x 4^n with jitter, at most 6 h.
fn back_off(attempts: i32) -> TimeDelta {
    let base = 10_000_i64.saturating_mul(4_i64.saturating_pow(u32::try_from(attempts - 1).unwrap_or(0).min(12)));
    let capped = base.min(6 * 3600 * 1000);
    TimeDelta::milliseconds(capped * rand::rng().random_range(80..=120) / 100)
}
