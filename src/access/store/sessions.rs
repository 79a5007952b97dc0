use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::tenancy::{Database, SystemTx};

/// Ends a user's sessions, all or all but one; gives how many.
pub async fn end_sessions(tx: &mut SystemTx, user_id: Uuid, but: Option<Uuid>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from sessions where user_id = $1 and ($2::uuid is null or session_id <> $2)",
        user_id,
        but
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Keeps a user's four newest sessions, so that the one about to begin is the fifth; gives how many ended.
pub(in crate::access) async fn make_room(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from sessions where user_id = $1 and key_hash not in (
           select key_hash from sessions where user_id = $1 and expires_at > now() and last_seen_at > now() - interval '30 minutes'
            order by created_at desc limit 4)
          and expires_at > now() and last_seen_at > now() - interval '30 minutes'",
        user_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// A session, as its user sees it in the list.
#[derive(Debug)]
pub struct SessionRow {
    pub session_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub agent: Option<String>,
    pub address: Option<String>,
}

pub async fn sessions_of(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Vec<SessionRow>> {
    sqlx::query_as!(
        SessionRow,
        "select session_id, created_at, last_seen_at, agent, address from sessions
          where user_id = $1 and expires_at > now() and last_seen_at > now() - interval '30 minutes' order by last_seen_at desc",
        user_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// Ends one session of a user; `false` when the user has no such session.
pub async fn end_session(tx: &mut SystemTx, user_id: Uuid, session_id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from sessions where user_id = $1 and session_id = $2", user_id, session_id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes sessions that have ended and tries that no longer count.
pub async fn forget_the_old(db: &Database) -> sqlx::Result<()> {
    let mut tx = db.system().await?;
    sqlx::query!("delete from sessions where expires_at < now() or last_seen_at < now() - interval '30 minutes'")
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "delete from sign_in_throttles where window_start < now() - interval '1 day' and coalesce(blocked_until, window_start) < now()"
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Whether a session is still there, held until this transaction ends: one that was ended meanwhile must not get a new id.
pub async fn session_lives(tx: &mut SystemTx, session_id: Uuid) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!("select session_id from sessions where session_id = $1 for update", session_id)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found.is_some())
}
