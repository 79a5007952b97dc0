use std::collections::HashSet;

use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// A stretch of an assignment's history: who holds which position, on what terms.
pub struct AssignmentVersion<'a> {
    pub assignment_id: &'a str,
    pub person_id: &'a str,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub assignment_number: Option<&'a str>,
    pub assignment_type: Option<&'a str>,
    pub status: Option<&'a str>,
    pub position_id: Option<&'a str>,
    pub organisation_id: Option<&'a str>,
    pub location_id: Option<&'a str>,
    pub fte: Option<&'a str>,
    pub grade: Option<&'a str>,
    pub job_name: Option<&'a str>,
    pub is_primary: bool,
    pub contract_end_on: Option<NaiveDate>,
    pub record: String,
    pub digest: Vec<u8>,
}

/// Saves assignments; gives the id and start of those that were new or said something else before.
pub async fn save_assignments(
    tx: &mut VpdTx,
    rows: &[AssignmentVersion<'_>],
) -> sqlx::Result<HashSet<(String, NaiveDate)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let some = |get: for<'r> fn(&'r AssignmentVersion<'_>) -> Option<&'r str>| rows.iter().map(get).collect::<Vec<_>>();
    let changed = sqlx::query!(
        "insert into assignments (vpd, assignment_id, person_id, effective_from, effective_to, assignment_number, assignment_type, status,
                                  position_id, organisation_id, location_id, fte, grade, job_name, primary_flag, contract_end_on, record, digest)
         select $1, r.id, r.person, r.from_on, r.to_on, r.number, r.type, r.status, r.position, r.organisation, r.location, r.fte, r.grade, r.job,
                r.main, r.contract_end, r.record::jsonb, r.digest
           from unnest($2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                       $12::text[], $13::text[], $14::text[], $15::boolean[], $16::date[], $17::text[], $18::bytea[])
             as r (id, person, from_on, to_on, number, type, status, position, organisation, location, fte, grade, job, main, contract_end,
                   record, digest)
         on conflict (vpd, assignment_id, effective_from) do update
            set person_id = excluded.person_id, effective_to = excluded.effective_to, assignment_number = excluded.assignment_number,
                assignment_type = excluded.assignment_type, status = excluded.status, position_id = excluded.position_id,
                organisation_id = excluded.organisation_id, location_id = excluded.location_id, fte = excluded.fte, grade = excluded.grade,
                job_name = excluded.job_name, primary_flag = excluded.primary_flag, contract_end_on = excluded.contract_end_on,
                record = excluded.record, digest = excluded.digest
          where assignments.digest <> excluded.digest
         returning assignment_id, effective_from",
        vpd,
        &rows.iter().map(|r| r.assignment_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.person_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.effective_from).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.effective_to).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &some(|r| r.assignment_number) as &[Option<&str>],
        &some(|r| r.assignment_type) as &[Option<&str>],
        &some(|r| r.status) as &[Option<&str>],
        &some(|r| r.position_id) as &[Option<&str>],
        &some(|r| r.organisation_id) as &[Option<&str>],
        &some(|r| r.location_id) as &[Option<&str>],
        &some(|r| r.fte) as &[Option<&str>],
        &some(|r| r.grade) as &[Option<&str>],
        &some(|r| r.job_name) as &[Option<&str>],
        &rows.iter().map(|r| r.is_primary).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.contract_end_on).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &rows.iter().map(|r| r.record.as_str()).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.digest.as_slice()).collect::<Vec<_>>() as &[&[u8]],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.assignment_id, row.effective_from)).collect())
}

/// Removes assignments that ESR deleted; gives those that were there.
pub async fn delete_assignments(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "delete from assignments where vpd = $1 and assignment_id = any($2) returning assignment_id",
        vpd,
        ids as &[&str]
    );
    Ok(gone.fetch_all(&mut **tx).await?.into_iter().collect())
}

/// A stretch of a costing allocation: kept for the establishment.
pub struct CostingVersion<'a> {
    pub costing_id: &'a str,
    pub assignment_id: &'a str,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub record: String,
    pub digest: Vec<u8>,
}

/// Saves costings; gives the id and start of those that were new or said something else before.
pub async fn save_costings(tx: &mut VpdTx, rows: &[CostingVersion<'_>]) -> sqlx::Result<HashSet<(String, NaiveDate)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let changed = sqlx::query!(
        "insert into costings (vpd, costing_id, assignment_id, effective_from, effective_to, record, digest)
         select $1, r.id, r.assignment, r.from_on, r.to_on, r.record::jsonb, r.digest
           from unnest($2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::bytea[])
             as r (id, assignment, from_on, to_on, record, digest)
         on conflict (vpd, costing_id, effective_from) do update
            set assignment_id = excluded.assignment_id, effective_to = excluded.effective_to, record = excluded.record, digest = excluded.digest
          where costings.digest <> excluded.digest
         returning costing_id, effective_from",
        vpd,
        &rows.iter().map(|r| r.costing_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.assignment_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.effective_from).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.effective_to).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &rows.iter().map(|r| r.record.as_str()).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.digest.as_slice()).collect::<Vec<_>>() as &[&[u8]],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.costing_id, row.effective_from)).collect())
}

/// Removes costings that ESR deleted; gives those that were there.
pub async fn delete_costings(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "delete from costings where vpd = $1 and costing_id = any($2) returning costing_id",
        vpd,
        ids as &[&str]
    );
    Ok(gone.fetch_all(&mut **tx).await?.into_iter().collect())
}
