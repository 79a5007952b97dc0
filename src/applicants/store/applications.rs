use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::applicants::plan::Application;
use crate::applicants::status::Status;
use crate::lead_and_host::store::tell;
use crate::tenancy::VpdTx;

struct Row {
    application_id: Uuid,
    person_id: String,
    position_id: String,
    position_number: String,
    dpn: String,
    managing_body: Option<String>,
    hire_on: NaiveDate,
    end_on: Option<NaiveDate>,
    status: String,
    applicant_number: String,
    assignment_id: String,
    vacancy_ref: Option<String>,
    wte: Option<String>,
    grade: Option<String>,
    training_number: Option<String>,
    received: Value,
    digest: Vec<u8>,
    record_no: Option<i32>,
}

impl TryFrom<Row> for Application {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        let status: Status = row.status.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Self {
            application_id: row.application_id,
            person_id: row.person_id,
            position_id: row.position_id,
            position_number: row.position_number,
            dpn: row.dpn,
            managing_body: row.managing_body,
            hire_on: row.hire_on,
            end_on: row.end_on,
            status,
            applicant_number: row.applicant_number,
            assignment_id: row.assignment_id,
            vacancy_ref: row.vacancy_ref,
            wte: row.wte,
            grade: row.grade,
            training_number: row.training_number,
            received: row.received,
            digest: row.digest,
            record_no: row.record_no,
        })
    }
}

/// Every application of these people, ended ones too, the oldest first.
pub async fn list_by_people(tx: &mut VpdTx, person_ids: &[String]) -> sqlx::Result<Vec<Application>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select a.application_id, a.person_id, a.position_id, a.position_number, a.dpn, a.managing_body, a.hire_on, a.end_on, a.status,
                a.applicant_number, a.assignment_id, a.vacancy_ref, a.wte, a.grade, a.training_number, a.received, a.digest, a.record_no
           from applications a
          where a.vpd = $1 and a.person_id = any($2) order by a.received_at, a.application_id",
        vpd,
        person_ids
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Where applications come from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    pub code: &'static str,
    pub file_id: Option<Uuid>,
}

/// Adds applications as received.
pub async fn insert_applications(
    tx: &mut VpdTx,
    new: &[&Application],
    origin: Origin,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let text = |of: fn(&Application) -> &String| new.iter().map(|a| of(a).clone()).collect::<Vec<_>>();
    let maybe = |of: fn(&Application) -> &Option<String>| new.iter().map(|a| of(a).clone()).collect::<Vec<_>>();
    sqlx::query!(
        "insert into applications (vpd, application_id, person_id, position_id, position_number, dpn, managing_body, hire_on, end_on, status,
                                   status_at, origin, file_id, record_no, applicant_number, assignment_id, vacancy_ref, wte, grade,
                                   training_number, received, digest, received_at, changed_at)
         select $1, n.application_id, n.person_id, n.position_id, n.position_number, n.dpn, n.managing_body, n.hire_on, n.end_on,
                'preferred_applicant', $2, $3, $4, n.record_no, n.applicant_number, n.assignment_id, n.vacancy_ref, n.wte, n.grade,
                n.training_number, n.received, n.digest, $2, $2
           from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::date[], $12::date[], $13::integer[],
                       $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::jsonb[], $21::bytea[])
             as n (application_id, person_id, position_id, position_number, dpn, managing_body, hire_on, end_on, record_no, applicant_number,
                   assignment_id, vacancy_ref, wte, grade, training_number, received, digest)",
        vpd,
        now,
        origin.code,
        origin.file_id,
        &new.iter().map(|a| a.application_id).collect::<Vec<_>>(),
        &text(|a| &a.person_id),
        &text(|a| &a.position_id),
        &text(|a| &a.position_number),
        &text(|a| &a.dpn),
        &maybe(|a| &a.managing_body) as &[Option<String>],
        &new.iter().map(|a| a.hire_on).collect::<Vec<_>>(),
        &new.iter().map(|a| a.end_on).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &new.iter().map(|a| a.record_no).collect::<Vec<_>>() as &[Option<i32>],
        &text(|a| &a.applicant_number),
        &text(|a| &a.assignment_id),
        &maybe(|a| &a.vacancy_ref) as &[Option<String>],
        &maybe(|a| &a.wte) as &[Option<String>],
        &maybe(|a| &a.grade) as &[Option<String>],
        &maybe(|a| &a.training_number) as &[Option<String>],
        &new.iter().map(|a| a.received.clone()).collect::<Vec<_>>(),
        &new.iter().map(|a| a.digest.clone()).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, &new.iter().map(|a| a.application_id).collect::<Vec<_>>()).await
}

