use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::positions::claims;
use crate::positions::store::{self, Loaded, PositionVersion};
use crate::tenancy::VpdTx;

/// Takes in what a file says of positions; gives the id and start of those of which it says something new.
pub async fn load(tx: &mut VpdTx, rows: &[PositionVersion<'_>]) -> sqlx::Result<HashSet<(String, NaiveDate)>> {
    let Loaded { changed, shared } = store::save(tx, rows).await?;
    claims::queue_of_file(tx, shared).await?;
    Ok(changed)
}

/// Takes in that ESR deleted positions; gives those that were not known to be deleted.
pub async fn delete(
    tx: &mut VpdTx,
    ids: &[&str],
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<HashSet<String>> {
    let Loaded { changed, shared } = store::delete(tx, ids, today, now).await?;
    claims::queue_of_file(tx, shared).await?;
    Ok(changed)
}
