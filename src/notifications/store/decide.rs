//! Locking and changing items, many at once.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::item::{State, Who};
use crate::tenancy::VpdTx;

/// An item that nobody else can change until this transaction ends.
#[derive(Debug)]
pub struct Locked {
    pub item_id: Uuid,
    pub message_id: Uuid,
    pub kind: String,
    pub role: String,
    /// How a sentence names it: the person, or else the title.
    pub label: String,
    pub state: State,
    pub version: i32,
}

/// Locks those of the items that holders of `roles` see, in an order that keeps two such calls from waiting for each other.
pub async fn lock(tx: &mut VpdTx, items: &[Uuid], roles: &[String]) -> sqlx::Result<Vec<Locked>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select i.item_id, i.message_id, i.type as kind, i.role, coalesce(i.person_name, i.title) as "label!", i.state, i.version,
                  i.claimed_by, i.claimed_at, i.decided_by, i.decided_at, i.closed_reason,
                  (select name from users where user_id = i.claimed_by) as claimed_name,
                  (select name from users where user_id = i.decided_by) as decided_name
             from items i
            where i.vpd = $1 and i.item_id = any($2) and i.role = any($3)
            order by i.item_id
              for update of i"#,
        vpd,
        items,
        roles
    )
    .fetch_all(&mut **tx)
    .await?;
    let locked = rows.into_iter().map(|row| {
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
        Ok(Locked {
            item_id: row.item_id,
            message_id: row.message_id,
            kind: row.kind,
            role: row.role,
            label: row.label,
            state: columns.state()?,
            version: row.version,
        })
    });
    locked.collect()
}

/// The columns that make up an item's state.
#[derive(Debug, Default)]
pub struct StateColumns {
    pub state: String,
    pub claimed_by: Option<Uuid>,
    pub claimed_name: Option<String>,
    pub claimed_at: Option<DateTime<Utc>>,
    pub decided_by: Option<Uuid>,
    pub decided_name: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub closed_reason: Option<String>,
}

impl StateColumns {
    /// The state; a row that contradicts itself is an error, not a guess.
    pub fn state(self) -> sqlx::Result<State> {
        let who = |id: Uuid, name: Option<String>| Who {
            user_id: id,
            name: name.unwrap_or_else(|| "a former user".to_owned()),
        };
        Ok(match (self.state.as_str(), self.claimed_by, self.claimed_at, self.decided_by, self.decided_at) {
            ("open", ..) => State::Open,
            ("claimed", Some(by), Some(at), ..) => State::Claimed { by: who(by, self.claimed_name), at },
            ("done", _, _, Some(by), Some(at)) => State::Done { by: who(by, self.decided_name), at },
            ("closed_by_system", _, _, _, Some(at)) => {
                State::ClosedBySystem { reason: self.closed_reason.unwrap_or_default(), at }
            }
            ("expired", ..) => State::Expired,
            (state, ..) => {
                return Err(sqlx::Error::Decode(format!("an item in state {state} lacks what that state has").into()));
            }
        })
    }
}

/// Makes the items somebody's.
pub async fn save_claimed(tx: &mut VpdTx, items: &[Uuid], by: Uuid, at: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update items set state = 'claimed', claimed_by = $3, claimed_at = $4, version = version + 1 where vpd = $1 and item_id = any($2)",
        vpd,
        items,
        by,
        at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes the items nobody's, and undecided.
pub async fn save_open(tx: &mut VpdTx, items: &[Uuid]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update items set state = 'open', claimed_by = null, claimed_at = null, decided_by = null, decided_at = null, version = version + 1
          where vpd = $1 and item_id = any($2)",
        vpd,
        items
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives the items to whoever had them when a user did something at a moment, undecided; to nobody where that person may no longer act.
pub async fn save_as_before(tx: &mut VpdTx, items: &[Uuid], (user_id, at): (Uuid, DateTime<Utc>)) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update items i set state = case when h.user_id is null then 'open' else 'claimed' end, claimed_by = h.user_id,
                claimed_at = case when h.user_id is not null then e.was_claimed_at end, decided_by = null, decided_at = null, version = i.version + 1
           from items b
           join (select distinct on (item_id) item_id, was_claimed_by, was_claimed_at from item_events
                  where vpd = $1 and item_id = any($2) and user_id = $3 and at = $4
                    and what in ('claimed', 'taken over', 'reassigned', 'released', 'done') order by item_id, event_id desc) e on e.item_id = b.item_id
           left join lateral (select u.user_id from users u join user_grants g on g.user_id = u.user_id
                               where u.user_id = e.was_claimed_by and u.disabled_at is null and g.vpd = $1 and g.name = b.role and g.ended_at is null
                               limit 1) h on true
          where b.vpd = $1 and i.vpd = $1 and i.item_id = b.item_id",
        vpd,
        items,
        user_id,
        at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Who has each of these items, by name; those that nobody has are left out.
pub async fn holders(tx: &mut VpdTx, items: &[Uuid]) -> sqlx::Result<Vec<(Uuid, String)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select i.item_id, u.name as "name!" from items i join users u on u.user_id = i.claimed_by
            where i.vpd = $1 and i.item_id = any($2) and i.state = 'claimed'"#,
        vpd,
        items
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.item_id, row.name)).collect())
}

