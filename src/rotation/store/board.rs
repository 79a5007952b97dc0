//! What a changeover's board is made of: posts, who holds them, who comes, whose records are held, and what the deanery says. Five statements, however many posts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// So many days before and after a changeover belong to it.
pub const AROUND: u64 = 28;

/// The place of the projected hire date among the fields of an APP record (Streamlined Doctors in Training Interface, December 2020).
const HIRE_DATE: i32 = 40;

/// A training post of this employer.
#[derive(Clone, Debug)]
pub struct Post {
    pub dpn_key: String,
    pub dpn: String,
    pub position_id: String,
    pub position_number: String,
    pub name: String,
    pub workplace_code: Option<String>,
    pub host_or_lead: Option<String>,
    /// How many positions bear the number.
    pub positions: i64,
}

impl Post {
    /// The parts of the position's name: title, occupation code, area of work.
    pub fn parts(&self) -> (&str, &str, &str) {
        let mut parts = self.name.split('|').skip(1).map(str::trim);
        let mut next = || parts.next().unwrap_or_default();
        (next(), next(), next())
    }
}

/// The training posts that are there on a day, in no order: of each number the position whose stretch began last.
pub async fn posts(tx: &mut VpdTx, on: NaiveDate) -> sqlx::Result<Vec<Post>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select dpn_key as "dpn_key!", dpn as "dpn!", position_id, position_number, name, workplace_code, host_or_lead, effective_from
             from positions
            where vpd = $1 and dpn_key is not null and deleted_at is null and effective_from <= $2 and coalesce(effective_to, $2) >= $2"#,
        vpd,
        on
    )
    .fetch_all(&mut **tx)
    .await?;
    // Here rather than there: a sort of so many wide rows would be most of the statement.
    let mut posts: HashMap<String, (NaiveDate, Post)> = HashMap::with_capacity(rows.len());
    for row in rows {
        let key = row.dpn_key.clone();
        let mut post = Post {
            dpn_key: row.dpn_key,
            dpn: row.dpn,
            position_id: row.position_id,
            position_number: row.position_number,
            name: row.name,
            workplace_code: row.workplace_code,
            host_or_lead: row.host_or_lead,
            positions: 1,
        };
        match posts.entry(key) {
            Entry::Vacant(place) => {
                place.insert((row.effective_from, post));
            }
            Entry::Occupied(mut place) => {
                let (from, known) = place.get_mut();
                post.positions += known.positions;
                let is_later = (row.effective_from, &known.position_number) > (*from, &post.position_number);
                if is_later {
                    (*from, *known) = (row.effective_from, post);
                } else {
                    known.positions = post.positions;
                }
            }
        }
    }
    Ok(posts.into_values().map(|(_, post)| post).collect())
}

/// Somebody at a post: an employee, or an applicant.
#[derive(Clone, Debug)]
pub struct AtPost {
    pub dpn_key: String,
    pub person_id: String,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: Option<String>,
    pub from_on: NaiveDate,
    pub to_on: Option<NaiveDate>,
    /// Of a record: its last day, if it ends.
    pub ends_on: Option<NaiveDate>,
    /// Of an application: where it stands.
    pub status: Option<String>,
    pub application_id: Option<Uuid>,
}

impl AtPost {
    /// An applicant who does not come after all.
    pub fn is_withdrawn(&self) -> bool {
        matches!(self.status.as_deref(), Some("withdrawn" | "terminated"))
    }
}

/// Who holds a training post in the days around a changeover.
pub async fn holders(tx: &mut VpdTx, on: NaiveDate) -> sqlx::Result<Vec<AtPost>> {
    let vpd = tx.vpd().as_str().to_owned();
    let mut holders = sqlx::query_as!(
        AtPost,
        r#"select o.dpn_key as "dpn_key!", a.person_id, p.last_name, p.first_name, p.gmc_number, a.effective_from as from_on,
                  least(a.effective_to, a.contract_end_on) as to_on, a.effective_to as ends_on, null as status, null::uuid as application_id
             from (select distinct position_id, dpn_key from positions where vpd = $1 and dpn_key is not null and deleted_at is null) o
             join assignments a on a.vpd = $1 and a.position_id = o.position_id
             join people p on p.vpd = a.vpd and p.person_id = a.person_id
            where a.effective_from < $2 and coalesce(a.effective_to, $2) >= $3
              and not exists (select 1 from assignments later where later.vpd = a.vpd and later.assignment_id = a.assignment_id
                                 and later.effective_from > a.effective_from and later.effective_from < $2)"#,
        vpd,
        on,
        on - Days::new(AROUND)
    )
    .fetch_all(&mut **tx)
    .await?;
    holders.sort_by(|a, b| (&a.last_name, &a.first_name).cmp(&(&b.last_name, &b.first_name)));
    Ok(holders)
}

