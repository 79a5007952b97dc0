use crate::tenancy::SystemTx;

/// A value of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub code: String,
    pub label: String,
    /// A job role that makes its position a training post.
    pub training: bool,
    /// Whether it may be chosen and is accepted.
    pub active: bool,
}

/// Each list with how many values it has in use, and how many out of use.
pub async fn lists(tx: &mut SystemTx) -> sqlx::Result<Vec<(String, i64, i64)>> {
    let rows = sqlx::query!(
        r#"select list, count(*) filter (where active) as "used!", count(*) filter (where not active) as "unused!" from code_values group by list"#
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.list, row.used, row.unused)).collect())
}

/// The values of a list, those in use first.
pub async fn codes(tx: &mut SystemTx, list: &str) -> sqlx::Result<Vec<Code>> {
    sqlx::query_as!(
        Code,
        "select code, label, training, active from code_values where list = $1 order by active desc, code",
        list
    )
    .fetch_all(&mut **tx)
    .await
}

/// One value, kept from others until the transaction ends.
pub async fn lock_code(tx: &mut SystemTx, list: &str, code: &str) -> sqlx::Result<Option<Code>> {
    sqlx::query_as!(
        Code,
        "select code, label, training, active from code_values where list = $1 and code = $2 for update",
        list,
        code
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Adds a value; false when the list has one of this code, however it is written.
pub async fn add_code(tx: &mut SystemTx, list: &str, code: &Code) -> sqlx::Result<bool> {
    let added = sqlx::query!(
        "insert into code_values (list, code, label, training, active)
         select $1, $2, $3, $4, $5 where not exists (select 1 from code_values where list = $1 and lower(code) = lower($2))
         on conflict do nothing",
        list,
        code.code,
        code.label,
        code.training,
        code.active
    );
    Ok(added.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Writes what a value means from now on.
pub async fn save_code(tx: &mut SystemTx, list: &str, code: &Code) -> sqlx::Result<()> {
    sqlx::query!(
        "update code_values set label = $3, training = $4, active = $5 where list = $1 and code = $2",
        list,
        code.code,
        code.label,
        code.training,
        code.active
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
