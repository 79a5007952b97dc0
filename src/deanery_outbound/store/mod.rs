//! The SQL for what is told to the deanery, and what was.

mod persons;

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use uuid::Uuid;

pub use persons::{PersonSent, insert_persons_sent, persons_left, persons_now, persons_sent};

use super::files::{Employer, Organisation, PositionNow};
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// Every employer, by number.
pub async fn employers(tx: &mut SystemTx) -> sqlx::Result<Vec<Vpd>> {
    sqlx::query_scalar!(r#"select vpd as "vpd: Vpd" from vpds where vpd <> '0' order by vpd"#)
        .fetch_all(&mut **tx)
        .await
}

/// The managing bodies with which files are exchanged.
pub async fn bodies(tx: &mut SystemTx) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select code from managing_bodies where sends_files order by code").fetch_all(&mut **tx).await
}

/// The same, each with its name.
pub async fn bodies_named(tx: &mut SystemTx) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!("select code, name from managing_bodies where sends_files order by code");
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.code, row.name)).collect())
}

/// Every employer's number and name.
pub async fn employers_named(tx: &mut SystemTx) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!("select vpd, name from vpds where vpd <> '0' order by vpd");
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.vpd, row.name)).collect())
}

/// The managing bodies, each with the hour in London from which its files are made.
pub async fn bodies_with_hours(tx: &mut SystemTx) -> sqlx::Result<Vec<(String, NaiveTime)>> {
    let rows = sqlx::query!("select code, sends_at from managing_bodies where sends_files order by code");
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.code, row.sends_at)).collect())
}

/// The transaction's employer, with its departments as they are now.
pub async fn employer(tx: &mut VpdTx) -> sqlx::Result<Employer> {
    let vpd = tx.vpd().clone();
    let rows = sqlx::query!(
        r#"select v.ods_code, o.organisation_id as "organisation_id?", o.name as "name?", l.description as "location?"
             from vpds v
             left join (select distinct on (organisation_id) organisation_id, name, location_id from organisations where vpd = $1
                         order by organisation_id, effective_from desc) o on true
             left join locations l on l.vpd = $1 and l.location_id = o.location_id
            where v.vpd = $1"#,
        vpd.as_str()
    )
    .fetch_all(&mut **tx)
    .await?;
    let ods_code = rows.first().and_then(|row| row.ods_code.clone());
    let organisation = |name: Option<String>, location| Organisation { name: name.unwrap_or_default(), location };
    let organisations = rows
        .into_iter()
        .filter_map(|row| row.organisation_id.map(|id| (id, organisation(row.name, row.location))))
        .collect();
    Ok(Employer { vpd, ods_code, organisations })
}

/// The positions of a managing body that are active on a day. Departments are read by themselves: joined, they would be looked for once
/// for each position.
pub async fn positions_now(tx: &mut VpdTx, body: &str, on: NaiveDate) -> sqlx::Result<Vec<PositionNow>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        PositionNow,
        r#"select p.position_id, p.effective_from, p.position_number, p.name, p.occupation_code, p.pay_scale, p.workplace_code,
                  p.dpn as "dpn!", p.host_or_lead, p.organisation_id
             from (select distinct on (position_id) * from positions where vpd = $1 and effective_from <= $3
                    order by position_id, effective_from desc) p
            where p.managing_body = $2 and p.dpn_key is not null and p.deleted_at is null and coalesce(p.effective_to, $3) >= $3
            order by p.position_id"#,
        vpd,
        body,
        on
    )
    .fetch_all(&mut **tx)
    .await
}

/// What was last sent of a position: the delete or change, under which number, and a digest of the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSent {
    pub position_id: String,
    pub action: String,
    pub dpn: String,
    pub digest: Vec<u8>,
}

/// What is sent of a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub position_id: String,
    pub action: String,
    pub dpn: String,
    pub pos_line: String,
    pub por_line: String,
    pub digest: Vec<u8>,
}

