use serde_json::{Value, json};
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// How many of what is known here the full file did not hold, by kind.
pub async fn count(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<Value> {
    let vpd = tx.vpd().as_str().to_owned();
    // Differences of sets, each in one pass whatever is known of the tables' sizes: a join may be planned as a loop over a million records
    // for each person, as the first file of an employer comes before anybody counted its rows.
    let row = sqlx::query!(
        r#"with there as materialized (
             select record_type, case when record_type = 'ASA' then split_part(raw, '~', 3) else split_part(raw, '~', 2) end as id
               from file_records where vpd = $1 and file_id = $2 and record_type in ('ORA', 'LCA', 'POA', 'PRA', 'ASA'))
           select
             (select count(*) from (select organisation_id from organisations where vpd = $1
                except select id from there where record_type = 'ORA') gone) as "organisations!",
             (select count(*) from (select location_id from locations where vpd = $1
                except select id from there where record_type = 'LCA') gone) as "locations!",
             (select count(*) from (select position_id from positions where vpd = $1 and deleted_at is null
                except select id from there where record_type = 'POA') gone) as "positions!",
             (select count(*) from (select person_id from people where vpd = $1 and origin = 'generic_outbound' and deleted_at is null
                except select id from there where record_type = 'PRA') gone) as "people!",
             (select count(*) from (select assignment_id from assignments where vpd = $1
                except select id from there where record_type = 'ASA') gone) as "assignments!""#,
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
