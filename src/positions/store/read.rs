use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{Postgres, QueryBuilder};

use super::super::model::HostOrLead;
use crate::tenancy::VpdTx;

/// A position as it stands over one stretch of time.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Position {
    pub position_id: String,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub position_number: String,
    pub name: String,
    pub staff_group: Option<String>,
    pub job_role: Option<String>,
    pub occupation_code: Option<String>,
    pub pay_scale: Option<String>,
    pub organisation_id: Option<String>,
    pub organisation_name: Option<String>,
    pub workplace_code: Option<String>,
    pub hiring_status: Option<String>,
    pub position_type: Option<String>,
    pub budgeted_fte: Option<String>,
    pub dpn: Option<String>,
    pub managing_body: Option<String>,
    /// Set here alone: no file brings it, nor the three after it.
    pub host_or_lead: Option<HostOrLead>,
    pub out_of_hours: Option<String>,
    pub rota_pattern: Option<String>,
    pub prospective_cover: Option<String>,
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Position {
    /// Whether it is active on a day.
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        self.deleted_at.is_none() && self.effective_from <= day && self.effective_to.is_none_or(|to| to >= day)
    }

    /// Host/Lead status in ESR's words, nothing where it is not set.
    pub fn host_or_lead_label(&self) -> &'static str {
        self.host_or_lead.map_or("", HostOrLead::label)
    }

    /// The title out of the name's parts: `S.H.O. - ENT`.
    pub fn title(&self) -> &str {
        self.name.split('|').nth(1).map(str::trim).filter(|title| !title.is_empty()).unwrap_or(&self.name)
    }
}

/// Every stretch of a position's history, oldest first.
pub async fn versions(tx: &mut VpdTx, position_id: &str) -> sqlx::Result<Vec<Position>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Position,
        r#"select p.position_id, p.effective_from, p.effective_to, p.position_number, p.name, p.staff_group, p.job_role, p.occupation_code,
                  p.pay_scale, p.organisation_id,
                  (select o.name from organisations o where o.vpd = p.vpd and o.organisation_id = p.organisation_id
                    order by o.effective_from desc limit 1) as organisation_name,
                  p.workplace_code, p.hiring_status, p.position_type, p.budgeted_fte, p.dpn, p.managing_body,
                  p.host_or_lead as "host_or_lead: HostOrLead", p.out_of_hours, p.rota_pattern, p.prospective_cover, p.deleted_at
             from positions p where p.vpd = $1 and p.position_id = $2 order by p.effective_from"#,
        vpd,
        position_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// The position as it stands on a day: the stretch that began last before it, or else the first.
pub async fn find(tx: &mut VpdTx, position_id: &str, on: NaiveDate) -> sqlx::Result<Option<Position>> {
    let mut versions = versions(tx, position_id).await?;
    let at = versions.iter().rposition(|version| version.effective_from <= on).unwrap_or(0);
    Ok((at < versions.len()).then(|| versions.swap_remove(at)))
}

/// Somebody who holds a position on a day.
#[derive(Clone, Debug)]
pub struct Holder {
    pub person_id: String,
    pub last_name: String,
    pub first_name: String,
    pub user_type: Option<String>,
    pub assignment_number: Option<String>,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub contract_end_on: Option<NaiveDate>,
    pub fte: Option<String>,
}

/// Who holds a position on a day.
pub async fn holders(tx: &mut VpdTx, position_id: &str, on: NaiveDate) -> sqlx::Result<Vec<Holder>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Holder,
        "select a.person_id, p.last_name, p.first_name, p.user_type, a.assignment_number, a.effective_from, a.effective_to, a.contract_end_on, a.fte
           from assignments a join people p on p.vpd = a.vpd and p.person_id = a.person_id
          where a.vpd = $1 and a.position_id = $2 and a.effective_from <= $3 and coalesce(a.effective_to, $3) >= $3
            and not exists (select 1 from assignments later
                             where later.vpd = a.vpd and later.assignment_id = a.assignment_id and later.effective_from > a.effective_from
                               and later.effective_from <= $3)
          order by p.last_name, p.first_name limit 500",
        vpd,
        position_id,
        on
    )
    .fetch_all(&mut **tx)
    .await
}

/// How many hold a position on a day, and how many applicants are on their way to it.
pub async fn people_of(tx: &mut VpdTx, ids: &[String], on: NaiveDate) -> sqlx::Result<HashMap<String, (i64, i64)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select i.id as "id!",
                  (select count(distinct a.person_id) from assignments a where a.vpd = $1 and a.position_id = i.id and a.effective_from <= $3
                      and coalesce(a.effective_to, $3) >= $3) as "now!",
                  (select count(*) from applications a where a.vpd = $1 and a.position_id = i.id and a.hire_on >= $3
                      and a.status not in ('hired', 'withdrawn', 'terminated')) as "next!"
             from unnest($2::text[]) as i (id)"#,
        vpd,
        ids,
        on
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.id, (row.now, row.next))).collect())
}

