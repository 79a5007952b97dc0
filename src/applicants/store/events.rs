use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// Something that happened to an application.
#[derive(Clone, Debug)]
pub struct EventRow {
    pub application_id: Uuid,
    /// `received`, `updated`, `status`, `person_merged`, `merge_undone`.
    pub what: &'static str,
    pub from_status: Option<&'static str>,
    pub to_status: Option<&'static str>,
    pub reason: Option<String>,
    pub file_id: Option<Uuid>,
    pub record_no: Option<i32>,
    pub changes: Value,
}

/// Adds to the histories of applications.
pub async fn insert_events(tx: &mut VpdTx, events: &[EventRow], actor: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into application_events (vpd, event_id, application_id, at, actor, what, from_status, to_status, reason, file_id, record_no, changes)
         select $1, n.event_id, n.application_id, $2, $3, n.what, n.from_status, n.to_status, n.reason, n.file_id, n.record_no, n.changes
           from unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::uuid[], $11::integer[], $12::jsonb[])
             as n (event_id, application_id, what, from_status, to_status, reason, file_id, record_no, changes)",
        vpd,
        now,
        actor,
        &events.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>(),
        &events.iter().map(|e| e.application_id).collect::<Vec<_>>(),
        &events.iter().map(|e| e.what.to_owned()).collect::<Vec<_>>(),
        &events.iter().map(|e| e.from_status.map(str::to_owned)).collect::<Vec<_>>() as &[Option<String>],
        &events.iter().map(|e| e.to_status.map(str::to_owned)).collect::<Vec<_>>() as &[Option<String>],
        &events.iter().map(|e| e.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &events.iter().map(|e| e.file_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &events.iter().map(|e| e.record_no).collect::<Vec<_>>() as &[Option<i32>],
        &events.iter().map(|e| e.changes.clone()).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
