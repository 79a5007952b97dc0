use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::SEND;
use crate::audit::{self, Actor, Event, Subject};
use crate::jobs;
use crate::tenancy::VpdTx;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Queued,
    Sent,
    Kept,
    Dead,
    Dropped,
}

impl State {
    pub const ALL: &'static [Self] = &[Self::Queued, Self::Sent, Self::Kept, Self::Dead, Self::Dropped];

    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Kept => "kept",
            Self::Dead => "dead",
            Self::Dropped => "dropped",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Waiting",
            Self::Sent => "Sent",
            Self::Kept => "Kept here",
            Self::Dead => "Not delivered",
            Self::Dropped => "Not needed any more",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }
}

/// One mail of the list.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    pub email_id: Uuid,
    pub to_name: String,
    pub to_address: String,
    pub purpose: String,
    pub subject: String,
    pub state: String,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Which mails to show; empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub user_id: Option<Uuid>,
    /// Part of a name, an address or a subject.
    pub words: Option<String>,
}

/// The newest mails of this transaction's organisation that match, and how many do.
pub async fn list(tx: &mut VpdTx, filter: &Filter, limit: i64, offset: i64) -> sqlx::Result<(Vec<Row>, i64)> {
    let vpd = tx.vpd().as_str().to_owned();
    let state = filter.state.map(State::code);
    let words = filter.words.as_ref().map(|words| {
        let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{escaped}%")
    });
    let total = sqlx::query_scalar!(
        r#"select count(*) as "count!" from emails
            where vpd = $1 and ($2::text is null or state = $2) and ($3::uuid is null or user_id = $3)
              and ($4::text is null or to_name ilike $4 or to_address ilike $4 or subject ilike $4)"#,
        vpd,
        state,
        filter.user_id,
        words
    )
    .fetch_one(&mut **tx)
    .await?;
    let rows = sqlx::query_as!(
        Row,
        "select email_id, to_name, to_address, purpose, subject, state, last_error, created_at from emails
          where vpd = $1 and ($2::text is null or state = $2) and ($3::uuid is null or user_id = $3)
            and ($4::text is null or to_name ilike $4 or to_address ilike $4 or subject ilike $4)
          order by created_at desc, email_id desc limit $5 offset $6",
        vpd,
        state,
        filter.user_id,
        words,
        limit,
        offset
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok((rows, total))
}

/// One mail with all of it but the link.
#[derive(Debug)]
pub struct Mail {
    pub email_id: Uuid,
    pub user_id: Option<Uuid>,
    pub to_name: String,
    pub to_address: String,
    pub purpose: String,
    pub subject: String,
    pub body_text: String,
    pub state: String,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
}

pub async fn find(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Option<Mail>> {
    sqlx::query_as!(
        Mail,
        "select email_id, user_id, to_name, to_address, purpose, subject, body_text, state, attempts, last_error, created_at, settled_at
           from emails where vpd = $1 and email_id = $2",
        tx.vpd().as_str().to_owned(),
        id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// When the mail that waits longest was queued, if it has waited for ten minutes.
pub async fn stuck_since(tx: &mut VpdTx, now: DateTime<Utc>) -> sqlx::Result<Option<DateTime<Utc>>> {
    let oldest = sqlx::query_scalar!(
        "select min(created_at) from emails where vpd = $1 and state = 'queued'",
        tx.vpd().as_str().to_owned()
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(oldest.filter(|oldest| now - *oldest > chrono::TimeDelta::minutes(10)))
}

/// Sends a mail again that was not delivered. `false`: it was not given up, or its link is gone for good.
pub async fn requeue(tx: &mut VpdTx, by: &Actor, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update emails set state = 'queued', attempts = 0, last_error = null, settled_at = null
          where vpd = $1 and email_id = $2 and state = 'dead' and position('{{link}}' in body_text) = 0",
        tx.vpd().as_str().to_owned(),
        id
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    audit::record(tx, by, Event::MailRequeued, Subject::new("mail", id), json!({}), now).await?;
    jobs::enqueue(tx, SEND, &json!({ "email_id": id }), None).await?;
    Ok(true)
}
