//! Posts with too many records in one file: which ones a processor found, to wait for an operator.

use uuid::Uuid;

use crate::app::App;

/// Holds posts of a file, each with how many records it has; those held already stay as they are. Gives how many are new.
pub async fn hold(app: &App, file_id: Uuid, posts: &[(String, u32)]) -> sqlx::Result<u64> {
    let mut connection = app.db.system_connection().await?;
    let new = sqlx::query!(
        "insert into held_posts (held_post_id, file_id, dpn_key, records)
         select n.held_post_id, $1, n.dpn_key, n.records from unnest($2::uuid[], $3::text[], $4::integer[]) as n (held_post_id, dpn_key, records)
         on conflict (file_id, dpn_key) do nothing",
        file_id,
        &posts.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>(),
        &posts.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(),
        &posts.iter().map(|(_, count)| i32::try_from(*count).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
    )
    .execute(&mut *connection)
    .await?;
    Ok(new.rows_affected())
}
