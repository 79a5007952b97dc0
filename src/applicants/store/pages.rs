use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// An application as its page shows it.
#[derive(Clone, Debug)]
pub struct ApplicationPage {
    pub application_id: Uuid,
    pub position_id: String,
    pub position_number: String,
    pub position_name: Option<String>,
    pub dpn: String,
    pub managing_body: Option<String>,
    pub hire_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
    pub status: String,
    pub status_reason: Option<String>,
    pub status_at: DateTime<Utc>,
    pub origin: String,
    pub file_id: Option<Uuid>,
    pub file_name: Option<String>,
    pub record_no: Option<i32>,
    pub applicant_number: String,
    pub assignment_id: String,
    pub vacancy_ref: Option<String>,
    pub wte: Option<String>,
    pub grade: Option<String>,
    pub training_number: Option<String>,
    pub received: Value,
    pub received_at: DateTime<Utc>,
}

/// The applications of a person, those that start last first.
pub async fn list_for_person(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Vec<ApplicationPage>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        ApplicationPage,
        r#"select a.application_id, a.position_id, a.position_number,
                  (select p.name from positions p where p.vpd = a.vpd and p.position_id = a.position_id order by p.effective_from desc limit 1)
                    as position_name,
                  a.dpn, a.managing_body, a.hire_on, a.end_on, a.status, a.status_reason, a.status_at, a.origin, a.file_id,
                  f.file_name as "file_name?", a.record_no, a.applicant_number, a.assignment_id, a.vacancy_ref, a.wte, a.grade,
                  a.training_number, a.received, a.received_at
             from applications a left join interface_files f on f.file_id = a.file_id
            where a.vpd = $1 and a.person_id = $2 order by a.hire_on desc, a.received_at desc"#,
        vpd,
        person_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// One entry of an application's history.
#[derive(Clone, Debug)]
pub struct History {
    pub application_id: Uuid,
    pub event_id: Uuid,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub what: String,
    pub from_status: Option<String>,
    pub to_status: Option<String>,
    pub reason: Option<String>,
    pub file_id: Option<Uuid>,
    pub file_name: Option<String>,
    pub record_no: Option<i32>,
    pub changes: Value,
}

/// What happened to applications, the newest first.
pub async fn histories(tx: &mut VpdTx, application_ids: &[Uuid]) -> sqlx::Result<Vec<History>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        History,
        r#"select e.application_id, e.event_id, e.at, e.actor, e.what, e.from_status, e.to_status, e.reason, e.file_id, f.file_name as "file_name?",
                  e.record_no, e.changes
             from application_events e left join interface_files f on f.file_id = e.file_id
            where e.vpd = $1 and e.application_id = any($2) order by e.at desc, e.event_id desc"#,
        vpd,
        application_ids
    )
    .fetch_all(&mut **tx)
    .await
}