/// Which positions a list shows.
#[derive(Clone, Debug, Default)]
pub struct PositionFilter {
    /// Part of a number, name or Deanery Post Number.
    pub text: Option<String>,
    pub job_role: Option<String>,
    pub managing_body: Option<String>,
    /// Only those with a Deanery Post Number, or only those without.
    pub has_dpn: Option<bool>,
    /// `Some(None)`: not set.
    pub host_or_lead: Option<Option<HostOrLead>>,
    /// Only those that somebody holds on the day, or only those that nobody does.
    pub held: Option<bool>,
    /// Only these positions.
    pub only: Option<Vec<String>>,
    pub on: NaiveDate,
    pub offset: i64,
    pub limit: i64,
}

/// The positions active on a day that match, by number, and how many there are.
pub async fn list(tx: &mut VpdTx, filter: &PositionFilter) -> sqlx::Result<(Vec<Position>, i64)> {
    let mut count: QueryBuilder<Postgres> = QueryBuilder::new("select count(*) from positions p");
    narrow(&mut count, tx.vpd().as_str(), filter);
    let total: i64 = count.build_query_scalar().fetch_one(&mut **tx).await?;
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "select p.position_id, p.effective_from, p.effective_to, p.position_number, p.name, p.staff_group, p.job_role, p.occupation_code,
                p.pay_scale, p.organisation_id, null as organisation_name, p.workplace_code, p.hiring_status, p.position_type, p.budgeted_fte,
                p.dpn, p.managing_body, p.host_or_lead, p.out_of_hours, p.rota_pattern, p.prospective_cover, p.deleted_at from positions p",
    );
    narrow(&mut query, tx.vpd().as_str(), filter);
    query.push(" order by p.position_number, p.position_id offset ").push_bind(filter.offset);
    query.push(" limit ").push_bind(filter.limit);
    Ok((query.build_query_as().fetch_all(&mut **tx).await?, total))
}

fn narrow(query: &mut QueryBuilder<Postgres>, vpd: &str, filter: &PositionFilter) {
    query.push(" where p.vpd = ").push_bind(vpd.to_owned());
    query.push(" and p.deleted_at is null and p.effective_from <= ").push_bind(filter.on);
    query.push(" and (p.effective_to is null or p.effective_to >= ").push_bind(filter.on);
    query.push(
        ") and not exists (select 1 from positions later where later.vpd = p.vpd and later.position_id = p.position_id",
    );
    query
        .push(" and later.effective_from > p.effective_from and later.effective_from <= ")
        .push_bind(filter.on)
        .push(")");
    if let Some(text) = &filter.text {
        let like = format!("%{}%", text.replace(['%', '_', '\\'], ""));
        query.push(" and (p.position_number ilike ").push_bind(like.clone());
        query.push(" or p.name ilike ").push_bind(like.clone());
        query.push(" or p.position_id = ").push_bind(text.clone());
        query.push(" or p.dpn ilike ").push_bind(like).push(")");
    }
    if let Some(role) = &filter.job_role {
        query.push(" and p.job_role = ").push_bind(role.clone());
    }
    if let Some(body) = &filter.managing_body {
        query.push(" and p.managing_body = ").push_bind(body.clone());
    }
    match filter.host_or_lead {
        Some(Some(status)) => {
            query.push(" and p.host_or_lead = ").push_bind(status.code());
        }
        Some(None) => {
            query.push(" and p.host_or_lead is null");
        }
        None => {}
    }
    if let Some(held) = filter.held {
        query.push(if held { " and exists (" } else { " and not exists (" });
        query.push("select 1 from assignments a where a.vpd = p.vpd and a.position_id = p.position_id and a.effective_from <= ");
        query.push_bind(filter.on).push(" and (a.effective_to is null or a.effective_to >= ").push_bind(filter.on);
        query.push("))");
    }
    if let Some(only) = &filter.only {
        query.push(" and p.position_id = any(").push_bind(only.clone()).push(")");
    }
    match filter.has_dpn {
        Some(true) => query.push(" and p.dpn_key is not null"),
        Some(false) => query.push(" and p.dpn_key is null"),
        None => query,
    };
}

/// The job roles that this employer's positions have, for the list's filter.
pub async fn job_roles(tx: &mut VpdTx) -> sqlx::Result<Vec<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select distinct job_role as "role!" from positions where vpd = $1 and job_role is not null and deleted_at is null order by 1 limit 200"#,
        vpd
    )
    .fetch_all(&mut **tx)
    .await
}

/// The id of the position that bears a number on a day.
pub async fn id_of_number(tx: &mut VpdTx, number: &str, on: NaiveDate) -> sqlx::Result<Option<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select position_id from positions
          where vpd = $1 and position_number = $2 and deleted_at is null and effective_from <= $3 and coalesce(effective_to, $3) >= $3
          order by effective_from desc limit 1",
        vpd,
        number,
        on
    )
    .fetch_optional(&mut **tx)
    .await
}
