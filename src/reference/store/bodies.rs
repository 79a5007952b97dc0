use chrono::{NaiveDate, NaiveTime};
use uuid::Uuid;

use crate::tenancy::{SystemTx, VpdTx};

/// A managing deanery body, with how many contacts it has today.
#[derive(Clone, Debug)]
pub struct Body {
    pub code: String,
    pub name: String,
    pub sends_files: bool,
    /// The hour in London from which the day's files to it are made.
    pub sends_at: NaiveTime,
    pub contacts: i64,
}

/// Every managing body, those that send files first.
pub async fn bodies(tx: &mut SystemTx, today: NaiveDate) -> sqlx::Result<Vec<Body>> {
    sqlx::query_as!(
        Body,
        r#"select b.code, b.name, b.sends_files, b.sends_at,
                  (select count(*) from managing_body_contacts c
                    where c.body_code = b.code and c.valid_from <= $1 and coalesce(c.valid_to, $1) >= $1) as "contacts!"
             from managing_bodies b order by b.sends_files desc, b.code"#,
        today
    )
    .fetch_all(&mut **tx)
    .await
}

/// One managing body.
pub async fn body(tx: &mut SystemTx, code: &str, today: NaiveDate) -> sqlx::Result<Option<Body>> {
    Ok(bodies(tx, today).await?.into_iter().find(|body| body.code == code))
}

/// Sets the hour from which the day's files to a body are made.
pub async fn save_hour(tx: &mut SystemTx, code: &str, hour: NaiveTime) -> sqlx::Result<()> {
    sqlx::query!("update managing_bodies set sends_at = $2 where code = $1", code, hour).execute(&mut **tx).await?;
    Ok(())
}

/// How to reach a body for one purpose.
#[derive(Clone, Debug)]
pub struct Contact {
    pub contact_id: Uuid,
    pub purpose: String,
    pub address: String,
    pub telephone: Option<String>,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub confirmed_on: Option<NaiveDate>,
}

/// A body's contacts, past ones too, newest first.
pub async fn contacts(tx: &mut SystemTx, code: &str) -> sqlx::Result<Vec<Contact>> {
    sqlx::query_as!(
        Contact,
        "select contact_id, purpose, address, telephone, valid_from, valid_to, confirmed_on
           from managing_body_contacts where body_code = $1 order by valid_to nulls first, purpose, valid_from desc",
        code
    )
    .fetch_all(&mut **tx)
    .await
}

/// Adds a contact, from a day on, confirmed on the day it is added.
pub async fn add_contact(
    tx: &mut SystemTx,
    code: &str,
    purpose: &str,
    address: &str,
    telephone: Option<&str>,
    [valid_from, confirmed_on]: [NaiveDate; 2],
    valid_to: Option<NaiveDate>,
) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into managing_body_contacts (contact_id, body_code, purpose, address, telephone, valid_from, confirmed_on, valid_to)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        code,
        purpose,
        address,
        telephone,
        valid_from,
        confirmed_on,
        valid_to
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Says that a contact was found right today; false when the body has no such contact any more.
pub async fn confirm_contact(tx: &mut SystemTx, code: &str, id: Uuid, today: NaiveDate) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update managing_body_contacts set confirmed_on = $3 where contact_id = $1 and body_code = $2 and coalesce(valid_to, $3) >= $3",
        id,
        code,
        today
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Ends a contact: from today it is shown to nobody; false when the body has no such contact any more.
pub async fn end_contact(tx: &mut SystemTx, code: &str, id: Uuid, today: NaiveDate) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update managing_body_contacts set valid_to = $3::date - 1 where contact_id = $1 and body_code = $2 and coalesce(valid_to, $3) >= $3",
        id,
        code,
        today
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Whom to ask about what a managing body sent.
#[derive(Clone, Debug)]
pub struct WhomToAsk {
    pub body_name: String,
    pub address: String,
    pub telephone: Option<String>,
}

/// The contact of a managing body for applicants, or else for data, or in general.
pub async fn whom_to_ask(tx: &mut VpdTx, body_code: &str, today: NaiveDate) -> sqlx::Result<Option<WhomToAsk>> {
    sqlx::query_as!(
        WhomToAsk,
        "select b.name as body_name, c.address, c.telephone
           from managing_body_contacts c join managing_bodies b on b.code = c.body_code
          where c.body_code = $1 and c.valid_from <= $2 and (c.valid_to is null or c.valid_to >= $2)
          order by array_position(array['applicants', 'data_quality', 'general', 'local_processes'], c.purpose), c.valid_from desc limit 1",
        body_code,
        today
    )
    .fetch_optional(&mut **tx)
    .await
}
