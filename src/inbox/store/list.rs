//! The list: a few short walks of one index, one for each role, class and state, merged and cut. Its cost does not depend on how many
//! items there are, only on how many it shows.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::London;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access;
use crate::inbox::filter::{Cursor, Filter, Standing, Window};
use crate::notifications::item::CLAIM_LASTS;
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

/// How many rows each view beside the list would show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub action: i64,
    pub information: i64,
    pub mine: i64,
    pub unclaimed: i64,
}

/// One walk of an index.
#[derive(Clone, Copy)]
struct Walk<'a> {
    role: &'a str,
    class: &'a str,
    /// One state, or both of what waits, which have an index of their own.
    state: Option<&'a str>,
}

fn walks<'a>(filter: &Filter, reader: &'a Reader) -> Vec<Walk<'a>> {
    let mut walks = Vec::new();
    for role in &reader.roles {
        for class in filter.class.codes() {
            if filter.standing == Standing::Waiting {
                walks.push(Walk { role, class, state: None });
                continue;
            }
            for state in filter.standing.codes() {
                walks.push(Walk { role, class, state: Some(state) });
            }
        }
    }
    walks
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
    let mut sql = QueryBuilder::<Postgres>::new("select n.*, i.* from (");
    push_counts(&mut sql, &vpd, reader);
    sql.push(
        ") n left join (
         select i.item_id, i.message_id, i.type as kind, i.class, i.state, i.title, i.facts->'messages'->0->>'text' as said, i.person_name, i.gmc_number, i.dpn,
                i.position_number, i.position_name, i.takes_effect_on, i.created_at, i.claimed_by, i.claimed_at, i.decided_at, i.closed_reason,
                i.decided_by, m.number, m.title as message_title, m.cause, m.dated_on, m.file_name, m.item_count, ",
    );
    sql.push_bind(unread).push(" as unread from (");
    let one = walks.len() == 1;
    for (index, walk) in walks.iter().enumerate() {
        if index > 0 {
            sql.push(" union all ");
        }
        sql.push(if one { "select i.*" } else { "(select i.*" });
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
    sql.push(") i join messages m on m.vpd = ").push_bind(vpd).push(" and m.message_id = i.message_id");
    sql.push(format!(" order by i.created_at {order}, i.item_id {order} limit {limit}) i on true"));
    sql.push(format!(" order by i.created_at {order}, i.item_id {order}"));
    let found = sql.build().fetch_all(&mut **tx).await?;
    let counts = found.first().map(Counts::try_from).transpose()?.unwrap_or_default();
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        // An empty list still brings its counts.
        if row.try_get::<Option<Uuid>, _>("item_id")?.is_some() {
            rows.push(ListRow::from_row(row)?);
        }
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

/// `select …` of one row with the numbers of the views, from the tallies that the items keep and the few claims.
fn push_counts(sql: &mut QueryBuilder<Postgres>, vpd: &str, reader: &Reader) {
    sql.push(
        "select t.action_open, t.information_open, t.action_claimed, t.information_claimed, c.mine, c.lapsed
           from (select coalesce(sum(n) filter (where class = 'action' and state = 'open'), 0) as action_open,
                        coalesce(sum(n) filter (where class = 'information' and state = 'open'), 0) as information_open,
                        coalesce(sum(n) filter (where class = 'action' and state = 'claimed'), 0) as action_claimed,
                        coalesce(sum(n) filter (where class = 'information' and state = 'claimed'), 0) as information_claimed
                   from item_tallies where vpd = ",
    );
    sql.push_bind(vpd.to_owned()).push(" and role = any(").push_bind(reader.roles.clone());
    sql.push(")) t, (select count(*) filter (where claimed_at > ").push_bind(reader.now - CLAIM_LASTS);
    sql.push(" and claimed_by = ").push_bind(reader.user_id);
    sql.push(") as mine, count(*) filter (where class = 'action' and claimed_at <= ")
        .push_bind(reader.now - CLAIM_LASTS);
    sql.push(") as lapsed from items where state = 'claimed' and vpd = ").push_bind(vpd.to_owned());
    sql.push(" and role = any(").push_bind(reader.roles.clone()).push(")) c");
}

impl TryFrom<&PgRow> for Counts {
    type Error = sqlx::Error;

    fn try_from(row: &PgRow) -> sqlx::Result<Self> {
        let get = |name: &str| row.try_get::<i64, _>(name);
        let open = get("action_open")?;
        Ok(Self {
            action: open + get("action_claimed")?,
            information: get("information_open")? + get("information_claimed")?,
            mine: get("mine")?,
            unclaimed: open + get("lapsed")?,
        })
    }
}

/// `from … where …` for one walk, without a place to begin.
fn from_items(sql: &mut QueryBuilder<Postgres>, vpd: &str, filter: &Filter, reader: &Reader, walk: Walk<'_>) {
    let (types, kinds) = filter.message_types_and_kinds();
    sql.push(" from items i");
    if filter.cause.is_some() || !types.is_empty() || !filter.q.is_empty() {
        sql.push(" join messages m on m.vpd = i.vpd and m.message_id = i.message_id");
    }
    sql.push(" where i.vpd = ").push_bind(vpd.to_owned());
    sql.push(" and i.role = ").push_bind(walk.role.to_owned());
    sql.push(" and i.class = ").push_bind(walk.class.to_owned());
    match walk.state {
        Some(state) => sql.push(" and i.state = ").push_bind(state.to_owned()),
        // As the index says it, so that it is used.
        None => sql.push(" and i.state in ('open', 'claimed')"),
    };
    let lapsed = reader.now - CLAIM_LASTS;
    if filter.unclaimed {
        sql.push(" and (i.claimed_at is null or i.claimed_at <= ").push_bind(lapsed).push(")");
    }
    // A claim that has lapsed is in nobody's hands.
    if filter.mine {
        sql.push(" and i.claimed_by = ").push_bind(reader.user_id);
    }
    if filter.mine || filter.standing == Standing::Claimed {
        sql.push(" and i.claimed_at > ").push_bind(lapsed);
    }
    match (types.is_empty(), kinds.is_empty()) {
        (true, true) => {}
        (false, true) => {
            sql.push(" and m.type = any(").push_bind(types).push(")");
        }
        (true, false) => {
            sql.push(" and i.type = any(").push_bind(kinds).push(")");
        }
        (false, false) => {
            sql.push(" and (m.type = any(").push_bind(types).push(") or i.type = any(").push_bind(kinds).push("))");
        }
    }
    if let Some(cause) = filter.cause {
        sql.push(" and m.cause = ").push_bind(cause.code());
    }
    if !filter.post.is_empty() {
        let exact = filter.post.clone();
        let starts = format!("{}%", escaped(&filter.post));
        sql.push(" and (i.dpn = ").push_bind(exact.clone()).push(" or i.position_number = ").push_bind(exact.clone());
        sql.push(" or i.position_id = ").push_bind(exact).push(" or i.dpn ilike ").push_bind(starts.clone());
        sql.push(" or i.position_name ilike ").push_bind(starts).push(")");
    }
    if let Some(start) = filter.from.and_then(midnight) {
        sql.push(" and i.created_at >= ").push_bind(start);
    }
    if let Some(end) = filter.to.and_then(|day| day.succ_opt()).and_then(midnight) {
        sql.push(" and i.created_at < ").push_bind(end);
    }
    if let Some(days) = filter.within {
        // What is overdue needs action more, not less.
        let last = reader.today + chrono::TimeDelta::days(days);
        sql.push(" and i.takes_effect_on <= ").push_bind(last);
    }
    if !filter.q.is_empty() {
        let like = format!("%{}%", escaped(&filter.q));
        sql.push(" and (i.person_name ilike ")
            .push_bind(like.clone())
            .push(" or i.title ilike ")
            .push_bind(like.clone());
        sql.push(" or i.dpn ilike ")
            .push_bind(like.clone())
            .push(" or i.position_number ilike ")
            .push_bind(like.clone());
        sql.push(" or i.position_name ilike ").push_bind(like.clone()).push(" or m.file_name ilike ").push_bind(like);
        sql.push(" or i.gmc_number = ").push_bind(filter.q.clone());
        sql.push(" or m.number::text = ").push_bind(filter.q.clone()).push(")");
    }
}

/// The instant at which a day begins in London.
fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    day.and_time(NaiveTime::MIN).and_local_timezone(London).earliest().map(|local| local.with_timezone(&Utc))
}

/// Text in which `%`, `_` and `\` stand for themselves.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
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
