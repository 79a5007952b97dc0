use rust_xlsxwriter::XlsxError;

use super::words;
use crate::dpn_report::Report;
use crate::positions::quality::Line;
use crate::positions::views::visible;
use crate::spreadsheets::{self, Cell, Sheet, Style};
use crate::ui::dates;

/// The report as a workbook with the three tabs that the service desk's report had.
pub fn xlsx(report: &Report, made_by: &str) -> Result<Vec<u8>, XlsxError> {
    let duplicates = report.duplicates();
    let duplicates = duplicates.iter().flat_map(|(_, lines)| lines.iter().map(|line| row(report, line)));
    let sheets = [
        summary(report, made_by),
        Sheet { name: "Duplicate DPN".into(), columns: columns(false), rows: duplicates.collect(), ..Sheet::default() },
        Sheet {
            name: "All DPN Positions".into(),
            columns: columns(true),
            rows: report.lines().map(|line| faults(report, line)).collect(),
            ..Sheet::default()
        },
    ];
    spreadsheets::xlsx("Deanery Report Summary", report.made_at, &sheets)
}

fn columns(with_faults: bool) -> Vec<(String, u16)> {
    let mut columns: Vec<(String, u16)> =
        words::COLUMNS.iter().zip([8, 18, 48, 32, 24]).map(|(title, width)| ((*title).to_owned(), width)).collect();
    if with_faults {
        columns.push(("Problems".to_owned(), 60));
    }
    columns
}

fn row(report: &Report, line: &Line) -> Vec<Cell> {
    let body = line.managing_body.clone().unwrap_or_default();
    vec![
        report.vpd.as_str().into(),
        line.position_number.as_str().into(),
        visible(&line.name).into(),
        visible(line.dpn.as_deref().unwrap_or_default()).into(),
        body.into(),
    ]
}

/// The row with its faults: red where they are, and in words.
fn faults(report: &Report, line: &Line) -> Vec<Cell> {
    let mut cells = row(report, line);
    for (at, of_name) in [(2, true), (3, false)] {
        if line.faults.iter().any(|fault| fault.is_counted() && fault.is_of_name() == of_name) {
            cells[at].style = Style::Bad;
        }
    }
    let said: Vec<String> = line.faults.iter().map(|fault| format!("{}: {}", fault.code(), fault.words())).collect();
    cells.push(said.join(". ").into());
    cells
}

fn summary(report: &Report, made_by: &str) -> Sheet {
    let statistics = report.quality.statistics;
    let heading = |text: &str| vec![Cell::styled(text, Style::Heading)];
    let line = |text: &str| vec![Cell::new(text)];
    let mut rows = vec![
        heading("Deanery Report Summary"),
        vec!["VPD".into(), format!("{} {}", report.vpd, report.vpd_name).into()],
        vec!["FileName".into(), report.file_name().into()],
        vec!["Positions as on".into(), dates::esr_day(report.day).into()],
        vec!["Made".into(), format!("{} by {made_by}", dates::at(report.made_at)).into()],
        line(""),
        heading("Background"),
    ];
    rows.extend(words::BACKGROUND.iter().map(|text| line(text)));
    rows.push(heading("Issue"));
    rows.push(line(if statistics.is_clean() { words::CLEAN } else { words::ISSUE }));
    rows.push(heading("Statistics"));
    let figures = [
        statistics.positions_with_dpn,
        statistics.dpns_on_several_positions,
        statistics.dpn_quality_issues,
        statistics.name_quality_issues,
    ];
    rows.extend(words::STATISTICS.iter().zip(figures).map(|(text, figure)| vec![(*text).into(), Cell::number(figure)]));
    rows.push(heading("Advice Notes"));
    rows.extend(words::ADVICE.iter().enumerate().map(|(at, text)| line(&format!("{}. {text}", at + 1))));
    let asked = report.contacts.iter().map(|contact| format!("{}: {}", contact.body, contact.address));
    rows.push(line(&format!("Whom to ask: {}", super::document::or_none(asked))));
    rows.push(heading("A DPN should have"));
    rows.extend(words::DPN_RULES.iter().map(|text| line(text)));
    rows.push(heading("A Position Name should have"));
    rows.extend(words::NAME_RULES.iter().map(|text| line(text)));
    Sheet { name: "Deanery Report Summary".into(), above: rows, ..Sheet::default() }
}
