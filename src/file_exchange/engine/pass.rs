use std::collections::HashSet;

use serde_json::json;

use super::super::processor::{Counts, InterfaceFile, Pass, ProcessingError, Processor, RecordLine};
use super::super::stream::Records;
use super::super::{held, notices, own_files, register, replies, results};
use super::{slices, work};
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::Vpd;

/// Takes a file from wherever it stands to its end: its records, then each held post that was decided, a reply after each.
pub async fn run(app: &App, processor: &dyn Processor, file: &InterfaceFile) -> Result<(), ProcessingError> {
    if !is_settled(app, file).await? {
        records(app, processor, file).await?;
        conclude(app, processor, file, &Pass::First, 0).await?;
    }
    for decided in held::decided(app, file.file_id).await? {
        post(app, processor, file, &decided).await?;
        conclude(app, processor, file, &decided, round_of(&decided)).await?;
    }
    settle(app, file).await
}

fn round_of(pass: &Pass) -> i32 {
    match pass {
        Pass::First => 0,
        Pass::Released { round, .. } | Pass::Discarded { round, .. } => *round,
    }
}

/// Whether the first pass was through before.
async fn is_settled(app: &App, file: &InterfaceFile) -> sqlx::Result<bool> {
    let mut connection = app.db.system_connection().await?;
    sqlx::query_scalar!(
        r#"select settled_at is not null as "settled!" from interface_files where file_id = $1"#,
        file.file_id
    )
    .fetch_one(&mut *connection)
    .await
}

async fn records(app: &App, processor: &dyn Processor, file: &InterfaceFile) -> Result<(), ProcessingError> {
    let pass = Pass::First;
    let stream = || Records::new(app.db.clone(), file.file_id, file.records);
    processor.prepare(&work(app, file, &pass), &mut stream()).await?;
    let mut records = stream();
    loop {
        let slice = records.next(processor.slice()).await?;
        if slice.is_empty() {
            return Ok(());
        }
        slices::apply(processor, &work(app, file, &pass), &slice).await?;
    }
}

/// Hands over the records of a decided post, each for the employer where it was held.
async fn post(app: &App, processor: &dyn Processor, file: &InterfaceFile, pass: &Pass) -> Result<(), ProcessingError> {
    let (Pass::Released { dpn_key, .. } | Pass::Discarded { dpn_key, .. }) = pass else { return Ok(()) };
    let mut counted = HashSet::new();
    for vpd in held::employers(app, file.file_id).await? {
        let numbers = held::numbers(app, &vpd, file.file_id, dpn_key).await?;
        let mut records = Records::new(app.db.clone(), file.file_id, file.records);
        loop {
            let slice = records.next(processor.slice()).await?;
            if slice.is_empty() || numbers.is_empty() {
                break;
            }
            let ours: Vec<(&RecordLine, bool)> = slice
                .iter()
                .filter(|line| numbers.contains(&line.no))
                .map(|line| (line, counted.insert(line.no)))
                .collect();
            slices::apply_to(processor, &work(app, file, pass), &vpd, &ours).await?;
        }
    }
    Ok(())
}

/// What follows when all records of a pass are through: each employer's notices and audit row, then the reply.
async fn conclude(
    app: &App,
    processor: &dyn Processor,
    file: &InterfaceFile,
    pass: &Pass,
    round: i32,
) -> Result<(), ProcessingError> {
    if let Some(vpd) = file.name.sender.parse::<Vpd>().ok().filter(|_| file.name.sender_is_vpd()) {
        let mut tx = app.db.vpd(&vpd).await?;
        results::concern(&mut tx, file.file_id).await?;
        tx.commit().await?;
    }
    if *pass == Pass::First {
        for vpd in processor.concerns(&work(app, file, pass)).await? {
            let mut tx = app.db.vpd(&vpd).await?;
            results::concern(&mut tx, file.file_id).await?;
            tx.commit().await?;
        }
    }
    let mut system = app.db.system().await?;
    let employers = results::unfinished(&mut system, file.file_id, round).await?;
    system.commit().await?;
    for vpd in employers {
        let work = work(app, file, pass);
        let mut tx = app.db.vpd(&vpd).await?;
        let Some(counts) = results::lock_counts(&mut tx, file.file_id, round).await? else { continue };
        let detail = processor.finish(&work, &mut tx, &counts).await?;
        results::mark_finished(&mut tx, file, round, &counts, detail, work.now).await?;
        own_files::mended_by(&mut tx, file, work.now).await?;
        tx.commit().await?;
    }
    if let Some(reply_type) = processor.reply_type() {
        replies::write(app, file, reply_type, round).await?;
    }
    Ok(())
}

/// Writes the file's counts and final state.
async fn settle(app: &App, file: &InterfaceFile) -> Result<(), ProcessingError> {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let Counts { records, success, unchanged, fail, held, warned } = results::totals(&mut tx, file.file_id).await?;
    let answered = replies::is_written(&mut tx, file.file_id).await?;
    let state = match (answered, fail) {
        (true, _) => "confirmed",
        (false, 0) => "processed",
        (false, _) => "processed_with_errors",
    };
    let first = sqlx::query_scalar!(
        r#"with before as (select settled_at from interface_files where file_id = $1 for update)
           update interface_files f
              set state = $2, success = $3, unchanged = $4, fail = $5, held = $6, warned = $7, settled_at = coalesce(f.settled_at, $8), attempts = 0
             from before where f.file_id = $1
           returning before.settled_at is null as "first!""#,
        file.file_id,
        state,
        success,
        unchanged,
        fail,
        held,
        warned,
        now
    )
    .fetch_one(&mut *tx)
    .await?;
    let outcome = if fail > 0 { "processed_with_errors" } else { "processed" };
    let note = format!("{records} records: {success} loaded, {fail} failed, {held} held");
    register::event(&mut tx, file.file_id, outcome, "worker", Some(&note), now).await?;
    if answered {
        register::event(&mut tx, file.file_id, "confirmed", "worker", None, now).await?;
    }
    let by = Actor::File(file.name.text.clone());
    let detail = json!({ "file": file.name.text, "records": records, "success": success, "unchanged": unchanged, "fail": fail, "held": held });
    let about = Subject::new("file", file.file_id);
    audit::record_for(&mut tx, &Vpd::operations(), &by, Event::FileProcessed, about, detail, now).await?;
    if first && i64::from(fail) * 100 > i64::from(records) * 30 {
        notices::tell_operators(&mut tx, &json!({ "file_id": file.file_id }), &format!("{}:fail", file.file_id))
            .await?;
        own_files::tell_employer(&mut tx, &file.name, file.file_id, "fail").await?;
    }
    tx.commit().await?;
    tracing::info!(file.id = %file.file_id, records, success, fail, held, "an interface file was processed");
    Ok(())
}
