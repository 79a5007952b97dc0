use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rights::Right;
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// A user as administration knows one.
#[derive(Clone, Debug)]
pub struct User {
    pub user_id: Uuid,
    pub username: String,
    pub name: String,
    pub email: String,
    pub has_password: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    pub last_sign_in_at: Option<DateTime<Utc>>,
    pub mail_problem: Option<String>,
}

/// What sign-in needs of a user.
pub(super) struct Credentials {
    pub user_id: Uuid,
    pub password_hash: Option<String>,
    pub is_disabled: bool,
}

pub(super) async fn credentials(tx: &mut SystemTx, username: &str) -> sqlx::Result<Option<Credentials>> {
    sqlx::query_as!(
        Credentials,
        r#"select user_id, password_hash, disabled_at is not null as "is_disabled!" from users where username = $1"#,
        username
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn find(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        r#"select user_id, username, name, email, password_hash is not null as "has_password!", disabled_at, last_sign_in_at, mail_problem
             from users where user_id = $1"#,
        user_id
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn find_by_username(tx: &mut SystemTx, username: &str) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        r#"select user_id, username, name, email, password_hash is not null as "has_password!", disabled_at, last_sign_in_at, mail_problem
             from users where username = $1"#,
        username
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Users with this address, for a forgotten password.
pub async fn find_by_email(tx: &mut SystemTx, email: &str) -> sqlx::Result<Vec<User>> {
    sqlx::query_as!(
        User,
        r#"select user_id, username, name, email, password_hash is not null as "has_password!", disabled_at, last_sign_in_at, mail_problem
             from users where lower(email) = lower($1) order by username limit 10"#,
        email
    )
    .fetch_all(&mut **tx)
    .await
}

/// Every user, by user name.
pub async fn list(tx: &mut SystemTx) -> sqlx::Result<Vec<User>> {
    sqlx::query_as!(
        User,
        r#"select user_id, username, name, email, password_hash is not null as "has_password!", disabled_at, last_sign_in_at, mail_problem
             from users order by username"#
    )
    .fetch_all(&mut **tx)
    .await
}

pub async fn any_user(tx: &mut SystemTx) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select 1 from users) as "exists!""#).fetch_one(&mut **tx).await
}

/// Adds a user without a password. `false` when the user name is taken; nothing is changed then.
pub async fn insert(
    tx: &mut SystemTx,
    user_id: Uuid,
    username: &str,
    name: &str,
    email: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into users (user_id, username, name, email, created_at) values ($1, $2, $3, $4, $5) on conflict (username) do nothing",
        user_id,
        username,
        name,
        email,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn save_password(tx: &mut SystemTx, user_id: Uuid, hash: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update users set password_hash = $2, password_set_at = $3 where user_id = $1", user_id, hash, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn save_sign_in(tx: &mut SystemTx, user_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update users set last_sign_in_at = $2 where user_id = $1", user_id, now).execute(&mut **tx).await?;
    Ok(())
}

/// One right of a user.
#[derive(Clone, Debug)]
pub struct Grant {
    pub grant_id: Uuid,
    pub vpd: Vpd,
    pub user_id: Uuid,
    pub right: Right,
    pub granted_by: String,
    pub granted_at: DateTime<Utc>,
}

/// Gives a right; `false` when the user has it already.
pub async fn grant(
    tx: &mut SystemTx,
    vpd: &Vpd,
    user_id: Uuid,
    right: Right,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into user_grants (grant_id, vpd, user_id, kind, name, granted_by, granted_at) values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (vpd, user_id, kind, name) where ended_at is null do nothing",
        Uuid::now_v7(),
        vpd as &Vpd,
        user_id,
        right.kind().code(),
        right.code(),
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a right away; `false` when the user does not have it.
pub async fn end_grant(
    tx: &mut SystemTx,
    vpd: &Vpd,
    user_id: Uuid,
    right: Right,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update user_grants set ended_by = $4, ended_at = $5 where vpd = $1 and user_id = $2 and name = $3 and ended_at is null",
        vpd as &Vpd,
        user_id,
        right.code(),
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The rights of a user, in every organisation.
pub async fn grants_of(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Vec<Grant>> {
    let rows = sqlx::query!(
        r#"select grant_id, vpd as "vpd: Vpd", user_id, name, granted_by, granted_at from user_grants
            where user_id = $1 and ended_at is null order by vpd, kind, name"#,
        user_id
    )
    .fetch_all(&mut **tx)
    .await?;
    let grants = rows.into_iter().filter_map(|row| {
        let right = Right::from_code(&row.name)?;
        Some(Grant {
            grant_id: row.grant_id,
            vpd: row.vpd,
            user_id: row.user_id,
            right,
            granted_by: row.granted_by,
            granted_at: row.granted_at,
        })
    });
    Ok(grants.collect())
}

/// Who holds a right in this transaction's organisation and can sign in: (id, user name, name), by name.
pub async fn holders(tx: &mut VpdTx, right: Right) -> sqlx::Result<Vec<(Uuid, String, String)>> {
    let rows = sqlx::query!(
        "select u.user_id, u.username, u.name from user_grants g join users u on u.user_id = g.user_id
          where g.vpd = $1 and g.name = $2 and g.ended_at is null and u.disabled_at is null order by u.name, u.username",
        tx.vpd().as_str().to_owned(),
        right.code()
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.username, row.name)).collect())
}

/// The organisations of a user with their names, by number.
pub async fn organisations_of(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Vec<(Vpd, String)>> {
    let rows = sqlx::query!(
        r#"select distinct v.vpd as "vpd: Vpd", v.name from user_grants g join vpds v on v.vpd = g.vpd
            where g.user_id = $1 and g.ended_at is null order by 1"#,
        user_id
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.vpd, row.name)).collect())
}

/// The name of an organisation, if there is one of that number.
pub async fn organisation_name(tx: &mut SystemTx, vpd: &Vpd) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select name from vpds where vpd = $1", vpd as &Vpd).fetch_optional(&mut **tx).await
}

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
pub(super) async fn make_room(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<u64> {
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
