//! The grid as it was told: the current one, or that of any past telling.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// A telling that can be reopened.
#[derive(Clone, Debug)]
pub struct Telling {
    pub grid_no: i32,
    pub file_id: Uuid,
    pub file_name: String,
    pub body_code: String,
    pub is_full: bool,
    pub told_at: DateTime<Utc>,
    pub told_on: NaiveDate,
    pub rows: i64,
}

/// The tellings, the latest first.
pub async fn tellings(tx: &mut VpdTx, limit: i64) -> sqlx::Result<Vec<Telling>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Telling,
        r#"select g.grid_no, g.file_id, g.file_name, g.body_code, g.is_full, g.told_at, g.told_on,
                  (select count(*) from rotation_rows r where r.vpd = g.vpd and r.from_grid = g.grid_no) as "rows!"
             from rotation_grids g where g.vpd = $1 order by g.grid_no desc limit $2"#,
        vpd,
        limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// The telling of a number; the last of a day or before it; or the latest.
pub async fn telling(tx: &mut VpdTx, grid_no: Option<i32>, on: Option<NaiveDate>) -> sqlx::Result<Option<Telling>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Telling,
        r#"select g.grid_no, g.file_id, g.file_name, g.body_code, g.is_full, g.told_at, g.told_on, 0::bigint as "rows!"
             from rotation_grids g
            where g.vpd = $1 and ($2::integer is null or g.grid_no = $2) and ($3::date is null or g.told_on <= $3)
            order by g.grid_no desc limit 1"#,
        vpd,
        grid_no,
        on
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Which rows a grid shows.
#[derive(Clone, Debug, Default)]
pub struct GridFilter {
    /// Part of a Deanery Post Number, position number, name, GMC number or specialty.
    pub search: String,
    pub site: String,
    pub specialty: String,
    /// `vacant` or `filled`; anything else is both.
    pub next: String,
    pub end_from: Option<NaiveDate>,
    pub end_to: Option<NaiveDate>,
    /// Only what the telling brought or changed.
    pub only_changed: bool,
    /// By the holder's projected end date, those without one last, and not by post.
    pub by_end: bool,
}

/// One row of a grid.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct GridRow {
    pub dpn: String,
    pub position_id: Option<String>,
    pub position_number: Option<String>,
    pub place: Option<String>,
    pub current_last_name: Option<String>,
    pub current_first_name: Option<String>,
    pub current_gmc: Option<String>,
    pub current_end_on: Option<NaiveDate>,
    pub current_next_place: Option<String>,
    pub next_last_name: Option<String>,
    pub next_first_name: Option<String>,
    pub next_gmc: Option<String>,
    pub next_current_place: Option<String>,
    pub next_email: Option<String>,
    pub next_hours: Option<String>,
    pub next_start_on: Option<NaiveDate>,
    pub next_grade: Option<String>,
    pub vacant_next: bool,
    pub is_changed: bool,
    pub changed: Vec<String>,
    pub before: Value,
    /// The next holder's application for the post, by the number of the person, where one is here.
    pub applicant_id: Option<String>,
    /// A later telling names another next holder for the same holder of the post, and did not take this row out.
    pub is_older: bool,
}

