//! The SQL for what was split, and for who is on a position and on the way to it.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// Somebody on a shared position, or on the way to it.
#[derive(Clone, Debug)]
pub struct Occupant {
    /// The assignment's id, or the application's.
    pub id: String,
    pub person_id: String,
    pub name: String,
    pub is_applicant: bool,
    pub starts_on: NaiveDate,
    /// The number that the application bears.
    pub dpn: Option<String>,
}

/// Who holds a position on a day, and who is on the way to it; and these assignments on it, whenever they hold it.
pub async fn occupants(
    tx: &mut VpdTx,
    position_id: &str,
    day: NaiveDate,
    also: &[String],
) -> sqlx::Result<Vec<Occupant>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Occupant,
        r#"with held as (
             select distinct on (a.assignment_id) a.assignment_id, a.person_id, p.last_name || ', ' || p.first_name as name, a.effective_from
               from assignments a join people p on p.vpd = a.vpd and p.person_id = a.person_id
              where a.vpd = $1 and a.position_id = $2
                and ((a.effective_from <= $3 and coalesce(a.effective_to, $3) >= $3) or a.assignment_id = any($4))
              order by a.assignment_id, (a.effective_from <= $3 and coalesce(a.effective_to, $3) >= $3) desc, a.effective_from)
           select assignment_id as "id!", person_id as "person_id!", name as "name!", false as "is_applicant!",
                  effective_from as "starts_on!", null::text as dpn
             from held
           union all
           select a.application_id::text, a.person_id, p.last_name || ', ' || p.first_name, true, a.hire_on, a.dpn
             from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
            where a.vpd = $1 and a.position_id = $2 and a.status not in ('hired', 'withdrawn', 'terminated')
            order by 4, 3, 1"#,
        vpd,
        position_id,
        day,
        also
    )
    .fetch_all(&mut **tx)
    .await
}

/// The organisation and pay scale that the new positions take over.
pub async fn pattern(tx: &mut VpdTx, position_id: &str, day: NaiveDate) -> sqlx::Result<Option<[Option<String>; 3]>> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        "select organisation_id, pay_scale, staff_group from positions
          where vpd = $1 and position_id = $2 and effective_from <= $3 order by effective_from desc limit 1",
        vpd,
        position_id,
        day
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| [row.organisation_id, row.pay_scale, row.staff_group]))
}

/// Keeps what was moved.
pub async fn insert(
    tx: &mut VpdTx,
    id: Uuid,
    position_id: &str,
    moved: &Value,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into unbucketings (vpd, unbucket_id, position_id, moved, made_by, made_at) values ($1, $2, $3, $4, $5, $6)",
        vpd,
        id,
        position_id,
        moved,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What was split, kept from others: the position, what was moved, and who took it back.
pub async fn lock(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Option<(String, Value, Option<String>)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        "select position_id, moved, undone_by from unbucketings where vpd = $1 and unbucket_id = $2 for update",
        vpd,
        id
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.position_id, row.moved, row.undone_by)))
}

/// What was split: the position, who split it and when, and who took it back.
#[derive(Clone, Debug)]
pub struct Unbucketing {
    pub position_id: String,
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    pub undone_by: Option<String>,
    pub undone_at: Option<DateTime<Utc>>,
}

/// One splitting.
pub async fn find(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Option<Unbucketing>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Unbucketing,
        "select position_id, made_by, made_at, undone_by, undone_at from unbucketings where vpd = $1 and unbucket_id = $2",
        vpd,
        id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Who moved, and the number of the position that was made for them: `Patel, Ibrahim` and `900000000`.
pub async fn movers(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Vec<(String, String)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"with made as (
             select c.position_id, c.after -> 0 ->> 'position_number' as number from position_changes c
              where c.vpd = $1 and c.source = 'unbucket' and c.source_id = $2 and c.undone_at is null)
           select distinct m.number as "number!", p.last_name || ', ' || p.first_name as "name!"
             from made m
             join (select position_id, person_id from assignments where vpd = $1
                   union select position_id, person_id from applications where vpd = $1) o on o.position_id = m.position_id
             join people p on p.vpd = $1 and p.person_id = o.person_id
            order by 1, 2"#,
        vpd,
        id
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.name, row.number)).collect())
}

/// Keeps that it was taken back.
pub async fn save_undone(tx: &mut VpdTx, id: Uuid, by: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update unbucketings set undone_by = $3, undone_at = $4 where vpd = $1 and unbucket_id = $2",
        vpd,
        id,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
