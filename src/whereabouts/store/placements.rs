use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// An application as the exception view shows it.
#[derive(Clone, Debug)]
pub struct Placement {
    pub person_id: String,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: Option<String>,
    pub dpn: String,
    pub body: String,
    pub grade: String,
    pub specialty: String,
    pub hire_on: NaiveDate,
    /// The position is there on the first day, and bears the number.
    pub position_matches: bool,
    pub site_code: Option<String>,
    pub host_or_lead: Option<String>,
}

/// Which placements the view asks for, as far as the database can tell; nothing asks for all.
#[derive(Clone, Debug, Default)]
pub struct PlacementFilter {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub specialty: Option<String>,
    pub grade: Option<String>,
    pub position_matches: Option<bool>,
}

/// The first so many placements, those without a position on top.
pub async fn placements(tx: &mut VpdTx, filter: &PlacementFilter, limit: i64) -> sqlx::Result<Vec<Placement>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Placement,
        r#"select a.person_id, p.last_name, p.first_name, p.gmc_number, a.dpn, coalesce(a.managing_body, upper(btrim(split_part(a.dpn, '/', 1)))) as "body!",
                  coalesce(a.grade, '') as "grade!", n.specialty as "specialty!", a.hire_on, n.matches as "position_matches!",
                  n.workplace_code as "site_code?", n.host_or_lead as "host_or_lead?"
             from applications a
             join people p on p.vpd = a.vpd and p.person_id = a.person_id
             left join lateral (select * from positions n where n.vpd = a.vpd and n.position_id = a.position_id and n.effective_from <= a.hire_on
                                 order by n.effective_from desc limit 1) b on true
            cross join lateral (select btrim(split_part(coalesce(b.name, ''), '|', 4)) as specialty, b.workplace_code, b.host_or_lead,
                                       (b.deleted_at is null and coalesce(b.effective_to, a.hire_on) >= a.hire_on and b.dpn_key = upper(btrim(a.dpn))) is true as matches) n
            where a.vpd = $1 and a.hire_on >= $2 and ($3::date is null or a.hire_on <= $3) and a.status not in ('withdrawn', 'terminated')
              and ($4::text is null or n.specialty = $4) and ($5::text is null or coalesce(a.grade, '') = $5) and ($6::bool is null or n.matches = $6)
            order by n.matches, a.dpn collate "C", p.last_name collate "C", a.application_id limit $7"#,
        vpd,
        filter.from,
        filter.to,
        filter.specialty,
        filter.grade,
        filter.position_matches,
        limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// What so many placements have in common: the values that the view can be filtered by.
#[derive(Clone, Debug)]
pub struct Facet {
    pub body: String,
    pub grade: String,
    pub specialty: String,
    pub position_matches: bool,
    pub site_code: Option<String>,
    pub host_or_lead: Option<String>,
    /// The post's number where we are its host: who employs its doctors depends on it.
    pub host_dpn: Option<String>,
    pub count: i64,
}

/// The values of every placement from a day on, whatever the view is filtered by.
pub async fn facets(tx: &mut VpdTx, from: NaiveDate) -> sqlx::Result<Vec<Facet>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Facet,
        r#"select coalesce(a.managing_body, upper(btrim(split_part(a.dpn, '/', 1)))) as "body!", coalesce(a.grade, '') as "grade!",
                  btrim(split_part(coalesce(n.name, ''), '|', 4)) as "specialty!",
                  (n.deleted_at is null and coalesce(n.effective_to, a.hire_on) >= a.hire_on and n.dpn_key = upper(btrim(a.dpn))) is true as "position_matches!",
                  n.workplace_code as "site_code?", n.host_or_lead as "host_or_lead?",
                  case n.host_or_lead when 'host' then upper(btrim(a.dpn)) end as host_dpn, count(*) as "count!"
             from applications a
             left join lateral (select * from positions n where n.vpd = a.vpd and n.position_id = a.position_id and n.effective_from <= a.hire_on
                                 order by n.effective_from desc limit 1) n on true
            where a.vpd = $1 and a.hire_on >= $2 and a.status not in ('withdrawn', 'terminated')
            group by 1, 2, 3, 4, 5, 6, 7"#,
        vpd,
        from
    )
    .fetch_all(&mut **tx)
    .await
}
