//! The SQL for mass updates and their rows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// A mass update.
#[derive(Clone, Debug)]
pub struct Update {
    pub update_id: Uuid,
    pub number: i64,
    pub file_name: String,
    pub state: String,
    pub warnings: Vec<String>,
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    pub run_at: Option<DateTime<Utc>>,
    pub applied_at: Option<DateTime<Utc>>,
    pub undone_by: Option<String>,
    pub undone_at: Option<DateTime<Utc>>,
}

/// A row of the user's file, with what was found or done.
#[derive(Clone, Debug)]
pub struct Row {
    pub row_no: i32,
    pub cells: Vec<String>,
    pub state: String,
    pub code: String,
    pub message: String,
    pub differences: Value,
    /// Of a row that is not done: each column that is wrong, what it says, the code and the sentence.
    pub faults: Value,
}

/// The ids of the positions that bear these numbers today or later, by number.
pub async fn ids_of(tx: &mut VpdTx, numbers: &[&str]) -> sqlx::Result<HashMap<String, Vec<String>>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select distinct position_number, position_id from positions
          where vpd = $1 and position_number = any($2) and deleted_at is null order by 1, 2",
        vpd,
        numbers as &[&str]
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut ids: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        ids.entry(row.position_number).or_default().push(row.position_id);
    }
    Ok(ids)
}

/// Keeps a file that was read.
pub async fn insert(
    tx: &mut VpdTx,
    id: Uuid,
    file_name: &str,
    warnings: &[String],
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "insert into mass_updates (vpd, update_id, number, file_name, state, warnings, made_by, made_at)
         values ($1, $2, nextval('mass_update_numbers'), $3, 'checked', $4, $5, $6) returning number",
        vpd,
        id,
        file_name,
        warnings,
        by,
        now
    )
    .fetch_one(&mut **tx)
    .await
}

/// Keeps rows with what was found or done; a row that is there already is brought up to date.
pub async fn save_rows(tx: &mut VpdTx, id: Uuid, rows: &[Row]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let cells: Vec<Value> = rows.iter().map(|row| Value::from(row.cells.clone())).collect();
    sqlx::query!(
        "insert into mass_update_rows (vpd, update_id, row_no, cells, state, code, message, differences, faults)
         select $1, $2, r.row_no, array(select jsonb_array_elements_text(r.cells)), r.state, r.code, r.message, r.differences, r.faults
           from unnest($3::integer[], $4::jsonb[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::jsonb[]) as r (row_no, cells, state, code, message, differences, faults)
         on conflict (vpd, update_id, row_no) do update
            set state = excluded.state, code = excluded.code, message = excluded.message, differences = excluded.differences, faults = excluded.faults",
        vpd,
        id,
        &rows.iter().map(|row| row.row_no).collect::<Vec<_>>(),
        &cells,
        &rows.iter().map(|row| row.state.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.code.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.message.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.differences.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.faults.clone()).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One update, kept from others until this transaction ends.
pub async fn lock(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Option<Update>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Update,
        "select update_id, number, file_name, state, warnings, made_by, made_at, run_at, applied_at, undone_by, undone_at
           from mass_updates where vpd = $1 and update_id = $2 for update",
        vpd,
        id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The last updates, newest first.
pub async fn list(tx: &mut VpdTx) -> sqlx::Result<Vec<Update>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Update,
        "select update_id, number, file_name, state, warnings, made_by, made_at, run_at, applied_at, undone_by, undone_at
           from mass_updates where vpd = $1 order by made_at desc limit 50",
        vpd
    )
    .fetch_all(&mut **tx)
    .await
}

/// The rows of an update, in the order of the file.
pub async fn rows(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Vec<Row>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Row,
        "select row_no, cells, state, code, message, differences, faults from mass_update_rows where vpd = $1 and update_id = $2 order by row_no",
        vpd,
        id
    )
    .fetch_all(&mut **tx)
    .await
}

/// Brings an update to another state.
pub async fn save_state(
    tx: &mut VpdTx,
    id: Uuid,
    state: &str,
    run_at: Option<DateTime<Utc>>,
    applied_at: Option<DateTime<Utc>>,
    undone: Option<(&str, DateTime<Utc>)>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update mass_updates set state = $3, run_at = coalesce($4, run_at), applied_at = coalesce($5, applied_at), undone_by = $6, undone_at = $7
          where vpd = $1 and update_id = $2",
        vpd,
        id,
        state,
        run_at,
        applied_at,
        undone.map(|(by, _)| by),
        undone.map(|(_, at)| at)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The positions active on a day as the template holds them: number, DPN, body, status.
pub async fn current(
    tx: &mut VpdTx,
    on: chrono::NaiveDate,
) -> sqlx::Result<Vec<(String, Option<String>, Option<String>, Option<String>)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select p.position_number, p.dpn, p.managing_body, p.host_or_lead from positions p
          where p.vpd = $1 and p.deleted_at is null and p.effective_from <= $2 and coalesce(p.effective_to, $2) >= $2
            and (p.dpn_key is not null or p.job_role in (select code from code_values where list = 'job_role' and training))
            and not exists (select 1 from positions later where later.vpd = p.vpd and later.position_id = p.position_id
                             and later.effective_from > p.effective_from and later.effective_from <= $2)
          order by p.position_number limit 10000",
        vpd,
        on
    );
    let rows = rows.fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (row.position_number, row.dpn, row.managing_body, row.host_or_lead)).collect())
}
