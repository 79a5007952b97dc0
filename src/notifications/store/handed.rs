//! Items that one colleague handed to another who has the right that acting on them needs: a copy in that inbox, beside the one here.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::decide::{HistoryEntry, insert_events};
use crate::access::Right;
use crate::tenancy::VpdTx;

/// Names the copy of an item that was handed over.
pub fn handed_key(subject_key: &str) -> String {
    format!("{subject_key}:handed")
}

/// Puts a copy of an open item into the inbox of the holders of another right, claimed by one of them: who may act on it sees it.
/// Handed over again, it becomes the next one's.
pub async fn hand_over(
    tx: &mut VpdTx,
    subject_key: &str,
    right: Right,
    to: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "with handed as (
           insert into items (vpd, item_id, message_id, type, role, class, state, subject_key, title, person_name, gmc_number, dpn, position_id,
                              position_number, position_name, takes_effect_on, person_id, application_id, file_id, record_no, link, facts,
                              created_at, claimed_by, claimed_at)
           select vpd, gen_random_uuid(), message_id, type, $4, class, 'claimed', $3, title, person_name, gmc_number, dpn, position_id,
                  position_number, position_name, takes_effect_on, person_id, application_id, file_id, record_no, link, facts, $6, $5, $6
             from items where vpd = $1 and subject_key = $2 and state in ('open', 'claimed') order by created_at desc limit 1
           on conflict (vpd, message_id, subject_key) do update
              set state = 'claimed', claimed_by = $5, claimed_at = $6, closed_reason = null, decided_at = null, decided_by = null,
                  version = items.version + 1
           returning message_id, version)
         update messages m set item_count = item_count + 1 from handed h where m.vpd = $1 and m.message_id = h.message_id and h.version = 1",
        vpd,
        subject_key,
        handed_key(subject_key),
        right.code(),
        to,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives an open item that the holders of a right have of their own to one of them; `false` where they have none.
pub async fn give(tx: &mut VpdTx, subject_key: &str, right: Right, to: Uuid, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    let done = sqlx::query!(
        "update items set state = 'claimed', claimed_by = $4, claimed_at = $5, version = version + 1
          where vpd = $1 and subject_key = $2 and role = $3 and state in ('open', 'claimed')",
        vpd,
        own_key(subject_key, right),
        right.code(),
        to,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Names the item of a fact that the holders of a further right have of their own.
pub fn own_key(subject_key: &str, right: Right) -> String {
    format!("{subject_key}:{}", right.code())
}

/// Says of the items of which these are handed copies who has them now; items that are no copies are left alone.
pub async fn save_handed_to(
    tx: &mut VpdTx,
    copies: &[Uuid],
    name: &str,
    entry: HistoryEntry<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let told = sqlx::query_scalar!(
        "update items o set facts = o.facts || jsonb_build_object('handed_to', $3::text), version = o.version + 1
           from items c
          where c.vpd = $1 and c.item_id = any($2) and o.vpd = $1 and o.message_id = c.message_id
            and (c.subject_key = o.subject_key || ':handed'
                 or c.subject_key = o.subject_key || ':' || c.role and o.facts ->> 'handed_to' is not null)
            and o.state in ('open', 'claimed') and o.facts ->> 'handed_to' is distinct from $3
         returning o.item_id",
        vpd,
        copies,
        name
    )
    .fetch_all(&mut **tx)
    .await?;
    insert_events(tx, &told, entry, now).await
}

/// Takes handed items back: copies close under a name of their own, those that a role had of its own stay as they are, and the items that
/// were handed over are as they were before, unread. Items that were not handed are left alone.
pub async fn give_back(
    tx: &mut VpdTx,
    copies: &[Uuid],
    why: &str,
    actor: &str,
    user_id: Option<Uuid>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let freed = sqlx::query!(
        r#"with pairs as (
           select c.item_id as copy, o.item_id as original, c.subject_key = o.subject_key || ':handed' as is_copy from items c
             join items o on o.vpd = c.vpd and o.message_id = c.message_id
              and (c.subject_key = o.subject_key || ':handed'
                   or c.subject_key = o.subject_key || ':' || c.role and o.facts ->> 'handed_to' is not null)
            where c.vpd = $1 and c.item_id = any($2)),
         closed as (
           update items c set state = 'closed_by_system', closed_reason = $3, decided_at = $4, claimed_by = null, claimed_at = null,
                              subject_key = c.subject_key || ':' || c.item_id, version = c.version + 1
             from pairs p where c.vpd = $1 and c.item_id = p.copy and p.is_copy),
         freed as (
           update items o set facts = o.facts - 'handed_to', version = o.version + 1 from pairs p where o.vpd = $1 and o.item_id = p.original),
         unread as (
           delete from item_reads r using pairs p where r.vpd = $1 and r.item_id = p.original)
         select copy as "copy!", original as "original!", is_copy as "is_copy!" from pairs"#,
        vpd,
        copies,
        why,
        now
    )
    .fetch_all(&mut **tx)
    .await?;
    let entry = |what| HistoryEntry { actor, user_id, what, note: Some(why) };
    let copies: Vec<Uuid> = freed.iter().filter(|pair| pair.is_copy).map(|pair| pair.copy).collect();
    insert_events(tx, &copies, entry("closed"), now).await?;
    let originals: Vec<Uuid> = freed.iter().map(|pair| pair.original).collect();
    insert_events(tx, &originals, entry("handed back"), now).await
}
