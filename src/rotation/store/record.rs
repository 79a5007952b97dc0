//! Taking in what a file tells: in sets, a file brings tens of thousands of rows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::rotation::model::{Named, Told};
use crate::tenancy::VpdTx;

/// One telling of the grid: which file it comes from.
#[derive(Clone, Debug)]
pub struct Grid<'a> {
    pub file_id: Uuid,
    pub file_name: &'a str,
    pub body_code: &'a str,
    pub sequence: i64,
    pub is_full: bool,
    pub told_at: DateTime<Utc>,
    pub told_on: NaiveDate,
}

/// What became of one told row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    New,
    Changed,
    Unchanged,
    /// Taken out of the current grid.
    Deleted,
    /// A newer file has told of this row already: that stands.
    Outdated,
}

struct Held {
    row_id: Uuid,
    digest: Vec<u8>,
    sequence: i64,
    said: Map<String, Value>,
}

/// The number of this file's telling; the file's first rows begin it.
pub async fn grid_of(tx: &mut VpdTx, grid: &Grid<'_>) -> sqlx::Result<i32> {
    let vpd = tx.vpd().as_str().to_owned();
    let known =
        sqlx::query_scalar!("select grid_no from rotation_grids where vpd = $1 and file_id = $2", vpd, grid.file_id);
    if let Some(number) = known.fetch_optional(&mut **tx).await? {
        return Ok(number);
    }
    // Files of several bodies may be at one employer at one time.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('rotation of ' || $1, 0))", vpd)
        .execute(&mut **tx)
        .await?;
    sqlx::query_scalar!(
        "insert into rotation_grids (vpd, grid_no, file_id, file_name, body_code, sequence, is_full, told_at, told_on)
         select $1, coalesce(max(grid_no), 0) + 1, $2, $3, $4, $5, $6, $7, $8 from rotation_grids where vpd = $1
         returning grid_no",
        vpd,
        grid.file_id,
        grid.file_name,
        grid.body_code,
        grid.sequence,
        grid.is_full,
        grid.told_at,
        grid.told_on
    )
    .fetch_one(&mut **tx)
    .await
}

type Key = (String, String, String);

fn key_of(told: &Told) -> Key {
    (told.dpn_key.clone(), told.current.key(), told.next.key())
}

/// Takes in rows of one file; gives what became of each, in their order. Of two rows of one key in one file the later counts.
pub async fn record(tx: &mut VpdTx, grid: &Grid<'_>, told: &[Told]) -> sqlx::Result<Vec<Recorded>> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let number = grid_of(tx, grid).await?;
    let held = held_rows(tx, told).await?;
    let last: HashMap<Key, usize> = told.iter().enumerate().map(|(at, row)| (key_of(row), at)).collect();
    let mut outcomes = Vec::with_capacity(told.len());
    let mut ending = Vec::new();
    let mut kept = Vec::new();
    let mut new = Vec::new();
    for (at, row) in told.iter().enumerate() {
        let key = key_of(row);
        let is_last = last[&key] == at;
        let outcome = match held.get(&key) {
            Some(old) if old.sequence > grid.sequence => Recorded::Outdated,
            Some(_) if row.deletes => Recorded::Deleted,
            None if row.deletes => Recorded::Unchanged,
            Some(old) if old.digest == row.digest() => Recorded::Unchanged,
            Some(_) => Recorded::Changed,
            None => Recorded::New,
        };
        outcomes.push(outcome);
        if !is_last {
            continue;
        }
        match (outcome, held.get(&key)) {
            (Recorded::Changed, Some(old)) => {
                ending.push(old.row_id);
                let (changed, before) = row.differences(&old.said);
                new.push((row, changed, before));
            }
            (Recorded::New, _) => new.push((row, Vec::new(), json!({}))),
            (Recorded::Deleted, Some(old)) => ending.push(old.row_id),
            (Recorded::Unchanged, Some(old)) if !row.deletes => kept.push(old.row_id),
            _ => {}
        }
    }
    end(tx, &ending, number).await?;
    keep(tx, &kept, grid).await?;
    insert(tx, grid, number, &new).await?;
    Ok(outcomes)
}

async fn held_rows(tx: &mut VpdTx, told: &[Told]) -> sqlx::Result<HashMap<Key, Held>> {
    let vpd = tx.vpd().as_str().to_owned();
    let posts: HashSet<&str> = told.iter().map(|row| row.dpn_key.as_str()).collect();
    let posts: Vec<&str> = posts.into_iter().collect();
    let rows = sqlx::query!(
        r#"select row_id, dpn_key, current_key, next_key, digest, sequence,
                  jsonb_build_object('current_last_name', current_last_name, 'current_first_name', current_first_name,
                    'current_end_on', current_end_on::text, 'current_next_place', current_next_place, 'current_hours', current_hours,
                    'next_last_name', next_last_name, 'next_first_name', next_first_name, 'next_current_place', next_current_place,
                    'next_start_on', next_start_on::text, 'next_email', next_email, 'next_grade', next_grade, 'next_hours', next_hours,
                    'specialty', specialty, 'vacant_next', vacant_next::text) as "said!"
             from rotation_rows where vpd = $1 and to_grid is null and dpn_key = any($2)"#,
        vpd,
        &posts as &[&str]
    )
    .fetch_all(&mut **tx)
    .await?;
    let held = rows.into_iter().map(|row| {
        let said = match row.said {
            Value::Object(said) => said,
            _ => Map::new(),
        };
        let held = Held { row_id: row.row_id, digest: row.digest, sequence: row.sequence, said };
        ((row.dpn_key, row.current_key, row.next_key), held)
    });
    Ok(held.collect())
}

