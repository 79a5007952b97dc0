//! CSV as Excel and people write it: RFC 4180, with commas, semicolons or tabs, any line end, and rows numbered as Excel numbers them.

use super::{LONGEST_CELL, MOST_COLUMNS, Raw, ReadError, Row};
use crate::ui::number;

/// Reads every row, empty ones too.
pub fn rows(bytes: &[u8], most_rows: usize) -> Result<Raw, ReadError> {
    let mut warnings = Vec::new();
    let text = decode(bytes, &mut warnings)?;
    let start = text.trim_start().to_ascii_lowercase();
    if ["<!doctype", "<html", "<?xml", "<table", "{\\rtf"].iter().any(|mark| start.starts_with(mark)) {
        return Err(ReadError::NotATable);
    }
    let separator = separator(&text);
    let mut parser = Parser { rows: Vec::new(), cells: Vec::new(), cell: String::new(), most_rows };
    let (mut quoted, mut opened_in) = (false, 0);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                parser.push('"')?;
            }
            '"' if quoted => quoted = false,
            '"' if parser.cell.is_empty() => {
                quoted = true;
                opened_in = parser.rows.len() + 1;
            }
            c if quoted => parser.push(c)?,
            c if c == separator => parser.end_cell()?,
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    chars.next();
                }
                parser.end_row()?;
            }
            '\n' => parser.end_row()?,
            c => parser.push(c)?,
        }
    }
    if quoted {
        return Err(ReadError::OpenQuote { row: opened_in });
    }
    if !parser.cell.is_empty() || !parser.cells.is_empty() {
        parser.end_row()?;
    }
    Ok(Raw { rows: parser.rows, warnings, is_csv: true })
}

struct Parser {
    rows: Vec<Row>,
    cells: Vec<String>,
    cell: String,
    most_rows: usize,
}

impl Parser {
    fn push(&mut self, c: char) -> Result<(), ReadError> {
        // Bytes first: characters are counted only where there may be too many.
        if self.cell.len() >= LONGEST_CELL && self.cell.chars().count() >= LONGEST_CELL {
            return Err(ReadError::LongCell { row: self.rows.len() + 1 });
        }
        self.cell.push(c);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), ReadError> {
        if self.cells.len() >= MOST_COLUMNS {
            return Err(ReadError::TooManyColumns);
        }
        self.cells.push(std::mem::take(&mut self.cell));
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        self.end_cell()?;
        let number = self.rows.len() + 1;
        // The headings, and as many empty rows again, are not counted among the rows of data.
        if number > self.most_rows * 2 + 1 {
            return Err(ReadError::TooManyRows { most: number_of(self.most_rows) });
        }
        self.rows.push(Row { number, cells: std::mem::take(&mut self.cells) });
        Ok(())
    }
}

pub(super) fn number_of(rows: usize) -> String {
    number(i64::try_from(rows).unwrap_or(i64::MAX))
}

fn decode(bytes: &[u8], warnings: &mut Vec<String>) -> Result<String, ReadError> {
    let text = match bytes {
        [0xFF, 0xFE, ..] => encoding_rs::UTF_16LE.decode(bytes).0.into_owned(),
        [0xFE, 0xFF, ..] => encoding_rs::UTF_16BE.decode(bytes).0.into_owned(),
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => {
                    warnings.push(
                        "The file is not UTF-8 and was read as Windows-1252: check names with accents".to_owned(),
                    );
                    encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned()
                }
            }
        }
    };
    let unreadable = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    if text.contains('\0') || text.chars().take(4_000).filter(|c| unreadable(*c)).count() > 5 {
        return Err(ReadError::NotText);
    }
    Ok(text)
}

/// What stands between cells: whatever the first line has most of.
fn separator(text: &str) -> char {
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |c: char| head.matches(c).count();
    // An Excel of another country writes semicolons; "Unicode text" has tabs.
    [',', ';', '\t'].into_iter().rev().max_by_key(|c| count(*c)).unwrap_or(',')
}
