use std::collections::HashSet;

use chrono::NaiveDate;
use futures_util::TryStreamExt;

use super::super::model::HostOrLead;
use super::super::quality::{Gathering, Line, Quality};
use super::edit::around;
use crate::tenancy::VpdTx;

/// Judges every position that is active on a day, in one pass as they are read.
pub async fn quality(tx: &mut VpdTx, day: NaiveDate) -> sqlx::Result<Quality> {
    let around = around(tx, &[]).await?;
    let pairs = if around.asks_host_or_lead { unequal_pairs(tx, day).await? } else { HashSet::new() };
    let vpd = tx.vpd().as_str().to_owned();
    let mut gathering = Gathering::new(&around, pairs);
    // Of each position the stretch that began last; in the order of the key, so that none waits for another.
    let mut rows = sqlx::query!(
        r#"select position_id, position_number, name, dpn, managing_body, host_or_lead as "host_or_lead: HostOrLead", job_role,
                  effective_from, effective_to
             from positions where vpd = $1 and effective_from <= $2 and deleted_at is null order by position_id, effective_from"#,
        vpd,
        day
    )
    .fetch(&mut **tx);
    let mut last: Option<(Line, Option<NaiveDate>)> = None;
    while let Some(row) = rows.try_next().await? {
        let line = Line {
            position_id: row.position_id,
            position_number: row.position_number,
            name: row.name,
            dpn: row.dpn,
            managing_body: row.managing_body,
            host_or_lead: row.host_or_lead,
            job_role: row.job_role,
            effective_from: row.effective_from,
            faults: Vec::new(),
        };
        let before = last.replace((line, row.effective_to));
        if let Some((line, to)) = before
            && to.is_none_or(|to| to >= day)
            && last.as_ref().is_some_and(|(next, _)| next.position_id != line.position_id)
        {
            gathering.add(line);
        }
    }
    drop(rows);
    if let Some((line, to)) = last
        && to.is_none_or(|to| to >= day)
    {
        gathering.add(line);
    }
    Ok(gathering.finish())
}

/// Positions whose partner at another employer is Host too, or Lead too.
async fn unequal_pairs(tx: &mut VpdTx, day: NaiveDate) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let ids = sqlx::query_scalar!(
        "select distinct p.position_id from positions p
           join position_directory d on d.dpn_key = p.dpn_key and d.vpd <> p.vpd and d.host_or_lead = p.host_or_lead
            and d.effective_from <= $2 and coalesce(d.effective_to, $2) >= $2
          where p.vpd = $1 and p.host_or_lead is not null and p.deleted_at is null and p.effective_from <= $2
            and coalesce(p.effective_to, $2) >= $2",
        vpd,
        day
    );
    Ok(ids.fetch_all(&mut **tx).await?.into_iter().collect())
}
