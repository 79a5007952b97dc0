use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::super::dpn;
use super::claims::shared;
use super::edit;
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

/// What a file changed.
pub struct Loaded<T> {
    pub changed: HashSet<T>,
    /// The numbers, borne by other employers too, of which something else is said now than before.
    pub shared: BTreeSet<String>,
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
pub async fn save(tx: &mut VpdTx, rows: &[PositionVersion<'_>]) -> sqlx::Result<Loaded<(String, NaiveDate)>> {
    // Somebody who edits or undoes reads first and writes then: neither may come between the other's two steps.
    edit::lock(tx).await?;
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
            -- What the file says as it said it before is not news: a change made here since stands.
            set position_number = excluded.position_number, staff_group = excluded.staff_group, occupation_code = excluded.occupation_code,
                pay_scale = excluded.pay_scale, organisation_id = excluded.organisation_id,
                effective_to = case when positions.record ->> 'EffectiveTo' is distinct from excluded.record ->> 'EffectiveTo' then excluded.effective_to else positions.effective_to end,
                name = case when positions.record ->> 'PositionName' is distinct from excluded.record ->> 'PositionName' then excluded.name else positions.name end,
                job_role = case when positions.record ->> 'JobRole' is distinct from excluded.record ->> 'JobRole' then excluded.job_role else positions.job_role end,
                workplace_code = case when positions.record ->> 'WorkplaceOrgCode' is distinct from excluded.record ->> 'WorkplaceOrgCode' then excluded.workplace_code else positions.workplace_code end,
                hiring_status = case when positions.record ->> 'HiringStatus' is distinct from excluded.record ->> 'HiringStatus' then excluded.hiring_status else positions.hiring_status end,
                position_type = case when positions.record ->> 'PositionType' is distinct from excluded.record ->> 'PositionType' then excluded.position_type else positions.position_type end,
                budgeted_fte = case when positions.record ->> 'BudgetedFte' is distinct from excluded.record ->> 'BudgetedFte' then excluded.budgeted_fte else positions.budgeted_fte end,
                dpn = case when positions.record ->> 'DeaneryPostNumber' is distinct from excluded.record ->> 'DeaneryPostNumber' then excluded.dpn else positions.dpn end,
                dpn_key = case when positions.record ->> 'DeaneryPostNumber' is distinct from excluded.record ->> 'DeaneryPostNumber' then excluded.dpn_key else positions.dpn_key end,
                managing_body = case when positions.record ->> 'ManagingDeaneryBody' is distinct from excluded.record ->> 'ManagingDeaneryBody' then excluded.managing_body else positions.managing_body end,
                record = excluded.record, digest = excluded.digest, split_of = null, deleted_at = null
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
    let changed: HashSet<(String, NaiveDate)> =
        changed.into_iter().map(|row| (row.position_id, row.effective_from)).collect();
    let concerned: Vec<&str> = changed.iter().map(|(id, _)| id.as_str()).collect();
    // The directory says until now what was so before.
    let before = shared(tx, &concerned).await?;
    follow(tx, &changed).await?;
    edit::enter(tx, &ids).await?;
    let after = shared(tx, &concerned).await?;
    Ok(Loaded { shared: before.symmetric_difference(&after).map(|said| said.dpn_key.clone()).collect(), changed })
}

/// Carries what a file said anew into what was made of its stretches here: those cut from them say it too, and a stretch that begins later
/// keeps the details that no file brings.
async fn follow(tx: &mut VpdTx, changed: &HashSet<(String, NaiveDate)>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let (ids, from): (Vec<&str>, Vec<NaiveDate>) = changed.iter().map(|(id, from)| (id.as_str(), *from)).unzip();
    let known = sqlx::query!(
        r#"select exists (select 1 from positions where vpd = $1 and (host_or_lead is not null or out_of_hours is not null
                                                                     or rota_pattern is not null or prospective_cover is not null)) as "details!",
                  exists (select 1 from positions where vpd = $1 and split_of is not null) as "cuts!""#,
        vpd
    )
    .fetch_one(&mut **tx)
    .await?;
    if known.details {
        sqlx::query!(
            "update positions p
                set host_or_lead = b.host_or_lead, out_of_hours = b.out_of_hours, rota_pattern = b.rota_pattern,
                    prospective_cover = b.prospective_cover
               from unnest($2::text[], $3::date[]) as r (id, from_on)
               join lateral (select * from positions b where b.vpd = $1 and b.position_id = r.id and b.effective_from < r.from_on
                              order by b.effective_from desc limit 1) b on true
              where p.vpd = $1 and p.position_id = r.id and p.effective_from = r.from_on and p.host_or_lead is null and p.out_of_hours is null
                and p.rota_pattern is null and p.prospective_cover is null",
            vpd,
            &ids as &[&str],
            &from
        )
        .execute(&mut **tx)
        .await?;
    }
    if known.cuts {
        sqlx::query!(
            "update positions s
                set position_number = f.position_number, staff_group = f.staff_group, occupation_code = f.occupation_code, pay_scale = f.pay_scale,
                    organisation_id = f.organisation_id, record = f.record, digest = f.digest, deleted_at = null,
                    name = case when s.record ->> 'PositionName' is distinct from f.record ->> 'PositionName' then f.name else s.name end,
                    job_role = case when s.record ->> 'JobRole' is distinct from f.record ->> 'JobRole' then f.job_role else s.job_role end,
                    workplace_code = case when s.record ->> 'WorkplaceOrgCode' is distinct from f.record ->> 'WorkplaceOrgCode' then f.workplace_code else s.workplace_code end,
                    hiring_status = case when s.record ->> 'HiringStatus' is distinct from f.record ->> 'HiringStatus' then f.hiring_status else s.hiring_status end,
                    position_type = case when s.record ->> 'PositionType' is distinct from f.record ->> 'PositionType' then f.position_type else s.position_type end,
                    budgeted_fte = case when s.record ->> 'BudgetedFte' is distinct from f.record ->> 'BudgetedFte' then f.budgeted_fte else s.budgeted_fte end,
                    dpn = case when s.record ->> 'DeaneryPostNumber' is distinct from f.record ->> 'DeaneryPostNumber' then f.dpn else s.dpn end,
                    dpn_key = case when s.record ->> 'DeaneryPostNumber' is distinct from f.record ->> 'DeaneryPostNumber' then f.dpn_key else s.dpn_key end,
                    managing_body = case when s.record ->> 'ManagingDeaneryBody' is distinct from f.record ->> 'ManagingDeaneryBody'
                                         then f.managing_body else s.managing_body end,
                    effective_to = case when s.record ->> 'EffectiveTo' is distinct from f.record ->> 'EffectiveTo' then f.effective_to else s.effective_to end
               from unnest($2::text[], $3::date[]) as r (id, from_on)
               join positions f on f.vpd = $1 and f.position_id = r.id and f.effective_from = r.from_on
              where s.vpd = $1 and s.position_id = r.id and s.split_of = r.from_on",
            vpd,
            &ids as &[&str],
            &from
        )
        .execute(&mut **tx)
        .await?;
        // A stretch ends where the next one that was cut from it begins, whatever the file says of its end.
        sqlx::query!(
            "update positions p set effective_to = n.next - 1
               from (select f.position_id, f.effective_from,
                            (select min(c.effective_from) from positions c
                              where c.vpd = $1 and c.position_id = f.position_id and c.effective_from > f.effective_from) as next
                       from positions f
                      where f.vpd = $1 and f.position_id = any($2)
                        and exists (select 1 from positions c where c.vpd = $1 and c.position_id = f.position_id and c.split_of is not null)) n
              where p.vpd = $1 and p.position_id = n.position_id and p.effective_from = n.effective_from and n.next is not null
                and coalesce(p.effective_to, 'infinity') >= n.next",
            vpd,
            &ids as &[&str]
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Marks positions that ESR deleted: known still, and active no more; gives those that were not marked before.
pub async fn delete(
    tx: &mut VpdTx,
    ids: &[&str],
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Loaded<String>> {
    edit::lock(tx).await?;
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "update positions set deleted_at = $3 where vpd = $1 and position_id = any($2) and deleted_at is null returning position_id",
        vpd,
        ids as &[&str],
        now
    )
    .fetch_all(&mut **tx)
    .await?;
    let before = shared(tx, ids).await?;
    sqlx::query!(
        "update position_directory set effective_to = least(effective_to, $3::date - 1)
          where vpd = $1 and position_id = any($2) and coalesce(effective_to, 'infinity') >= $3",
        vpd,
        ids as &[&str],
        today
    )
    .execute(&mut **tx)
    .await?;
    let after = shared(tx, ids).await?;
    Ok(Loaded {
        shared: before.symmetric_difference(&after).map(|said| said.dpn_key.clone()).collect(),
        changed: gone.into_iter().collect(),
    })
}
