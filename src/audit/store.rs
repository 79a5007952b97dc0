use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};

use super::model::{Actor, Event, Subject};
use crate::tenancy::{SystemTx, Tx, Vpd, VpdTx};

/// Records an act of this transaction's organisation.
pub async fn record(
    tx: &mut VpdTx,
    by: &Actor,
    event: Event,
    about: Subject,
    detail: Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().clone();
    append(tx, &vpd, by, event, about, detail, now).await
}

/// Records an act that sign-in or the file register takes for an organisation.
pub async fn record_for(
    tx: &mut SystemTx,
    vpd: &Vpd,
    by: &Actor,
    event: Event,
    about: Subject,
    detail: Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    append(tx, vpd, by, event, about, detail, now).await
}

async fn append(
    tx: &mut impl Tx,
    vpd: &Vpd,
    by: &Actor,
    event: Event,
    about: Subject,
    detail: Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select sec.audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vpd as &Vpd,
        now,
        by.kind(),
        by.name(),
        by.user_id(),
        event.code(),
        about.kind,
        about.id,
        detail,
        None::<&str>,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// One row of the trail, as the page shows it.
#[derive(Debug, sqlx::FromRow)]
pub struct Entry {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor: String,
    pub event: String,
    pub object_type: String,
    pub object_id: String,
    pub detail: Value,
}

impl Entry {
    pub fn words(&self) -> &str {
        Event::words_of(&self.event)
    }
}

/// Which rows to show; empty fields do not narrow.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    pub actor: Option<String>,
    pub event: Option<String>,
    pub object: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Rows before this number: the next page.
    pub before: Option<i64>,
    pub limit: i64,
}

/// The newest rows of this transaction's organisation that match.
pub async fn list(tx: &mut VpdTx, filter: &Filter) -> sqlx::Result<Vec<Entry>> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "select seq, at, actor_kind, actor, event, object_type, object_id, detail from audit where vpd = ",
    );
    query.push_bind(tx.vpd().as_str().to_owned());
    if let Some(actor) = &filter.actor {
        query.push(" and actor = ").push_bind(actor.clone());
    }
    if let Some(event) = &filter.event {
        query.push(" and event = ").push_bind(event.clone());
    }
    if let Some(object) = &filter.object {
        query.push(" and object_id = ").push_bind(object.clone());
    }
    if let Some(from) = filter.from {
        query.push(" and at >= ").push_bind(from);
    }
    if let Some(until) = filter.until {
        query.push(" and at < ").push_bind(until);
    }
    if let Some(before) = filter.before {
        query.push(" and seq < ").push_bind(before);
    }
    query.push(" order by seq desc limit ").push_bind(filter.limit);
    query.build_query_as().fetch_all(&mut **tx).await
}
