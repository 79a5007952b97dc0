//! The database, and the transactions that keep each employer's data apart.
//!
//! A pooled connection rests in the role `changeover_system`, which has no grant on any employer's table. A [`VpdTx`] is a transaction
//! as `changeover_app` for one [`Vpd`]: row-level security shows it that employer's rows and no others, and its setting ends with it.
//! Nothing outside this module sees the pool.

mod kept;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction};

pub use kept::{Kept, forget_old_changes};

/// An employing organisation's number in ESR: 3 or 4 digits; `0` is National operations, the operators' own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(try_from = "String", into = "String")]
pub struct Vpd(String);

/// Not the number of an employing organisation.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the number of an employing organisation: give 3 or 4 digits, such as 904")]
pub struct NotAVpd(pub String);

impl Vpd {
    /// The operators' own organisation.
    pub fn operations() -> Self {
        Self("0".to_owned())
    }

    pub fn is_operations(&self) -> bool {
        self.0 == "0"
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Vpd {
    type Err = NotAVpd;

    fn from_str(text: &str) -> Result<Self, NotAVpd> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        if text == "0" || (digits && matches!(text.len(), 3 | 4) && !text.starts_with('0')) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAVpd(text.chars().take(40).collect()))
        }
    }
}

impl TryFrom<String> for Vpd {
    type Error = NotAVpd;

    fn try_from(text: String) -> Result<Self, NotAVpd> {
        text.parse()
    }
}

impl From<Vpd> for String {
    fn from(vpd: Vpd) -> Self {
        vpd.0
    }
}

impl fmt::Display for Vpd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The only way to data.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
    connections_made: Arc<AtomicU64>,
}

/// How the pool is made.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    pub connections: u32,
    /// Milliseconds after which one statement is given up.
    pub statement_timeout_ms: u32,
}

impl PoolSize {
    pub const WEB: Self = Self { connections: 20, statement_timeout_ms: 10_000 };
    pub const WORK: Self = Self { connections: 8, statement_timeout_ms: 900_000 };
}

impl Database {
    /// Opens a pool whose connections rest as `changeover_system`; fails when the database has no such role yet.
    pub async fn connect(options: PgConnectOptions, size: PoolSize) -> sqlx::Result<Self> {
        let options = options.application_name("changeover").options([
            ("role", "changeover_system".to_owned()),
            ("statement_timeout", size.statement_timeout_ms.to_string()),
            ("idle_in_transaction_session_timeout", "900000".to_owned()),
            ("lock_timeout", "10000".to_owned()),
        ]);
        let connections_made = Arc::new(AtomicU64::new(0));
        let made = connections_made.clone();
        let pool = PgPoolOptions::new()
            .max_connections(size.connections)
            .acquire_timeout(Duration::from_secs(3))
            .max_lifetime(Duration::from_secs(1800))
            .test_before_acquire(false)
            .after_connect(move |_, _| {
                made.fetch_add(1, Ordering::SeqCst);
                Box::pin(async { Ok(()) })
            })
            // A ping for each use would cost a seventh of the pages; one that rested a while may belong to a server that is gone.
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > Duration::from_secs(1) {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self { pool, connections_made })
    }

    /// Begins a transaction that sees the rows of one employer.
    pub async fn vpd(&self, vpd: &Vpd) -> sqlx::Result<VpdTx> {
        // One round trip. The number is digits alone, by its type.
        let begin = format!("begin; set local role changeover_app; set local changeover.vpd = '{vpd}'");
        let tx = self.pool.begin_with(AssertSqlSafe(begin)).await?;
        Ok(VpdTx { vpd: vpd.clone(), tx, connections_made: self.connections_made.clone() })
    }

