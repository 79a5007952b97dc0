//! The list: a few short walks of one index, one for each role, class and state, merged and cut. Its cost does not depend on how many
//! items there are, only on how many it shows.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::counts::{Counts, push_counts};
use super::walk::{from_items, walks};
use crate::access;
use crate::inbox::filter::{Cursor, Filter, Window};
use crate::tenancy::VpdTx;

/// Who reads the list, and when.
pub struct Reader {
    pub user_id: Uuid,
    /// The codes of the roles whose items are seen.
    pub roles: Vec<String>,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
}

/// A row of the list: one thing to do.
#[derive(Debug, sqlx::FromRow)]
pub struct ListRow {
    pub item_id: Uuid,
    pub message_id: Uuid,
    pub kind: String,
    pub class: String,
    pub state: String,
    pub title: String,
    /// The first thing that was said of it: why it failed.
    pub said: Option<String>,
    pub person_name: Option<String>,
    pub gmc_number: Option<String>,
    pub dpn: Option<String>,
    pub position_number: Option<String>,
    pub position_name: Option<String>,
    pub takes_effect_on: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
    pub claimed_by: Option<Uuid>,
    #[sqlx(default)]
    pub claimed_name: Option<String>,
    pub claimed_at: Option<DateTime<Utc>>,
    pub decided_by: Option<Uuid>,
    #[sqlx(default)]
    pub decided_name: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub closed_reason: Option<String>,
    pub unread: bool,
    pub number: i64,
    pub message_title: String,
    pub cause: String,
    pub dated_on: NaiveDate,
    pub file_name: Option<String>,
    pub item_count: i32,
}

impl ListRow {
    pub fn cursor(&self) -> Cursor {
        Cursor { unread: self.unread, at: self.created_at, item: self.item_id }
    }
}

/// Which way along the list, and from where.
#[derive(Clone, Copy)]
enum Along {
    Down(Option<Cursor>),
    Up(Option<Cursor>),
}

/// The rows of a page in the order of the page, one more than `size` if there are more that way; and the numbers beside it.
pub async fn page(
    tx: &mut VpdTx,
    filter: &Filter,
    reader: &Reader,
    window: Window,
    size: usize,
) -> sqlx::Result<(Vec<ListRow>, Counts)> {
    let wanted = size + 1;
    // Unread first: the page runs through the unread and then on through what was read.
    let (first, second) = match window {
        Window::First => ((true, Along::Down(None)), Some((false, Along::Down(None)))),
        Window::After(c) if c.unread => ((true, Along::Down(Some(c))), Some((false, Along::Down(None)))),
        Window::After(c) => ((false, Along::Down(Some(c))), None),
        Window::Before(c) if c.unread => ((true, Along::Up(Some(c))), None),
        Window::Before(c) => ((false, Along::Up(Some(c))), Some((true, Along::Up(None)))),
    };
    let (mut rows, counts) = stretch(tx, filter, reader, first.0, first.1, wanted).await?;
    if let Some((unread, along)) = second
        && rows.len() < wanted
    {
        let (more, _) = stretch(tx, filter, reader, unread, along, wanted - rows.len()).await?;
        rows.extend(more);
    }
    if matches!(window, Window::Before(_)) {
        rows.reverse();
    }
    Ok((rows, counts))
}

/// Up to `limit` unread or read rows, nearest first; the counts come with them, in the same journey.
async fn stretch(
    tx: &mut VpdTx,
    filter: &Filter,
    reader: &Reader,
    unread: bool,
    along: Along,
    limit: usize,
) -> sqlx::Result<(Vec<ListRow>, Counts)> {
    let walks = walks(filter, reader);
    if walks.is_empty() {
        return Ok((Vec::new(), Counts::default()));
    }
    let vpd = tx.vpd().as_str().to_owned();
    let order = match along {
        Along::Down(_) => "desc",
        Along::Up(_) => "asc",
    };
    let one = walks.len() == 1;
    let mut sql = QueryBuilder::<Postgres>::new("select n.counts, i.*, ");
    sql.push_bind(unread)
        .push(" as unread, m.number, m.title as message_title, m.cause, m.dated_on, m.file_name, m.item_count from (");
    push_counts(&mut sql, &vpd, reader);
    sql.push(") n left join ((");
    for (index, walk) in walks.iter().enumerate() {
        if index > 0 {
            sql.push(" union all ");
        }
        sql.push(if one { "" } else { "(" });
        sql.push(
            "select i.item_id, i.message_id, i.type as kind, i.class, i.state, i.title, i.facts->'messages'->0->>'text' as said, i.person_name, i.gmc_number,
                    i.dpn, i.position_number, i.position_name, i.takes_effect_on, i.created_at, i.claimed_by, i.claimed_at, i.decided_at,
                    i.closed_reason, i.decided_by",
        );
        from_items(&mut sql, &vpd, filter, reader, *walk);
        sql.push(if unread { " and not exists" } else { " and exists" });
        sql.push(" (select 1 from item_reads r where r.vpd = i.vpd and r.item_id = i.item_id and r.user_id = ")
            .push_bind(reader.user_id)
            .push(")");
        match along {
            Along::Down(Some(c)) => {
                sql.push(" and (i.created_at, i.item_id) < (").push_bind(c.at).push(", ").push_bind(c.item).push(")");
            }
            Along::Up(Some(c)) => {
                sql.push(" and (i.created_at, i.item_id) > (").push_bind(c.at).push(", ").push_bind(c.item).push(")");
            }
            Along::Down(None) | Along::Up(None) => {}
        }
        sql.push(format!(" order by i.created_at {order}, i.item_id {order} limit {limit}"));
        sql.push(if one { "" } else { ")" });
    }
    if !one {
        sql.push(format!(" order by created_at {order}, item_id {order} limit {limit}"));
    }
    // Each row's message by its key: a join would read every message of the employer.
    sql.push(") i cross join lateral (select * from messages m where m.vpd = ").push_bind(vpd);
    sql.push(" and m.message_id = i.message_id offset 0) m) on true");
    let found = sql.build().fetch_all(&mut **tx).await?;
    let counts = found.first().map(Counts::try_from).transpose()?.unwrap_or_default();
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        // An empty list still brings its counts.
        if row.try_get::<Option<Uuid>, _>("item_id")?.is_some() {
            rows.push(ListRow::from_row(row)?);
        }
    }
    // Here rather than there: the walks came in order, and a join promises none.
    rows.sort_by_key(|row| (row.created_at, row.item_id));
    if matches!(along, Along::Down(_)) {
        rows.reverse();
    }
    name_people(tx, &mut rows).await?;
    Ok((rows, counts))
}

