use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::applicants::store;
use crate::audit::Actor;
use crate::notifications;
use crate::notifications::store as items;
use crate::tenancy::VpdTx;

/// Names the starts of a day, to their item.
pub fn starts_key(day: NaiveDate) -> String {
    format!("starts:{day}")
}

/// Names the wish that the doctor of an application be hired, to its item.
pub fn hire_key(application_id: Uuid) -> String {
    format!("hire:{application_id}")
}

/// Closes the item of a day on which nobody waits to be hired any more, because all are hired or gone; opens it again when somebody does.
pub async fn settle_starts(tx: &mut VpdTx, day: NaiveDate, by: &Actor, now: DateTime<Utc>) -> sqlx::Result<()> {
    let (all, waiting) = store::count_starts(tx, day).await?;
    if waiting == 0 {
        let reason = match all {
            0 => "Nobody starts on that day any more".to_owned(),
            all => format!("All who start on that day are hired: {all}"),
        };
        notifications::close(tx, &starts_key(day), &reason, by, now).await?;
    } else {
        items::reopen(tx, &starts_key(day), "Somebody who starts on that day is not hired", by, now).await?;
    }
    Ok(())
}
