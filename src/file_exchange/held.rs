//! What waits for an operator: files out of their order, and posts with too many records in one file.

use std::collections::HashSet;

use serde_json::json;
use uuid::Uuid;

use super::processor::Pass;
use super::{notices, own_files, register};
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::Vpd;

/// What an operator decides about what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Release,
    Discard,
}

/// Why a decision came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    #[error("there is no such file or post")]
    NotFound,
    /// Somebody decided before: who, and what.
    #[error("{0}")]
    Decided(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The posts of a file that were decided, as passes, in the order of their rounds.
pub(super) async fn decided(app: &App, file_id: Uuid) -> sqlx::Result<Vec<Pass>> {
    let mut connection = app.db.system_connection().await?;
    let rows = sqlx::query!(
        "select dpn_key, state, round, reason from held_posts where file_id = $1 and state <> 'held' order by round",
        file_id
    )
    .fetch_all(&mut *connection)
    .await?;
    let passes = rows.into_iter().map(|row| match row.state.as_str() {
        "released" => Pass::Released { dpn_key: row.dpn_key, round: row.round },
        _ => Pass::Discarded { dpn_key: row.dpn_key, round: row.round, reason: row.reason.unwrap_or_default() },
    });
    Ok(passes.collect())
}

/// The employers that a file concerns.
pub(super) async fn employers(app: &App, file_id: Uuid) -> sqlx::Result<Vec<Vpd>> {
    let mut connection = app.db.system_connection().await?;
    sqlx::query_scalar!(r#"select vpd as "vpd: Vpd" from file_vpds where file_id = $1 order by vpd"#, file_id)
        .fetch_all(&mut *connection)
        .await
}

/// The numbers of the records of a post that are held for an employer.
pub(super) async fn numbers(app: &App, vpd: &Vpd, file_id: Uuid, dpn_key: &str) -> sqlx::Result<HashSet<i32>> {
    let mut tx = app.db.vpd(vpd).await?;
    let rows = sqlx::query!(
        "select record_no, dpn from file_records where vpd = $1 and file_id = $2 and outcome = 'held'",
        vpd.as_str(),
        file_id
    )
    .fetch_all(&mut *tx)
    .await?;
    let of_post = |dpn: Option<String>| dpn.is_some_and(|dpn| dpn.trim().to_uppercase() == dpn_key);
    Ok(rows.into_iter().filter_map(|row| of_post(row.dpn).then_some(row.record_no)).collect())
}

/// Releases or discards a file that is out of its order. A released one is queued; a discarded one counts as refused.
pub async fn decide_file(
    app: &App,
    file_id: Uuid,
    decision: Decision,
    reason: &str,
    by: &Actor,
) -> Result<(), DecideError> {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let Some(file) =
        sqlx::query!("select file_name, state from interface_files where file_id = $1 for update", file_id)
            .fetch_optional(&mut *tx)
            .await?
    else {
        return Err(DecideError::NotFound);
    };
    if !matches!(file.state.as_str(), "held_for_order" | "held") {
        return Err(DecideError::Decided(format!("{} does not wait for a decision any more.", file.file_name)));
    }
    let (state, event) = match decision {
        Decision::Release => ("queued", Event::FileReleased),
        Decision::Discard => ("refused", Event::FileDiscarded),
    };
    sqlx::query!(
        "update interface_files set state = $2, held = 0, settled_at = case when $2 = 'refused' then $3::timestamptz end,
                reason = case when $2 = 'refused' then 'Discarded by an operator: ' || $4::text else reason end where file_id = $1",
        file_id,
        state,
        now,
        reason
    )
    .execute(&mut *tx)
    .await?;
    let word = if decision == Decision::Release { "released" } else { "discarded" };
    register::event(&mut tx, file_id, word, by.name(), Some(reason), now).await?;
    let detail = json!({ "file": file.file_name, "reason": reason });
    audit::record_for(&mut tx, &Vpd::operations(), by, event, Subject::new("file", file_id), detail, now).await?;
    sqlx::query("select pg_notify('changeover_jobs', '')").execute(&mut *tx).await?;
    tx.commit().await?;
    let why = format!("The file was {word}: {reason}");
    notices::mended(app, file_id, &why, by).await?;
    own_files::settled(app, file_id, &why, by).await?;
    Ok(())
}

/// Releases or discards a held post: its records are processed by today's rules, or fail with the reason; a further reply says so.
pub async fn decide_post(
    app: &App,
    held_post_id: Uuid,
    decision: Decision,
    reason: &str,
    by: &Actor,
) -> Result<Uuid, DecideError> {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let Some(post) = sqlx::query!(
        "select h.file_id, h.dpn_key, h.state, h.decided_by, h.records, f.file_name
           from held_posts h join interface_files f on f.file_id = h.file_id where held_post_id = $1 for update",
        held_post_id
    )
    .fetch_optional(&mut *tx)
    .await?
    else {
        return Err(DecideError::NotFound);
    };
    if post.state != "held" {
        let who = post.decided_by.unwrap_or_default();
        return Err(DecideError::Decided(format!("Post {} was {} by {who}.", post.dpn_key, post.state)));
    }
    let (state, event) = match decision {
        Decision::Release => ("released", Event::PostReleased),
        Decision::Discard => ("discarded", Event::PostDiscarded),
    };
    sqlx::query!(
        "update held_posts set state = $2, reason = $3, decided_by = $4, decided_at = $5,
                round = 1 + (select max(round) from held_posts where file_id = $6) where held_post_id = $1",
        held_post_id,
        state,
        reason,
        by.name(),
        now,
        post.file_id
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update interface_files set state = 'processing' where file_id = $1 and settled_at is not null",
        post.file_id
    )
    .execute(&mut *tx)
    .await?;
    let note = format!("Post {}: {reason}", post.dpn_key);
    register::event(&mut tx, post.file_id, &format!("post_{state}"), by.name(), Some(&note), now).await?;
    let detail = json!({ "file": post.file_name, "dpn": post.dpn_key, "records": post.records, "reason": reason });
    audit::record_for(&mut tx, &Vpd::operations(), by, event, Subject::new("held_post", held_post_id), detail, now)
        .await?;
    sqlx::query("select pg_notify('changeover_jobs', '')").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(post.file_id)
}

/// Queues a file that came and was given up; false when it was not. One of ours that was cut off is contained in the next.
pub async fn process_again(app: &App, file_id: Uuid, by: &Actor) -> sqlx::Result<bool> {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let queued = sqlx::query!(
        "update interface_files set state = 'queued', attempts = 0, lease_until = null, reason = null, code = null, held = 0
          where file_id = $1 and state = 'failed' and direction = 'in'",
        file_id
    )
    .execute(&mut *tx)
    .await?;
    if queued.rows_affected() == 0 {
        return Ok(false);
    }
    register::event(&mut tx, file_id, "queued", by.name(), Some("to be processed again"), now).await?;
    let about = Subject::new("file", file_id);
    audit::record_for(&mut tx, &Vpd::operations(), by, Event::FileReleased, about, json!({ "again": true }), now)
        .await?;
    sqlx::query("select pg_notify('changeover_jobs', '')").execute(&mut *tx).await?;
    tx.commit().await?;
    notices::mended(app, file_id, "The file is processed again.", by).await?;
    own_files::settled(app, file_id, "The file is processed again.", by).await?;
    Ok(true)
}
