use chrono::NaiveDate;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::persons::{PersonVersion, save_current};
use crate::app::App;
use crate::tenancy::{Vpd, VpdTx};

/// How far back a version may have begun that no run has seen: a portal that was off for a month catches up.
const CATCH_UP_DAYS: i64 = 35;
const SLICE: usize = 5_000;

/// Once for each business date: whoever has a version that began since becomes what it says.
pub async fn roll_all_forward(app: &App) -> sqlx::Result<()> {
    let (today, now) = (app.today(), app.now());
    let employers = {
        let mut tx = app.db.system().await?;
        let mine = sqlx::query!(
            "insert into scheduled_runs (schedule, slot, ran_at) values ('people_today', $1, $2) on conflict do nothing",
            today.to_string(),
            now
        )
        .execute(&mut *tx)
        .await?;
        if mine.rows_affected() == 0 {
            return Ok(());
        }
        let employers = sqlx::query_scalar!(r#"select vpd as "vpd: Vpd" from vpds where vpd <> '0' order by vpd"#)
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        employers
    };
    for vpd in employers {
        let mut tx = app.db.vpd(&vpd).await?;
        roll_forward(&mut tx, today, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Brings today's values of this employer's people to the versions that have begun; gives how many were looked at.
pub async fn roll_forward(tx: &mut VpdTx, today: NaiveDate, now: DateTime<Utc>) -> sqlx::Result<usize> {
    let vpd = tx.vpd().as_str().to_owned();
    let begun = sqlx::query!(
        "select v.person_id, v.effective_from, v.effective_to, v.record from person_versions v
          where v.vpd = $1 and v.effective_from <= $2 and v.effective_from > $3
            and exists (select 1 from person_versions before
                         where before.vpd = v.vpd and before.person_id = v.person_id and before.effective_from < v.effective_from)
            and not exists (select 1 from person_versions later
                             where later.vpd = v.vpd and later.person_id = v.person_id and later.effective_from > v.effective_from
                               and later.effective_from <= $2)",
        vpd,
        today,
        today - chrono::TimeDelta::days(CATCH_UP_DAYS)
    )
    .fetch_all(&mut **tx)
    .await?;
    for slice in begun.chunks(SLICE) {
        let versions: Vec<PersonVersion<'_>> = slice
            .iter()
            .map(|row| of_record(&row.person_id, row.effective_from, row.effective_to, &row.record))
            .collect();
        save_current(tx, &versions.iter().collect::<Vec<_>>(), today, now).await?;
    }
    Ok(begun.len())
}

pub(super) fn of_record<'a>(
    person_id: &'a str,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    record: &'a Value,
) -> PersonVersion<'a> {
    let some = |field: &str| record[field].as_str();
    PersonVersion {
        person_id,
        effective_from,
        effective_to,
        system_type: some("SystemPersonType").unwrap_or("OTHER"),
        user_type: some("UserPersonType"),
        employee_number: some("EmployeeNumber"),
        title: some("Title"),
        last_name: some("LastName").unwrap_or_default(),
        first_name: some("FirstName").unwrap_or_default(),
        middle_names: some("MiddleNames"),
        previous_last_name: some("PreviousLastName"),
        preferred_name: some("PreferredName"),
        date_of_birth: some("DateOfBirth").and_then(|text| NaiveDate::parse_from_str(text, "%Y%m%d").ok()),
        gender: some("Gender"),
        ni_number: some("NiNumber"),
        email: some("OfficeEmailAddress"),
        nationality: some("Nationality"),
        ethnic_origin: None,
        disability: None,
        marital_status: None,
        country_of_birth: None,
        record: String::new(),
        digest: Vec::new(),
    }
}
