use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::doctors_in_training::files::app::Column;
use crate::tenancy::VpdTx;
use crate::whereabouts::model::Search;

/// An application with what blocks it.
#[derive(Clone, Debug)]
pub struct Application {
    pub application_id: Uuid,
    pub person_id: String,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: Option<String>,
    pub employee_number: Option<String>,
    pub has_ni_number: bool,
    pub position_id: String,
    pub position_number: String,
    pub position_name: Option<String>,
    /// The position is there on the first day, and bears the number.
    pub position_matches: bool,
    pub dpn: String,
    pub hire_on: NaiveDate,
    pub status: String,
    pub status_at: DateTime<Utc>,
    pub applicant_number: String,
    /// What the deanery changed and nobody has decided: its kind, and id.
    pub change_kind: Option<String>,
    pub change_id: Option<Uuid>,
    pub duplicate_id: Option<Uuid>,
}

/// An application as far as a list is filtered, counted and ordered by it: a narrow row, of which there are many.
#[derive(Clone, Debug)]
pub struct Key {
    pub application_id: Uuid,
    pub person_id: String,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: Option<String>,
    pub employee_number: Option<String>,
    pub position_id: String,
    pub position_number: String,
    pub dpn: String,
    pub hire_on: NaiveDate,
    pub status: String,
    pub applicant_number: String,
}

/// Which applications a list asks for, as far as the database can tell.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub statuses: Vec<String>,
    pub search: Option<Search>,
}

/// The texts of a search: the code, the last name, and the last and first name.
type Texts<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn texts(search: Option<&Search>) -> Texts<'_> {
    let Some(search) = search else { return (None, None, None, None) };
    let both = search.both.as_ref();
    (
        Some(&search.code),
        search.last.as_deref(),
        both.map(|(last, _)| last.as_str()),
        both.map(|(_, first)| first.as_str()),
    )
}

/// How many applications are wanted, by status: however many there are.
pub async fn counts(tx: &mut VpdTx, wanted: &Wanted) -> sqlx::Result<Vec<(String, i64)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let (code, name, last, first) = texts(wanted.search.as_ref());
    let rows = sqlx::query!(
        r#"select a.status, count(*) as "count!"
             from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
            where a.vpd = $1 and a.hire_on >= $2 and ($3::date is null or a.hire_on <= $3) and a.status = any($4)
              and ($5::text is null or starts_with(p.last_name_key, $6::text)
                   or (starts_with(p.last_name_key, $7::text) and starts_with(p.first_name_key, $8::text))
                   or (starts_with(p.last_name_key, $8) and starts_with(p.first_name_key, $7))
                   or starts_with(upper(a.dpn), $5) or p.gmc_number = $5
                   or $5 in (a.position_number, a.position_id, a.applicant_number, a.person_id, p.employee_number))
            group by a.status"#,
        vpd,
        wanted.from,
        wanted.to,
        &wanted.statuses,
        code,
        name,
        last,
        first
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.status, row.count)).collect())
}

