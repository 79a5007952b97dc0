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

/// A record of a position that its deanery refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub at: DateTime<Utc>,
    pub code: String,
    pub text: String,
}

/// What the deanery's last reply about a position refused, and why; nothing where it took the position.
pub async fn last_refusal(tx: &mut VpdTx, position_id: &str) -> sqlx::Result<Option<Refusal>> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        r#"select f.received_at, r.outcome = 'failed' as "is_refused!", r.messages->0->>'code' as code, r.messages->0->>'text' as text
             from file_records r join interface_files f on f.file_id = r.file_id
            where r.vpd = $1 and r.position_id = $2 and r.record_type = 'RTC'
            order by f.received_at desc, f.sequence desc, r.outcome = 'failed' desc, r.record_no limit 1"#,
        vpd,
        position_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    let refused = row.filter(|row| row.is_refused);
    Ok(refused.map(|row| Refusal {
        at: row.received_at,
        code: row.code.unwrap_or_default(),
        text: row.text.unwrap_or_default(),
    }))
}