/// What was last sent of each position, by files that left.
pub async fn positions_sent(tx: &mut VpdTx, body: &str) -> sqlx::Result<HashMap<String, LastSent>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query_as!(
        LastSent,
        "select distinct on (s.position_id) s.position_id, s.action, s.dpn, s.digest from positions_sent s
          where s.vpd = $1 and s.body = $2
            and exists (select 1 from interface_files f where f.file_id = s.file_id and f.state in ('queued', 'sent', 'confirmed'))
          order by s.position_id, s.sent_no desc",
        vpd,
        body
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.position_id.clone(), row)).collect())
}

/// The digest of all that an employer's positions said in the last run with something to say, if that run's file left. Whatever is kept as
/// told after it takes it away.
pub async fn digest_said(tx: &mut VpdTx, body: &str) -> sqlx::Result<Option<Vec<u8>>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select s.digest from positions_said s
          where s.vpd = $1 and s.body = $2
            and exists (select 1 from interface_files f where f.file_id = s.file_id and f.state in ('queued', 'sent', 'confirmed'))",
        vpd,
        body
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Keeps the digest of all that an employer's positions say as of a file.
pub async fn save_digest_said(tx: &mut VpdTx, file_id: Uuid, body: &str, digest: &[u8]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into positions_said (vpd, body, file_id, digest) values ($1, $2, $3, $4)
         on conflict (vpd, body) do update set file_id = excluded.file_id, digest = excluded.digest",
        vpd,
        body,
        file_id,
        digest
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The lines that were last sent of some positions.
pub async fn lines_sent(tx: &mut VpdTx, body: &str, ids: &[&str]) -> sqlx::Result<Vec<Sent>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Sent,
        "select distinct on (s.position_id) s.position_id, s.action, s.dpn, s.pos_line, s.por_line, s.digest
           from positions_sent s join interface_files f on f.file_id = s.file_id and f.state in ('queued', 'sent', 'confirmed')
          where s.vpd = $1 and s.body = $2 and s.position_id = any($3) order by s.position_id, s.sent_no desc",
        vpd,
        body,
        ids as &[&str]
    )
    .fetch_all(&mut **tx)
    .await
}

pub async fn insert_positions_sent(tx: &mut VpdTx, file_id: Uuid, body: &str, sent: &[Sent]) -> sqlx::Result<()> {
    if sent.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let column = |of: fn(&Sent) -> &String| sent.iter().map(|one| of(one).clone()).collect::<Vec<_>>();
    sqlx::query!(
        "insert into positions_sent (vpd, file_id, position_id, body, action, dpn, pos_line, por_line, digest)
         select $1, $2, n.position_id, $3, n.action, n.dpn, n.pos_line, n.por_line, n.digest
           from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[]) with ordinality
             as n (position_id, action, dpn, pos_line, por_line, digest, place) order by n.place",
        vpd,
        file_id,
        body,
        &column(|one| &one.position_id),
        &column(|one| &one.action),
        &column(|one| &one.dpn),
        &column(|one| &one.pos_line),
        &column(|one| &one.por_line),
        &sent.iter().map(|one| one.digest.clone()).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whose a position is.
pub async fn owners(tx: &mut SystemTx, position_ids: &[String]) -> sqlx::Result<HashMap<String, Vpd>> {
    let rows = sqlx::query!(
        r#"select distinct on (position_id) position_id, vpd as "vpd: Vpd" from position_directory where position_id = any($1)
            order by position_id, effective_from desc"#,
        position_ids
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.position_id, row.vpd)).collect())
}

/// Whether a file of positions in full was made for a managing body since a day.
pub async fn full_made_since(tx: &mut SystemTx, file_type: &str, body: &str, day: NaiveDate) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select 1 from interface_files where direction = 'out' and file_type = $1 and sender = $2 and file_date >= $3
                              and state in ('queued', 'sent', 'confirmed')) as "made!""#,
        file_type,
        body,
        day
    )
    .fetch_one(&mut **tx)
    .await
}

/// Whether an employer has, or told of, a position of a managing body.
pub async fn has_positions(tx: &mut VpdTx, body: &str) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select exists (select 1 from positions where vpd = $1 and managing_body = $2)
               or exists (select 1 from positions_sent where vpd = $1 and body = $2) as "has!""#,
        vpd,
        body
    )
    .fetch_one(&mut **tx)
    .await
}
