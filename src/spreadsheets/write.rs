use chrono::{DateTime, Utc};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// How a cell of a workbook looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Plain,
    /// Red, for a value that is wrong.
    Bad,
    Heading,
    /// A number, to be counted with.
    Number,
}

/// A cell to be written; text stays text, whatever it looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub style: Style,
}

impl Cell {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Plain }
    }

    pub fn number(number: i64) -> Self {
        Self { text: number.to_string(), style: Style::Number }
    }

    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// A sheet to be written: a line over it for each of `above`, then its headings and its rows.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub name: String,
    pub above: Vec<Vec<Cell>>,
    /// Headings with the width of their columns in characters; none for a sheet that is not a table.
    pub columns: Vec<(String, u16)>,
    pub rows: Vec<Vec<Cell>>,
}

/// Writes a workbook; `title` and `made_at` go into its properties.
pub fn xlsx(title: &str, made_at: DateTime<Utc>, sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made_at = ExcelDateTime::from_timestamp(made_at.timestamp())?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&made_at));
    let formats = Formats {
        plain: Format::new().set_num_format("@").set_text_wrap(),
        bad: Format::new().set_num_format("@").set_background_color(0x00F4_CCCC_u32).set_font_color(0x009C_0006_u32),
        heading: Format::new().set_bold().set_text_wrap(),
    };
    for sheet in sheets {
        let out = workbook.add_worksheet();
        out.set_name(name_of(&sheet.name))?;
        let mut row = 0;
        for line in &sheet.above {
            write_line(out, &formats, row, line)?;
            row += 1;
        }
        if !sheet.columns.is_empty() {
            for (at, (title, width)) in sheet.columns.iter().enumerate() {
                let column = u16::try_from(at).unwrap_or(u16::MAX);
                out.set_column_width(column, f64::from(*width))?;
                out.write_string_with_format(row, column, title, &formats.heading)?;
            }
            row += 1;
            out.set_freeze_panes(row, 0)?;
        }
        for line in &sheet.rows {
            write_line(out, &formats, row, line)?;
            row += 1;
        }
    }
    workbook.save_to_buffer()
}

struct Formats {
    plain: Format,
    bad: Format,
    heading: Format,
}

fn write_line(out: &mut Worksheet, formats: &Formats, row: u32, cells: &[Cell]) -> Result<(), XlsxError> {
    for (at, cell) in cells.iter().enumerate() {
        let column = u16::try_from(at).unwrap_or(u16::MAX);
        // Excel takes no more, and no cell of ours comes near.
        let text: String = cell.text.chars().take(32_000).collect();
        match (cell.style, cell.text.parse::<f64>()) {
            _ if text.is_empty() => {}
            (Style::Number, Ok(number)) => {
                out.write_number(row, column, number)?;
            }
            (Style::Bad, _) => {
                out.write_string_with_format(row, column, text, &formats.bad)?;
            }
            (Style::Heading, _) => {
                out.write_string_with_format(row, column, text, &formats.heading)?;
            }
            (Style::Plain | Style::Number, _) => {
                out.write_string_with_format(row, column, text, &formats.plain)?;
            }
        }
    }
    Ok(())
}

/// A sheet's name as Excel takes it.
fn name_of(name: &str) -> String {
    let name: String = name.chars().map(|c| if "[]:*?/\\".contains(c) { '-' } else { c }).take(31).collect();
    if name.is_empty() { "Sheet".to_owned() } else { name }
}

/// Writes a table as CSV, with the mark that tells Excel the encoding.
pub fn csv<R: IntoIterator<Item = String>>(columns: &[&str], rows: impl IntoIterator<Item = R>) -> Vec<u8> {
    let mut writer = CsvWriter::new();
    writer.line(columns.iter().map(|column| (*column).to_owned()));
    for row in rows {
        writer.line(row);
    }
    writer.finish().into_bytes()
}

/// CSV a line at a time, for what is sent as it is read.
#[derive(Default)]
pub struct CsvWriter {
    out: String,
}

impl CsvWriter {
    /// Begins a file.
    pub fn new() -> Self {
        Self { out: "\u{feff}".to_owned() }
    }

    /// Goes on with a file that was begun.
    pub fn more() -> Self {
        Self::default()
    }

    pub fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            push_cell(&mut self.out, &cell);
        }
        self.out.push_str("\r\n");
    }

    pub fn finish(self) -> String {
        self.out
    }
}

/// Every cell is quoted; what a spreadsheet would take for a formula is led by an apostrophe.
fn push_cell(out: &mut String, text: &str) {
    out.push('"');
    if looks_like_a_formula(text) || text.strip_prefix('\'').is_some_and(looks_like_a_formula) {
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\"").replace('\0', ""));
    out.push('"');
}

/// Whether a spreadsheet would read a text as something to be worked out.
pub(super) fn looks_like_a_formula(text: &str) -> bool {
    let start = text.trim_start_matches(['\'', ' ', '\u{a0}', '\u{feff}']);
    start.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠'])
}