/// The first so many of the wanted applications, the first to start on top.
pub async fn keys(tx: &mut VpdTx, wanted: &Wanted, limit: i64) -> sqlx::Result<Vec<Key>> {
    let vpd = tx.vpd().as_str().to_owned();
    let (code, name, last, first) = texts(wanted.search.as_ref());
    sqlx::query_as!(
        Key,
        "select a.application_id, a.person_id, p.last_name, p.first_name, p.gmc_number, p.employee_number, a.position_id, a.position_number,
                a.dpn, a.hire_on, a.status, a.applicant_number
           from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
          where a.vpd = $1 and a.hire_on >= $2 and ($3::date is null or a.hire_on <= $3) and a.status = any($4)
            and ($5::text is null or starts_with(p.last_name_key, $6::text)
                 or (starts_with(p.last_name_key, $7::text) and starts_with(p.first_name_key, $8::text))
                 or (starts_with(p.last_name_key, $8) and starts_with(p.first_name_key, $7))
                 or starts_with(upper(a.dpn), $5) or p.gmc_number = $5
                 or $5 in (a.position_number, a.position_id, a.applicant_number, a.person_id, p.employee_number))
          order by a.hire_on, p.last_name_key, p.first_name_key, a.application_id limit $9",
        vpd,
        wanted.from,
        wanted.to,
        &wanted.statuses,
        code,
        name,
        last,
        first,
        limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// Everything that a line says of these applications: four look-ups for each, so for those of a page.
pub async fn applications(tx: &mut VpdTx, ids: &[Uuid]) -> sqlx::Result<Vec<Application>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Application,
        r#"select a.application_id, a.person_id, p.last_name, p.first_name, p.gmc_number, p.employee_number, p.ni_number is not null as "has_ni_number!",
                  a.position_id, a.position_number, n.name as "position_name?",
                  (n.deleted_at is null and coalesce(n.effective_to, a.hire_on) >= a.hire_on and n.dpn_key = upper(btrim(a.dpn))) is true as "position_matches!",
                  a.dpn, a.hire_on, a.status, a.status_at, a.applicant_number, c.kind as "change_kind?", c.change_id as "change_id?", d.duplicate_id as "duplicate_id?"
             from applications a
             join people p on p.vpd = a.vpd and p.person_id = a.person_id
             left join lateral (select * from positions n where n.vpd = a.vpd and n.position_id = a.position_id and n.effective_from <= a.hire_on
                                 order by n.effective_from desc limit 1) n on true
             left join lateral (select c.kind, c.change_id from deanery_changes c
                                 where c.vpd = a.vpd and c.person_id = a.person_id and c.state = 'open' and c.dpn_key = upper(btrim(a.dpn))
                                 order by c.kind <> 'withdrawal', c.received_at limit 1) c on true
             left join lateral (select d.duplicate_id from possible_duplicates d
                                 where d.vpd = a.vpd and d.state = 'open' and a.person_id in (d.person_a, d.person_b) limit 1) d on true
            where a.vpd = $1 and a.application_id = any($2)
            order by a.hire_on, p.last_name_key, p.first_name_key, a.application_id"#,
        vpd,
        ids
    )
    .fetch_all(&mut **tx)
    .await
}

/// A record that has become no application: it failed, or its post is held.
#[derive(Clone, Debug)]
pub struct Unloaded {
    pub file_id: Uuid,
    pub file_name: String,
    pub record_no: i32,
    pub received_at: DateTime<Utc>,
    pub is_held: bool,
    pub raw: String,
    /// The first thing that was said of it.
    pub said: Option<String>,
    pub codes: Vec<String>,
    pub asked_by: Option<String>,
    /// Who has claimed its item.
    pub claimed_by: Option<String>,
}

