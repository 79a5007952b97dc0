//! The SQL for steps, requests and what was said on them; and what the conditions count beside the positions.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::model::Step;
use crate::tenancy::VpdTx;

/// The bodies that this employer's positions name, and those that it has asked about; code and name.
pub async fn bodies(tx: &mut VpdTx, today: NaiveDate) -> sqlx::Result<Vec<(String, String)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select b.code, b.name from managing_bodies b
          where exists (select 1 from positions p where p.vpd = $1 and p.managing_body = b.code and p.deleted_at is null
                           and p.effective_from <= $2 and coalesce(p.effective_to, $2) >= $2)
             or exists (select 1 from readiness_requests r where r.vpd = $1 and r.body_code = b.code)
          order by b.code",
        vpd,
        today
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.code, row.name)).collect())
}

/// The name of a body.
pub async fn body_name(tx: &mut VpdTx, code: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select name from managing_bodies where code = $1", code).fetch_optional(&mut **tx).await
}

/// What the conditions count beside the DPN report.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Positions with a number that several hold at once, or that are of the shared type.
    pub buckets: i64,
    pub officers: i64,
    pub workstructures: i64,
    pub recruiters: i64,
    /// The day on which the body's contact was last confirmed.
    pub contact_confirmed: Option<NaiveDate>,
    /// The last applicant file of the body that was processed and concerned this employer.
    pub last_file: Option<String>,
}

/// Counts it.
pub async fn evidence(tx: &mut VpdTx, body: &str, today: NaiveDate) -> sqlx::Result<Evidence> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        r#"select
             (select count(*) from positions p
               where p.vpd = $1 and p.managing_body = $2 and p.dpn_key is not null and p.deleted_at is null and p.effective_from <= $3
                 and coalesce(p.effective_to, $3) >= $3
                 and (lower(p.position_type) like 'shared%'
                      or (select count(distinct a.person_id) from assignments a where a.vpd = $1 and a.position_id = p.position_id
                             and a.effective_from <= $3 and coalesce(a.effective_to, $3) >= $3) > 1)) as "buckets!",
             (select max(c.confirmed_on) from managing_body_contacts c
               where c.body_code = $2 and c.valid_from <= $3 and coalesce(c.valid_to, $3) >= $3) as confirmed,
             (select f.file_name from interface_files f
               where f.interface = 'applicants' and f.sender = $2 and f.direction = 'in' and f.state in ('processed', 'processed_with_errors', 'confirmed')
               order by f.received_at desc limit 1) as last_file"#,
        vpd,
        body,
        today
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Evidence {
        buckets: row.buckets,
        contact_confirmed: row.confirmed,
        last_file: row.last_file,
        ..Evidence::default()
    })
}

/// A step of the checklist as it was kept.
#[derive(Clone, Debug)]
pub struct Kept {
    pub step: String,
    pub owner: String,
    pub due_on: Option<NaiveDate>,
    pub done_on: Option<NaiveDate>,
}

/// The checklist of a body.
pub async fn steps(tx: &mut VpdTx, body: &str) -> sqlx::Result<Vec<Kept>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Kept,
        "select step, owner, due_on, done_on from readiness_steps where vpd = $1 and body_code = $2",
        vpd,
        body
    )
    .fetch_all(&mut **tx)
    .await
}

