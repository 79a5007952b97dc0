use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::persons::save_current;
use super::today::of_record;
use crate::tenancy::VpdTx;

/// What a hire or a leaving may change of a person: versions and assignments, whole, so that it can be put back.
pub async fn snapshot(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Value> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select jsonb_build_object(
             'kind', (select jsonb_build_object('system_type', p.system_type, 'user_type', p.user_type, 'employee_number', p.employee_number)
                        from people p where p.vpd = $1 and p.person_id = $2),
             'versions', coalesce((select jsonb_agg(to_jsonb(v) order by v.effective_from)
                                     from person_versions v where v.vpd = $1 and v.person_id = $2), '[]'),
             'assignments', coalesce((select jsonb_agg(to_jsonb(a) order by a.assignment_id, a.effective_from)
                                        from assignments a where a.vpd = $1 and a.person_id = $2), '[]')) as "all!""#,
        vpd,
        person_id
    )
    .fetch_one(&mut **tx)
    .await
}

/// Whether two snapshots say the same of versions and assignments; what is true today by itself does not count.
pub fn is_same(one: &Value, other: &Value) -> bool {
    one["versions"] == other["versions"] && one["assignments"] == other["assignments"]
}

/// Puts a person's versions and assignments back as a snapshot has them.
pub async fn restore(
    tx: &mut VpdTx,
    person_id: &str,
    snapshot: &Value,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!("delete from person_versions where vpd = $1 and person_id = $2", vpd, person_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into person_versions select * from jsonb_populate_recordset(null::person_versions, $1)",
        snapshot["versions"]
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from assignments where vpd = $1 and person_id = $2", vpd, person_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into assignments select * from jsonb_populate_recordset(null::assignments, $1)",
        snapshot["assignments"]
    )
    .execute(&mut **tx)
    .await?;
    let kind = &snapshot["kind"];
    sqlx::query!(
        "update people set system_type = $3, user_type = $4, employee_number = $5, updated_at = $6 where vpd = $1 and person_id = $2",
        vpd,
        person_id,
        kind["system_type"].as_str().unwrap_or("APL"),
        kind["user_type"].as_str(),
        kind["employee_number"].as_str(),
        now
    )
    .execute(&mut **tx)
    .await?;
    refresh(tx, person_id, today, now).await
}

/// Makes a person something else from a day on: cuts the stretch of that day, drops what was to come, and begins a new one.
pub async fn begin_version(
    tx: &mut VpdTx,
    person_id: &str,
    from: NaiveDate,
    changes: &Map<String, Value>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let last_before = from.checked_sub_days(Days::new(1)).unwrap_or(from);
    let known = sqlx::query!(
        "select effective_from, record from person_versions where vpd = $1 and person_id = $2 and effective_from <= $3
          order by effective_from desc limit 1",
        vpd,
        person_id,
        from
    )
    .fetch_optional(&mut **tx)
    .await?;
    let record = match known {
        Some(row) => row.record,
        None => {
            let record = as_today(tx, person_id).await?;
            // What the person was until then: whoever asks about a day before is told.
            let since = last_before.min(today);
            insert_version(tx, person_id, since, Some(last_before), &record).await?;
            record
        }
    };
    sqlx::query!(
        "delete from person_versions where vpd = $1 and person_id = $2 and effective_from >= $3",
        vpd,
        person_id,
        from
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update person_versions set effective_to = $4 where vpd = $1 and person_id = $2 and effective_from < $3
            and coalesce(effective_to, $3) >= $3",
        vpd,
        person_id,
        from,
        last_before
    )
    .execute(&mut **tx)
    .await?;
    let mut next = record.as_object().cloned().unwrap_or_default();
    for (name, value) in changes {
        next.insert(name.clone(), value.clone());
    }
    insert_version(tx, person_id, from, None, &Value::Object(next)).await?;
    refresh(tx, person_id, today, now).await
}

