use serde_json::{Value, json};
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// How many of what is known here the full file did not hold, by kind.
pub async fn count(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<Value> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        r#"with there as materialized (
             select record_type, case when record_type = 'ASA' then split_part(raw, '~', 3) else split_part(raw, '~', 2) end as id
               from file_records where vpd = $1 and file_id = $2 and record_type in ('ORA', 'LCA', 'POA', 'PRA', 'ASA'))
           select
             (select count(distinct organisation_id) from organisations where vpd = $1
                and organisation_id not in (select id from there where record_type = 'ORA')) as "organisations!",
             (select count(*) from locations where vpd = $1 and location_id not in (select id from there where record_type = 'LCA')) as "locations!",
             (select count(distinct position_id) from positions where vpd = $1 and deleted_at is null
                and position_id not in (select id from there where record_type = 'POA')) as "positions!",
             (select count(*) from people where vpd = $1 and origin = 'generic_outbound' and deleted_at is null
                and person_id not in (select id from there where record_type = 'PRA')) as "people!",
             (select count(distinct assignment_id) from assignments where vpd = $1
                and assignment_id not in (select id from there where record_type = 'ASA')) as "assignments!""#,
        vpd,
        file_id
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(
        json!({ "organisations": row.organisations, "locations": row.locations, "positions": row.positions, "people": row.people,
               "assignments": row.assignments }),
    )
}
