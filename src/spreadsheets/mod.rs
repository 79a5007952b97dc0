//! Tables as people send and fetch them: CSV and XLSX, read within bounds and written so that no cell is a formula.
//!
//! What is read is text: leading zeros stay, a date becomes `2026-05-06`, a row has the number that Excel shows. A file that is too large,
//! protected, of another kind or built to do harm is refused in words before anything of it is used. Owns no table.

mod read_csv;
mod read_xlsx;
mod write;
mod zip_check;

pub use write::{Cell, CsvWriter, Sheet, Style, csv, xlsx};

/// The largest file that people may send, in bytes.
pub const LARGEST: usize = 10 * 1024 * 1024;
/// The most columns of a table.
pub const MOST_COLUMNS: usize = 200;
/// The longest text in a cell, in characters.
pub const LONGEST_CELL: usize = 4_000;

/// A table that was read: its headings, and its rows with the numbers that Excel shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    /// What was not quite in order, in sentences.
    pub warnings: Vec<String>,
}

/// One row that is not empty; it has a cell for each heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub number: usize,
    pub cells: Vec<String>,
}

/// Why a file is not read; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("The selected file is empty")]
    Empty,
    #[error("The selected file must be smaller than 10MB")]
    TooLarge,
    #[error("The selected file must be a CSV or an Excel workbook (.xlsx)")]
    NotATable,
    #[error("The selected file is password protected. Take the password away and select it again")]
    Password,
    #[error("The selected file is an old Excel workbook (.xls). Save it as .xlsx or CSV and select it again")]
    OldExcel,
    #[error("The selected file holds macros. Save it as .xlsx, without macros, and select it again")]
    Macros,
    #[error("The selected file refers to other files. Break the links (Data, Edit links) and select it again")]
    ExternalLinks,
    #[error(
        "The selected file is built in a way that we do not open. Copy the cells into a new workbook and select that"
    )]
    Unsafe,
    #[error("The selected file has no sheets")]
    NoSheets,
    #[error("The selected file has more than {most} rows. Split it and load the parts one after the other")]
    TooManyRows { most: String },
    #[error(
        "The selected file has more than 200 columns, or something far away from its table. Delete what is not part of the table"
    )]
    TooManyColumns,
    #[error("Row {row}: a cell has more than 4,000 characters")]
    LongCell { row: usize },
    #[error(
        "Row {row} has {found} cells, and the headings are {wanted}. Check for commas that are not in quotation marks"
    )]
    Uneven { row: usize, found: usize, wanted: usize },
    #[error("A quotation mark in row {row} is not closed")]
    OpenQuote { row: usize },
    #[error("The selected file holds characters that no text has. Save it again as CSV UTF-8 or as .xlsx")]
    NotText,
    #[error("The heading {name:?} comes twice. Each column needs a heading of its own")]
    RepeatedHeading { name: String },
    #[error("The workbook cannot be read: {0}. Open it in Excel, save it again as .xlsx, and select that")]
    Broken(String),
}

/// Reads a CSV file or the first sheet of a workbook, by what the file is and not by what it is called.
pub fn read(bytes: &[u8], most_rows: usize) -> Result<Table, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    if bytes.len() > LARGEST {
        return Err(ReadError::TooLarge);
    }
    let raw = if bytes.starts_with(b"PK") {
        read_xlsx::rows(bytes, most_rows)?
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        // A compound file: an encrypted .xlsx is one too, with a stream of this name inside.
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encrypted = bytes.windows(name.len()).any(|window| window == name);
        return Err(if encrypted { ReadError::Password } else { ReadError::OldExcel });
    } else {
        read_csv::rows(bytes, most_rows)?
    };
    table(raw)
}

/// Rows as a file has them, and what was not in order.
#[derive(Default)]
struct Raw {
    rows: Vec<Row>,
    warnings: Vec<String>,
    /// Whether rows of unequal length are a fault: a workbook leaves empty cells out, a CSV does not.
    is_csv: bool,
}

fn table(raw: Raw) -> Result<Table, ReadError> {
    let mut rows = raw.rows.into_iter().filter(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()));
    let Some(head) = rows.next() else { return Err(ReadError::Empty) };
    let mut columns: Vec<String> = head.cells.iter().map(|cell| cell.trim().to_owned()).collect();
    while columns.last().is_some_and(String::is_empty) {
        columns.pop();
    }
    for (at, name) in columns.iter().enumerate() {
        if !name.is_empty() && columns[..at].iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(ReadError::RepeatedHeading { name: name.clone() });
        }
    }
    let mut all = Vec::new();
    for mut row in rows {
        while row.cells.len() > columns.len() && row.cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            row.cells.pop();
        }
        let uneven = row.cells.len() > columns.len() || (raw.is_csv && row.cells.len() < columns.len());
        if uneven {
            return Err(ReadError::Uneven { row: row.number, found: row.cells.len(), wanted: columns.len() });
        }
        row.cells.resize(columns.len(), String::new());
        row.cells.iter_mut().for_each(unquote);
        all.push(row);
    }
    Ok(Table { columns, rows: all, warnings: raw.warnings })
}

/// Takes away the one apostrophe that an export put before what a spreadsheet would take for a formula.
fn unquote(cell: &mut String) {
    if let Some(rest) = cell.strip_prefix('\'')
        && write::looks_like_a_formula(rest)
    {
        *cell = rest.to_owned();
    }
}

#[cfg(test)]
mod tests;