    /// As [`Database::vpd`], for a run that asks the same of every employer: a statement is planned once and not for each, and the commit
    /// does not wait for the disk, as [`SystemTx::commit_with_the_next`] has it.
    pub async fn vpd_of_many(&self, vpd: &Vpd) -> sqlx::Result<VpdTx> {
        let begin = format!(
            "begin; set local role changeover_app; set local changeover.vpd = '{vpd}'; \
             set local plan_cache_mode = force_generic_plan; set local synchronous_commit = off"
        );
        let tx = self.pool.begin_with(AssertSqlSafe(begin)).await?;
        Ok(VpdTx { vpd: vpd.clone(), tx, connections_made: self.connections_made.clone() })
    }

    /// Begins a transaction for sign-in, sessions, the queue and the file register: no employer's rows.
    pub async fn system(&self) -> sqlx::Result<SystemTx> {
        Ok(SystemTx { tx: self.pool.begin().await? })
    }

    /// One statement as the system role, without a transaction around it.
    pub async fn system_connection(&self) -> sqlx::Result<sqlx::pool::PoolConnection<Postgres>> {
        self.pool.acquire().await
    }

    /// A connection that listens for wake-up calls.
    pub async fn listener(&self) -> sqlx::Result<sqlx::postgres::PgListener> {
        sqlx::postgres::PgListener::connect_with(&self.pool).await
    }

    /// Connections in use, and in all.
    pub fn pool_figures(&self) -> (u32, u32) {
        let size = self.pool.size();
        (size - u32::try_from(self.pool.num_idle()).unwrap_or(size), size)
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A transaction of one employer.
pub struct VpdTx {
    vpd: Vpd,
    tx: Transaction<'static, Postgres>,
    connections_made: Arc<AtomicU64>,
}

impl VpdTx {
    pub fn vpd(&self) -> &Vpd {
        &self.vpd
    }

    /// How many connections this process has made to the database until now: another number says that the server may be another, too.
    fn connections_made(&self) -> u64 {
        self.connections_made.load(Ordering::SeqCst)
    }

    pub async fn commit(self) -> sqlx::Result<()> {
        self.tx.commit().await
    }

    pub async fn rollback(self) -> sqlx::Result<()> {
        self.tx.rollback().await
    }

    /// Ends a transaction that only read. Its end travels with the pool's own look at the connection: one journey less than a commit.
    pub fn done_reading(self) {
        drop(self);
    }
}

/// A transaction without an employer.
pub struct SystemTx {
    tx: Transaction<'static, Postgres>,
}

impl SystemTx {
    pub async fn commit(self) -> sqlx::Result<()> {
        self.tx.commit().await
    }

    /// Commits without waiting for the disk: for rows that mean nothing until a later commit, which does wait, says so. What is
    /// written later is never on the disk before what was written earlier.
    pub async fn commit_with_the_next(mut self) -> sqlx::Result<()> {
        sqlx::query("set local synchronous_commit = off").execute(&mut *self.tx).await?;
        self.tx.commit().await
    }

    pub async fn rollback(self) -> sqlx::Result<()> {
        self.tx.rollback().await
    }
}

impl Deref for VpdTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.tx
    }
}

impl DerefMut for VpdTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

impl Deref for SystemTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.tx
    }
}

impl DerefMut for SystemTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

/// A transaction of either kind, for what both may do: audit, jobs, mail.
pub trait Tx: DerefMut<Target = PgConnection> + Send {
    /// The employer of the transaction, if it has one.
    fn employer(&self) -> Option<&Vpd>;
}

impl Tx for VpdTx {
    fn employer(&self) -> Option<&Vpd> {
        Some(&self.vpd)
    }
}

impl Tx for SystemTx {
    fn employer(&self) -> Option<&Vpd> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vpd_is_three_or_four_digits_or_the_operators() {
        for good in ["0", "504", "9999"] {
            assert_eq!(good.parse::<Vpd>().unwrap().as_str(), good);
        }
        for bad in ["", "00", "12", "12345", "0504", "9o4", "904'; drop table vpds; --", "904 "] {
            assert!(bad.parse::<Vpd>().is_err(), "{bad}");
        }
    }
}