/// Fills in who has a row or decided it; most rows of most pages have nobody.
async fn name_people(tx: &mut VpdTx, rows: &mut [ListRow]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().flat_map(|row| [row.claimed_by, row.decided_by]).flatten().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let names: HashMap<Uuid, String> = access::store::names(tx, &ids).await?;
    for row in rows {
        row.claimed_name = row.claimed_by.and_then(|id| names.get(&id).cloned());
        row.decided_name = row.decided_by.and_then(|id| names.get(&id).cloned());
    }
    Ok(())
}

/// How many rows match, counted up to the limit and one more.
pub async fn count(tx: &mut VpdTx, filter: &Filter, reader: &Reader, limit: i64) -> sqlx::Result<i64> {
    let walks = walks(filter, reader);
    if walks.is_empty() {
        return Ok(0);
    }
    let vpd = tx.vpd().as_str().to_owned();
    let mut sql = QueryBuilder::<Postgres>::new("select count(*) from (select 1 from (");
    for (index, walk) in walks.iter().enumerate() {
        if index > 0 {
            sql.push(" union all ");
        }
        sql.push("(select 1");
        from_items(&mut sql, &vpd, filter, reader, *walk);
        sql.push(format!(" limit {})", limit + 1));
    }
    sql.push(format!(") u limit {}) k", limit + 1));
    sql.build_query_scalar().fetch_one(&mut **tx).await
}

/// The ids of everything that matches, newest first, up to `limit`.
pub async fn ids(tx: &mut VpdTx, filter: &Filter, reader: &Reader, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    walk_ids(tx, filter, reader, None, limit).await
}

/// The next item of the list after this one, in the order in which items came; from the top again when there is none below.
pub async fn next_after(tx: &mut VpdTx, filter: &Filter, reader: &Reader, item: Uuid) -> sqlx::Result<Option<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    let at = sqlx::query_scalar!("select created_at from items where vpd = $1 and item_id = $2", vpd, item)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(at) = at else { return Ok(None) };
    let below = walk_ids(tx, filter, reader, Some((at, item)), 1).await?;
    if let Some(next) = below.first() {
        return Ok(Some(*next));
    }
    let top = walk_ids(tx, filter, reader, None, 2).await?;
    Ok(top.into_iter().find(|id| *id != item))
}

async fn walk_ids(
    tx: &mut VpdTx,
    filter: &Filter,
    reader: &Reader,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> sqlx::Result<Vec<Uuid>> {
    let walks = walks(filter, reader);
    if walks.is_empty() {
        return Ok(Vec::new());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let mut sql = QueryBuilder::<Postgres>::new("select item_id from (");
    for (index, walk) in walks.iter().enumerate() {
        if index > 0 {
            sql.push(" union all ");
        }
        sql.push("(select i.item_id, i.created_at");
        from_items(&mut sql, &vpd, filter, reader, *walk);
        if let Some((at, item)) = after {
            sql.push(" and (i.created_at, i.item_id) < (").push_bind(at).push(", ").push_bind(item).push(")");
        }
        sql.push(" order by i.created_at desc, i.item_id desc limit ").push_bind(limit).push(")");
    }
    sql.push(") k order by created_at desc, item_id desc limit ").push_bind(limit);
    sql.build_query_scalar().fetch_all(&mut **tx).await
}

/// The roles of those of these items that the reader sees.
pub async fn roles_of(tx: &mut VpdTx, items: &[Uuid], roles: &[String]) -> sqlx::Result<Vec<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select distinct role from items where vpd = $1 and item_id = any($2) and role = any($3) order by role",
        vpd,
        items,
        roles
    )
    .fetch_all(&mut **tx)
    .await
}