/// The rows of a grid as it stood after a telling, by post.
pub async fn rows(tx: &mut VpdTx, grid_no: i32, filter: &GridFilter) -> sqlx::Result<Vec<GridRow>> {
    let vpd = tx.vpd().as_str().to_owned();
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "with posts as (
           select distinct on (dpn_key) dpn_key, position_id, position_number, workplace_code from positions
            where dpn_key is not null and deleted_at is null and vpd = ",
    );
    query.push_bind(vpd.clone());
    query.push(
        " order by dpn_key, effective_from desc),
         sites as (select distinct on (site_code) upper(btrim(site_code)) as site_code, coalesce(description, code) as name from locations where vpd = ",
    );
    query.push_bind(vpd.clone());
    query.push(
        " order by site_code, location_id)
         select r.dpn, p.position_id, p.position_number, coalesce(s.name, p.workplace_code) as place, r.current_last_name, r.current_first_name,
                r.current_gmc, r.current_end_on, r.current_next_place, r.next_last_name, r.next_first_name, r.next_gmc, r.next_current_place,
                r.next_email, r.next_hours, r.next_start_on, r.next_grade, r.vacant_next, r.from_grid = ",
    );
    query.push_bind(grid_no);
    query.push(
        " as is_changed, r.changed, r.before,
                (select n.person_id from people n where n.vpd = r.vpd and n.gmc_number = r.next_gmc and r.next_key <> ''
                    and exists (select 1 from applications a where a.vpd = n.vpd and a.person_id = n.person_id and upper(btrim(a.dpn)) = r.dpn_key)
                  limit 1) as applicant_id,
                (r.current_key <> '' and r.from_grid < max(r.from_grid) over (partition by r.dpn_key, r.current_key)) as is_older
           from rotation_rows r left join posts p on p.dpn_key = r.dpn_key left join sites s on s.site_code = upper(btrim(p.workplace_code))
          where r.vpd = ",
    );
    query.push_bind(vpd);
    query.push(" and r.from_grid <= ").push_bind(grid_no);
    query.push(" and (r.to_grid is null or r.to_grid > ").push_bind(grid_no).push(")");
    if filter.only_changed {
        query.push(" and r.from_grid = ").push_bind(grid_no);
    }
    let search = filter.search.trim().to_lowercase();
    if !search.is_empty() {
        query.push(" and strpos(lower(concat_ws(' ', r.dpn, r.specialty, r.current_last_name, r.current_first_name, r.current_gmc, r.next_last_name, r.next_first_name, r.next_gmc, p.position_number)), ");
        query.push_bind(search).push(") > 0");
    }
    if !filter.site.is_empty() {
        query.push(" and p.workplace_code = ").push_bind(filter.site.clone());
    }
    if !filter.specialty.is_empty() {
        query.push(" and r.specialty = ").push_bind(filter.specialty.clone());
    }
    match filter.next.as_str() {
        "vacant" => {
            query.push(" and r.next_key = ''");
        }
        "filled" => {
            query.push(" and r.next_key <> ''");
        }
        _ => {}
    }
    if let Some(from) = filter.end_from {
        query.push(" and r.current_end_on >= ").push_bind(from);
    }
    if let Some(to) = filter.end_to {
        query.push(" and r.current_end_on <= ").push_bind(to);
    }
    query.push(" order by ");
    if filter.by_end {
        query.push("r.current_end_on nulls last, ");
    }
    query.push("r.dpn_key, r.current_last_name, r.next_start_on, r.row_id limit 20000");
    query.build_query_as().fetch_all(&mut **tx).await
}

/// The specialties that the grids name, for the filters.
pub async fn specialties(tx: &mut VpdTx) -> sqlx::Result<Vec<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select distinct specialty as "specialty!" from rotation_rows where vpd = $1 and specialty <> '' order by 1 limit 300"#,
        vpd
    )
    .fetch_all(&mut **tx)
    .await
}

/// The site codes of this employer's training posts, for the filters.
pub async fn sites(tx: &mut VpdTx) -> sqlx::Result<Vec<(String, String)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select distinct p.workplace_code as "code!",
                  coalesce((select l.description from locations l where l.vpd = p.vpd and upper(l.site_code) = upper(p.workplace_code) limit 1),
                           (select l.code from locations l where l.vpd = p.vpd and upper(l.site_code) = upper(p.workplace_code) limit 1),
                           p.workplace_code) as "name!"
             from (select distinct vpd, workplace_code from positions where vpd = $1 and dpn_key is not null and workplace_code is not null
                      and deleted_at is null) p order by 2 limit 300"#,
        vpd
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.name)).collect())
}
