use super::words;
use crate::dpn_report::Report;
use crate::pdf::{Block, Cell, Document, PdfError, Table};
use crate::positions::quality::Line;
use crate::ui::dates;

/// The report as a document to print or to file with the request to go live.
pub fn pdf(report: &Report) -> Result<Vec<u8>, PdfError> {
    let statistics = report.quality.statistics;
    let mut blocks = vec![Block::Paragraph(format!(
        "VPD {} {}. FileName {}. Positions as on {}.",
        report.vpd,
        report.vpd_name,
        report.file_name(),
        dates::day(report.day)
    ))];
    blocks.push(Block::Heading("Background".into()));
    blocks.extend(words::BACKGROUND.iter().map(|text| Block::Paragraph((*text).to_owned())));
    blocks.push(Block::Heading("Issue".into()));
    blocks.push(Block::Paragraph(if statistics.is_clean() { words::CLEAN } else { words::ISSUE }.to_owned()));
    let figures = [
        statistics.positions_with_dpn,
        statistics.dpns_on_several_positions,
        statistics.dpn_quality_issues,
        statistics.name_quality_issues,
    ];
    let rows = words::STATISTICS.iter().zip(figures).map(|(text, figure)| vec![cell(text), cell(&figure.to_string())]);
    blocks.push(Block::Table(Table {
        caption: "Statistics".into(),
        columns: vec![("What".into(), 4.0), ("Number".into(), 1.0)],
        rows: rows.collect(),
    }));
    blocks.push(Block::Heading("Advice notes".into()));
    blocks.push(Block::List(words::ADVICE.iter().map(|text| (*text).to_owned()).collect()));
    let asked = report.contacts.iter().map(|contact| format!("{}: {}", contact.body, contact.address));
    blocks.push(Block::Paragraph(format!("Whom to ask: {}.", or_none(asked))));
    blocks.push(Block::Paragraph("A DPN should have:".into()));
    blocks.push(Block::List(words::DPN_RULES.iter().map(|text| (*text).to_owned()).collect()));
    blocks.push(Block::Paragraph("A Position Name should have:".into()));
    blocks.push(Block::List(words::NAME_RULES.iter().map(|text| (*text).to_owned()).collect()));
    blocks.push(Block::Heading("Duplicate DPN".into()));
    let duplicates = report.duplicates();
    let rows: Vec<Vec<Cell>> =
        duplicates.iter().flat_map(|(_, lines)| lines.iter().map(|line| row(report, line, false))).collect();
    blocks.push(table("Positions that share a number", rows));
    blocks.push(Block::Heading("All DPN Positions".into()));
    blocks.push(table("Positions with a number", report.lines().map(|line| row(report, line, true)).collect()));
    let document = Document {
        title: "Deanery Report Summary".into(),
        footer: format!("{} {}  -  made {}", report.vpd, report.vpd_name, dates::at(report.made_at)),
        made_at: report.made_at,
        blocks,
    };
    document.write()
}

fn table(caption: &str, rows: Vec<Vec<Cell>>) -> Block {
    let caption = if rows.is_empty() { format!("{caption}: none") } else { caption.to_owned() };
    let columns = words::COLUMNS.iter().zip([0.5, 1.1, 2.6, 1.9, 1.0]);
    Block::Table(Table { caption, columns: columns.map(|(title, width)| ((*title).to_owned(), width)).collect(), rows })
}

fn row(report: &Report, line: &Line, marked: bool) -> Vec<Cell> {
    let bad = |of_name| marked && line.faults.iter().any(|fault| fault.is_counted() && fault.is_of_name() == of_name);
    vec![
        cell(&report.vpd),
        cell(&line.position_number),
        Cell { text: line.name.clone(), bad: bad(true) },
        Cell { text: line.dpn.clone().unwrap_or_default(), bad: bad(false) },
        cell(line.managing_body.as_deref().unwrap_or_default()),
    ]
}

fn cell(text: &str) -> Cell {
    Cell { text: text.to_owned(), bad: false }
}

pub(super) fn or_none(said: impl Iterator<Item = String>) -> String {
    let said: Vec<String> = said.collect();
    if said.is_empty() {
        "no contact is known for these managing bodies; operators keep them".to_owned()
    } else {
        said.join(", ")
    }
}
