use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// One message as a summary names it: its type, its number and a count. Titles of items name people, so they stay behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub message_id: Uuid,
    pub number: i64,
    pub kind: String,
    pub items: i64,
    /// The first start among the items, where they have one.
    pub first_start: Option<NaiveDate>,
}

/// As many lines as a mail bears; the rest is a link.
const LINES: i64 = 20;

/// Messages with open items for these rights that came after `since`, newest first, and the number of such items in all.
pub async fn new_since(
    tx: &mut VpdTx,
    roles: &[String],
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<(Vec<Line>, i64)> {
    let vpd = tx.vpd().as_str().to_owned();
    let lines = sqlx::query_as!(
        Line,
        r#"select m.message_id, m.number, m.type as kind, count(*) as "items!", min(i.takes_effect_on) as first_start
             from items i join messages m on m.vpd = i.vpd and m.message_id = i.message_id
            where i.vpd = $1 and i.role = any($2) and i.state in ('open', 'claimed') and i.created_at > $3 and i.created_at <= $4
            group by m.message_id, m.number, m.type order by m.number desc limit $5"#,
        vpd,
        roles,
        since,
        now,
        LINES
    )
    .fetch_all(&mut **tx)
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "count!" from items i
            where i.vpd = $1 and i.role = any($2) and i.state in ('open', 'claimed') and i.created_at > $3 and i.created_at <= $4"#,
        vpd,
        roles,
        since,
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((lines, total))
}

/// Messages with things to do that start by `until` and that nobody else has claimed, soonest first, and their number in all.
pub async fn due_until(
    tx: &mut VpdTx,
    user_id: Uuid,
    roles: &[String],
    until: NaiveDate,
) -> sqlx::Result<(Vec<Line>, i64)> {
    let vpd = tx.vpd().as_str().to_owned();
    let lines = sqlx::query_as!(
        Line,
        r#"select m.message_id, m.number, m.type as kind, count(*) as "items!", min(i.takes_effect_on) as first_start
             from items i join messages m on m.vpd = i.vpd and m.message_id = i.message_id
            where i.vpd = $1 and i.role = any($2) and i.class = 'action' and i.takes_effect_on <= $3
              and (i.state = 'open' or (i.state = 'claimed' and i.claimed_by = $4))
            group by m.message_id, m.number, m.type order by 5, m.number limit $5"#,
        vpd,
        roles,
        until,
        user_id,
        LINES
    )
    .fetch_all(&mut **tx)
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "count!" from items i
            where i.vpd = $1 and i.role = any($2) and i.class = 'action' and i.takes_effect_on <= $3
              and (i.state = 'open' or (i.state = 'claimed' and i.claimed_by = $4))"#,
        vpd,
        roles,
        until,
        user_id
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((lines, total))
}
