use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::lead_and_host::store::tell;
use crate::tenancy::VpdTx;

/// What moving an application changes of it.
pub async fn place(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Option<Value>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select jsonb_build_object('position_id', position_id, 'position_number', position_number, 'dpn', dpn, 'status', status) as "place!"
             from applications where vpd = $1 and application_id = $2 for update"#,
        vpd,
        application_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Moves an application to another position with its number and Deanery Post Number.
pub async fn move_application(
    tx: &mut VpdTx,
    application_id: Uuid,
    [position_id, position_number, dpn]: [&str; 3],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update applications set position_id = $3, position_number = $4, dpn = $5, changed_at = $6 where vpd = $1 and application_id = $2",
        vpd,
        application_id,
        position_id,
        position_number,
        dpn,
        now
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, &[application_id]).await
}
