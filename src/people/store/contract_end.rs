use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// Until when an assignment was meant to last.
#[derive(Clone, Debug)]
pub struct HeldEnd {
    pub assignment_id: String,
    pub effective_from: NaiveDate,
    pub contract_end_on: Option<NaiveDate>,
}

/// Says until when a person's assignment to a post, as it stands on a day, is meant to last; gives what was said before, none when the
/// person does not hold the post.
pub async fn save_contract_end(
    tx: &mut VpdTx,
    person_id: &str,
    dpn_key: &str,
    end_on: NaiveDate,
    on: NaiveDate,
) -> sqlx::Result<Option<HeldEnd>> {
    let vpd = tx.vpd().as_str().to_owned();
    let held = sqlx::query_as!(
        HeldEnd,
        "select a.assignment_id, a.effective_from, a.contract_end_on from assignments a
          where a.vpd = $1 and a.person_id = $2 and a.effective_from <= $4 and coalesce(a.effective_to, $4) >= $4
            and exists (select 1 from positions p where p.vpd = a.vpd and p.position_id = a.position_id and p.dpn_key = $3)
          order by a.effective_from desc limit 1 for update",
        vpd,
        person_id,
        dpn_key,
        on
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(held) = &held {
        set(tx, &held.assignment_id, held.effective_from, Some(end_on)).await?;
    }
    Ok(held)
}

/// Gives an assignment its earlier end back; false when the end is not the one that was set.
pub async fn restore_contract_end(
    tx: &mut VpdTx,
    assignment_id: &str,
    effective_from: NaiveDate,
    was_set: NaiveDate,
    before: Option<NaiveDate>,
) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    let now = sqlx::query_scalar!(
        "select contract_end_on from assignments where vpd = $1 and assignment_id = $2 and effective_from = $3 for update",
        vpd,
        assignment_id,
        effective_from
    )
    .fetch_optional(&mut **tx)
    .await?;
    if now.flatten() != Some(was_set) {
        return Ok(false);
    }
    set(tx, assignment_id, effective_from, before).await?;
    Ok(true)
}

async fn set(tx: &mut VpdTx, assignment_id: &str, from: NaiveDate, end_on: Option<NaiveDate>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update assignments set contract_end_on = $4 where vpd = $1 and assignment_id = $2 and effective_from = $3",
        vpd,
        assignment_id,
        from,
        end_on
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
