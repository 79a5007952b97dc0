use serde_json::{Value, json};
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// How many of what is known here the full file did not hold, by kind.
pub async fn count(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<Value> {
    let vpd = tx.vpd().as_str().to_owned();
    // Anti-joins, which stay quick where a list of a million would not.
    let row = sqlx::query!(
        r#"with there as materialized (
             select record_type, case when record_type = 'ASA' then split_part(raw, '~', 3) else split_part(raw, '~', 2) end as id
               from file_records where vpd = $1 and file_id = $2 and record_type in ('ORA', 'LCA', 'POA', 'PRA', 'ASA'))
           select
             (select count(distinct o.organisation_id) from organisations o where o.vpd = $1
                and not exists (select 1 from there t where t.record_type = 'ORA' and t.id = o.organisation_id)) as "organisations!",
             (select count(*) from locations l where l.vpd = $1
                and not exists (select 1 from there t where t.record_type = 'LCA' and t.id = l.location_id)) as "locations!",
             (select count(distinct p.position_id) from positions p where p.vpd = $1 and p.deleted_at is null
                and not exists (select 1 from there t where t.record_type = 'POA' and t.id = p.position_id)) as "positions!",
             (select count(*) from people p where p.vpd = $1 and p.origin = 'generic_outbound' and p.deleted_at is null
                and not exists (select 1 from there t where t.record_type = 'PRA' and t.id = p.person_id)) as "people!",
             (select count(distinct a.assignment_id) from assignments a where a.vpd = $1
                and not exists (select 1 from there t where t.record_type = 'ASA' and t.id = a.assignment_id)) as "assignments!""#,
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
