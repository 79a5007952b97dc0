use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::jobs;
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// Why a mail is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Summary,
    Invitation,
    Password,
    PasswordChanged,
    AskAgain,
    Alarm,
}

impl Purpose {
    pub const ALL: &'static [Self] =
        &[Self::Summary, Self::Invitation, Self::Password, Self::PasswordChanged, Self::AskAgain, Self::Alarm];

    pub fn label(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Invitation => "Invitation",
            Self::Password => "Forgotten password",
            Self::PasswordChanged => "Password changed",
            Self::AskAgain => "Question to the deanery",
            Self::Alarm => "Alarm",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.code() == code)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Invitation => "invitation",
            Self::Password => "password",
            Self::PasswordChanged => "password_changed",
            Self::AskAgain => "ask_again",
            Self::Alarm => "alarm",
        }
    }
}

/// A mail to be queued.
#[derive(Clone, Debug)]
pub struct Draft {
    pub user_id: Option<Uuid>,
    pub to_name: String,
    pub to_address: String,
    pub purpose: Purpose,
    pub subject: String,
    /// `{{link}}` stands where the one-time link goes.
    pub text: String,
    pub html: String,
    /// The link, encrypted by [`crate::mailer::seal`].
    pub sealed_link: Option<Vec<u8>>,
}

/// The kind of the job that sends a mail; its payload is `{"email_id": …}`.
pub const SEND: &str = "email.send";

/// Queues a mail of this transaction's organisation.
pub async fn queue(tx: &mut VpdTx, draft: Draft, now: DateTime<Utc>) -> sqlx::Result<Uuid> {
    let vpd = tx.vpd().clone();
    let id = insert(tx, &vpd, draft, now).await?;
    jobs::enqueue(tx, SEND, &json!({ "email_id": id }), None).await?;
    Ok(id)
}

/// Queues a mail that sign-in or administration causes, kept with the organisation named.
pub async fn queue_system(tx: &mut SystemTx, vpd: &Vpd, draft: Draft, now: DateTime<Utc>) -> sqlx::Result<Uuid> {
    let id = insert(tx, vpd, draft, now).await?;
    jobs::enqueue_system(tx, vpd, SEND, &json!({ "email_id": id }), None).await?;
    Ok(id)
}

async fn insert(
    connection: &mut sqlx::PgConnection,
    vpd: &Vpd,
    draft: Draft,
    now: DateTime<Utc>,
) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    // Names come from files: a line break in one would otherwise reach a header.
    let plain = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    sqlx::query!(
        "insert into emails (vpd, email_id, user_id, to_name, to_address, purpose, subject, body_text, body_html, sealed_link, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        vpd as &Vpd,
        id,
        draft.user_id,
        plain(&draft.to_name),
        draft.to_address,
        draft.purpose.code(),
        plain(&draft.subject).chars().take(150).collect::<String>(),
        draft.text,
        draft.html,
        draft.sealed_link,
        now
    )
    .execute(connection)
    .await?;
    Ok(id)
}
