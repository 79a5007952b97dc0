use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// How many start on a day in all, and whom nobody has hired yet.
pub async fn count_starts(tx: &mut VpdTx, day: NaiveDate) -> sqlx::Result<(i64, i64)> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        r#"select count(*) as "all!", count(*) filter (where status <> 'hired') as "waiting!" from applications
            where vpd = $1 and hire_on = $2 and status not in ('withdrawn', 'terminated')"#,
        vpd,
        day
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.all, row.waiting))
}
