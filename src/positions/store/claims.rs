use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::super::dpn;
use super::super::model::{ChangeId, HostOrLead};
use crate::tenancy::{Vpd, VpdTx};

/// A position of any employer under a number, as much as is shared of it.
#[derive(Clone, Debug)]
pub struct Side {
    pub dpn_key: String,
    pub vpd: Vpd,
    pub name: String,
    pub position_id: String,
    pub position_number: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub host_or_lead: Option<HostOrLead>,
}

/// Of these numbers, those that other employers' positions bear too.
pub async fn borne_elsewhere(tx: &mut VpdTx, keys: &[String]) -> sqlx::Result<Vec<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select distinct dpn_key as "dpn_key!" from position_directory where dpn_key = any($2) and vpd <> $1"#,
        vpd,
        keys
    )
    .fetch_all(&mut **tx)
    .await
}

/// What the directory says of a position under a number that another employer's position bears too.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Shared {
    pub dpn_key: String,
    position_id: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
    host_or_lead: Option<HostOrLead>,
}

/// What the directory says of these positions, as far as somebody claims a number that they share with another employer. Two statements,
/// each of which joins what is asked for once: as one, or with lists to compare each row with, they were planned as a loop over the whole
/// directory for each position, as long as nobody had counted its rows.
pub(super) async fn shared(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<HashSet<Shared>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let ours = sqlx::query_as!(
        Shared,
        r#"select d.dpn_key as "dpn_key!", d.position_id, d.effective_from as "from", d.effective_to as "to",
                  d.host_or_lead as "host_or_lead: HostOrLead"
             from unnest($2::text[]) as k (id) join position_directory d on d.position_id = k.id
            where d.vpd = $1 and d.dpn_key is not null and coalesce(d.effective_to, 'infinity') >= d.effective_from"#,
        vpd,
        ids as &[&str]
    )
    .fetch_all(&mut **tx)
    .await?;
    let keys: BTreeSet<String> = ours.iter().map(|one| one.dpn_key.clone()).collect();
    let elsewhere = claimed_elsewhere(tx, keys.into_iter().collect()).await?;
    let is_claimed =
        |one: &Shared| elsewhere.get(&one.dpn_key).is_some_and(|claimed| *claimed || one.host_or_lead.is_some());
    Ok(ours.into_iter().filter(is_claimed).collect())
}

/// Of these numbers those that other employers' positions bear too, each with whether one of them is said to be host or lead.
async fn claimed_elsewhere(tx: &mut VpdTx, keys: Vec<String>) -> sqlx::Result<HashMap<String, bool>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select d.dpn_key as "dpn_key!", bool_or(d.host_or_lead is not null) as "claimed!"
             from unnest($2::text[]) as k (dpn_key) join position_directory d on d.dpn_key = k.dpn_key
            where d.vpd <> $1 group by d.dpn_key"#,
        vpd,
        &keys
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.dpn_key, row.claimed)).collect())
}

/// Every employer's positions under these numbers from a day on.
pub async fn sides(tx: &mut VpdTx, keys: &[String], from: NaiveDate) -> sqlx::Result<Vec<Side>> {
    sqlx::query_as!(
        Side,
        r#"select d.dpn_key as "dpn_key!", d.vpd as "vpd: Vpd", v.name, d.position_id, d.position_number, d.effective_from as "from",
                  d.effective_to as "to", d.host_or_lead as "host_or_lead: HostOrLead"
             from position_directory d join vpds v on v.vpd = d.vpd
            where d.dpn_key = any($1) and coalesce(d.effective_to, 'infinity') >= greatest($2, d.effective_from)
            order by d.dpn_key, d.vpd, d.position_id, d.effective_from"#,
        keys,
        from
    )
    .fetch_all(&mut **tx)
    .await
}

/// The numbers that changes set or took away.
pub async fn keys_of_changes(tx: &mut VpdTx, changes: &[ChangeId]) -> sqlx::Result<BTreeSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let ids: Vec<Uuid> = changes.iter().map(|id| id.0).collect();
    let typed = sqlx::query_scalar!(
        r#"select distinct s->>'dpn' as "dpn!" from position_changes c cross join lateral jsonb_array_elements(c.before || c.after) s
            where c.vpd = $1 and c.change_id = any($2) and s->>'dpn' is not null"#,
        vpd,
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(typed.iter().map(|text| dpn::key(text)).filter(|key| !key.is_empty()).collect())
}
