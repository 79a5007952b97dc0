//! Links that work once, by which a password is set: an invitation (14 days) or a forgotten password (30 minutes). Only hashes are kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::tenancy::SystemTx;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Invitation,
    Password,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Password => "password",
        }
    }

    pub fn lasts(self) -> TimeDelta {
        match self {
            Self::Invitation => TimeDelta::days(14),
            Self::Password => TimeDelta::minutes(30),
        }
    }
}

/// The path of a link that can be used; the token in it is shown once and never stored.
pub struct Link {
    pub path: String,
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Makes a link for a user; every earlier one of that user dies.
pub async fn issue(tx: &mut SystemTx, user_id: Uuid, purpose: Purpose, created_by: &str) -> sqlx::Result<Link> {
    supersede(tx, user_id).await?;
    let token = format!("chg_link_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
    sqlx::query!(
        "insert into one_time_links (token_hash, purpose, user_id, created_by, created_at, expires_at) values ($1, $2, $3, $4, now(), now() + $5)",
        hash(&token),
        purpose.code(),
        user_id,
        created_by,
        purpose.lasts() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(Link { path: format!("/password/{token}") })
}

/// Makes every open link of a user dead.
pub async fn supersede(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update one_time_links set superseded_at = now() where user_id = $1 and used_at is null and superseded_at is null",
        user_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The user of a link that can still be used; changes nothing, since mail scanners open links too.
pub async fn user_of(tx: &mut SystemTx, token: &str) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select l.user_id from one_time_links l join users u on u.user_id = l.user_id
          where l.token_hash = $1 and l.used_at is null and l.superseded_at is null and l.expires_at > now() and u.disabled_at is null",
        hash(token)
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Uses a link up; `None` when it was used, replaced, too old or never ours.
pub async fn redeem(tx: &mut SystemTx, token: &str) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "update one_time_links l set used_at = now() from users u
          where l.token_hash = $1 and l.used_at is null and l.superseded_at is null and l.expires_at > now() and u.user_id = l.user_id and u.disabled_at is null
         returning l.user_id",
        hash(token)
    )
    .fetch_optional(&mut **tx)
    .await
}
