//! Takes queued files through: one sender's files one after the other, several senders at once, any number of workers.
//!
//! Who works on a sender's files holds an advisory lock on a connection of its own. The lock ends with that connection, so a worker that
//! is killed leaves the file to the next one at once; what was confirmed has its outcomes, and only the rest is done again.

mod pass;
mod slices;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::alone::Alone;
use super::processor::{InterfaceFile, ProcessingError};
use super::{Processors, notices, own_files, register, results};
use crate::app::App;
use crate::tenancy::SystemTx;

/// After so many tries that got no further a file is given up, and operators are told.
const TRIES: i32 = 5;

/// Processes every file that waits and that no other worker is at; gives how many files were taken a step further.
pub async fn run_due(app: &App, processors: &Processors) -> sqlx::Result<usize> {
    let senders = {
        let mut connection = app.db.system_connection().await?;
        sqlx::query!(
            r#"select interface, coalesce(sender, '') as "sender!", min(received_at) as since from interface_files
                where state in ('queued', 'processing') and direction = 'in' and (lease_until is null or lease_until < now())
                group by 1, 2 order by 3"#
        )
        .fetch_all(&mut *connection)
        .await?
    };
    let done = stream::iter(senders.into_iter().map(|row| async move {
        run_sender(app, processors, &row.interface, &row.sender).await.unwrap_or_else(|error| {
            tracing::error!(%error, interface = row.interface, sender = row.sender, "the files of a sender could not be processed");
            0
        })
    }))
    .buffer_unordered(3)
    .fold(0, |sum, count| async move { sum + count })
    .await;
    Ok(done)
}

/// Processes the waiting files of one sender in the order of their numbers; none when another worker is at them.
pub async fn run_sender(app: &App, processors: &Processors, interface: &str, sender: &str) -> sqlx::Result<usize> {
    let key = format!("{interface}/{sender}");
    let Some(_lock) = Alone::with(app, &key).await? else { return Ok(0) };
    let mut count = 0;
    while let Some(file_id) = next_of(app, interface, sender).await? {
        run_file(app, processors, file_id).await?;
        count += 1;
    }
    Ok(count)
}

async fn next_of(app: &App, interface: &str, sender: &str) -> sqlx::Result<Option<Uuid>> {
    let mut connection = app.db.system_connection().await?;
    sqlx::query_scalar!(
        "select file_id from interface_files
          where interface = $1 and coalesce(sender, '') = $2 and direction = 'in' and state in ('queued', 'processing')
            and (lease_until is null or lease_until < now())
          order by state = 'processing' desc, sequence, received_at limit 1",
        interface,
        sender
    )
    .fetch_optional(&mut *connection)
    .await
}

async fn run_file(app: &App, processors: &Processors, file_id: Uuid) -> sqlx::Result<()> {
    let mut tx = app.db.system().await?;
    let Some(row) = register::find(&mut tx, file_id).await? else { return Ok(()) };
    let Some(processor) = processors.get(row.file.name.interface) else {
        // Queued by a release that knew it: it waits for one that does again.
        put_off(&mut tx, file_id, TimeDelta::minutes(10)).await?;
        return tx.commit().await;
    };
    // Whoever restarts the program while it works on a large file does the file no wrong: tries count from the last that got anywhere.
    let progress = results::progress(&mut tx, file_id).await?;
    let attempt = if progress > row.progress { 1 } else { row.attempts + 1 };
    if attempt > TRIES {
        give_up(app, tx, &row.file).await?;
        return Ok(());
    }
    begin(app, &mut tx, &row, attempt, progress).await?;
    tx.commit().await?;
    match pass::run(app, processor.as_ref(), &row.file).await {
        Ok(()) => Ok(()),
        Err(error) => {
            tracing::error!(%error, file.id = %file_id, attempt, "processing of a file stopped");
            let mut tx = app.db.system().await?;
            put_off(&mut tx, file_id, TimeDelta::seconds(2 * i64::from(attempt))).await?;
            register::event(
                &mut tx,
                file_id,
                "processing",
                "worker",
                Some("stopped, and will be tried again"),
                app.now(),
            )
            .await?;
            tx.commit().await
        }
    }
}

async fn begin(app: &App, tx: &mut SystemTx, row: &register::Row, attempt: i32, progress: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "update interface_files set state = 'processing', attempts = $2, progress = $3, lease_until = null where file_id = $1",
        row.file.file_id,
        attempt,
        progress
    )
    .execute(&mut **tx)
    .await?;
    if row.state == "queued" {
        register::event(tx, row.file.file_id, "processing", "worker", None, app.now()).await?;
    }
    Ok(())
}

async fn put_off(tx: &mut SystemTx, file_id: Uuid, by: TimeDelta) -> sqlx::Result<()> {
    sqlx::query!("update interface_files set lease_until = now() + $2 where file_id = $1", file_id, by as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn give_up(app: &App, mut tx: SystemTx, file: &InterfaceFile) -> sqlx::Result<()> {
    let file_id = file.file_id;
    let reason = format!(
        "Processing stopped {TRIES} times at the same place, at a fault of the program or the database. Records that have an outcome stay as they are. See the log, then process the file again."
    );
    sqlx::query!("update interface_files set state = 'failed', reason = $2 where file_id = $1", file_id, reason)
        .execute(&mut *tx)
        .await?;
    register::event(&mut tx, file_id, "failed", "worker", Some(&reason), app.now()).await?;
    let payload = serde_json::json!({ "file_id": file_id });
    notices::tell_operators(&mut tx, &payload, &format!("{file_id}:failed")).await?;
    own_files::tell_employer(&mut tx, &file.name, file_id, "failed").await?;
    tx.commit().await
}

fn is_isolated(error: &ProcessingError) -> bool {
    // Class 22 (a value the database refuses) and 23 (a rule of the schema): one record's doing, the others are well.
    match error {
        ProcessingError::Database(sqlx::Error::Database(cause)) => {
            cause.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
        }
        ProcessingError::Database(_) => false,
        ProcessingError::Other(_) => true,
    }
}

/// The file's work as processors are given it.
pub(super) fn work<'a>(
    app: &'a App,
    file: &'a InterfaceFile,
    pass: &'a super::processor::Pass,
) -> super::processor::Work<'a> {
    super::processor::Work { app, file, pass, today: app.today(), now: app.now() }
}
