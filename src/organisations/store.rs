use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// Makes an employing organisation known; false when it was.
pub async fn register(
    tx: &mut SystemTx,
    vpd: &Vpd,
    name: &str,
    ods_code: Option<&str>,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let made = sqlx::query!(
        "insert into vpds (vpd, name, ods_code, registered_by, registered_at) values ($1, $2, $3, $4, $5) on conflict (vpd) do nothing",
        vpd as &Vpd,
        name,
        ods_code,
        by.name(),
        now
    )
    .execute(&mut **tx)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    let detail = json!({ "vpd": vpd.as_str(), "name": name });
    let about = Subject::new("organisation", vpd);
    audit::record_for(tx, &Vpd::operations(), by, Event::OrganisationRegistered, about, detail, now).await?;
    Ok(true)
}

/// Whether an employing organisation is known.
pub async fn is_known(tx: &mut SystemTx, vpd: &Vpd) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select 1 from vpds where vpd = $1) as "known!""#, vpd as &Vpd)
        .fetch_one(&mut **tx)
        .await
}

/// A stretch of an organisation's or department's history.
pub struct OrganisationVersion<'a> {
    pub organisation_id: &'a str,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub name: &'a str,
    pub kind: Option<&'a str>,
    pub parent_id: Option<&'a str>,
    pub nacs_code: Option<&'a str>,
    pub location_id: Option<&'a str>,
    pub cost_centre: Option<&'a str>,
    pub record: String,
    pub digest: Vec<u8>,
}

/// Saves versions; gives the id and start of those that were new or said something else before.
pub async fn save(tx: &mut VpdTx, rows: &[OrganisationVersion<'_>]) -> sqlx::Result<HashSet<(String, NaiveDate)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let text = |get: for<'r> fn(&'r OrganisationVersion<'_>) -> &'r str| rows.iter().map(get).collect::<Vec<_>>();
    let some =
        |get: for<'r> fn(&'r OrganisationVersion<'_>) -> Option<&'r str>| rows.iter().map(get).collect::<Vec<_>>();
    let changed = sqlx::query!(
        "insert into organisations (vpd, organisation_id, effective_from, effective_to, name, type, parent_id, nacs_code, location_id,
                                    cost_centre, record, digest)
         select $1, r.id, r.from_on, r.to_on, r.name, r.type, r.parent, r.nacs, r.location, r.centre, r.record::jsonb, r.digest
           from unnest($2::text[], $3::date[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                       $12::bytea[]) as r (id, from_on, to_on, name, type, parent, nacs, location, centre, record, digest)
         on conflict (vpd, organisation_id, effective_from) do update
            set effective_to = excluded.effective_to, name = excluded.name, type = excluded.type, parent_id = excluded.parent_id,
                nacs_code = excluded.nacs_code, location_id = excluded.location_id, cost_centre = excluded.cost_centre,
                record = excluded.record, digest = excluded.digest
          where organisations.digest <> excluded.digest
         returning organisation_id, effective_from",
        vpd,
        &text(|r| r.organisation_id) as &[&str],
        &rows.iter().map(|r| r.effective_from).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.effective_to).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &text(|r| r.name) as &[&str],
        &some(|r| r.kind) as &[Option<&str>],
        &some(|r| r.parent_id) as &[Option<&str>],
        &some(|r| r.nacs_code) as &[Option<&str>],
        &some(|r| r.location_id) as &[Option<&str>],
        &some(|r| r.cost_centre) as &[Option<&str>],
        &text(|r| &r.record) as &[&str],
        &rows.iter().map(|r| r.digest.as_slice()).collect::<Vec<_>>() as &[&[u8]],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.organisation_id, row.effective_from)).collect())
}

/// Removes organisations that ESR deleted; gives those that were there.
pub async fn delete(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "delete from organisations where vpd = $1 and organisation_id = any($2) returning organisation_id",
        vpd,
        ids as &[&str]
    );
    Ok(gone.fetch_all(&mut **tx).await?.into_iter().collect())
}

/// A place of work.
pub struct Location<'a> {
    pub location_id: &'a str,
    pub code: Option<&'a str>,
    pub description: Option<&'a str>,
    pub inactive_on: Option<NaiveDate>,
    pub site_code: Option<&'a str>,
    pub town: Option<&'a str>,
    pub postcode: Option<&'a str>,
    pub record: String,
    pub digest: Vec<u8>,
}

/// Saves locations; gives those that were new or said something else before.
pub async fn save_locations(tx: &mut VpdTx, rows: &[Location<'_>]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let some = |get: for<'r> fn(&'r Location<'_>) -> Option<&'r str>| rows.iter().map(get).collect::<Vec<_>>();
    let changed = sqlx::query_scalar!(
        "insert into locations (vpd, location_id, code, description, inactive_on, site_code, town, postcode, record, digest)
         select $1, r.id, r.code, r.description, r.inactive_on, r.site, r.town, r.postcode, r.record::jsonb, r.digest
           from unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[])
             as r (id, code, description, inactive_on, site, town, postcode, record, digest)
         on conflict (vpd, location_id) do update
            set code = excluded.code, description = excluded.description, inactive_on = excluded.inactive_on, site_code = excluded.site_code,
                town = excluded.town, postcode = excluded.postcode, record = excluded.record, digest = excluded.digest
          where locations.digest <> excluded.digest
         returning location_id",
        vpd,
        &rows.iter().map(|r| r.location_id).collect::<Vec<_>>() as &[&str],
        &some(|r| r.code) as &[Option<&str>],
        &some(|r| r.description) as &[Option<&str>],
        &rows.iter().map(|r| r.inactive_on).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &some(|r| r.site_code) as &[Option<&str>],
        &some(|r| r.town) as &[Option<&str>],
        &some(|r| r.postcode) as &[Option<&str>],
        &rows.iter().map(|r| r.record.as_str()).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.digest.as_slice()).collect::<Vec<_>>() as &[&[u8]],
    )
    .fetch_all(&mut **tx)
    .await?;
    keep_sites(tx).await?;
    Ok(changed.into_iter().collect())
}

/// Says in the shared directory of which sites this employer has locations.
async fn keep_sites(tx: &mut VpdTx) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "with sites as (select distinct upper(btrim(site_code)) as code from locations where vpd = $1 and btrim(site_code) <> ''),
              gone as (delete from site_directory d where d.vpd = $1 and not exists (select 1 from sites s where s.code = d.site_code))
         insert into site_directory (vpd, site_code) select $1, s.code from sites s on conflict do nothing",
        vpd
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes locations that ESR deleted; gives those that were there.
pub async fn delete_locations(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "delete from locations where vpd = $1 and location_id = any($2) returning location_id",
        vpd,
        ids as &[&str]
    );
    let gone = gone.fetch_all(&mut **tx).await?.into_iter().collect();
    keep_sites(tx).await?;
    Ok(gone)
}

/// The name of each site of this employer, by its code in capitals.
pub async fn site_names(tx: &mut VpdTx) -> sqlx::Result<std::collections::HashMap<String, String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select distinct on (1) upper(btrim(site_code)) as "code!", coalesce(description, code, site_code) as "name!"
             from locations where vpd = $1 and btrim(site_code) <> '' order by 1, location_id"#,
        vpd
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.code, row.name)).collect())
}
