use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::tenancy::VpdTx;

/// When positions were last told to their deanery: the moment, and whether it was told that they are gone.
pub async fn last_sent(tx: &mut VpdTx, ids: &[String]) -> sqlx::Result<HashMap<String, (DateTime<Utc>, bool)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select i.id as "id!", s.received_at, s.action = 'D' as "is_gone!"
             from unnest($2::text[]) as i (id)
             join lateral (select f.received_at, s.action from positions_sent s
                             join interface_files f on f.file_id = s.file_id and f.state in ('queued', 'sent', 'confirmed')
                            where s.vpd = $1 and s.position_id = i.id order by s.sent_no desc limit 1) s on true"#,
        vpd,
        ids
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.received_at, row.is_gone))).collect())
}
