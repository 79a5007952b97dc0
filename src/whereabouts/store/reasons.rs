use std::collections::HashMap;

use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// What is known here of a Deanery Post Number.
#[derive(Clone, Debug)]
pub struct PostKnown {
    pub position_number: String,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub deleted_on: Option<NaiveDate>,
}

/// The position of this employer that bears or bore a number last.
pub async fn known_post(tx: &mut VpdTx, dpn_key: &str) -> sqlx::Result<Option<PostKnown>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        PostKnown,
        r#"select position_number, effective_from, effective_to, (deleted_at at time zone 'Europe/London')::date as deleted_on
             from positions where vpd = $1 and dpn_key = $2
            order by deleted_at is null desc, effective_to is null desc, effective_from desc limit 1"#,
        vpd,
        dpn_key
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The other employers with an active position of a number: the directory holds no personal data.
pub async fn elsewhere(tx: &mut VpdTx, dpn_key: &str, today: NaiveDate) -> sqlx::Result<Vec<String>> {
    let keys = [dpn_key.to_owned()];
    Ok(pairs(tx, &keys, today).await?.remove(dpn_key).into_iter().collect())
}

/// For each number the other employer that has a post of it, as `952 Alderbrook, Lead Employer`.
pub async fn pairs(tx: &mut VpdTx, dpn_keys: &[String], today: NaiveDate) -> sqlx::Result<HashMap<String, String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select d.dpn_key as "dpn_key!", string_agg(distinct d.vpd || ' ' || v.name || case d.host_or_lead when 'host' then ', Host Employer' when 'lead' then ', Lead Employer' else '' end, '; ') as "others!"
             from position_directory d join vpds v on v.vpd = d.vpd
            where d.dpn_key = any($2) and d.vpd <> $1 and d.effective_from <= $3 and coalesce(d.effective_to, $3) >= $3
            group by d.dpn_key"#,
        vpd,
        dpn_keys,
        today
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.dpn_key, row.others)).collect())
}