/// Saves what a later record changed of applications.
pub async fn save_applications(
    tx: &mut VpdTx,
    changed: &[&Application],
    origin: Origin,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let maybe = |of: fn(&Application) -> &Option<String>| changed.iter().map(|a| of(a).clone()).collect::<Vec<_>>();
    sqlx::query!(
        "update applications a set dpn = n.dpn, end_on = n.end_on, vacancy_ref = n.vacancy_ref, wte = n.wte, grade = n.grade,
                training_number = n.training_number, received = n.received, digest = n.digest, record_no = n.record_no,
                file_id = coalesce($3, a.file_id), changed_at = $2
           from unnest($4::uuid[], $5::text[], $6::date[], $7::text[], $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::bytea[],
                       $13::integer[])
             as n (application_id, dpn, end_on, vacancy_ref, wte, grade, training_number, received, digest, record_no)
          where a.vpd = $1 and a.application_id = n.application_id",
        vpd,
        now,
        origin.file_id,
        &changed.iter().map(|a| a.application_id).collect::<Vec<_>>(),
        &changed.iter().map(|a| a.dpn.clone()).collect::<Vec<_>>(),
        &changed.iter().map(|a| a.end_on).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &maybe(|a| &a.vacancy_ref) as &[Option<String>],
        &maybe(|a| &a.wte) as &[Option<String>],
        &maybe(|a| &a.grade) as &[Option<String>],
        &maybe(|a| &a.training_number) as &[Option<String>],
        &changed.iter().map(|a| a.received.clone()).collect::<Vec<_>>(),
        &changed.iter().map(|a| a.digest.clone()).collect::<Vec<_>>(),
        &changed.iter().map(|a| a.record_no).collect::<Vec<_>>() as &[Option<i32>],
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, &changed.iter().map(|a| a.application_id).collect::<Vec<_>>()).await
}

/// An application's status, locked.
pub struct HeldStatus {
    pub person_id: String,
    pub status: Status,
    pub hire_on: NaiveDate,
}

/// Reads an application's status and keeps others from changing it until this transaction ends.
pub async fn lock_status(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Option<HeldStatus>> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        "select person_id, status, hire_on from applications where vpd = $1 and application_id = $2 for update",
        vpd,
        application_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| {
        let status = row
            .status
            .parse()
            .map_err(|error: crate::applicants::status::UnknownStatus| sqlx::Error::Decode(Box::new(error)))?;
        Ok(HeldStatus { person_id: row.person_id, status, hire_on: row.hire_on })
    })
    .transpose()
}

/// The applications for a position, with where each stands.
pub async fn at_position(tx: &mut VpdTx, position_id: &str) -> sqlx::Result<Vec<(Uuid, Status)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select application_id, status from applications where vpd = $1 and position_id = $2 order by application_id",
        vpd,
        position_id
    )
    .fetch_all(&mut **tx)
    .await?;
    let read = rows.into_iter().map(|row| {
        let status = row
            .status
            .parse()
            .map_err(|error: crate::applicants::status::UnknownStatus| sqlx::Error::Decode(Box::new(error)))?;
        Ok((row.application_id, status))
    });
    read.collect()
}

/// Saves where an application stands now.
pub async fn save_status(
    tx: &mut VpdTx,
    application_id: Uuid,
    status: Status,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update applications set status = $3, status_reason = $4, status_at = $5, changed_at = $5 where vpd = $1 and application_id = $2",
        vpd,
        application_id,
        status.code(),
        reason,
        now
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, &[application_id]).await
}

/// Saves where an application stood before, with since when and why.
pub async fn restore_status(
    tx: &mut VpdTx,
    application_id: Uuid,
    status: Status,
    reason: Option<&str>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update applications set status = $3, status_reason = $4, status_at = $5, changed_at = $6 where vpd = $1 and application_id = $2",
        vpd,
        application_id,
        status.code(),
        reason,
        since,
        now
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, &[application_id]).await
}

/// Gives applications to another person.
pub async fn save_person(
    tx: &mut VpdTx,
    application_ids: &[Uuid],
    person_id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update applications set person_id = $3, changed_at = $4 where vpd = $1 and application_id = any($2)",
        vpd,
        application_ids,
        person_id,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
