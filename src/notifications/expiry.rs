use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;

use super::store;
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::jobs::{self, Failure, Work};
use crate::tenancy::{Vpd, VpdTx};

/// The kind of the job that lets old items for information go; payload `{}`, one waiting for each organisation.
pub const EXPIRE: &str = "notifications.expire";

/// So many days after its message, or after the day that it is about where that is later, an item for information expires.
///
/// It asks for nothing, so that nothing is lost; the message keeps it. What asks for a decision never expires.
pub const INFORMATION_LASTS: Days = Days::new(28);

/// So many at once: what a transaction holds stays small.
const SLICE: i64 = 5_000;

/// Queues the day's look for every organisation, operators too; of several workers one does.
pub async fn queue_expiry(app: &App) -> sqlx::Result<()> {
    let mut tx = app.db.system().await?;
    if jobs::take_slot(&mut tx, EXPIRE, &app.today().to_string(), app.now()).await? {
        let everybody = sqlx::query_scalar!(r#"select vpd as "vpd: Vpd" from vpds order by vpd"#);
        for vpd in everybody.fetch_all(&mut *tx).await? {
            jobs::enqueue_system(&mut tx, &vpd, EXPIRE, &json!({}), Some("expiry")).await?;
        }
    }
    tx.commit().await
}

/// Does the day's look for one organisation. Run again, it changes nothing.
pub async fn expire(work: Work) -> Result<(), Failure> {
    let (today, now) = (work.app.today(), work.app.now());
    loop {
        let mut tx = work.begin().await?;
        let expired = slice(&mut tx, today, now).await?;
        tx.commit().await?;
        if expired < SLICE {
            return Ok(());
        }
    }
}

async fn slice(tx: &mut VpdTx, today: NaiveDate, now: DateTime<Utc>) -> sqlx::Result<i64> {
    let Some(before) = today.checked_sub_days(INFORMATION_LASTS) else { return Ok(0) };
    let by = Actor::System("items for information");
    let expired = store::expire(tx, before, SLICE, &by, now).await?;
    if let Some(first) = expired.first() {
        let detail = json!({ "items": expired.len(), "dated_before": before });
        audit::record(tx, &by, Event::ItemExpired, Subject::new("item", first), detail, now).await?;
    }
    Ok(i64::try_from(expired.len()).unwrap_or(i64::MAX))
}
