use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::super::dpn;
use crate::tenancy::VpdTx;

/// A stretch of a position's history, as a file brings it.
pub struct PositionVersion<'a> {
    pub position_id: &'a str,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub position_number: &'a str,
    pub name: &'a str,
    pub staff_group: Option<&'a str>,
    pub job_role: Option<&'a str>,
    pub occupation_code: Option<&'a str>,
    pub pay_scale: Option<&'a str>,
    pub organisation_id: Option<&'a str>,
    pub workplace_code: Option<&'a str>,
    pub hiring_status: Option<&'a str>,
    pub position_type: Option<&'a str>,
    pub budgeted_fte: Option<&'a str>,
    pub dpn: Option<&'a str>,
    pub managing_body: Option<&'a str>,
    pub record: String,
    pub digest: Vec<u8>,
}

impl PositionVersion<'_> {
    fn dpn_key(&self) -> Option<String> {
        self.dpn.map(dpn::key).filter(|key| !key.is_empty())
    }
}

/// Which of these position ids belong to another employer.
pub async fn claimed_elsewhere(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let claimed = sqlx::query_scalar!(
        "select distinct position_id from position_directory where position_id = any($1) and vpd <> $2",
        ids as &[&str],
        vpd
    );
    Ok(claimed.fetch_all(&mut **tx).await?.into_iter().collect())
}

/// Saves versions and their entries in the directory; gives the id and start of those that were new or said something else before.
pub async fn save(tx: &mut VpdTx, rows: &[PositionVersion<'_>]) -> sqlx::Result<HashSet<(String, NaiveDate)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let text = |get: for<'r> fn(&'r PositionVersion<'_>) -> &'r str| rows.iter().map(get).collect::<Vec<_>>();
    let some = |get: for<'r> fn(&'r PositionVersion<'_>) -> Option<&'r str>| rows.iter().map(get).collect::<Vec<_>>();
    let ids = text(|r| r.position_id);
    let from: Vec<NaiveDate> = rows.iter().map(|r| r.effective_from).collect();
    let to: Vec<Option<NaiveDate>> = rows.iter().map(|r| r.effective_to).collect();
    let numbers = text(|r| r.position_number);
    let keys: Vec<Option<String>> = rows.iter().map(PositionVersion::dpn_key).collect();
    let changed = sqlx::query!(
        "insert into positions (vpd, position_id, effective_from, effective_to, position_number, name, staff_group, job_role, occupation_code,
                                pay_scale, organisation_id, workplace_code, hiring_status, position_type, budgeted_fte, dpn, dpn_key,
                                managing_body, record, digest)
         select $1, r.id, r.from_on, r.to_on, r.number, r.name, r.staff_group, r.job_role, r.occupation, r.pay_scale, r.organisation, r.workplace,
                r.hiring_status, r.type, r.fte, r.dpn, r.dpn_key, r.body, r.record::jsonb, r.digest
           from unnest($2::text[], $3::date[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                       $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::bytea[])
             as r (id, from_on, to_on, number, name, staff_group, job_role, occupation, pay_scale, organisation, workplace, hiring_status, type,
                   fte, dpn, dpn_key, body, record, digest)
         on conflict (vpd, position_id, effective_from) do update
            set effective_to = excluded.effective_to, position_number = excluded.position_number, name = excluded.name,
                staff_group = excluded.staff_group, job_role = excluded.job_role, occupation_code = excluded.occupation_code,
                pay_scale = excluded.pay_scale, organisation_id = excluded.organisation_id, workplace_code = excluded.workplace_code,
                hiring_status = excluded.hiring_status, position_type = excluded.position_type, budgeted_fte = excluded.budgeted_fte,
                dpn = excluded.dpn, dpn_key = excluded.dpn_key, managing_body = excluded.managing_body, record = excluded.record,
                digest = excluded.digest, deleted_at = null
          where positions.digest <> excluded.digest or positions.deleted_at is not null
         returning position_id, effective_from",
        vpd,
        &ids as &[&str],
        &from,
        &to as &[Option<NaiveDate>],
        &numbers as &[&str],
        &text(|r| r.name) as &[&str],
        &some(|r| r.staff_group) as &[Option<&str>],
        &some(|r| r.job_role) as &[Option<&str>],
        &some(|r| r.occupation_code) as &[Option<&str>],
        &some(|r| r.pay_scale) as &[Option<&str>],
        &some(|r| r.organisation_id) as &[Option<&str>],
        &some(|r| r.workplace_code) as &[Option<&str>],
        &some(|r| r.hiring_status) as &[Option<&str>],
        &some(|r| r.position_type) as &[Option<&str>],
        &some(|r| r.budgeted_fte) as &[Option<&str>],
        &some(|r| r.dpn) as &[Option<&str>],
        &keys as &[Option<String>],
        &some(|r| r.managing_body) as &[Option<&str>],
        &text(|r| &r.record) as &[&str],
        &rows.iter().map(|r| r.digest.as_slice()).collect::<Vec<_>>() as &[&[u8]],
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into position_directory (position_id, effective_from, effective_to, vpd, position_number, dpn_key)
         select r.id, r.from_on, r.to_on, $1, r.number, r.dpn_key
           from unnest($2::text[], $3::date[], $4::date[], $5::text[], $6::text[]) as r (id, from_on, to_on, number, dpn_key)
         on conflict (position_id, effective_from) do update
            set effective_to = excluded.effective_to, position_number = excluded.position_number, dpn_key = excluded.dpn_key
          where (position_directory.effective_to, position_directory.position_number, position_directory.dpn_key)
                is distinct from (excluded.effective_to, excluded.position_number, excluded.dpn_key)",
        vpd,
        &ids as &[&str],
        &from,
        &to as &[Option<NaiveDate>],
        &numbers as &[&str],
        &keys as &[Option<String>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.position_id, row.effective_from)).collect())
}

/// Marks positions that ESR deleted: known still, and active no more; gives those that were not marked before.
pub async fn delete(
    tx: &mut VpdTx,
    ids: &[&str],
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "update positions set deleted_at = $3 where vpd = $1 and position_id = any($2) and deleted_at is null returning position_id",
        vpd,
        ids as &[&str],
        now
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update position_directory set effective_to = least(effective_to, $3::date - 1)
          where vpd = $1 and position_id = any($2) and coalesce(effective_to, 'infinity') >= $3",
        vpd,
        ids as &[&str],
        today
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.into_iter().collect())
}
