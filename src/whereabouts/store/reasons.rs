use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// What is known here of a post that somebody looks for.
#[derive(Clone, Debug)]
pub struct PostKnown {
    pub position_number: String,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub deleted_on: Option<NaiveDate>,
    /// Of the deanery that manages it.
    pub body: Option<String>,
}

/// The position of this employer that bears or bore a number last.
pub async fn known_post(tx: &mut VpdTx, dpn_key: &str) -> sqlx::Result<Option<PostKnown>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        PostKnown,
        r#"select position_number, effective_from, effective_to, (deleted_at at time zone 'Europe/London')::date as deleted_on,
                  managing_body as body
             from positions where vpd = $1 and dpn_key = $2
            order by deleted_at is null desc, effective_to is null desc, effective_from desc limit 1"#,
        vpd,
        dpn_key
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The position of this employer with a number or an id, as it was last.
pub async fn known_position(tx: &mut VpdTx, number: &str) -> sqlx::Result<Option<PostKnown>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        PostKnown,
        r#"select position_number, effective_from, effective_to, (deleted_at at time zone 'Europe/London')::date as deleted_on,
                  managing_body as body
             from positions where vpd = $1 and (position_number = $2 or position_id = $2)
            order by deleted_at is null desc, effective_to is null desc, effective_from desc limit 1"#,
        vpd,
        number
    )
    .fetch_optional(&mut **tx)
    .await
}