/// Keeps a step.
pub async fn save_step(
    tx: &mut VpdTx,
    body: &str,
    step: Step,
    owner: &str,
    [due_on, done_on]: [Option<NaiveDate>; 2],
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into readiness_steps (vpd, body_code, step, owner, due_on, done_on, changed_by, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (vpd, body_code, step) do update
            set owner = excluded.owner, due_on = excluded.due_on, done_on = excluded.done_on, changed_by = excluded.changed_by,
                changed_at = excluded.changed_at",
        vpd,
        body,
        step.code(),
        owner,
        due_on,
        done_on,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A request, without what is attached to it.
#[derive(Clone, Debug)]
pub struct Request {
    pub vpd: String,
    pub vpd_name: String,
    pub request_id: Uuid,
    pub body_code: String,
    pub body_name: String,
    pub state: String,
    pub required_by: NaiveDate,
    pub unbucketed: bool,
    pub unique_dpns: bool,
    pub email_name: String,
    pub report_name: String,
    pub sent_by: String,
    pub sent_by_user: Option<Uuid>,
    pub sent_at: DateTime<Utc>,
}

/// One request; operators find every employer's.
pub async fn find(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Option<Request>> {
    sqlx::query_as!(
        Request,
        "select r.vpd, v.name as vpd_name, r.request_id, r.body_code, b.name as body_name, r.state, r.required_by, r.unbucketed, r.unique_dpns,
                r.email_name, r.report_name, r.sent_by, r.sent_by_user, r.sent_at
           from readiness_requests r join vpds v on v.vpd = r.vpd join managing_bodies b on b.code = r.body_code where r.request_id = $1",
        id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The requests that this organisation sees, newest first; of one body, or of all.
pub async fn requests(tx: &mut VpdTx, body: Option<&str>) -> sqlx::Result<Vec<Request>> {
    sqlx::query_as!(
        Request,
        "select r.vpd, v.name as vpd_name, r.request_id, r.body_code, b.name as body_name, r.state, r.required_by, r.unbucketed, r.unique_dpns,
                r.email_name, r.report_name, r.sent_by, r.sent_by_user, r.sent_at
           from readiness_requests r join vpds v on v.vpd = r.vpd join managing_bodies b on b.code = r.body_code
          where $1::text is null or r.body_code = $1 order by r.sent_at desc limit 200",
        body
    )
    .fetch_all(&mut **tx)
    .await
}

/// What is to be kept of a request that is sent.
pub struct NewRequest<'a> {
    pub request_id: Uuid,
    pub body: &'a str,
    pub required_by: NaiveDate,
    pub unbucketed: bool,
    pub unique_dpns: bool,
    pub email: (&'a str, &'a [u8]),
    pub report: (&'a str, &'a [u8]),
    pub statistics: serde_json::Value,
    pub sent_by: (&'a str, Uuid),
}

/// Keeps a request; `false` where one for this body is open already.
pub async fn insert(tx: &mut VpdTx, new: &NewRequest<'_>, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    let done = sqlx::query!(
        "insert into readiness_requests (vpd, request_id, body_code, state, required_by, unbucketed, unique_dpns, email_name, email, report_name,
                                         report, statistics, sent_by, sent_by_user, sent_at)
         values ($1, $2, $3, 'sent', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (vpd, body_code) where state in ('sent', 'in_discussion', 'answered') do nothing",
        vpd,
        new.request_id,
        new.body,
        new.required_by,
        new.unbucketed,
        new.unique_dpns,
        new.email.0,
        new.email.1,
        new.report.0,
        new.report.1,
        new.statistics,
        new.sent_by.0,
        new.sent_by.1,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Something that was said on a request.
#[derive(Clone, Debug)]
pub struct Said {
    pub at: DateTime<Utc>,
    pub by_name: String,
    pub from_operations: bool,
    pub state: String,
    pub text: String,
}

/// What was said on a request, oldest first.
pub async fn said(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Vec<Said>> {
    sqlx::query_as!(
        Said,
        "select at, by_name, from_operations, state, text from readiness_messages where request_id = $1 order by at, message_id",
        id
    )
    .fetch_all(&mut **tx)
    .await
}

/// Adds what was said, and moves the request to the state that goes with it.
pub async fn say(
    tx: &mut VpdTx,
    request: &Request,
    by_name: &str,
    state: &str,
    text: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let from_operations = tx.vpd().is_operations();
    sqlx::query!(
        "insert into readiness_messages (vpd, message_id, request_id, at, by_name, from_operations, state, text)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        request.vpd,
        Uuid::now_v7(),
        request.request_id,
        now,
        by_name,
        from_operations,
        state,
        text
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("update readiness_requests set state = $2 where request_id = $1", request.request_id, state)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What is attached: the approving e-mail, or the report.
pub async fn attachment(tx: &mut VpdTx, id: Uuid, report: bool) -> sqlx::Result<Option<(String, Vec<u8>)>> {
    let row = sqlx::query!(
        r#"select case when $2 then report_name else email_name end as "name!", case when $2 then report else email end as "body!"
             from readiness_requests where request_id = $1"#,
        id,
        report
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.name, row.body)))
}
