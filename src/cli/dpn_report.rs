use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::database::Opened;
use super::{Failure, print_json};
use crate::audit::{self, Actor, Event, Subject};
use crate::config::Config;
use crate::dpn_report::{self, Report, files};
use crate::positions::views::visible;
use crate::tenancy::{PoolSize, Vpd};

#[derive(Args)]
pub struct DpnReport {
    /// The employer's number, such as 904.
    #[arg(long)]
    vpd: Vpd,
    /// Writes the report there instead: a file that ends in .xlsx, .csv or .pdf.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Prints the DPN report of an employer, or writes it as a file.
pub async fn run(config: Config, wanted: DpnReport, as_json: bool) -> Result<(), Failure> {
    let format = match &wanted.out {
        None => None,
        Some(out) => match out.extension().and_then(|end| end.to_str()) {
            Some(end @ ("xlsx" | "csv" | "pdf")) => Some(end.to_owned()),
            _ => return Err(Failure::usage("--out takes a file that ends in .xlsx, .csv or .pdf")),
        },
    };
    let opened = Opened::find(config).await?;
    let made = async {
        let app = opened.app(PoolSize::WORK).await?;
        let mut tx = app.db.vpd(&wanted.vpd).await?;
        let report = dpn_report::read(&mut tx, app.today(), app.now()).await?;
        if report.vpd_name.is_empty() {
            return Err(Failure::new(format!("No employing organisation with the number {} is known", wanted.vpd)));
        }
        let about = Subject::new("list", "dpn-report");
        let detail = json!({ "list": "dpn-report", "format": format.as_deref().unwrap_or("table") });
        audit::record(&mut tx, &Actor::Command, Event::ListExported, about, detail, app.now()).await?;
        tx.commit().await?;
        app.db.close().await;
        Ok(report)
    }
    .await;
    opened.close().await;
    let report = made?;
    let statistics = report.quality.statistics;
    if let (Some(out), Some(format)) = (&wanted.out, format) {
        let bytes = match format.as_str() {
            "xlsx" => files::xlsx(&report, "the command line").map_err(|error| Failure::new(error.to_string()))?,
            "pdf" => files::pdf(&report).map_err(|error| Failure::new(error.to_string()))?,
            _ => files::csv(&report),
        };
        std::fs::write(out, bytes).map_err(|error| Failure::new(format!("{}: {error}", out.display())))?;
    }
    match as_json {
        true => print_json(
            &json!({ "vpd": report.vpd, "on": report.day, "statistics": statistics, "clean": statistics.is_clean(),
                                    "positions": lines(&report), "out": wanted.out }),
        ),
        false if wanted.out.is_none() => print_table(&report),
        false => {}
    }
    Ok(())
}

fn lines(report: &Report) -> Vec<serde_json::Value> {
    let line = |line: &crate::positions::quality::Line| {
        let faults: Vec<String> = line.faults.iter().map(|fault| fault.code()).collect();
        json!({ "position_id": line.position_id, "position_number": line.position_number, "name": line.name, "dpn": line.dpn,
                "managing_deanery_body": line.managing_body, "faults": faults })
    };
    report.lines().filter(|one| !one.faults.is_empty()).map(line).collect()
}

fn print_table(report: &Report) {
    let statistics = report.quality.statistics;
    println!("Deanery Report Summary, VPD {} {}, positions as on {}\n", report.vpd, report.vpd_name, report.day);
    let figures = [
        statistics.positions_with_dpn,
        statistics.dpns_on_several_positions,
        statistics.dpn_quality_issues,
        statistics.name_quality_issues,
    ];
    for (words, figure) in files::words::STATISTICS.iter().zip(figures) {
        println!("{words:<55} {figure:>7}");
    }
    println!();
    for line in report.lines().filter(|line| !line.faults.is_empty()) {
        let faults: Vec<String> = line.faults.iter().map(|fault| fault.code()).collect();
        let dpn = visible(line.dpn.as_deref().unwrap_or("none"));
        println!("{:<12} {dpn:<32} {:<28} {}", line.position_number, faults.join(" "), visible(&line.name));
    }
}
