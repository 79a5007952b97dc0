//! The grid with the columns of the deanery's spreadsheet, in its two blocks: what changed, then everything.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;
use rust_xlsxwriter::XlsxError;

use super::store::{GridRow, Telling};
use crate::spreadsheets::{self, Cell, CsvWriter, Sheet};
use crate::ui::dates;

/// The headings of the source, with the width of their columns.
pub const COLUMNS: [(&str, u16); 16] = [
    ("ESR Position", 14),
    ("TPN Number", 26),
    ("Place of Work", 28),
    ("Last Name", 18),
    ("First Name", 18),
    ("GMC Number", 12),
    ("Projected End Date", 14),
    ("Next Placement", 28),
    ("Next Last Name", 18),
    ("Next First Name", 18),
    ("Next GMC Number", 12),
    ("Current Placement", 28),
    ("Email Address", 28),
    ("Projected Working Hours", 12),
    ("Projected Start Date", 14),
    ("Grade", 10),
];

/// The words for a name or number that the deanery left out.
pub const NOT_SUPPLIED: &str = "Not supplied";
/// The words for a place that the deanery does not know.
pub const NOT_KNOWN: &str = "Not Known";

/// Both blocks of a grid.
pub struct Blocks {
    pub telling: Telling,
    pub rows: Vec<GridRow>,
    /// The organisation.
    pub heading: String,
}

/// `2026/05/06 18:04:01`: the business date, and London's clock.
pub fn generated(telling: &Telling) -> String {
    let clock = telling.told_at.with_timezone(&London);
    format!("{} {}", telling.told_on.format("%Y/%m/%d"), clock.format("%H:%M:%S"))
}

fn or<'a>(value: &'a Option<String>, otherwise: &'a str) -> &'a str {
    value.as_deref().filter(|text| !text.is_empty()).unwrap_or(otherwise)
}

/// The cells of a row, in the order of the columns.
pub fn cells(row: &GridRow) -> [String; 16] {
    let day = |day: Option<NaiveDate>| day.map_or_else(|| NOT_SUPPLIED.to_owned(), dates::esr_day);
    [
        or(&row.position_number, NOT_KNOWN).to_owned(),
        row.dpn.clone(),
        or(&row.place, NOT_KNOWN).to_owned(),
        or(&row.current_last_name, NOT_SUPPLIED).to_owned(),
        or(&row.current_first_name, NOT_SUPPLIED).to_owned(),
        or(&row.current_gmc, NOT_SUPPLIED).to_owned(),
        day(row.current_end_on),
        or(&row.current_next_place, NOT_KNOWN).to_owned(),
        or(&row.next_last_name, NOT_SUPPLIED).to_owned(),
        or(&row.next_first_name, NOT_SUPPLIED).to_owned(),
        or(&row.next_gmc, NOT_SUPPLIED).to_owned(),
        or(&row.next_current_place, NOT_KNOWN).to_owned(),
        or(&row.next_email, NOT_SUPPLIED).to_owned(),
        or(&row.next_hours, NOT_SUPPLIED).to_owned(),
        day(row.next_start_on),
        or(&row.next_grade, NOT_SUPPLIED).to_owned(),
    ]
}

fn blocks(all: &Blocks) -> [(&'static str, Vec<&GridRow>); 2] {
    let changed = all.rows.iter().filter(|row| row.is_changed).collect();
    [("Changed records", changed), ("Full listing (includes changed records)", all.rows.iter().collect())]
}

pub fn csv(all: &Blocks) -> Vec<u8> {
    let mut writer = CsvWriter::new();
    writer.line([format!("Date generated: {}", generated(&all.telling))]);
    writer.line([all.heading.clone(), all.telling.file_name.clone()]);
    for (title, rows) in blocks(all) {
        writer.line([String::new()]);
        writer.line([title.to_owned()]);
        writer.line(COLUMNS.iter().map(|(name, _)| (*name).to_owned()));
        for row in rows {
            writer.line(cells(row));
        }
    }
    writer.finish().into_bytes()
}

pub fn xlsx(all: &Blocks, now: DateTime<Utc>) -> Result<Vec<u8>, XlsxError> {
    let sheets = blocks(all).map(|(title, rows)| Sheet {
        name: title.split(" (").next().unwrap_or(title).to_owned(),
        above: vec![
            vec![Cell::new(format!("Date generated: {}", generated(&all.telling)))],
            vec![Cell::new(all.heading.clone()), Cell::new(all.telling.file_name.clone())],
            vec![Cell::new(title)],
        ],
        columns: COLUMNS.iter().map(|(name, width)| ((*name).to_owned(), *width)).collect(),
        rows: rows.into_iter().map(|row| cells(row).into_iter().map(Cell::new).collect()).collect(),
    });
    spreadsheets::xlsx("Medical rotation grid", now, &sheets)
}
