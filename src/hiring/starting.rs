//! Those who start on a day as an item shows them, read when it is shown: who, into what, what is open, where it stands.

use chrono::NaiveDate;
use uuid::Uuid;

use super::store::{self, StartFilter};
use super::views::Row;
use crate::employment_checks::store as checks;
use crate::tenancy::VpdTx;

/// The most lines of the table of one day; the list of first days has them all.
pub const SHOWN: i64 = 200;

/// Everybody who starts on a day, up to [`SHOWN`], and how many there are in all.
pub async fn on(tx: &mut VpdTx, day: NaiveDate, today: NaiveDate) -> sqlx::Result<(Vec<Row>, i64)> {
    let filter = StartFilter { from: day, to: day, only_waiting: false, offset: 0, limit: SHOWN };
    let starters = store::list_starters(tx, &filter).await?;
    let total = starters.first().map_or(0, |one| one.total);
    let ids: Vec<Uuid> = starters.iter().map(|one| one.application_id).collect();
    let mut checks = checks::list(tx, &ids).await?;
    let rows = starters.into_iter().map(|one| {
        let checks = checks.remove(&one.application_id).unwrap_or_default();
        Row::new(one, &checks, today)
    });
    Ok((rows.collect(), total))
}
