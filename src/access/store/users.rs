use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

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
pub(in crate::access) struct Credentials {
    pub user_id: Uuid,
    pub password_hash: Option<String>,
    pub is_disabled: bool,
}

pub(in crate::access) async fn credentials(tx: &mut SystemTx, username: &str) -> sqlx::Result<Option<Credentials>> {
    sqlx::query_as!(
        Credentials,
        r#"select user_id, password_hash, disabled_at is not null as "is_disabled!" from users where username = $1"#,
        username
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The one column list of a user, and by what he or she is found.
macro_rules! users {
    ($rest:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            User,
            r#"select user_id, username, name, email, password_hash is not null as "has_password!", disabled_at, last_sign_in_at, mail_problem
                 from users "# + $rest
            $(, $value)*
        )
    };
}

pub async fn find(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Option<User>> {
    users!("where user_id = $1", user_id).fetch_optional(&mut **tx).await
}

pub async fn find_by_username(tx: &mut SystemTx, username: &str) -> sqlx::Result<Option<User>> {
    users!("where username = $1", username).fetch_optional(&mut **tx).await
}

/// Users with this address, for a forgotten password.
pub async fn find_by_email(tx: &mut SystemTx, email: &str) -> sqlx::Result<Vec<User>> {
    users!("where lower(email) = lower($1) order by username limit 10", email).fetch_all(&mut **tx).await
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

pub(in crate::access) async fn save_sign_in(tx: &mut SystemTx, user_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update users set last_sign_in_at = $2 where user_id = $1", user_id, now).execute(&mut **tx).await?;
    Ok(())
}

/// Shuts a user out, or lets one in again; `false` when it is so already.
pub async fn set_disabled(tx: &mut SystemTx, user_id: Uuid, disabled_at: Option<DateTime<Utc>>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update users set disabled_at = $2 where user_id = $1 and (disabled_at is null) <> ($2::timestamptz is null)",
        user_id,
        disabled_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Corrects a user's name and address; the server's complaint about an old address goes with it.
pub async fn save_details(tx: &mut SystemTx, user_id: Uuid, name: &str, email: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set name = $2, mail_problem = case when email = $3 then mail_problem end, email = $3 where user_id = $1",
        user_id,
        name,
        email
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Leaves a user without a password: a link is needed to set one.
pub async fn forget_password(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("update users set password_hash = null where user_id = $1", user_id).execute(&mut **tx).await?;
    Ok(())
}

/// How often summary mail comes, and where one goes after a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// `at_once`, `hourly`, `daily` or `never`.
    pub mail_frequency: String,
    /// The hour of the daily mail, London time.
    pub mail_hour: i16,
    /// `next` or `list`.
    pub after_decision: String,
}

pub async fn preferences(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Preferences> {
    sqlx::query_as!(
        Preferences,
        "select mail_frequency, mail_hour, after_decision from users where user_id = $1",
        user_id
    )
    .fetch_one(&mut **tx)
    .await
}

pub async fn save_preferences(tx: &mut SystemTx, user_id: Uuid, preferences: &Preferences) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set mail_frequency = $2, mail_hour = $3, after_decision = $4 where user_id = $1",
        user_id,
        preferences.mail_frequency,
        preferences.mail_hour,
        preferences.after_decision
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Remembers where the user goes after a decision in the inbox: to the next item, or back to the list.
pub async fn save_after_decision(tx: &mut SystemTx, user_id: Uuid, goes_to_next: bool) -> sqlx::Result<()> {
    let to = if goes_to_next { "next" } else { "list" };
    sqlx::query!("update users set after_decision = $2 where user_id = $1", user_id, to).execute(&mut **tx).await?;
    Ok(())
}

/// A user in a list, with the codes of the rights held: in one organisation, or as `904 code` in any.
#[derive(Clone, Debug)]
pub struct Listed {
    pub user_id: Uuid,
    pub username: String,
    pub name: String,
    pub email: String,
    pub has_password: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    pub last_sign_in_at: Option<DateTime<Utc>>,
    pub mail_problem: Option<String>,
    pub rights: Vec<String>,
}

/// Users who hold or held a right in an organisation, or all; whose name, user name or address contains `search`. By name.
pub async fn search(
    tx: &mut SystemTx,
    vpd: Option<&Vpd>,
    search: &str,
    limit: i64,
    offset: i64,
) -> sqlx::Result<(Vec<Listed>, i64)> {
    let pattern =
        format!("%{}%", search.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let rows = sqlx::query!(
        r#"select u.user_id, u.username, u.name, u.email, u.password_hash is not null as "has_password!", u.disabled_at, u.last_sign_in_at,
                  u.mail_problem, count(*) over () as "total!",
                  array(select case when $1::text is null then g.vpd || ' ' || g.name else g.name end from user_grants g
                         where g.user_id = u.user_id and g.ended_at is null and ($1::text is null or g.vpd = $1)
                         order by g.vpd, g.kind, g.name) as "rights!: Vec<String>"
             from users u
            where ($1::text is null or exists (select 1 from user_grants g where g.user_id = u.user_id and g.vpd = $1))
              and (lower(u.name) like $2 or u.username like $2 or lower(u.email) like $2)
            order by lower(u.name), u.username limit $3 offset $4"#,
        vpd.map(Vpd::as_str),
        pattern,
        limit,
        offset
    )
    .fetch_all(&mut **tx)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let users = rows.into_iter().map(|row| Listed {
        user_id: row.user_id,
        username: row.username,
        name: row.name,
        email: row.email,
        has_password: row.has_password,
        disabled_at: row.disabled_at,
        last_sign_in_at: row.last_sign_in_at,
        mail_problem: row.mail_problem,
        rights: row.rights,
    });
    Ok((users.collect(), total))
}

/// Every user, by user name.
pub async fn list(tx: &mut SystemTx) -> sqlx::Result<Vec<User>> {
    users!("order by username").fetch_all(&mut **tx).await
}

/// The names of these users, of those whom this organisation knows.
pub async fn names(tx: &mut VpdTx, ids: &[Uuid]) -> sqlx::Result<HashMap<Uuid, String>> {
    let rows =
        sqlx::query!("select user_id, name from users where user_id = any($1)", ids).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.name)).collect())
}
