//! What the home page and the queue of roles without a holder are made of.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::list::Reader;
use crate::notifications::item::CLAIM_LASTS;
use crate::tenancy::VpdTx;

/// How many items of a kind wait, and since when.
#[derive(Debug)]
pub struct KindCount {
    pub kind: String,
    pub class: String,
    pub waiting: i64,
    pub unclaimed: i64,
    pub oldest: DateTime<Utc>,
}

/// Something that a colleague did to an item.
#[derive(Debug)]
pub struct RecentDeed {
    pub item_id: Uuid,
    pub message_id: Uuid,
    pub title: String,
    pub person_name: Option<String>,
    pub by: String,
    pub at: DateTime<Utc>,
}

/// A role that nobody holds while items wait for it.
#[derive(Debug)]
pub struct Gap {
    pub role: String,
    pub waiting: i64,
    pub oldest: DateTime<Utc>,
}

/// What waits for holders of the reader's roles, by kind.
pub async fn kind_counts(tx: &mut VpdTx, reader: &Reader) -> sqlx::Result<Vec<KindCount>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        KindCount,
        r#"select type as kind, class, count(*) as "waiting!", count(*) filter (where claimed_by is null or claimed_at <= $3) as "unclaimed!",
                  min(created_at) as "oldest!"
             from items where vpd = $1 and role = any($2) and state in ('open', 'claimed')
            group by type, class"#,
        vpd,
        &reader.roles,
        reader.now - CLAIM_LASTS
    )
    .fetch_all(&mut **tx)
    .await
}

/// How many items the reader has claimed.
pub async fn mine(tx: &mut VpdTx, reader: &Reader) -> sqlx::Result<i64> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from items
            where vpd = $1 and claimed_by = $2 and state = 'claimed' and claimed_at > $3 and role = any($4)"#,
        vpd,
        reader.user_id,
        reader.now - CLAIM_LASTS,
        &reader.roles
    )
    .fetch_one(&mut **tx)
    .await
}

/// The last things that holders of the reader's roles finished.
pub async fn recent_deeds(tx: &mut VpdTx, reader: &Reader) -> sqlx::Result<Vec<RecentDeed>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        RecentDeed,
        r#"select i.item_id, i.message_id, i.title, i.person_name, coalesce(u.name, 'a former user') as "by!", i.decided_at as "at!"
             from items i left join users u on u.user_id = i.decided_by
            where i.vpd = $1 and i.role = any($2) and i.state = 'done'
            order by i.decided_at desc limit 10"#,
        vpd,
        &reader.roles
    )
    .fetch_all(&mut **tx)
    .await
}

/// When the newest message came that a file brought.
pub async fn last_file_at(tx: &mut VpdTx) -> sqlx::Result<Option<DateTime<Utc>>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!("select max(created_at) from messages where vpd = $1 and file_id is not null", vpd)
        .fetch_one(&mut **tx)
        .await
}

/// Roles that nobody who can sign in holds, with what waits for them.
pub async fn gaps(tx: &mut VpdTx) -> sqlx::Result<Vec<Gap>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Gap,
        r#"select i.role, count(*) as "waiting!", min(i.created_at) as "oldest!"
             from items i
            where i.vpd = $1 and i.state in ('open', 'claimed')
              and i.role not in (select g.name from user_grants g join users u on u.user_id = g.user_id
                                  where g.vpd = $1 and g.ended_at is null and u.disabled_at is null)
            group by i.role order by i.role"#,
        vpd
    )
    .fetch_all(&mut **tx)
    .await
}
