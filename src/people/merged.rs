//! Two records of one person: one of them points to the other.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::applicants::Known;
use crate::tenancy::VpdTx;

/// One person of this employer, unless deleted.
pub async fn find(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Option<Known>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Known,
        "select person_id, system_type, applicant_number, title, last_name, first_name, middle_names, previous_last_name, date_of_birth,
                gender, ni_number, gmc_number, email, home_phone, mobile_phone, nationality, merged_into
           from people where vpd = $1 and person_id = $2 and deleted_at is null",
        vpd,
        person_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Those who were merged into a person.
pub async fn list_merged_into(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Vec<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select person_id from people where vpd = $1 and merged_into = $2 order by person_id",
        vpd,
        person_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// A merge into a person that stands.
#[derive(Clone, Debug)]
pub struct StandingMerge {
    pub merge_id: Uuid,
    pub merged: String,
    pub by: String,
    pub at: DateTime<Utc>,
}

/// The merges into a person that nobody has undone, the newest first. They are `applicants`' to write; a person's page only reads them.
pub async fn list_standing(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Vec<StandingMerge>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        StandingMerge,
        "select merge_id, merged, by, at from person_merges where vpd = $1 and kept = $2 and undone_at is null order by at desc",
        vpd,
        person_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// Points people to whom they were merged into, or to nobody again.
pub async fn save_merged_into(
    tx: &mut VpdTx,
    person_ids: &[String],
    into: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update people set merged_into = $3, updated_at = $4 where vpd = $1 and person_id = any($2)",
        vpd,
        person_ids,
        into,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
