//! One message with its items, and the history of an item.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::notifications::item::State;
use crate::notifications::store::decide::StateColumns;
use crate::tenancy::VpdTx;

/// The most items of one message on one page.
pub const SHOWN: i64 = 200;

/// A message, as its page heads it.
#[derive(Debug)]
pub struct Message {
    pub message_id: Uuid,
    pub number: i64,
    pub title: String,
    pub cause: String,
    pub file_id: Option<Uuid>,
    pub file_name: Option<String>,
    pub body_code: Option<String>,
    pub dated_on: NaiveDate,
    pub created_at: DateTime<Utc>,
}

/// An item of a message.
#[derive(Debug)]
pub struct ItemRow {
    pub item_id: Uuid,
    pub kind: String,
    pub role: String,
    pub class: String,
    pub state: State,
    pub version: i32,
    pub title: String,
    pub person_id: Option<String>,
    pub application_id: Option<Uuid>,
    pub person_name: Option<String>,
    pub gmc_number: Option<String>,
    pub dpn: Option<String>,
    pub position_number: Option<String>,
    pub position_name: Option<String>,
    pub takes_effect_on: Option<NaiveDate>,
    pub file_id: Option<Uuid>,
    pub record_no: Option<i32>,
    pub link: Option<String>,
    pub facts: Value,
    pub created_at: DateTime<Utc>,
}

/// One entry of an item's history.
#[derive(Debug)]
pub struct HistoryRow {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub what: String,
    pub note: Option<String>,
}

/// A message of which holders of `roles` see at least one item.
pub async fn message(tx: &mut VpdTx, id: Uuid, roles: &[String]) -> sqlx::Result<Option<Message>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Message,
        "select message_id, number, title, cause, file_id, file_name, body_code, dated_on, created_at from messages m
          where vpd = $1 and message_id = $2
            and exists (select 1 from items i where i.vpd = m.vpd and i.message_id = m.message_id and i.role = any($3))",
        vpd,
        id,
        roles
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The message that an item is in, if holders of `roles` see the item.
pub async fn message_of(tx: &mut VpdTx, item: Uuid, roles: &[String]) -> sqlx::Result<Option<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select message_id from items where vpd = $1 and item_id = $2 and role = any($3)",
        vpd,
        item,
        roles
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The items of a message that holders of `roles` see, what is waiting first, up to the limit of a page and one more.
pub async fn items(tx: &mut VpdTx, message: Uuid, roles: &[String]) -> sqlx::Result<Vec<ItemRow>> {
    read(tx, message, None, roles).await
}

/// One item of a message.
pub async fn item(tx: &mut VpdTx, message: Uuid, item: Uuid, roles: &[String]) -> sqlx::Result<Option<ItemRow>> {
    Ok(read(tx, message, Some(item), roles).await?.pop())
}

async fn read(tx: &mut VpdTx, message: Uuid, item: Option<Uuid>, roles: &[String]) -> sqlx::Result<Vec<ItemRow>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select i.item_id, i.type as kind, i.role, i.class, i.state, i.version, i.title, i.person_id, i.application_id, i.person_name, i.gmc_number, i.dpn,
                  i.position_number, i.position_name, i.takes_effect_on, i.file_id, i.record_no,
                  i.link, i.facts, i.created_at, i.claimed_by, i.claimed_at, i.decided_by, i.decided_at, i.closed_reason,
                  (select name from users where user_id = i.claimed_by) as claimed_name,
                  (select name from users where user_id = i.decided_by) as decided_name
             from items i
            where i.vpd = $1 and i.message_id = $2 and i.role = any($3) and ($4::uuid is null or i.item_id = $4)
            order by i.class, i.state not in ('open', 'claimed'), i.record_no, i.item_id
            limit $5"#,
        vpd,
        message,
        roles,
        item,
        SHOWN + 1
    )
    .fetch_all(&mut **tx)
    .await?;
    let items = rows.into_iter().map(|row| {
        let columns = StateColumns {
            state: row.state,
            claimed_by: row.claimed_by,
            claimed_name: row.claimed_name,
            claimed_at: row.claimed_at,
            decided_by: row.decided_by,
            decided_name: row.decided_name,
            decided_at: row.decided_at,
            closed_reason: row.closed_reason,
        };
        Ok(ItemRow {
            item_id: row.item_id,
            kind: row.kind,
            role: row.role,
            class: row.class,
            state: columns.state()?,
            version: row.version,
            title: row.title,
            person_id: row.person_id,
            application_id: row.application_id,
            person_name: row.person_name,
            gmc_number: row.gmc_number,
            dpn: row.dpn,
            position_number: row.position_number,
            position_name: row.position_name,
            takes_effect_on: row.takes_effect_on,
            file_id: row.file_id,
            record_no: row.record_no,
            link: row.link,
            facts: row.facts,
            created_at: row.created_at,
        })
    });
    items.collect()
}

/// The history of an item, newest first.
pub async fn history(tx: &mut VpdTx, item: Uuid) -> sqlx::Result<Vec<HistoryRow>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        HistoryRow,
        "select at, actor, what, note from item_events where vpd = $1 and item_id = $2 order by at desc, event_id desc limit 100",
        vpd,
        item
    )
    .fetch_all(&mut **tx)
    .await
}