async fn end(tx: &mut VpdTx, rows: &[Uuid], number: i32) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!("update rotation_rows set to_grid = $3 where vpd = $1 and row_id = any($2)", vpd, rows, number)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The same was told again: by which file last, so that an older one does not undo it and a full one does not end it.
async fn keep(tx: &mut VpdTx, rows: &[Uuid], grid: &Grid<'_>) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update rotation_rows set sequence = $3 where vpd = $1 and row_id = any($2)",
        vpd,
        rows,
        grid.sequence
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert(
    tx: &mut VpdTx,
    grid: &Grid<'_>,
    number: i32,
    rows: &[(&Told, Vec<String>, Value)],
) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let text = |of: fn(&Told) -> String| rows.iter().map(|(row, ..)| of(row)).collect::<Vec<_>>();
    let maybe = |of: fn(&Told) -> &Option<String>| rows.iter().map(|(row, ..)| of(row).as_deref()).collect::<Vec<_>>();
    let day = |of: fn(&Told) -> Option<NaiveDate>| rows.iter().map(|(row, ..)| of(row)).collect::<Vec<_>>();
    sqlx::query!(
        "insert into rotation_rows (vpd, row_id, dpn, dpn_key, current_key, next_key, body_code, current_last_name, current_first_name,
                                    current_gmc, current_end_on, current_next_place, current_hours, next_last_name, next_first_name, next_gmc,
                                    next_current_place, next_start_on, next_email, next_grade, next_hours, specialty, vacant_next, digest,
                                    changed, before, sequence, record_no, from_grid)
         select $1, r.id, r.dpn, r.dpn_key, r.current_key, r.next_key, $2, r.cl, r.cf, r.cg, r.ce, r.cp, r.ch, r.nl, r.nf, r.ng, r.np, r.ns, r.nm,
                r.nr, r.nh, r.sp, r.va, r.digest, string_to_array(r.changed, ','), r.before, $3, r.no, $4
           from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::date[], $14::text[],
                       $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::date[], $21::text[], $22::text[], $23::text[],
                       $24::text[], $25::boolean[], $26::bytea[], $27::text[], $28::jsonb[], $29::integer[])
             as r (id, dpn, dpn_key, current_key, next_key, cl, cf, cg, ce, cp, ch, nl, nf, ng, np, ns, nm, nr, nh, sp, va, digest, changed, before, no)",
        vpd,
        grid.body_code,
        grid.sequence,
        number,
        &rows.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>(),
        &text(|row| row.dpn.clone()),
        &text(|row| row.dpn_key.clone()),
        &text(|row| row.current.key()),
        &text(|row| row.next.key()),
        &maybe(|row| &row.current.last_name) as &[Option<&str>],
        &maybe(|row| &row.current.first_name) as &[Option<&str>],
        &maybe(|row| &row.current.gmc_number) as &[Option<&str>],
        &day(|row| row.current_end_on) as &[Option<NaiveDate>],
        &maybe(|row| &row.current_next_place) as &[Option<&str>],
        &maybe(|row| &row.current_hours) as &[Option<&str>],
        &maybe(|row| &row.next.last_name) as &[Option<&str>],
        &maybe(|row| &row.next.first_name) as &[Option<&str>],
        &maybe(|row| &row.next.gmc_number) as &[Option<&str>],
        &maybe(|row| &row.next_current_place) as &[Option<&str>],
        &day(|row| row.next_start_on) as &[Option<NaiveDate>],
        &maybe(|row| &row.next_email) as &[Option<&str>],
        &maybe(|row| &row.next_grade) as &[Option<&str>],
        &maybe(|row| &row.next_hours) as &[Option<&str>],
        &maybe(|row| &row.specialty) as &[Option<&str>],
        &rows.iter().map(|(row, ..)| row.vacant_next).collect::<Vec<_>>(),
        &rows.iter().map(|(row, ..)| row.digest()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, changed, _)| changed.join(",")).collect::<Vec<_>>(),
        &rows.iter().map(|(.., before)| before.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(row, ..)| row.record_no).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// After a full file: the rows of its body that it did not name have gone from the current grid; gives how many.