/// The record of a person who has no history yet, with what is known today.
async fn as_today(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Value> {
    let vpd = tx.vpd().as_str().to_owned();
    let p = sqlx::query!(
        "select system_type, user_type, employee_number, title, last_name, first_name, middle_names, previous_last_name, preferred_name,
                date_of_birth, gender, ni_number, email, nationality from people where vpd = $1 and person_id = $2",
        vpd,
        person_id
    )
    .fetch_one(&mut **tx)
    .await?;
    let born = p.date_of_birth.map(|day| day.format("%Y%m%d").to_string());
    Ok(
        json!({ "SystemPersonType": p.system_type, "UserPersonType": p.user_type, "EmployeeNumber": p.employee_number, "Title": p.title,
               "LastName": p.last_name, "FirstName": p.first_name, "MiddleNames": p.middle_names,
               "PreviousLastName": p.previous_last_name, "PreferredName": p.preferred_name, "DateOfBirth": born, "Gender": p.gender,
               "NiNumber": p.ni_number, "OfficeEmailAddress": p.email, "Nationality": p.nationality }),
    )
}

async fn insert_version(
    tx: &mut VpdTx,
    person_id: &str,
    from: NaiveDate,
    to: Option<NaiveDate>,
    record: &Value,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into person_versions (vpd, person_id, effective_from, effective_to, record, digest) values ($1, $2, $3, $4, $5, $6)",
        vpd,
        person_id,
        from,
        to,
        record,
        Sha256::digest(record.to_string().as_bytes()).to_vec()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Brings today's values to what the versions say of today.
async fn refresh(tx: &mut VpdTx, person_id: &str, today: NaiveDate, now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        "select effective_from, effective_to, record from person_versions where vpd = $1 and person_id = $2
          order by (effective_from <= $3) desc, case when effective_from <= $3 then $3 - effective_from else effective_from - $3 end limit 1",
        vpd,
        person_id,
        today
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(row) = row {
        let version = of_record(person_id, row.effective_from, row.effective_to, &row.record);
        save_current(tx, &[&version], today, now).await?;
    }
    Ok(())
}

/// A new assignment: who holds which position from a day on.
pub struct NewAssignment<'a> {
    pub assignment_id: &'a str,
    pub person_id: &'a str,
    pub from: NaiveDate,
    pub assignment_number: &'a str,
    pub position_id: &'a str,
    pub position_name: &'a str,
    pub organisation_id: Option<&'a str>,
    pub fte: Option<&'a str>,
    pub grade: Option<&'a str>,
    pub job_name: Option<&'a str>,
    pub is_primary: bool,
    pub contract_end_on: Option<NaiveDate>,
}

pub async fn insert_assignment(tx: &mut VpdTx, new: &NewAssignment<'_>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let record = json!({ "AssignmentType": "E", "SystemAssignmentStatus": "ACTIVE_ASSIGN", "UserAssignmentStatus": "Active Assignment",
        "AssignmentNumber": new.assignment_number, "EarliestAssignmentDate": day(new.from), "PositionId": new.position_id,
        "PositionName": new.position_name, "OrganisationId": new.organisation_id, "Fte": new.fte, "Grade": new.grade,
        "JobName": new.job_name, "PrimaryAssignment": if new.is_primary { "Y" } else { "N" },
        "ContractEndDate": new.contract_end_on.map(day) });
    sqlx::query!(
        "insert into assignments (vpd, assignment_id, effective_from, person_id, assignment_number, assignment_type, status, position_id,
                                  organisation_id, fte, grade, job_name, primary_flag, contract_end_on, record, digest)
         values ($1, $2, $3, $4, $5, 'E', 'ACTIVE_ASSIGN', $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        vpd,
        new.assignment_id,
        new.from,
        new.person_id,
        new.assignment_number,
        new.position_id,
        new.organisation_id,
        new.fte,
        new.grade,
        new.job_name,
        new.is_primary,
        new.contract_end_on,
        record,
        Sha256::digest(record.to_string().as_bytes()).to_vec()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends what a person holds on a day after it; what begins later stays. What a file says again unchanged does not take that back.
pub async fn end_held(tx: &mut VpdTx, person_id: &str, last_day: NaiveDate) -> sqlx::Result<u64> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query!(
        "delete from assignments a where vpd = $1 and person_id = $2 and effective_from > $3
            and exists (select 1 from assignments begun where begun.vpd = $1 and begun.assignment_id = a.assignment_id
                           and begun.effective_from <= $3 and coalesce(begun.effective_to, 'infinity') >= $3)",
        vpd,
        person_id,
        last_day
    )
    .execute(&mut **tx)
    .await?;
    let cut = sqlx::query!(
        "update assignments set effective_to = $3
          where vpd = $1 and person_id = $2 and effective_from <= $3 and coalesce(effective_to, 'infinity') > $3",
        vpd,
        person_id,
        last_day
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected() + cut.rows_affected())
}

