use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::audit::{self, Actor, Event, Subject};
use crate::jobs::{Failure, Work};
use crate::tenancy::VpdTx;

/// The kind of the job that puts back what a user claimed and may no longer act on; payload `{"user_id": …}`.
pub const RELEASE_CLAIMS: &str = "notifications.release_claims";

#[derive(Deserialize)]
struct ReleaseClaims {
    user_id: Uuid,
}

/// Puts back what a user who was disabled, or lost the right, had claimed. Run again, it changes nothing.
pub async fn release_claims(work: Work) -> Result<(), Failure> {
    let payload: ReleaseClaims = work.payload()?;
    let mut tx = work.begin().await?;
    release(&mut tx, payload.user_id, work.app.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn release(tx: &mut VpdTx, user_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    let actor = Actor::System("claims put back");
    let vpd = tx.vpd().as_str().to_owned();
    let released = sqlx::query_scalar!(
        "with released as (
           update items i set state = 'open', claimed_by = null, claimed_at = null, version = version + 1
            where i.vpd = $1 and i.state = 'claimed' and i.claimed_by = $2
              and not exists (select 1 from user_grants g join users u on u.user_id = g.user_id
                               where g.vpd = $1 and g.user_id = $2 and g.name = i.role and g.ended_at is null and u.disabled_at is null)
           returning item_id)
         insert into item_events (vpd, event_id, item_id, at, actor, what, note)
         select $1, gen_random_uuid(), item_id, $3, $4, 'released', 'Whoever had it can no longer act on it' from released returning item_id",
        vpd,
        user_id,
        now,
        actor.name()
    )
    .fetch_all(&mut **tx)
    .await?;
    let why = "Whoever had it can no longer act on it";
    store::give_back(tx, &released, why, actor.name(), None, now).await?;
    if let Some(first) = released.first() {
        let detail = json!({ "items": released.len(), "user_id": user_id });
        audit::record(tx, &actor, Event::ItemReleased, Subject::new("item", first), detail, now).await?;
    }
    Ok(())
}
