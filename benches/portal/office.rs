//! CSV-3: LibreOffice, where it is installed, opens what people download and evaluates nothing in it.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use changeover::spreadsheets::{self, Cell, Sheet};

use crate::report::Report;

/// What would be a formula in a cell of its own.
const FORMULAS: [&str; 8] = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1;1)",
    "\t=1+1",
    "=HYPERLINK(\"http://evil.example\";\"x\")",
    "=cmd|'/c calc'!A0",
    "=WEBSERVICE(\"http://evil.example\")",
];

/// Downloads of both kinds, opened and saved as CSV; gives what was evaluated.
pub fn trial(report: &mut Report) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    if !is_installed() {
        report.line("LibreOffice is not installed: CSV-3 was not tried");
        return Ok(Vec::new());
    }
    let table = spreadsheets::csv(&["cell"], FORMULAS.iter().map(|text| vec![(*text).to_owned()]));
    let sheet = Sheet {
        name: "Cells".into(),
        columns: vec![("cell".into(), 40)],
        rows: FORMULAS.iter().map(|text| vec![Cell::new(*text)]).collect(),
        ..Sheet::default()
    };
    let book = spreadsheets::xlsx("Soak", chrono::DateTime::UNIX_EPOCH, &[sheet])?;
    let mut faults = Vec::new();
    for (name, bytes) in [("table.csv", table), ("book.xlsx", book)] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes)?;
        let saved = opened_and_saved(&path, folder.path())?;
        let rows = spreadsheets::read(&saved, 100)?.rows;
        ensure!(rows.len() == FORMULAS.len(), "{name} came back with {} rows", rows.len());
        for (row, text) in rows.iter().zip(FORMULAS) {
            // The sign that keeps a cell of a CSV from being a formula may show; the text itself must.
            if !row.cells[0].trim().trim_start_matches('\'').ends_with(text.trim()) {
                faults.push(format!("{name}: {text:?} became {:?}", row.cells[0]));
            }
        }
    }
    report.line(format!(
        "LibreOffice opened a table and a workbook of {} would-be formulas: {} evaluated",
        FORMULAS.len(),
        faults.len()
    ));
    Ok(faults)
}

#[expect(clippy::disallowed_methods, reason = "a trial with a program outside the project")]
fn is_installed() -> bool {
    Command::new("soffice").arg("--version").output().is_ok_and(|output| output.status.success())
}

#[expect(clippy::disallowed_methods, reason = "a trial with a program outside the project")]
fn opened_and_saved(path: &Path, folder: &Path) -> Result<Vec<u8>> {
    let saved = folder.join("saved");
    let output = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        .args(["--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir"])
        .arg(&saved)
        .arg(path)
        .output()?;
    ensure!(output.status.success(), "soffice: {}", String::from_utf8_lossy(&output.stderr));
    Ok(std::fs::read(saved.join(path.with_extension("csv").file_name().unwrap_or_default()))?)
}
