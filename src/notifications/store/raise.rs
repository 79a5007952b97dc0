use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::super::model::{ItemDraft, MessageDraft};
use super::cover::nobody_holds_one_of;
use crate::audit::{self, Actor, Event, Subject};
use crate::jobs;
use crate::tenancy::VpdTx;

/// The kind of the job that tells holders who want mail at once; payload `{}`, one waiting for each organisation.
pub const TELL: &str = "email.summaries_at_once";

/// The kind of the job that tells administrators of rights that nobody holds; payload `{}`, one waiting for each organisation.
pub const CHECK_COVER: &str = "administration.check_cover";

/// Raises a message, or adds to the one of the same key, and its items; in the transaction of what caused them. An item whose
/// subject the message has already is left as it is, unless it had closed itself. Holders who want mail at once are told by a job of the same transaction.
pub async fn raise(
    tx: &mut VpdTx,
    message: &MessageDraft,
    items: &[ItemDraft],
    now: DateTime<Utc>,
) -> sqlx::Result<Uuid> {
    let vpd = tx.vpd().as_str().to_owned();
    let message_id = sqlx::query_scalar!(
        "insert into messages (vpd, message_id, type, title, cause, dedupe_key, file_id, file_name, body_code, dated_on, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (vpd, dedupe_key) do update set dated_on = messages.dated_on
         returning message_id",
        vpd,
        Uuid::now_v7(),
        message.kind.code(),
        message.title,
        message.kind.cause().code(),
        message.dedupe_key,
        message.file.as_ref().map(|(id, _)| *id),
        message.file.as_ref().map(|(_, name)| name.clone()),
        message.body_code,
        message.dated_on,
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    if items.is_empty() {
        return Ok(message_id);
    }
    for slice in items.chunks(5_000) {
        add_items(tx, &vpd, message_id, slice, now).await?;
    }
    let mut roles: Vec<String> = items.iter().map(|item| item.role.code().to_owned()).collect();
    roles.sort_unstable();
    roles.dedup();
    // Nothing falls through silently: where nobody holds the role, the items wait and the administrators are told.
    if nobody_holds_one_of(tx, &roles).await? {
        jobs::enqueue(tx, CHECK_COVER, &json!({}), Some("cover")).await?;
    }
    jobs::enqueue(tx, TELL, &json!({}), Some("at_once")).await?;
    Ok(message_id)
}

async fn add_items(
    tx: &mut VpdTx,
    vpd: &str,
    message_id: Uuid,
    items: &[ItemDraft],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let column = |of: fn(&ItemDraft) -> Option<String>| items.iter().map(of).collect::<Vec<_>>();
    let ids: Vec<Uuid> = items.iter().map(|_| Uuid::now_v7()).collect();
    // An item that closed itself opens again when its fact breaks again, and is unread again.
    sqlx::query!(
        "with added as (
         insert into items (vpd, item_id, message_id, type, role, class, subject_key, title, person_name, gmc_number, dpn, position_id,
                            position_number, position_name, takes_effect_on, person_id, application_id, file_id, record_no, link, facts, created_at)
         select $1, i.item_id, $2, i.type, i.role, i.class, i.subject_key, i.title, i.person_name, i.gmc_number, i.dpn, i.position_id,
                i.position_number, i.position_name, i.takes_effect_on, i.person_id, i.application_id, i.file_id, i.record_no, i.link, i.facts, $3
           from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
                       $14::text[], $15::text[], $16::date[], $17::text[], $18::uuid[], $19::uuid[], $20::integer[], $21::text[], $22::jsonb[])
             as i (item_id, type, role, class, subject_key, title, person_name, gmc_number, dpn, position_id, position_number, position_name,
                   takes_effect_on, person_id, application_id, file_id, record_no, link, facts)
         on conflict (vpd, message_id, subject_key) do update
            set state = 'open', closed_reason = null, decided_at = null, version = items.version + 1, title = excluded.title,
                facts = excluded.facts, link = excluded.link
          where items.state = 'closed_by_system'
         returning item_id, version),
         reopened as (
         insert into item_events (vpd, event_id, item_id, at, actor, what)
         select $1, gen_random_uuid(), item_id, $3, 'The file', 'reopened' from added where version > 1 returning item_id),
         unread as (
         delete from item_reads r using reopened where r.vpd = $1 and r.item_id = reopened.item_id)
         update messages set item_count = item_count + (select count(*) from added where version = 1) where vpd = $1 and message_id = $2",
        vpd,
        message_id,
        now,
        &ids,
        &items.iter().map(|i| i.kind.to_owned()).collect::<Vec<_>>(),
        &items.iter().map(|i| i.role.code().to_owned()).collect::<Vec<_>>(),
        &items.iter().map(|i| i.class.code().to_owned()).collect::<Vec<_>>(),
        &items.iter().map(|i| i.subject_key.clone()).collect::<Vec<_>>(),
        &items.iter().map(|i| i.title.clone()).collect::<Vec<_>>(),
        &column(|i| i.person_name.clone()) as &[Option<String>],
        &column(|i| i.gmc_number.clone()) as &[Option<String>],
        &column(|i| i.dpn.clone()) as &[Option<String>],
        &column(|i| i.position_id.clone()) as &[Option<String>],
        &column(|i| i.position_number.clone()) as &[Option<String>],
        &column(|i| i.position_name.clone()) as &[Option<String>],
        &items.iter().map(|i| i.takes_effect_on).collect::<Vec<_>>() as &[Option<chrono::NaiveDate>],
        &column(|i| i.person_id.clone()) as &[Option<String>],
        &items.iter().map(|i| i.application_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &items.iter().map(|i| i.file_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &items.iter().map(|i| i.record_no).collect::<Vec<_>>() as &[Option<i32>],
        &column(|i| i.link.clone()) as &[Option<String>],
        &items.iter().map(|i| i.facts.clone()).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Closes every open item about a fact, because the fact was mended; gives how many.
pub async fn close(
    tx: &mut VpdTx,
    subject_key: &str,
    reason: &str,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    close_many(tx, &[subject_key.to_owned()], reason, by, now).await
}

/// As [`close`], for many facts at once.
pub async fn close_many(
    tx: &mut VpdTx,
    subject_keys: &[String],
    reason: &str,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    if subject_keys.is_empty() {
        return Ok(0);
    }
    let vpd = tx.vpd().as_str().to_owned();
    let closed = sqlx::query_scalar!(
        "with closed as (
           update items set state = 'closed_by_system', closed_reason = $3, decided_at = $4, claimed_by = null, claimed_at = null, version = version + 1
            where vpd = $1 and subject_key = any($2) and state in ('open', 'claimed') returning item_id)
         insert into item_events (vpd, event_id, item_id, at, actor, what, note)
         select $1, gen_random_uuid(), item_id, $4, $5, 'closed', $3 from closed returning item_id",
        vpd,
        subject_keys,
        reason,
        now,
        by.name()
    )
    .fetch_all(&mut **tx)
    .await?;
    if !closed.is_empty() {
        let detail = json!({ "items": closed.len(), "reason": reason });
        let about = Subject::new("item", closed[0]);
        audit::record(tx, by, Event::ItemClosed, about, detail, now).await?;
    }
    Ok(closed.len() as u64)
}
