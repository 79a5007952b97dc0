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

/// Who holds a position on a day, and who is on the way to it.
pub async fn occupants(tx: &mut VpdTx, position_id: &str, day: NaiveDate) -> sqlx::Result<Vec<Occupant>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Occupant,
        r#"select a.assignment_id as "id!", a.person_id as "person_id!", p.last_name || ', ' || p.first_name as "name!", false as "is_applicant!",
                  a.effective_from as "starts_on!", null::text as dpn
             from assignments a join people p on p.vpd = a.vpd and p.person_id = a.person_id
            where a.vpd = $1 and a.position_id = $2 and a.effective_from <= $3 and coalesce(a.effective_to, $3) >= $3
           union all
           select a.application_id::text, a.person_id, p.last_name || ', ' || p.first_name, true, a.hire_on, a.dpn
             from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
            where a.vpd = $1 and a.position_id = $2 and a.status not in ('hired', 'withdrawn', 'terminated')
            order by 4, 3, 1"#,
        vpd,
        position_id,
        day
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
