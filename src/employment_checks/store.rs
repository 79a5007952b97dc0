//! The SQL for checks and their versions.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::model::{Check, Checks, Entry, Standard, Status, UnknownCode};
use crate::tenancy::VpdTx;

fn decode(error: UnknownCode) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// The checks of applications: all six of each, whether started or not.
pub async fn list(tx: &mut VpdTx, application_ids: &[Uuid]) -> sqlx::Result<HashMap<Uuid, Checks>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select application_id, standard, status, entry as "entry: Json<Entry>", version from employment_checks
            where vpd = $1 and application_id = any($2)"#,
        vpd,
        application_ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut all: HashMap<Uuid, Checks> = application_ids.iter().map(|id| (*id, Checks::default())).collect();
    for row in rows {
        let standard: Standard = row.standard.parse().map_err(decode)?;
        let status: Status = row.status.parse().map_err(decode)?;
        let check = Check { standard, status, entry: row.entry.0, version: row.version };
        all.entry(row.application_id).or_default().put(check);
    }
    Ok(all)
}

/// The checks of one application.
pub async fn of_application(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Checks> {
    Ok(list(tx, &[application_id]).await?.remove(&application_id).unwrap_or_default())
}

/// Saves the next version of a check, and keeps it.
pub async fn save(
    tx: &mut VpdTx,
    application_id: Uuid,
    check: &Check,
    by: &str,
    by_supplier: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let entry = serde_json::to_value(&check.entry).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query!(
        "with saved as (
           insert into employment_checks (vpd, application_id, standard, status, entry, expires_on, version, changed_at, changed_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (vpd, application_id, standard) do update
              set status = excluded.status, entry = excluded.entry, expires_on = excluded.expires_on, version = excluded.version,
                  changed_at = excluded.changed_at, changed_by = excluded.changed_by
           returning 1)
         insert into employment_check_versions (vpd, application_id, standard, version, status, entry, at, actor, by_supplier)
         select $1, $2, $3, $7, $4, $5, $8, $9, $10 from saved",
        vpd,
        application_id,
        check.standard.code(),
        check.status.code(),
        entry,
        check.day("expires_on"),
        check.version,
        now,
        by,
        by_supplier
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One version of a check, as it was said.
#[derive(Clone, Debug)]
pub struct Version {
    pub standard: String,
    pub version: i32,
    pub status: String,
    pub entry: Value,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub by_supplier: bool,
}

/// Everything that was ever said of an application's checks, the newest first.
pub async fn versions(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Vec<Version>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Version,
        "select standard, version, status, entry, at, actor, by_supplier from employment_check_versions
          where vpd = $1 and application_id = $2 order by at desc, standard, version desc",
        vpd,
        application_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// An application with its doctor, as far as checks need them.
#[derive(Clone, Debug)]
pub struct Applicant {
    pub application_id: Uuid,
    pub person_id: String,
    pub applicant_number: String,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: Option<String>,
    pub dpn: String,
    pub position_number: String,
    pub hire_on: NaiveDate,
    pub status: String,
}

/// Which applications a supplier asks for; empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub gmc_number: Option<String>,
    pub applicant_number: Option<String>,
    pub dpn: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// The last of the page before.
    pub after: Option<(NaiveDate, Uuid)>,
    pub limit: i64,
}

/// Applications that go on, or led to a hire, those that start first on top.
pub async fn applicants(tx: &mut VpdTx, wanted: &Wanted) -> sqlx::Result<Vec<Applicant>> {
    let vpd = tx.vpd().as_str().to_owned();
    let (after_on, after_id) = wanted.after.unzip();
    sqlx::query_as!(
        Applicant,
        "select a.application_id, a.person_id, a.applicant_number, p.last_name, p.first_name, p.gmc_number, a.dpn, a.position_number,
                a.hire_on, a.status
           from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
          where a.vpd = $1 and a.status not in ('withdrawn', 'terminated')
            and ($2::text is null or p.gmc_number = $2) and ($3::text is null or a.applicant_number = $3)
            and ($4::text is null or upper(trim(a.dpn)) = upper(trim($4)))
            and ($5::date is null or a.hire_on >= $5) and ($6::date is null or a.hire_on <= $6)
            and ($7::date is null or (a.hire_on, a.application_id) > ($7, $8::uuid))
          order by a.hire_on, a.application_id limit $9",
        vpd,
        wanted.gmc_number,
        wanted.applicant_number,
        wanted.dpn,
        wanted.from,
        wanted.to,
        after_on,
        after_id,
        wanted.limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// One application of this employer, whatever its status.
pub async fn applicant(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Option<Applicant>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Applicant,
        "select a.application_id, a.person_id, a.applicant_number, p.last_name, p.first_name, p.gmc_number, a.dpn, a.position_number,
                a.hire_on, a.status
           from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
          where a.vpd = $1 and a.application_id = $2",
        vpd,
        application_id
    )
    .fetch_optional(&mut **tx)
    .await
}
