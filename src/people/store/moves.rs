use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// Moves an assignment to another position from a day on: what it was until then stays.
pub async fn move_assignment(
    tx: &mut VpdTx,
    assignment_id: &str,
    from_position: &str,
    to_position: &str,
    from: NaiveDate,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into assignments
         select n.* from assignments a,
                jsonb_populate_record(null::assignments, to_jsonb(a) || jsonb_build_object('effective_from', $4::date)) n
          where a.vpd = $1 and a.assignment_id = $2 and a.position_id = $3 and a.effective_from < $4 and coalesce(a.effective_to, 'infinity') >= $4
         on conflict (vpd, assignment_id, effective_from) do nothing",
        vpd,
        assignment_id,
        from_position,
        from
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update assignments set effective_to = $4::date - 1
          where vpd = $1 and assignment_id = $2 and position_id = $3 and effective_from < $4 and coalesce(effective_to, 'infinity') >= $4",
        vpd,
        assignment_id,
        from_position,
        from
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update assignments set position_id = $5 where vpd = $1 and assignment_id = $2 and position_id = $3 and effective_from >= $4",
        vpd,
        assignment_id,
        from_position,
        from,
        to_position
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