/// Which records without an application are wanted. Days are compared as the record has them, so what is no day may come too.
#[derive(Clone, Debug, Default)]
pub struct WantedRecords {
    pub held: bool,
    pub failed: bool,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// Failed records that nobody has put right, and records that are held: the newest so many.
pub async fn unloaded(tx: &mut VpdTx, wanted: &WantedRecords, limit: i64) -> sqlx::Result<Vec<Unloaded>> {
    let vpd = tx.vpd().as_str().to_owned();
    let text = |day: Option<NaiveDate>| day.map(|day| day.format("%Y%m%d").to_string());
    sqlx::query_as!(
        Unloaded,
        r#"select r.file_id, f.file_name, r.record_no, f.received_at, r.outcome = 'held' as "is_held!", r.raw,
                  r.messages->0->>'text' as said, r.codes, r.asked_by,
                  (select u.name from items i join users u on u.user_id = i.claimed_by
                    where i.vpd = r.vpd and i.subject_key = 'record:' || r.file_id || ':' || r.record_no and i.state = 'claimed' limit 1) as claimed_by
             from file_records r join interface_files f on f.file_id = r.file_id
            where r.vpd = $1 and f.interface = 'applicants' and r.record_type = 'APP'
              and ((r.outcome = 'held' and $2) or (r.outcome = 'failed' and r.settled_at is null and $3))
              and ($4::text is null or btrim(split_part(r.raw, '~', $6)) >= $4 collate "C")
              and ($5::text is null or btrim(split_part(r.raw, '~', $6)) <= $5 collate "C")
            order by f.received_at desc, r.record_no limit $7"#,
        vpd,
        wanted.held,
        wanted.failed,
        text(wanted.from),
        text(wanted.to),
        Column::ProjectedHireDate as i32 + 1,
        limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// Somebody whom the grid names as next holder and for whom no application is here, or a next holder whom it says is nobody.
#[derive(Clone, Debug)]
pub struct Expected {
    pub dpn: String,
    pub last_name: Option<String>,
    pub first_name: Option<String>,
    pub gmc_number: Option<String>,
    pub start_on: Option<NaiveDate>,
    pub grade: Option<String>,
    pub body_code: String,
    pub told_at: DateTime<Utc>,
    pub position_name: Option<String>,
    pub site_code: Option<String>,
    pub has_position: bool,
    pub is_vacant: bool,
}

/// Next holders of the current grid for whom no application has come, and vacancies: the first so many to start, of those who
/// start between two days if days are given. A record that did not load, or is held, for the same post and doctor is the application that came.
pub async fn expected(
    tx: &mut VpdTx,
    from: NaiveDate,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    limit: i64,
) -> sqlx::Result<Vec<Expected>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Expected,
        r#"with came as materialized
              (select upper(btrim(split_part(f.raw, '~', $6))) as dpn_key, btrim(split_part(f.raw, '~', $7)) as position_id,
                      btrim(split_part(f.raw, '~', $8)) as gmc, lower(btrim(split_part(f.raw, '~', $9))) as last_name,
                      lower(btrim(split_part(f.raw, '~', $10))) as first_name
                 from file_records f join interface_files i on i.file_id = f.file_id and i.interface = 'applicants'
                where f.vpd = $1 and f.record_type = 'APP' and (f.outcome = 'held' or (f.outcome = 'failed' and f.settled_at is null)))
           select r.dpn, r.next_last_name as last_name, r.next_first_name as first_name, r.next_gmc as gmc_number, r.next_start_on as start_on,
                  r.next_grade as grade, r.body_code, g.told_at, n.name as "position_name?", n.workplace_code as "site_code?",
                  n.position_id is not null as "has_position!", r.next_key = '' as "is_vacant!"
             from rotation_rows r join rotation_grids g on g.vpd = r.vpd and g.grid_no = r.from_grid
             left join lateral (select * from positions n where n.vpd = r.vpd and n.dpn_key = r.dpn_key and n.deleted_at is null
                                   and coalesce(n.effective_to, $2) >= $2 order by n.effective_from desc limit 1) n on true
            where r.vpd = $1 and r.to_grid is null and (r.next_key <> '' or r.vacant_next) and coalesce(r.next_start_on, $2) >= $2
              and ($3::date is null or r.next_start_on >= $3) and ($4::date is null or r.next_start_on <= $4)
              and not exists (select 1 from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
                               where a.vpd = r.vpd and upper(btrim(a.dpn)) = r.dpn_key and r.next_key <> ''
                                 and (p.gmc_number = r.next_gmc or (lower(p.last_name) = lower(r.next_last_name) and lower(p.first_name) = lower(r.next_first_name))))
              and not exists (select 1 from came
                               where came.dpn_key = r.dpn_key and r.next_key <> ''
                                 and (came.gmc = r.next_gmc or (came.last_name = lower(r.next_last_name) and came.first_name = lower(r.next_first_name))))
              and not exists (select 1 from came
                               where came.position_id = n.position_id and r.next_key <> ''
                                 and (came.gmc = r.next_gmc or (came.last_name = lower(r.next_last_name) and came.first_name = lower(r.next_first_name))))
            order by r.next_start_on, r.next_last_name, r.dpn_key limit $5"#,
        vpd,
        from,
        first,
        last,
        limit,
        Column::DeaneryNumber as i32 + 1,
        Column::PositionId as i32 + 1,
        Column::RegNo1 as i32 + 1,
        Column::LastName as i32 + 1,
        Column::FirstName as i32 + 1
    )
    .fetch_all(&mut **tx)
    .await
}
