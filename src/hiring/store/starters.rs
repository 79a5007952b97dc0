use chrono::NaiveDate;
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// A doctor who starts, with what the list of first days compares.
#[derive(Clone, Debug)]
pub struct Starter {
    pub application_id: Uuid,
    pub person_id: String,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: Option<String>,
    pub position_id: String,
    pub position_number: String,
    pub position_name: Option<String>,
    pub dpn: String,
    pub hire_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
    pub status: String,
    /// `host` or `lead`, where somebody has said it.
    pub host_or_lead: Option<String>,
    pub position_is_active: bool,
    pub hire_id: Option<Uuid>,
    pub hired_on: Option<NaiveDate>,
    pub hired_as: Option<String>,
    /// The hire's assignment as it stands.
    pub assigned_from: Option<NaiveDate>,
    pub assigned_to: Option<NaiveDate>,
    pub contract_end_on: Option<NaiveDate>,
    /// Holds something else here on that day.
    pub holds_another: bool,
    /// How many there are in all.
    pub total: i64,
}

/// Which starts a list shows.
#[derive(Clone, Debug)]
pub struct StartFilter {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Only those whom nobody has hired.
    pub only_waiting: bool,
    pub offset: i64,
    pub limit: i64,
}

/// Those who start on these days, unless withdrawn or ended, in the order of their days and posts.
pub async fn list_starters(tx: &mut VpdTx, filter: &StartFilter) -> sqlx::Result<Vec<Starter>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Starter,
        r#"select a.application_id, a.person_id, p.last_name, p.first_name, p.gmc_number, a.position_id, a.position_number,
                  post.name as "position_name?", a.dpn, a.hire_on, a.end_on, a.status, post.host_or_lead as "host_or_lead?",
                  coalesce(post.deleted_at is null and post.effective_from <= a.hire_on
                           and coalesce(post.effective_to, a.hire_on) >= a.hire_on, false) as "position_is_active!",
                  h.hire_id as "hire_id?", h.hired_on as "hired_on?", h.person_type as "hired_as?",
                  mine.effective_from as "assigned_from?", mine.effective_to as "assigned_to?", mine.contract_end_on as "contract_end_on?",
                  exists (select 1 from assignments o
                           where o.vpd = a.vpd and o.person_id = a.person_id and o.assignment_id <> a.assignment_id
                             and o.effective_from <= a.hire_on and coalesce(o.effective_to, a.hire_on) >= a.hire_on) as "holds_another!",
                  count(*) over () as "total!"
             from applications a
             join people p on p.vpd = a.vpd and p.person_id = a.person_id
             left join lateral (select * from positions v where v.vpd = a.vpd and v.position_id = a.position_id
                                 order by (v.effective_from <= a.hire_on) desc, v.effective_from desc limit 1) post on true
             left join hires h on h.vpd = a.vpd and h.application_id = a.application_id and h.taken_back_at is null
             left join lateral (select * from assignments v where v.vpd = a.vpd and v.assignment_id = h.assignment_id
                                 order by v.effective_from desc limit 1) mine on true
            where a.vpd = $1 and a.hire_on between $2 and $3 and a.status not in ('withdrawn', 'terminated')
              and (not $4 or a.status <> 'hired')
            order by a.hire_on, post.occupation_code, p.last_name_key, p.first_name_key, a.application_id
            offset $5 limit $6"#,
        vpd,
        filter.from,
        filter.to,
        filter.only_waiting,
        filter.offset,
        filter.limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// The days, of these, on which somebody starts whom nobody has hired yet.
pub async fn days_with_starts(tx: &mut VpdTx, from: NaiveDate, to: NaiveDate) -> sqlx::Result<Vec<NaiveDate>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select distinct hire_on from applications
          where vpd = $1 and hire_on between $2 and $3 and status not in ('withdrawn', 'terminated', 'hired') order by 1",
        vpd,
        from,
        to
    )
    .fetch_all(&mut **tx)
    .await
}
