use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::applicants::status::{Status, UnknownStatus};
use crate::lead_and_host::store::tell;
use crate::tenancy::VpdTx;

/// An application's dates, locked.
#[derive(Clone, Debug)]
pub struct HeldDates {
    pub person_id: String,
    pub status: Status,
    pub was_hired: bool,
    pub hire_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
}

/// Reads an application's dates and keeps others from changing them until this transaction ends.
pub async fn lock_dates(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<Option<HeldDates>> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        "select person_id, status, hire_on, end_on from applications where vpd = $1 and application_id = $2 for update",
        vpd,
        application_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| {
        let status: Status = row.status.parse().map_err(|error: UnknownStatus| sqlx::Error::Decode(Box::new(error)))?;
        let was_hired = status == Status::Hired;
        Ok(HeldDates { person_id: row.person_id, status, was_hired, hire_on: row.hire_on, end_on: row.end_on })
    })
    .transpose()
}

/// Saves an application's dates.
pub async fn save_dates(
    tx: &mut VpdTx,
    application_id: Uuid,
    hire_on: NaiveDate,
    end_on: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update applications set hire_on = $3, end_on = $4, changed_at = $5 where vpd = $1 and application_id = $2",
        vpd,
        application_id,
        hire_on,
        end_on,
        now
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, &[application_id]).await
}

/// Whether the same doctor has another live application for the same post on a day.
pub async fn has_live_on(tx: &mut VpdTx, application_id: Uuid, hire_on: NaiveDate) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select exists (select 1 from applications a join applications o on o.vpd = a.vpd and o.person_id = a.person_id and o.position_id = a.position_id
                          where a.vpd = $1 and a.application_id = $2 and o.application_id <> a.application_id and o.hire_on = $3
                            and o.status not in ('withdrawn', 'terminated')) as "there!""#,
        vpd,
        application_id,
        hire_on
    )
    .fetch_one(&mut **tx)
    .await
}

/// The same on the application's own day.
pub async fn has_other_live(tx: &mut VpdTx, application_id: Uuid) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    let day = sqlx::query_scalar!(
        "select hire_on from applications where vpd = $1 and application_id = $2",
        vpd,
        application_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    match day {
        Some(day) => has_live_on(tx, application_id, day).await,
        None => Ok(false),
    }
}

/// What happened to an application after an instant, if anything did.
pub async fn event_after(tx: &mut VpdTx, application_id: Uuid, at: DateTime<Utc>) -> sqlx::Result<Option<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select what from application_events where vpd = $1 and application_id = $2 and at > $3 order by at limit 1",
        vpd,
        application_id,
        at
    )
    .fetch_optional(&mut **tx)
    .await
}