/// Records the decision of the items.
pub async fn save_done(tx: &mut VpdTx, items: &[Uuid], by: Uuid, at: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update items set state = 'done', decided_by = $3, decided_at = $4, claimed_by = null, claimed_at = null, version = version + 1
          where vpd = $1 and item_id = any($2)",
        vpd,
        items,
        by,
        at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is written into the history of an item.
pub struct HistoryEntry<'a> {
    pub actor: &'a str,
    pub user_id: Option<Uuid>,
    pub what: &'a str,
    pub note: Option<&'a str>,
}

/// Adds one entry to the history of each item, with whose the item is: told before a deed, that is what the deed is taken back to.
pub async fn insert_events(
    tx: &mut VpdTx,
    items: &[Uuid],
    entry: HistoryEntry<'_>,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let ids: Vec<Uuid> = items.iter().map(|_| Uuid::now_v7()).collect();
    sqlx::query!(
        "insert into item_events (vpd, event_id, item_id, at, actor, user_id, what, note, was_claimed_by, was_claimed_at)
         select $1, e.event_id, e.item_id, $4, $5, $6, $7, $8, i.claimed_by, i.claimed_at
           from unnest($2::uuid[], $3::uuid[]) as e (event_id, item_id) join items i on i.vpd = $1 and i.item_id = e.item_id",
        vpd,
        &ids,
        items,
        at,
        entry.actor,
        entry.user_id,
        entry.what,
        entry.note
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The facts that these items of one kind are about.
pub async fn subjects(tx: &mut VpdTx, items: &[Uuid], kind: &str) -> sqlx::Result<Vec<(Uuid, String)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select item_id, subject_key from items where vpd = $1 and item_id = any($2) and type = $3",
        vpd,
        items,
        kind
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.item_id, row.subject_key)).collect())
}

/// The items that are as this user left them at that moment, and the others that he or she touched then. Whoever waited for somebody else's
/// lock may have done something later with an earlier time: what the item says counts, and not the history alone.
pub async fn done_at(tx: &mut VpdTx, user_id: Uuid, at: DateTime<Utc>) -> sqlx::Result<Vec<(Uuid, bool)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select e.item_id, not exists (select 1 from item_events later
                                          where later.vpd = e.vpd and later.item_id = e.item_id and later.what <> 'noted'
                                            and (later.at, later.event_id) > (e.at, e.event_id))
                  and case e.what when 'done' then i.state = 'done' and i.decided_by = e.user_id and i.decided_at = e.at
                                  when 'released' then i.state = 'open'
                                  else i.state = 'claimed' and i.claimed_at = e.at end as "latest!"
             from item_events e join items i on i.vpd = e.vpd and i.item_id = e.item_id
            where e.vpd = $1 and e.user_id = $2 and e.at = $3 and e.what in ('claimed', 'taken over', 'reassigned', 'released', 'done')
            limit 5000"#,
        vpd,
        user_id,
        at
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.item_id, row.latest)).collect())
}

/// Marks as read, for one user, every item of a message that holders of `roles` see.
pub async fn mark_read(
    tx: &mut VpdTx,
    message_id: Uuid,
    roles: &[String],
    user_id: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into item_reads (vpd, user_id, item_id, read_at)
         select i.vpd, $4, i.item_id, $5 from items i
          where i.vpd = $1 and i.message_id = $2 and i.role = any($3)
            and not exists (select 1 from item_reads r where r.vpd = i.vpd and r.user_id = $4 and r.item_id = i.item_id)
         on conflict do nothing",
        vpd,
        message_id,
        roles,
        user_id,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
