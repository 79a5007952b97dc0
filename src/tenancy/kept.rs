//! What was read for an employer, kept in memory for as long as the tables that it was read from say the same.
//!
//! Triggers note in `changes_noted` which transaction changed which of an employer's tables. What is kept goes with the snapshot that it was
//! read by, and is given again only while no noted transaction lies outside that snapshot: it is never out of date, in any number of
//! processes, and one statement by a primary key takes the place of the reading. A server that crashed, or its successor, may give a number of a
//! transaction again: what was kept before a connection was made anew is read again.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use super::{Database, Vpd, VpdTx};

/// Notes are forgotten hours after they could be seen; what is kept goes before.
const LASTS: Duration = Duration::from_secs(3600);

struct Reading<T> {
    /// As `pg_current_snapshot()` says it.
    snapshot: String,
    /// Connections made until then.
    connections: u64,
    value: Arc<T>,
}

/// Readings of one kind, each under its employer and a key of its own.
pub struct Kept<K, T> {
    readings: Cache<(Vpd, K), Arc<Reading<T>>>,
    tables: Vec<String>,
}

impl<K, T> Kept<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    /// `tables` are those that are read, each with the trigger that notes its changes; `most` bounds the sum of what `weigh` says of the
    /// readings, and those that were asked for least go first.
    pub fn new(tables: &[&str], most: u64, weigh: fn(&T) -> u32) -> Self {
        let readings = Cache::builder()
            .max_capacity(most)
            .weigher(move |_, reading: &Arc<Reading<T>>| weigh(&reading.value))
            .time_to_live(LASTS)
            .build();
        Self { readings, tables: tables.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// What is kept for the transaction's employer, or else what `read` gives, which is kept. A transaction that has written is given what
    /// it reads itself: others may never see that.
    pub async fn get(
        &self,
        tx: &mut VpdTx,
        key: K,
        read: impl AsyncFnOnce(&mut VpdTx) -> sqlx::Result<T>,
    ) -> sqlx::Result<Arc<T>> {
        let key = (tx.vpd().clone(), key);
        if let Some(reading) = self.readings.get(&key)
            && self.is_current(tx, &reading).await?
        {
            return Ok(reading.value.clone());
        }
        let connections = tx.connections_made();
        // Before the reading: what is changed from now on is noted outside this snapshot.
        let snapshot = sqlx::query_scalar!(
            "select case when pg_current_xact_id_if_assigned() is null then pg_current_snapshot()::text end"
        )
        .fetch_one(&mut **tx)
        .await?;
        let value = Arc::new(read(tx).await?);
        if let Some(snapshot) = snapshot {
            self.readings.insert(key, Arc::new(Reading { snapshot, connections, value: value.clone() }));
        }
        Ok(value)
    }

    async fn is_current(&self, tx: &mut VpdTx, reading: &Reading<T>) -> sqlx::Result<bool> {
        let vpd = tx.vpd().as_str().to_owned();
        let nothing_changed = sqlx::query_scalar!(
            r#"select pg_current_xact_id_if_assigned() is null and not exists (
                 select 1 from changes_noted
                  where vpd in ($1, '*') and table_name = any($2) and xact >= pg_snapshot_xmin($3::text::pg_snapshot)
                    and not pg_visible_in_snapshot(xact, $3::text::pg_snapshot)) as "is_current!""#,
            vpd,
            &self.tables,
            reading.snapshot
        )
        .fetch_one(&mut **tx)
        .await?;
        Ok(nothing_changed && reading.connections == tx.connections_made())
    }
}

/// Removes notes of changes that could be seen two hours ago, and marks those that can be seen now. How long the transaction was open
/// that left a note does not count: it is seen once it has ended.
pub async fn forget_old_changes(db: &Database) -> sqlx::Result<()> {
    let mut tx = db.system().await?;
    sqlx::query!("delete from changes_noted where seen_at < now() - interval '2 hours'").execute(&mut *tx).await?;
    sqlx::query!("update changes_noted set seen_at = now() where seen_at is null").execute(&mut *tx).await?;
    tx.commit().await
}
