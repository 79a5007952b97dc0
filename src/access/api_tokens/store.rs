use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::NewToken;
use crate::tenancy::{Vpd, VpdTx};

/// A token as its bearer is checked against it.
pub struct Known {
    pub vpd: Vpd,
    pub secret_hash: Vec<u8>,
    pub supplier: String,
    pub scope: String,
    /// By the clock of the database, which all share.
    pub in_force: bool,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Looks a token up before anybody knows for which employer its bearer calls.
pub async fn find(connection: &mut PgConnection, token_id: Uuid) -> sqlx::Result<Option<Known>> {
    sqlx::query_as!(
        Known,
        r#"select vpd as "vpd: Vpd", secret_hash, supplier, scope, last_used_at,
                  revoked_at is null and expires_at > now() as "in_force!"
             from api_tokens where token_id = $1"#,
        token_id
    )
    .fetch_optional(connection)
    .await
}

pub async fn touch(connection: &mut PgConnection, token_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update api_tokens set last_used_at = $2 where token_id = $1", token_id, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// A token as the administration page lists it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub token_id: Uuid,
    pub supplier: String,
    pub scope: String,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub revoked_by: Option<String>,
}

/// Every token of this employer, the newest first.
pub async fn list(tx: &mut VpdTx) -> sqlx::Result<Vec<Listed>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Listed,
        "select token_id, supplier, scope, created_by, created_at, expires_at, last_used_at, revoked_at, revoked_by
           from api_tokens where vpd = $1 order by created_at desc",
        vpd
    )
    .fetch_all(&mut **tx)
    .await
}

/// Keeps a new token's hash.
pub async fn insert(
    tx: &mut VpdTx,
    token: &NewToken,
    supplier: &str,
    scope: &str,
    by: &str,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into api_tokens (vpd, token_id, secret_hash, supplier, scope, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        vpd,
        token.token_id,
        token.secret_hash,
        supplier,
        scope,
        by,
        now,
        expires_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends a token at once; gives the supplier's name, or nothing where there is no such token in force.
pub async fn revoke(tx: &mut VpdTx, token_id: Uuid, by: &str, now: DateTime<Utc>) -> sqlx::Result<Option<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "update api_tokens set revoked_at = $3, revoked_by = $4 where vpd = $1 and token_id = $2 and revoked_at is null returning supplier",
        vpd,
        token_id,
        now,
        by
    )
    .fetch_optional(&mut **tx)
    .await
}
