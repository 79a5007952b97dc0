use std::path::PathBuf;

use clap::Args;

use super::database::Opened;
use super::{FAILED, Failure, REFUSED};
use crate::audit::Actor;
use crate::config::Config;
use crate::file_exchange::{self, FileReport};
use crate::tenancy::PoolSize;
use crate::worker;

#[derive(Args)]
pub struct Receive {
    /// The files, in the order in which they are to be taken.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Takes each file in and waits until it is processed. A refused file does not keep the others from being taken.
pub async fn run(config: Config, receive: Receive, as_json: bool) -> Result<(), Failure> {
    let opened = Opened::find(config).await?;
    let done = async {
        let app = opened.app(PoolSize::WORK).await?;
        let processors = worker::processors();
        let (mut refused, mut failed) = (Vec::new(), Vec::new());
        file_exchange::folders::make(&app);
        for path in &receive.files {
            let report = file_exchange::receive(&app, &processors, path, &Actor::Command).await?;
            print(&report, as_json);
            match report.outcome.as_str() {
                "refused" => refused.push(report.file),
                "failed" => failed.push(report.file),
                _ => {}
            }
        }
        app.db.close().await;
        if !failed.is_empty() {
            let text = format!("{} could not be processed. See the log above.", failed.join(", "));
            return Err(Failure { status: FAILED, text });
        }
        if !refused.is_empty() {
            return Err(Failure { status: REFUSED, text: format!("Refused: {}", refused.join(", ")) });
        }
        Ok(())
    }
    .await;
    opened.close().await;
    done
}

fn print(report: &FileReport, as_json: bool) {
    if as_json {
        // Not through a map, which would sort the names.
        println!("{}", serde_json::to_string(report).unwrap_or_default());
        return;
    }
    let FileReport { file, outcome, records, success, unchanged, fail, held, warnings, .. } = report;
    match (&report.code, &report.reason) {
        (Some(code), Some(reason)) => println!("{file}: {outcome}, {code}. {reason}"),
        _ => println!(
            "{file}: {outcome}. {records} records: {success} loaded ({unchanged} of them unchanged), {fail} failed, {held} held; {warnings} with warnings."
        ),
    }
    if let Some(reply) = &report.confirmation {
        println!("  Reply: {reply}");
    }
}
