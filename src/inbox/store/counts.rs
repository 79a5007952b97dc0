//! The numbers of the views beside the list, from the tallies that the items keep.

use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row};

use super::Reader;
use crate::notifications::item::CLAIM_LASTS;

/// How many rows each view beside the list would show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub action: i64,
    pub information: i64,
    pub mine: i64,
    pub unclaimed: i64,
}

/// `select …` of one row with the numbers of the views, from the tallies that the items keep and the few claims.
pub(super) fn push_counts(sql: &mut QueryBuilder<Postgres>, vpd: &str, reader: &Reader) {
    sql.push(
        "select array[t.action_open, t.information_open, t.action_claimed, t.information_claimed, c.mine, c.lapsed]::bigint[] as counts
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
        let counts: Vec<i64> = row.try_get("counts")?;
        let [action_open, information_open, action_claimed, information_claimed, mine, lapsed] = counts[..] else {
            return Err(sqlx::Error::Decode("six counts belong to a list".into()));
        };
        Ok(Self {
            action: action_open + action_claimed,
            information: information_open + information_claimed,
            mine,
            unclaimed: action_open + lapsed,
        })
    }
}
