use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::super::actions::Judged;
use super::super::model::{ChangeId, Source, Stretch};
use super::edit;
use crate::audit::Actor;
use crate::tenancy::VpdTx;

/// A change that was made here.
#[derive(Clone, Debug)]
pub struct Change {
    pub change_id: Uuid,
    pub position_id: String,
    pub effective_from: NaiveDate,
    pub before: Value,
    pub after: Value,
    pub source: String,
    pub source_id: Option<Uuid>,
    pub by_name: String,
    pub at: DateTime<Utc>,
    pub undone_by: Option<String>,
    pub undone_at: Option<DateTime<Utc>>,
}

fn json(stretches: &[Stretch]) -> sqlx::Result<Value> {
    serde_json::to_value(stretches).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn read(value: &Value) -> sqlx::Result<Vec<Stretch>> {
    serde_json::from_value(value.clone()).map_err(|error| sqlx::Error::Decode(error.into()))
}

impl Change {
    /// The position's stretches before and after it.
    pub fn stretches(&self) -> sqlx::Result<(Vec<Stretch>, Vec<Stretch>)> {
        Ok((read(&self.before)?, read(&self.after)?))
    }
}

/// Keeps changes as they were made.
pub async fn keep_changes(
    tx: &mut VpdTx,
    ids: &[ChangeId],
    judged: &[Judged],
    source: Source,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let positions: Vec<&str> = judged.iter().map(|one| one.position_id.as_str()).collect();
    let from: Vec<NaiveDate> = judged.iter().map(|one| one.effective_from).collect();
    let before = judged.iter().map(|one| json(&one.before)).collect::<sqlx::Result<Vec<_>>>()?;
    let after = judged.iter().map(|one| json(&one.after)).collect::<sqlx::Result<Vec<_>>>()?;
    let by_user = match by {
        Actor::Person { user_id, .. } => Some(*user_id),
        _ => None,
    };
    sqlx::query!(
        "insert into position_changes (vpd, change_id, position_id, effective_from, before, after, source, source_id, by_user, by_name, at)
         select $1, r.id, r.position_id, r.from_on, r.before, r.after, $7, $8, $9, $10, $11
           from unnest($2::uuid[], $3::text[], $4::date[], $5::jsonb[], $6::jsonb[]) as r (id, position_id, from_on, before, after)",
        vpd,
        &ids,
        &positions as &[&str],
        &from,
        &before,
        &after,
        source.code(),
        source.id(),
        by_user,
        by.name(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One change.
pub async fn find_change(tx: &mut VpdTx, id: ChangeId) -> sqlx::Result<Option<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Change,
        "select change_id, position_id, effective_from, before, after, source, source_id, by_name, at, undone_by, undone_at
           from position_changes where vpd = $1 and change_id = $2",
        vpd,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The changes of a position, newest first.
pub async fn history(tx: &mut VpdTx, position_id: &str) -> sqlx::Result<Vec<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Change,
        "select change_id, position_id, effective_from, before, after, source, source_id, by_name, at, undone_by, undone_at
           from position_changes where vpd = $1 and position_id = $2 order by at desc, change_id desc limit 200",
        vpd,
        position_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// A time that people were moved from a shared position to positions of their own.
#[derive(Clone, Debug)]
pub struct Split {
    pub unbucket_id: Uuid,
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    pub undone_by: Option<String>,
    pub undone_at: Option<DateTime<Utc>>,
    /// The numbers of the positions that were made.
    pub numbers: Vec<String>,
}

/// The times that a position was split, newest first.
pub async fn splits(tx: &mut VpdTx, position_id: &str) -> sqlx::Result<Vec<Split>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Split,
        r#"select u.unbucket_id, u.made_by, u.made_at, u.undone_by, u.undone_at,
                  array(select c.after -> 0 ->> 'position_number' from position_changes c
                         where c.vpd = u.vpd and c.source = 'unbucket' and c.source_id = u.unbucket_id
                           and c.after -> 0 ->> 'position_number' is not null order by c.change_id) as "numbers!"
             from unbucketings u where u.vpd = $1 and u.position_id = $2 order by u.made_at desc limit 50"#,
        vpd,
        position_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// The changes that came from one source and stand.
pub async fn changes_of(tx: &mut VpdTx, source_id: Uuid) -> sqlx::Result<Vec<ChangeId>> {
    let vpd = tx.vpd().as_str().to_owned();
    let ids = sqlx::query_scalar!(
        "select change_id from position_changes where vpd = $1 and source_id = $2 and undone_at is null order by at, change_id",
        vpd,
        source_id
    );
    Ok(ids.fetch_all(&mut **tx).await?.into_iter().map(ChangeId).collect())
}

/// What stands in the way of taking a change back.
#[derive(Clone, Debug)]
pub struct Followed {
    pub position_number: String,
    pub later_by: Option<String>,
    pub later_at: Option<DateTime<Utc>>,
    pub applications: i64,
    pub assignments: i64,
}

/// What has happened since to the positions that these changes changed: a later change that is not one of them, a file that said something
/// new, applications for a position whose number or end was changed, anybody on a position that was drafted.
pub async fn what_followed(tx: &mut VpdTx, changes: &[ChangeId]) -> sqlx::Result<Vec<Followed>> {
    let vpd = tx.vpd().as_str().to_owned();
    let ids: Vec<Uuid> = changes.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Followed,
        r#"with ours as (
             select c.*, not exists (select 1 from position_changes n where n.vpd = c.vpd and n.position_id = c.position_id and n.undone_at is null
                                        and (n.at, n.change_id) > (c.at, c.change_id)) as is_last
               from position_changes c where c.vpd = $1 and c.change_id = any($2)),
           stored as (
             select p.position_id, max(p.position_number) as position_number,
                    jsonb_agg(jsonb_build_array(p.effective_from, p.effective_to, p.name, p.dpn, p.managing_body, p.host_or_lead, p.job_role,
                                                p.out_of_hours, p.rota_pattern, p.prospective_cover, p.hiring_status, p.position_type,
                                                p.budgeted_fte, p.workplace_code)
                              order by p.effective_from) as now
               from positions p where p.vpd = $1 and p.position_id in (select position_id from ours) group by p.position_id),
           kept as (
             select o.change_id,
                    (select jsonb_agg(jsonb_build_array(s -> 'effective_from', s -> 'effective_to', s -> 'name', s -> 'dpn', s -> 'managing_body',
                                                        s -> 'host_or_lead', s -> 'job_role', s -> 'out_of_hours', s -> 'rota_pattern',
                                                        s -> 'prospective_cover', s -> 'hiring_status', s -> 'position_type', s -> 'budgeted_fte',
                                                        s -> 'workplace_code')
                                      order by s ->> 'effective_from')
                       from jsonb_array_elements(o.after) s) as after
               from ours o),
           judged as (
             select coalesce(s.position_number, o.position_id) as position_number, later.by_name as later_by, later.at as later_at,
                    case when o.before = '[]' or (o.before -> -1 -> 'dpn', o.before -> -1 -> 'effective_to')
                                                 is distinct from (o.after -> -1 -> 'dpn', o.after -> -1 -> 'effective_to')
                         then (select count(*) from applications a
                                where a.vpd = o.vpd and a.position_id = o.position_id and (a.received_at > o.at or o.before = '[]'))
                         else 0 end as applications,
                    case when o.before = '[]' then (select count(distinct a.assignment_id) from assignments a
                                                     where a.vpd = o.vpd and a.position_id = o.position_id) else 0 end as assignments,
                    o.is_last and s.now is distinct from k.after as differs
               from ours o
               join kept k using (change_id)
               left join stored s on s.position_id = o.position_id
               left join lateral (select n.by_name, n.at from position_changes n
                                   where n.vpd = o.vpd and n.position_id = o.position_id and n.undone_at is null
                                     and (n.at, n.change_id) > (o.at, o.change_id) and not n.change_id = any($2)
                                   order by n.at, n.change_id limit 1) later on true)
           select position_number as "position_number!", later_by as "later_by?", later_at as "later_at?", applications as "applications!",
                  assignments as "assignments!"
             from judged where later_by is not null or differs or applications > 0 or assignments > 0 order by 1"#,
        vpd,
        &ids
    )
    .fetch_all(&mut **tx)
    .await
}

/// Puts positions back to what they were before these changes, and marks the changes as undone.
pub async fn restore(tx: &mut VpdTx, changes: &[ChangeId], by: &Actor, now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let ids: Vec<Uuid> = changes.iter().map(|id| id.0).collect();
    // Of several changes of one position, what it was before the first.
    let rows = sqlx::query!(
        "select distinct on (position_id) position_id, before from position_changes where vpd = $1 and change_id = any($2)
          order by position_id, at, change_id",
        vpd,
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut before = Vec::new();
    for row in &rows {
        before.extend(read(&row.before)?.into_iter().map(|stretch| (row.position_id.as_str(), stretch)));
    }
    let positions: Vec<&str> = rows.iter().map(|row| row.position_id.as_str()).collect();
    let kept: Vec<&str> = before.iter().map(|(id, _)| *id).collect();
    let from: Vec<NaiveDate> = before.iter().map(|(_, stretch)| stretch.effective_from).collect();
    for table in ["positions", "position_directory"] {
        let gone = format!(
            "delete from {table} p where p.vpd = $1 and p.position_id = any($2)
                and not exists (select 1 from unnest($3::text[], $4::date[]) as k (id, from_on) where k.id = p.position_id and k.from_on = p.effective_from)"
        );
        sqlx::query(sqlx::AssertSqlSafe(gone))
            .bind(&vpd)
            .bind(&positions)
            .bind(&kept)
            .bind(&from)
            .execute(&mut **tx)
            .await?;
    }
    let back: Vec<(&str, &Stretch)> = before.iter().map(|(id, stretch)| (*id, stretch)).collect();
    edit::write_stretches(tx, &back).await?;
    sqlx::query!(
        "update position_changes set undone_by = $3, undone_at = $4 where vpd = $1 and change_id = any($2)",
        vpd,
        &ids,
        by.name(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
