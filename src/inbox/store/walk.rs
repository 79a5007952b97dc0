//! One walk of an index for each role, class and state, narrowed as the address says.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::London;
use sqlx::{Postgres, QueryBuilder};

use super::Reader;
use crate::inbox::filter::{Filter, Standing};
use crate::notifications::item::CLAIM_LASTS;

/// One walk of an index.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    pub role: &'a str,
    pub class: &'a str,
    /// One state, or both of what waits, which have an index of their own.
    pub state: Option<&'a str>,
}

pub(super) fn walks<'a>(filter: &Filter, reader: &'a Reader) -> Vec<Walk<'a>> {
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

/// `from … where …` for one walk, without a place to begin.
pub(super) fn from_items(
    sql: &mut QueryBuilder<Postgres>,
    vpd: &str,
    filter: &Filter,
    reader: &Reader,
    walk: Walk<'_>,
) {
    let (types, kinds) = filter.message_types_and_kinds();
    sql.push(" from items i");
    if filter.cause.is_some() || !types.is_empty() || !filter.q.is_empty() || !filter.body.is_empty() {
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
    if !filter.body.is_empty() {
        sql.push(" and m.body_code = ").push_bind(filter.body.clone());
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