/// Who applies, or applied, for a training post with a first day around a changeover.
pub async fn applicants(tx: &mut VpdTx, on: NaiveDate) -> sqlx::Result<Vec<AtPost>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        AtPost,
        r#"select upper(btrim(a.dpn)) as "dpn_key!", a.person_id, p.last_name, p.first_name, p.gmc_number, a.hire_on as from_on, a.end_on as to_on,
                  null::date as ends_on, a.status as "status?", a.application_id as "application_id?"
             from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
            where a.vpd = $1 and a.hire_on between $2 and $3 order by 1, a.hire_on, 3, 4"#,
        vpd,
        on - Days::new(AROUND),
        on + Days::new(AROUND)
    )
    .fetch_all(&mut **tx)
    .await
}

/// How many applicants with a first day around a changeover wait because their post is held, by post.
pub async fn held(tx: &mut VpdTx, on: NaiveDate) -> sqlx::Result<HashMap<String, i64>> {
    let vpd = tx.vpd().as_str().to_owned();
    let text = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let rows = sqlx::query!(
        r#"select upper(btrim(dpn)) as "dpn_key!", count(*) as "count!" from file_records
            where vpd = $1 and outcome = 'held' and record_type = 'APP' and dpn is not null
              and btrim(split_part(raw, '~', $2)) collate "C" between $3 and $4 group by 1"#,
        vpd,
        HIRE_DATE,
        text(on - Days::new(AROUND)),
        text(on + Days::new(AROUND))
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.dpn_key, row.count)).collect())
}

/// What the deanery says of a post, as far as a board needs it.
#[derive(Clone, Debug)]
pub struct Said {
    pub dpn_key: String,
    pub current_last_name: Option<String>,
    pub current_first_name: Option<String>,
    pub current_gmc: Option<String>,
    pub current_end_on: Option<NaiveDate>,
    pub next_last_name: Option<String>,
    pub next_first_name: Option<String>,
    pub next_gmc: Option<String>,
    pub next_start_on: Option<NaiveDate>,
    pub vacant_next: bool,
    pub from_grid: i32,
    pub body_code: String,
}

/// The current grid, by post; the last telling of each body is what changed last time.
pub async fn said(tx: &mut VpdTx) -> sqlx::Result<Vec<(Said, bool)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"with last as (select body_code, max(grid_no) as grid_no from rotation_grids where vpd = $1 group by body_code)
           select r.dpn_key, r.current_last_name, r.current_first_name, r.current_gmc, r.current_end_on, r.next_last_name, r.next_first_name,
                  r.next_gmc, r.next_start_on, r.vacant_next, r.from_grid, r.body_code, (r.from_grid = l.grid_no) as "is_changed!"
             from rotation_rows r join last l on l.body_code = r.body_code
            where r.vpd = $1 and r.to_grid is null order by r.dpn_key, r.current_key, r.next_start_on"#,
        vpd
    )
    .fetch_all(&mut **tx)
    .await?;
    let said = rows.into_iter().map(|row| {
        let said = Said {
            dpn_key: row.dpn_key,
            current_last_name: row.current_last_name,
            current_first_name: row.current_first_name,
            current_gmc: row.current_gmc,
            current_end_on: row.current_end_on,
            next_last_name: row.next_last_name,
            next_first_name: row.next_first_name,
            next_gmc: row.next_gmc,
            next_start_on: row.next_start_on,
            vacant_next: row.vacant_next,
            from_grid: row.from_grid,
            body_code: row.body_code,
        };
        (said, row.is_changed)
    });
    Ok(said.collect())
}

/// On how many first days from a day on somebody starts, the nearest first.
pub async fn first_days(tx: &mut VpdTx, from: NaiveDate) -> sqlx::Result<Vec<(NaiveDate, i64)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select day as "day!", count(*) as "count!" from (
             select hire_on as day from applications where vpd = $1 and hire_on >= $2 and status not in ('withdrawn', 'terminated')
             union all
             select next_start_on from rotation_rows where vpd = $1 and to_grid is null and next_start_on >= $2) starts
            group by day order by day limit 200"#,
        vpd,
        from
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.day, row.count)).collect())
}