pub async fn end_unnamed(tx: &mut VpdTx, grid: &Grid<'_>) -> sqlx::Result<u64> {
    let number = grid_of(tx, grid).await?;
    let vpd = tx.vpd().as_str().to_owned();
    let ended = sqlx::query!(
        "update rotation_rows set to_grid = $3 where vpd = $1 and body_code = $2 and to_grid is null and sequence < $4",
        vpd,
        grid.body_code,
        number,
        grid.sequence
    );
    Ok(ended.execute(&mut **tx).await?.rows_affected())
}

/// Dates in the grid that are not those told before, or not those of the doctor's application.
#[derive(Clone, Debug)]
pub struct Moved {
    pub dpn: String,
    pub dpn_key: String,
    pub record_no: i32,
    pub specialty: Option<String>,
    pub who: Named,
    pub hire_on: Option<NaiveDate>,
    pub end_on: Option<NaiveDate>,
}

/// What of this file's rows moved a date: a next holder's start, a current holder's end.
pub async fn moved(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<Vec<Moved>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select r.dpn, r.dpn_key, r.record_no, r.specialty, true as "next!", r.next_last_name as last_name, r.next_first_name as first_name,
                  r.next_gmc as gmc, r.next_start_on as day
             from rotation_rows r join rotation_grids g on g.vpd = r.vpd and g.grid_no = r.from_grid
            where r.vpd = $1 and g.file_id = $2 and r.next_key <> '' and r.next_start_on is not null
              and (('next_start_on' = any(r.changed) and r.before->>'next_start_on' is not null)
                   or exists (select 1 from people p join applications a on a.vpd = p.vpd and a.person_id = p.person_id
                               where p.vpd = r.vpd and p.gmc_number = r.next_gmc and upper(btrim(a.dpn)) = r.dpn_key
                                 and a.status not in ('withdrawn', 'terminated', 'hired') and a.hire_on <> r.next_start_on
                                 and not exists (select 1 from applications other
                                                  where other.vpd = a.vpd and other.person_id = a.person_id and upper(btrim(other.dpn)) = r.dpn_key
                                                    and other.status not in ('withdrawn', 'terminated') and other.hire_on = r.next_start_on)))
            union all
           select r.dpn, r.dpn_key, r.record_no, r.specialty, false, r.current_last_name, r.current_first_name, r.current_gmc, r.current_end_on
             from rotation_rows r join rotation_grids g on g.vpd = r.vpd and g.grid_no = r.from_grid
            where r.vpd = $1 and g.file_id = $2 and r.current_key <> '' and r.current_end_on is not null
              and 'current_end_on' = any(r.changed) and r.before->>'current_end_on' is not null
            order by 3, 5"#,
        vpd,
        file_id
    )
    .fetch_all(&mut **tx)
    .await?;
    let moved = rows.into_iter().map(|row| Moved {
        dpn: row.dpn.unwrap_or_default(),
        dpn_key: row.dpn_key.unwrap_or_default(),
        record_no: row.record_no.unwrap_or_default(),
        specialty: row.specialty,
        who: Named { last_name: row.last_name, first_name: row.first_name, gmc_number: row.gmc },
        hire_on: row.day.filter(|_| row.next),
        end_on: row.day.filter(|_| !row.next),
    });
    Ok(moved.collect())
}

/// How many rows the current grid has for a file's employer, and what is said of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct GridCounts {
    pub grid_no: i32,
    /// Rows of the current grid.
    pub rows: i64,
    /// Of these, rows that this telling brought or changed.
    pub changed: i64,
    /// Of these, rows with no next holder.
    pub without_next: i64,
    /// Rows that this telling took out.
    pub gone: i64,
}

/// Counts for the notification of a telling; none when the file told nothing of the grid.
pub async fn counts(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<Option<GridCounts>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        GridCounts,
        r#"select g.grid_no, count(r.row_id) filter (where r.to_grid is null) as "rows!",
                  count(r.row_id) filter (where r.to_grid is null and r.from_grid = g.grid_no) as "changed!",
                  count(r.row_id) filter (where r.to_grid is null and r.next_key = '') as "without_next!",
                  count(r.row_id) filter (where r.to_grid = g.grid_no and not exists (
                      select 1 from rotation_rows again where again.vpd = r.vpd and again.dpn_key = r.dpn_key
                         and again.current_key = r.current_key and again.next_key = r.next_key and again.to_grid is null)) as "gone!"
             from rotation_grids g left join rotation_rows r on r.vpd = g.vpd and r.body_code = g.body_code
            where g.vpd = $1 and g.file_id = $2 group by g.grid_no"#,
        vpd,
        file_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Files of the same body that told of the grid before this one.
pub async fn earlier_files(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<Vec<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select e.file_id from rotation_grids g join rotation_grids e on e.vpd = g.vpd and e.body_code = g.body_code and e.grid_no < g.grid_no
          where g.vpd = $1 and g.file_id = $2 order by e.grid_no desc limit 50",
        vpd,
        file_id
    )
    .fetch_all(&mut **tx)
    .await
}
