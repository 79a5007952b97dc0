use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::audit::Actor;
use crate::notifications::item::CLAIM_LASTS;
use crate::tenancy::VpdTx;

/// Lets items for information go whose message, and whose own day where it has one, were before a day; gives which. What somebody has
/// claimed stays until the claim lapses.
pub async fn expire(
    tx: &mut VpdTx,
    before: NaiveDate,
    limit: i64,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "with old as (
           select i.item_id from items i join messages m on m.vpd = i.vpd and m.message_id = i.message_id
            where i.vpd = $1 and i.class = 'information' and m.dated_on < $2 and (i.takes_effect_on is null or i.takes_effect_on < $2)
              and (i.state = 'open' or (i.state = 'claimed' and i.claimed_at <= $3))
            limit $4 for update of i skip locked),
         expired as (
           update items i set state = 'expired', decided_at = $5, claimed_by = null, claimed_at = null, version = version + 1
             from old where i.vpd = $1 and i.item_id = old.item_id returning i.item_id)
         insert into item_events (vpd, event_id, item_id, at, actor, what)
         select $1, gen_random_uuid(), item_id, $5, $6, 'expired' from expired returning item_id",
        vpd,
        before,
        now - CLAIM_LASTS,
        limit,
        now,
        by.name()
    )
    .fetch_all(&mut **tx)
    .await
}
