use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::applicants::status::Status;
use crate::applicants::store as applications;
use crate::tenancy::VpdTx;
use crate::ui::dates;

/// An application and its doctor, as far as a hire needs them.
#[derive(Clone, Debug)]
pub struct Applicant {
    pub application_id: Uuid,
    pub person_id: String,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: Option<String>,
    pub system_type: String,
    pub user_type: Option<String>,
    pub employee_number: Option<String>,
    pub status: String,
    pub received_at: DateTime<Utc>,
    pub hire_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
    pub position_id: String,
    pub position_number: String,
    pub dpn: String,
    pub assignment_id: String,
    pub wte: Option<String>,
    pub grade: Option<String>,
}

pub async fn applicant(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Option<Applicant>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Applicant,
        "select a.application_id, a.person_id, p.last_name, p.first_name, p.gmc_number, p.system_type, p.user_type, p.employee_number,
                a.status, a.received_at, a.hire_on, a.end_on, a.position_id, a.position_number, a.dpn, a.assignment_id, a.wte, a.grade
           from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
          where a.vpd = $1 and a.application_id = $2",
        vpd,
        application_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The person types that may be chosen, as ESR lists them.
pub async fn person_types(tx: &mut VpdTx) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select label from code_values where list = 'person_type' and active order by label")
        .fetch_all(&mut **tx)
        .await
}

/// The last day of a person's employment here, of one who left.
pub async fn left_on(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Option<NaiveDate>> {
    let vpd = tx.vpd().as_str().to_owned();
    let text = sqlx::query_scalar!(
        "select record->>'ActualTerminationDate' from person_versions
          where vpd = $1 and person_id = $2 order by effective_from desc limit 1",
        vpd,
        person_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(text.flatten().and_then(|text| NaiveDate::parse_from_str(&text, "%Y%m%d").ok()))
}

/// A hire as it was made.
#[derive(Clone, Debug)]
pub struct Hire {
    pub hire_id: Uuid,
    pub application_id: Uuid,
    pub person_id: String,
    pub assignment_id: String,
    pub position_id: String,
    pub hired_on: NaiveDate,
    pub person_type: String,
    pub reason: Option<String>,
    pub corrects: Option<Uuid>,
    pub before: Value,
    pub after: Value,
    pub by: String,
    pub at: DateTime<Utc>,
    pub taken_back_at: Option<DateTime<Utc>>,
}

pub async fn insert_hire(tx: &mut VpdTx, hire: &Hire) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into hires (vpd, hire_id, application_id, person_id, assignment_id, position_id, hired_on, person_type, reason, corrects,
                            before, after, by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        vpd,
        hire.hire_id,
        hire.application_id,
        hire.person_id,
        hire.assignment_id,
        hire.position_id,
        hire.hired_on,
        hire.person_type,
        hire.reason,
        hire.corrects,
        hire.before,
        hire.after,
        hire.by,
        hire.at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One hire, which nobody else takes back until this transaction ends.
pub async fn find_hire(tx: &mut VpdTx, hire_id: Uuid) -> sqlx::Result<Option<Hire>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Hire,
        "select hire_id, application_id, person_id, assignment_id, position_id, hired_on, person_type, reason, corrects, before, after,
                by, at, taken_back_at from hires where vpd = $1 and hire_id = $2 for update",
        vpd,
        hire_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The hire from an application that was not taken back.
pub async fn live_hire_of(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Option<Hire>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Hire,
        "select hire_id, application_id, person_id, assignment_id, position_id, hired_on, person_type, reason, corrects, before, after,
                by, at, taken_back_at from hires where vpd = $1 and application_id = $2 and taken_back_at is null",
        vpd,
        application_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The hires from applications that stand, in words, by application.
pub async fn live_hires(tx: &mut VpdTx, application_ids: &[Uuid]) -> sqlx::Result<HashMap<Uuid, (Uuid, String)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select application_id, hire_id, hired_on, person_type, by from hires
          where vpd = $1 and application_id = any($2) and taken_back_at is null",
        vpd,
        application_ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let words = rows.into_iter().map(|row| {
        let text = format!("{} hired the doctor as {} from {}", row.by, row.person_type, dates::day(row.hired_on));
        (row.application_id, (row.hire_id, text))
    });
    Ok(words.collect())
}

pub async fn take_hire_back(
    tx: &mut VpdTx,
    hire_id: Uuid,
    by: &str,
    why: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update hires set taken_back_by = $3, taken_back_at = $4, taken_back_why = $5 where vpd = $1 and hire_id = $2",
        vpd,
        hire_id,
        by,
        now,
        why
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Saves where an application stands, with its history.
pub async fn save_status(
    tx: &mut VpdTx,
    application_id: Uuid,
    (from, to): (Status, Status),
    reason: Option<&str>,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    applications::save_status(tx, application_id, to, reason, now).await?;
    let happened = applications::EventRow {
        application_id,
        what: "status",
        from_status: Some(from.code()),
        to_status: Some(to.code()),
        reason: reason.map(str::to_owned),
        file_id: None,
        record_no: None,
        changes: json!({}),
    };
    applications::insert_events(tx, &[happened], by, now).await
}
