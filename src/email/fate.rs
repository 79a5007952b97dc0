use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, Actor, Event, Subject};
use crate::jobs::{Failure, TRIES, Work};
use crate::mailer::{self, Fate, Mailer, Outgoing, Trouble};
use crate::tenancy::VpdTx;

/// What administrators read where a one-time link stood.
pub const LINK: &str = "{{link}}";

#[derive(Deserialize)]
struct Payload {
    email_id: Uuid,
}

/// A user's address to which the mail server will never deliver, with its words.
#[derive(Debug, PartialEq, Eq)]
pub struct RefusedAddress {
    pub user_id: Uuid,
    pub words: String,
}

struct Queued {
    email_id: Uuid,
    user_id: Option<Uuid>,
    to_name: String,
    to_address: String,
    purpose: String,
    subject: String,
    body_text: String,
    body_html: String,
    sealed_link: Option<Vec<u8>>,
    disabled: bool,
}

/// Sends the mail of this job, once. Its fate is kept with it; the caller flags an address that was refused.
pub async fn send(work: &Work, mailer: &Mailer) -> Result<Option<RefusedAddress>, Failure> {
    let id = work.payload::<Payload>()?.email_id;
    let mut tx = work.begin().await?;
    let Some(mail) = find_queued(&mut tx, id).await? else { return Ok(None) };
    // The conversation may take long: nothing is locked meanwhile, the job's lease keeps others away.
    tx.rollback().await?;
    if mail.disabled {
        settle(work, &mail, "dropped", Some("The account was disabled before the mail left.")).await?;
        return Ok(None);
    }
    let sent = match outgoing(work, &mail) {
        Ok(outgoing) => mailer.send(&outgoing).await,
        Err(trouble) => Err(trouble),
    };
    match sent {
        Ok(Fate::Sent) => settle(work, &mail, "sent", None).await?,
        Ok(Fate::Kept) => settle(work, &mail, "kept", None).await?,
        Err(Trouble::Unreachable(words, pause)) => {
            note(work, id, &words, 0).await?;
            return Err(Failure::Later("The mail server cannot be reached.".into(), pause));
        }
        Err(Trouble::Later(words)) if work.attempt < TRIES => {
            note(work, id, &words, 1).await?;
            return Err(Failure::Retry("The mail did not leave; Sent mail says why.".into()));
        }
        Err(Trouble::Later(words) | Trouble::Refused(words)) => settle(work, &mail, "dead", Some(&words)).await?,
        Err(Trouble::AddressRefused(words)) => {
            settle(work, &mail, "dead", Some(&words)).await?;
            return Ok(mail.user_id.map(|user_id| RefusedAddress { user_id, words }));
        }
    }
    Ok(None)
}

/// The mail with its link in place, which is nowhere else.
fn outgoing(work: &Work, mail: &Queued) -> Result<Outgoing, Trouble> {
    let link = mail.sealed_link.as_deref().and_then(|sealed| mailer::open(&work.app, sealed));
    if link.is_none() && mail.body_text.contains(LINK) {
        return Err(Trouble::Refused("Its one-time link cannot be read any more. Send another link instead.".into()));
    }
    let link = link.unwrap_or_default();
    Ok(Outgoing {
        id: mail.email_id,
        to_name: mail.to_name.clone(),
        to_address: mail.to_address.clone(),
        subject: mail.subject.clone(),
        text: mail.body_text.replace(LINK, &link),
        html: mail.body_html.replace(LINK, &link),
    })
}

async fn find_queued(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Option<Queued>> {
    sqlx::query_as!(
        Queued,
        r#"select e.email_id, e.user_id, e.to_name, e.to_address, e.purpose, e.subject, e.body_text, e.body_html, e.sealed_link,
                  coalesce(u.disabled_at is not null, false) as "disabled!"
             from emails e left join users u on u.user_id = e.user_id
            where e.email_id = $1 and e.state = 'queued'"#,
        id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Keeps what the server said while the mail goes on waiting.
async fn note(work: &Work, id: Uuid, words: &str, attempts: i32) -> Result<(), Failure> {
    let mut tx = work.begin().await?;
    sqlx::query!(
        "update emails set last_error = $2, attempts = attempts + $3 where email_id = $1 and state = 'queued'",
        id,
        words,
        attempts
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Writes down what became of it, and forgets the link.
async fn settle(work: &Work, mail: &Queued, state: &'static str, words: Option<&str>) -> Result<(), Failure> {
    let now: DateTime<Utc> = work.app.now();
    let mut tx = work.begin().await?;
    sqlx::query!(
        "update emails set state = $2, last_error = $3, settled_at = $4, attempts = attempts + 1, sealed_link = null
          where email_id = $1 and state = 'queued'",
        mail.email_id,
        state,
        words,
        now
    )
    .execute(&mut *tx)
    .await?;
    let (actor, about) = (Actor::System("mail"), Subject::new("mail", mail.email_id));
    let detail = json!({ "state": state, "purpose": mail.purpose });
    audit::record(&mut tx, &actor, Event::MailSettled, about, detail, now).await?;
    tx.commit().await?;
    metrics::counter!("mails_total", "outcome" => state).increment(1);
    tracing::info!(mail.id = %mail.email_id, vpd = %work.vpd, state, "a mail is settled");
    Ok(())
}
