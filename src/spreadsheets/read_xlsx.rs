//! The first sheet of a workbook, cell by cell: one cell far away must not cost the memory of all between.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use super::read_csv::number_of;
use super::{LONGEST_CELL, MOST_COLUMNS, Raw, ReadError, Row, zip_check};

/// The most bytes of text that the cells of a table may hold together.
const MOST_HELD: usize = 64 * 1024 * 1024;

/// Reads every row that has a cell.
pub fn rows(bytes: &[u8], most_rows: usize) -> Result<Raw, ReadError> {
    zip_check::check(bytes)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(refused)?;
    let names = workbook.sheet_names();
    let first = names.first().ok_or(ReadError::NoSheets)?.clone();
    let mut raw = Raw::default();
    if names.len() > 1 {
        raw.warnings.push(format!("The workbook has {} sheets: only the first, {first:?}, is read", names.len()));
    }
    let mut cells = workbook.worksheet_cells_reader(&first).map_err(refused)?;
    let (mut faulty, mut held) = (Vec::new(), 0);
    while let Some(cell) = cells.next_cell().map_err(refused)? {
        let (row, column) = (cell.get_position().0 as usize, cell.get_position().1 as usize);
        let Some(text) = text(cell.get_value(), row + 1, &mut faulty) else { continue };
        if text.is_empty() {
            continue;
        }
        if column >= MOST_COLUMNS {
            return Err(ReadError::TooManyColumns);
        }
        if row > most_rows * 2 + 1 || raw.rows.len() > most_rows + 1 {
            return Err(ReadError::TooManyRows { most: number_of(most_rows) });
        }
        if text.len() > LONGEST_CELL && text.chars().count() > LONGEST_CELL {
            return Err(ReadError::LongCell { row: row + 1 });
        }
        // One long text can stand in every cell: what counts is what would be held.
        held += text.len();
        if held > MOST_HELD {
            return Err(ReadError::TooManyRows { most: number_of(most_rows) });
        }
        if raw.rows.last().is_none_or(|last| last.number != row + 1) {
            raw.rows.push(Row { number: row + 1, cells: Vec::new() });
        }
        if let Some(last) = raw.rows.last_mut() {
            if last.cells.len() <= column {
                last.cells.resize(column + 1, String::new());
            }
            last.cells[column] = text;
        }
    }
    if let Some(row) = faulty.first() {
        raw.warnings.push(format!("Row {row} and {} others hold an error of Excel, such as #REF!", faulty.len() - 1));
    }
    Ok(raw)
}

/// A cell as the text that a person reads in it.
fn text(value: &DataRef<'_>, row: usize, faulty: &mut Vec<usize>) -> Option<String> {
    Some(match value {
        DataRef::Empty => return None,
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => of_number(*number),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(at) => match at.as_datetime() {
            Some(at) if at.time() == chrono::NaiveTime::MIN => at.date().to_string(),
            Some(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
            None => of_number(at.as_f64()),
        },
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => {
            faulty.push(row);
            format!("{error}")
        }
    })
}

/// `29040000` and never `29040000.0` or `2.904E7`.
fn of_number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { number.to_string() }
}

fn refused(error: XlsxError) -> ReadError {
    match error {
        XlsxError::Password => ReadError::Password,
        error => {
            tracing::info!(%error, "a workbook cannot be read");
            ReadError::Broken("a part of it is damaged or missing".to_owned())
        }
    }
}
