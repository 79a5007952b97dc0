use std::collections::HashSet;

use uuid::Uuid;

use crate::access::Right;
use crate::tenancy::VpdTx;

/// Whether an item about this fact waits for somebody.
pub async fn is_open(tx: &mut VpdTx, subject_key: &str) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select exists (select 1 from items where vpd = $1 and subject_key = $2 and state in ('open', 'claimed')) as "open!""#,
        vpd,
        subject_key
    )
    .fetch_one(&mut **tx)
    .await
}

/// Those of these facts about which an item waits.
pub async fn open_among(tx: &mut VpdTx, subject_keys: &[String]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let open = sqlx::query_scalar!(
        "select distinct subject_key from items where vpd = $1 and subject_key = any($2) and state in ('open', 'claimed')",
        vpd,
        subject_keys
    );
    Ok(open.fetch_all(&mut **tx).await?.into_iter().collect())
}

/// The facts whose names begin so and about which an item waits.
pub async fn open_beginning(tx: &mut VpdTx, prefix: &str) -> sqlx::Result<Vec<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select distinct subject_key from items where vpd = $1 and starts_with(subject_key, $2) and state in ('open', 'claimed')",
        vpd,
        prefix
    )
    .fetch_all(&mut **tx)
    .await
}

/// The files about which an item of a kind waits.
pub async fn open_files(tx: &mut VpdTx, kind: &str) -> sqlx::Result<Vec<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select distinct file_id as "file_id!" from items
            where vpd = $1 and type = $2 and state in ('open', 'claimed') and file_id is not null"#,
        vpd,
        kind
    )
    .fetch_all(&mut **tx)
    .await
}

/// The rights for which an item waits.
pub async fn roles_with_open_items(tx: &mut VpdTx) -> sqlx::Result<Vec<Right>> {
    Ok(open_items_by_role(tx).await?.into_iter().map(|(right, _)| right).collect())
}

/// How many items wait for each right.
pub async fn open_items_by_role(tx: &mut VpdTx) -> sqlx::Result<Vec<(Right, i64)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select role, count(*) as "items!" from items where vpd = $1 and state in ('open', 'claimed') group by role"#,
        vpd
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((Right::from_code(&row.role)?, row.items))).collect())
}

/// Whether nobody who can sign in holds one of these rights.
pub(super) async fn nobody_holds_one_of(tx: &mut VpdTx, roles: &[String]) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select exists (select 1 from unnest($2::text[]) role where not exists (
             select 1 from user_grants g join users u on u.user_id = g.user_id
              where g.vpd = $1 and g.name = role and g.ended_at is null and u.disabled_at is null)) as "uncovered!""#,
        vpd,
        roles
    )
    .fetch_one(&mut **tx)
    .await
}
