use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::Right;
use crate::tenancy::{SystemTx, Vpd, VpdTx};

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

/// Somebody who holds a right in an organisation and can sign in.
#[derive(Clone, Debug)]
pub struct Holder {
    pub user_id: Uuid,
    pub username: String,
    pub name: String,
    pub right: Right,
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// Every holder of every right in an organisation, by name.
pub async fn all_holders(tx: &mut SystemTx, vpd: &Vpd) -> sqlx::Result<Vec<Holder>> {
    let rows = sqlx::query!(
        "select u.user_id, u.username, u.name, g.name as right_name, u.last_sign_in_at
           from user_grants g join users u on u.user_id = g.user_id
          where g.vpd = $1 and g.ended_at is null and u.disabled_at is null order by lower(u.name), u.username",
        vpd.as_str()
    )
    .fetch_all(&mut **tx)
    .await?;
    let holders = rows.into_iter().filter_map(|row| {
        Some(Holder {
            user_id: row.user_id,
            username: row.username,
            name: row.name,
            right: Right::from_code(&row.right_name)?,
            last_sign_in_at: row.last_sign_in_at,
        })
    });
    Ok(holders.collect())
}

/// Rights that somebody held in this transaction's organisation once, whoever holds them now.
pub async fn ever_held(tx: &mut VpdTx) -> sqlx::Result<Vec<Right>> {
    let names =
        sqlx::query_scalar!("select distinct name from user_grants where vpd = $1", tx.vpd().as_str().to_owned())
            .fetch_all(&mut **tx)
            .await?;
    Ok(names.iter().filter_map(|name| Right::from_code(name)).collect())
}

/// Every employing organisation with its name, by number; National operations first.
pub async fn organisations(tx: &mut SystemTx) -> sqlx::Result<Vec<(Vpd, String)>> {
    let rows = sqlx::query!(r#"select vpd as "vpd: Vpd", name from vpds order by length(vpd), vpd"#)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.vpd, row.name)).collect())
}

/// The organisations where a user without rights held one once, each with its administrators' names: whom to ask.
pub async fn former_administrators(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Vec<(String, Vec<String>)>> {
    let rows = sqlx::query!(
        r#"select v.vpd, v.name,
                  array(select u.name from user_grants g join users u on u.user_id = g.user_id and u.disabled_at is null
                         where g.vpd = v.vpd and g.name in ('vpd_admin', 'sys_admin') and g.ended_at is null order by u.name limit 5) as "names!"
             from vpds v where exists (select 1 from user_grants g where g.vpd = v.vpd and g.user_id = $1) order by v.vpd"#,
        user_id
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (format!("{} {}", row.vpd, row.name), row.names)).collect())
}

/// An employing organisation, as operators see it.
#[derive(Clone, Debug)]
pub struct Organisation {
    pub vpd: Vpd,
    pub name: String,
    pub dit_subscribed: bool,
    pub registered_by: String,
    pub registered_at: DateTime<Utc>,
    /// Users who hold a right in it.
    pub users: i64,
    pub administrators: i64,
}

/// Every employing organisation, by number.
pub async fn employers(tx: &mut SystemTx) -> sqlx::Result<Vec<Organisation>> {
    sqlx::query_as!(
        Organisation,
        r#"select v.vpd as "vpd: Vpd", v.name, v.dit_subscribed, v.registered_by, v.registered_at,
                  count(distinct g.user_id) as "users!", count(distinct g.user_id) filter (where g.name = 'vpd_admin') as "administrators!"
             from vpds v
             left join user_grants g on g.vpd = v.vpd and g.ended_at is null
              and exists (select 1 from users u where u.user_id = g.user_id and u.disabled_at is null)
            where v.vpd <> '0' group by v.vpd order by length(v.vpd), v.vpd"#
    )
    .fetch_all(&mut **tx)
    .await
}

/// Switches the deanery's interface on or off for an organisation; `false` when it is so already.
pub async fn set_dit_subscribed(tx: &mut SystemTx, vpd: &Vpd, on: bool) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update vpds set dit_subscribed = $2 where vpd = $1 and vpd <> '0' and dit_subscribed <> $2",
        vpd.as_str(),
        on
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a user holds or held a right in an organisation.
pub async fn is_known_in(tx: &mut SystemTx, vpd: &Vpd, user_id: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select 1 from user_grants where vpd = $1 and user_id = $2) as "known!""#,
        vpd.as_str(),
        user_id
    )
    .fetch_one(&mut **tx)
    .await
}

/// Who holds one of these rights in this transaction's organisation and can sign in: (id, user name, name), by name.
pub async fn holders_of_any(tx: &mut VpdTx, rights: &[Right]) -> sqlx::Result<Vec<(Uuid, String, String)>> {
    let codes: Vec<String> = rights.iter().map(|right| right.code().to_owned()).collect();
    let rows = sqlx::query!(
        "select distinct u.user_id, u.username, u.name from user_grants g join users u on u.user_id = g.user_id
          where g.vpd = $1 and g.name = any($2) and g.ended_at is null and u.disabled_at is null order by u.name, u.username",
        tx.vpd().as_str().to_owned(),
        &codes
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.username, row.name)).collect())
}
