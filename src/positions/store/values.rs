use std::collections::HashMap;

use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// The lists of values that the form of a position offers.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// Code and name of each managing deanery body.
    pub bodies: Vec<(String, String)>,
    pub out_of_hours: Vec<(String, String)>,
    pub rota_patterns: Vec<(String, String)>,
    pub prospective_covers: Vec<(String, String)>,
    pub job_roles: Vec<(String, String)>,
}

/// Reads the lists of values.
pub async fn values(tx: &mut VpdTx) -> sqlx::Result<Values> {
    let bodies = sqlx::query!("select code, name from managing_bodies order by code").fetch_all(&mut **tx).await?;
    let rows = sqlx::query!(
        "select list, code, label from code_values
          where list in ('out_of_hours', 'rota_pattern', 'prospective_cover', 'job_role') and active order by list, code"
    );
    let rows = rows.fetch_all(&mut **tx).await?;
    let of = |list: &str| -> Vec<(String, String)> {
        rows.iter().filter(|row| row.list == list).map(|row| (row.code.clone(), row.label.clone())).collect()
    };
    Ok(Values {
        bodies: bodies.into_iter().map(|body| (body.code, body.name)).collect(),
        out_of_hours: of("out_of_hours"),
        rota_patterns: of("rota_pattern"),
        prospective_covers: of("prospective_cover"),
        job_roles: of("job_role"),
    })
}

/// How many active positions bear each of these numbers on a day.
pub async fn count_bearers(tx: &mut VpdTx, keys: &[String], on: NaiveDate) -> sqlx::Result<HashMap<String, i64>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select p.dpn_key as "key!", count(distinct p.position_id) as "count!" from positions p
            where p.vpd = $1 and p.dpn_key = any($2) and p.deleted_at is null and p.effective_from <= $3 and coalesce(p.effective_to, $3) >= $3
              and not exists (select 1 from positions later where later.vpd = p.vpd and later.position_id = p.position_id
                               and later.effective_from > p.effective_from and later.effective_from <= $3)
            group by p.dpn_key"#,
        vpd,
        keys,
        on
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.key, row.count)).collect())
}

/// How many hold a position, and how many applicants start on it, after a day.
pub async fn after_day(tx: &mut VpdTx, position_id: &str, day: NaiveDate) -> sqlx::Result<(i64, i64)> {
    let all = people_after(tx, &[position_id.to_owned()], &[day]).await?;
    Ok(all.into_values().next().unwrap_or_default())
}

/// The same of many positions, each after a day of its own.
pub async fn people_after(
    tx: &mut VpdTx,
    ids: &[String],
    days: &[NaiveDate],
) -> sqlx::Result<HashMap<(String, NaiveDate), (i64, i64)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select r.id as "id!", r.day as "day!",
                  (select count(distinct a.person_id) from assignments a where a.vpd = $1 and a.position_id = r.id
                      and coalesce(a.effective_to, 'infinity') > r.day
                      and not exists (select 1 from assignments later where later.vpd = a.vpd and later.assignment_id = a.assignment_id
                                       and later.effective_from > a.effective_from)) as "holders!",
                  (select count(*) from applications a where a.vpd = $1 and a.position_id = r.id and a.hire_on > r.day
                      and a.status not in ('hired', 'withdrawn', 'terminated')) as "applicants!"
             from unnest($2::text[], $3::date[]) as r (id, day)"#,
        vpd,
        ids,
        days
    );
    let rows = rows.fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| ((row.id, row.day), (row.holders, row.applicants))).collect())
}