/// Ends a person's employment after its last day: what is held then ends, and what would begin later goes. Nothing where the person holds
/// nothing on that day: a leaving cuts what was held, and never takes all of it out.
pub async fn end_employment(tx: &mut VpdTx, person_id: &str, last_day: NaiveDate) -> sqlx::Result<u64> {
    let vpd = tx.vpd().as_str().to_owned();
    let cut = end_held(tx, person_id, last_day).await?;
    if cut == 0 && !holds_on(tx, person_id, last_day).await? {
        return Ok(0);
    }
    let gone = sqlx::query!(
        "delete from assignments where vpd = $1 and person_id = $2 and effective_from > $3",
        vpd,
        person_id,
        last_day
    )
    .execute(&mut **tx)
    .await?;
    Ok(cut + gone.rows_affected())
}

async fn holds_on(tx: &mut VpdTx, person_id: &str, day: NaiveDate) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select exists (select 1 from assignments
             where vpd = $1 and person_id = $2 and effective_from <= $3 and coalesce(effective_to, 'infinity') >= $3) as "holds!""#,
        vpd,
        person_id,
        day
    )
    .fetch_one(&mut **tx)
    .await
}

/// The first day of what a person holds here: of the latest assignment that has begun by a day, or else of the one that begins next.
pub async fn first_day(tx: &mut VpdTx, person_id: &str, on: NaiveDate) -> sqlx::Result<Option<NaiveDate>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select coalesce(max(began.first_day) filter (where began.first_day <= $3), min(began.first_day))
           from (select min(effective_from) as first_day from assignments where vpd = $1 and person_id = $2 group by assignment_id) began",
        vpd,
        person_id,
        on
    )
    .fetch_one(&mut **tx)
    .await
}

/// Whether a person holds anything here after a day.
pub async fn holds_after(tx: &mut VpdTx, person_id: &str, day: NaiveDate) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select exists (select 1 from assignments where vpd = $1 and person_id = $2 and coalesce(effective_to, 'infinity') > $3) as "holds!""#,
        vpd,
        person_id,
        day
    )
    .fetch_one(&mut **tx)
    .await
}

/// Moves the end of the assignments that hold on a day, of those that would end before; one without an end goes on without.
pub async fn extend_contracts(tx: &mut VpdTx, person_id: &str, on: NaiveDate, until: NaiveDate) -> sqlx::Result<u64> {
    let vpd = tx.vpd().as_str().to_owned();
    let moved = sqlx::query!(
        "update assignments set contract_end_on = case when contract_end_on < $4 then $4 else contract_end_on end,
                                effective_to = case when effective_to < $4 then $4 else effective_to end
          where vpd = $1 and person_id = $2 and effective_from <= $3 and coalesce(effective_to, $3) >= $3
            and (contract_end_on < $4 or effective_to < $4)",
        vpd,
        person_id,
        on,
        until
    )
    .execute(&mut **tx)
    .await?;
    Ok(moved.rows_affected())
}
