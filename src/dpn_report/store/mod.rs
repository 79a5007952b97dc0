//! The SQL for the nightly counts, and what the report and the forecast read beside the positions.

mod forecast;

pub use forecast::{Post, forecast};

use chrono::NaiveDate;

use crate::positions::quality::Statistics;
use crate::tenancy::VpdTx;

/// How to reach a managing body about the quality of its data.
#[derive(Clone, Debug)]
pub struct Contact {
    pub body: String,
    pub address: String,
    pub telephone: Option<String>,
}

/// Whom to ask about data quality at these bodies on a day; a general contact where there is no other.
pub async fn contacts(tx: &mut VpdTx, bodies: &[String], day: NaiveDate) -> sqlx::Result<Vec<Contact>> {
    sqlx::query_as!(
        Contact,
        "select distinct on (body_code) body_code as body, address, telephone from managing_body_contacts
          where body_code = any($1) and valid_from <= $2 and coalesce(valid_to, $2) >= $2
          order by body_code, array_position(array['data_quality', 'general', 'local_processes', 'applicants'], purpose), valid_from desc",
        bodies,
        day
    )
    .fetch_all(&mut **tx)
    .await
}

/// The employer's name.
pub async fn name(tx: &mut VpdTx) -> sqlx::Result<String> {
    let vpd = tx.vpd().as_str().to_owned();
    let name = sqlx::query_scalar!("select name from vpds where vpd = $1", vpd).fetch_optional(&mut **tx).await?;
    Ok(name.unwrap_or_default())
}

/// Keeps what was counted on a day, and forgets what the chart shows no more.
pub async fn keep(tx: &mut VpdTx, day: NaiveDate, statistics: &Statistics) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let value = serde_json::to_value(statistics).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query!(
        "insert into dpn_report_counts (vpd, counted_on, statistics) values ($1, $2, $3)
         on conflict (vpd, counted_on) do update set statistics = excluded.statistics",
        vpd,
        day,
        value
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from dpn_report_counts where vpd = $1 and counted_on < $2::date - 400", vpd, day)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The last count of each of the twelve weeks up to a day, oldest first.
pub async fn weeks(tx: &mut VpdTx, day: NaiveDate) -> sqlx::Result<Vec<(NaiveDate, Statistics)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select distinct on (($2::date - counted_on) / 7) counted_on, statistics from dpn_report_counts
          where vpd = $1 and counted_on > $2::date - 84 and counted_on <= $2 order by ($2::date - counted_on) / 7, counted_on desc",
        vpd,
        day
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut weeks: Vec<(NaiveDate, Statistics)> = rows
        .into_iter()
        .filter_map(|row| Some((row.counted_on, serde_json::from_value(row.statistics).ok()?)))
        .collect();
    weeks.sort_by_key(|(day, _)| *day);
    Ok(weeks)
}
