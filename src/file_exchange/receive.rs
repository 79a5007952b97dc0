use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::intake::{self, IntakeError, Received, Source};
use super::{Processors, engine, folders, replies};
use crate::app::App;
use crate::audit::Actor;

/// What became of one file, as `changeover receive --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    pub file: String,
    pub interface: Option<String>,
    /// `processed`, `refused`, `duplicate` or `held`; `failed` where the program itself gave it up.
    pub outcome: String,
    pub code: Option<String>,
    pub reason: Option<String>,
    pub records: i64,
    pub success: i64,
    pub unchanged: i64,
    pub fail: i64,
    pub held: i64,
    pub warnings: i64,
    /// Absolute path of the reply file.
    pub confirmation: Option<String>,
}

/// Takes a file in as the inbound folder would, and waits until it is processed.
pub async fn receive(app: &App, processors: &Processors, path: &Path, by: &Actor) -> Result<FileReport, IntakeError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file_id = match intake::register(app, processors, &name, path, Source::Command, by).await? {
        Received::Unavailable(refusal) => {
            return Ok(FileReport {
                file: name,
                interface: None,
                outcome: "refused".to_owned(),
                code: Some(refusal.code.code().to_owned()),
                reason: Some(refusal.reason),
                records: 0,
                success: 0,
                unchanged: 0,
                fail: 0,
                held: 0,
                warnings: 0,
                confirmation: None,
            });
        }
        Received::Registered { file_id, state } => {
            folders::put_away(app, path, state);
            file_id
        }
    };
    Ok(settled(app, processors, file_id).await?)
}

/// Waits until a file is through, working at it unless another does.
pub async fn settled(app: &App, processors: &Processors, file_id: Uuid) -> sqlx::Result<FileReport> {
    loop {
        let (state, report, interface, sender) = report(app, file_id).await?;
        if !matches!(state.as_str(), "queued" | "processing") {
            return Ok(report);
        }
        if engine::run_sender(app, processors, &interface, &sender).await? == 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn report(app: &App, file_id: Uuid) -> sqlx::Result<(String, FileReport, String, String)> {
    let mut connection = app.db.system_connection().await?;
    let row = sqlx::query!(
        r#"select f.file_name, f.interface, f.state, f.code, f.reason, f.records, f.success, f.unchanged, f.fail, f.held, f.warned,
                  jsonb_array_length(f.warnings) as "warnings!", coalesce(f.sender, '') as "sender!",
                  (select r.file_name from interface_files r where r.answers = f.file_id order by r.sequence limit 1) as reply
             from interface_files f where f.file_id = $1"#,
        file_id
    )
    .fetch_one(&mut *connection)
    .await?;
    let outcome = match row.state.as_str() {
        "refused" | "duplicate" | "failed" => row.state.as_str(),
        "held" | "held_for_order" => "held",
        _ => "processed",
    };
    let was_processed = outcome == "processed";
    let counts = |n: i32| if matches!(outcome, "processed" | "held" | "failed") { i64::from(n) } else { 0 };
    let report = FileReport {
        file: row.file_name,
        interface: Some(row.interface.clone()).filter(|interface| interface != "unknown"),
        outcome: outcome.to_owned(),
        code: row.code.filter(|_| !was_processed),
        reason: row.reason.filter(|_| !was_processed),
        records: counts(row.records),
        success: counts(row.success),
        unchanged: counts(row.unchanged),
        fail: counts(row.fail),
        held: counts(row.held),
        warnings: counts(row.warned) + i64::from(row.warnings),
        confirmation: row.reply.map(|name| replies::path_of(app, &name).to_string_lossy().into_owned()),
    };
    Ok((row.state, report, row.interface, row.sender))
}
