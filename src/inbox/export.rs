//! The list as CSV, safe to open in a spreadsheet.

use chrono::{DateTime, Utc};

use super::kinds;
use super::store::ListRow;
use crate::notifications::Cause;
use crate::notifications::item::CLAIM_LASTS;
use crate::ui::dates;

const COLUMNS: [&str; 18] = [
    "ID",
    "Notification",
    "Type",
    "Item",
    "Name",
    "GMC number",
    "Deanery Post Number",
    "Position number",
    "Position",
    "Takes effect",
    "Received",
    "State",
    "With",
    "Decided",
    "Reason",
    "Cause",
    "File",
    "Read by you",
];

/// The mark that tells a spreadsheet the encoding, and the headings.
pub fn head() -> String {
    let mut out = String::from("\u{feff}");
    write_line(&mut out, COLUMNS.iter().map(|column| (*column).to_owned()));
    out
}

/// Adds one row.
pub fn line(out: &mut String, row: &ListRow, now: DateTime<Utc>) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let lapsed = row.state == "claimed" && row.claimed_at.is_none_or(|at| now - at >= CLAIM_LASTS);
    let state = match row.state.as_str() {
        "claimed" if !lapsed => "In progress",
        "open" | "claimed" => "Waiting",
        "done" => "Done",
        "closed_by_system" => "Closed by itself",
        _ => "Expired",
    };
    let with = match row.state.as_str() {
        "claimed" if !lapsed => text(&row.claimed_name),
        "done" => text(&row.decided_name),
        _ => String::new(),
    };
    let cells = [
        row.number.to_string(),
        row.message_title.clone(),
        kinds::label(&row.kind).to_owned(),
        row.title.clone(),
        text(&row.person_name),
        text(&row.gmc_number),
        text(&row.dpn),
        text(&row.position_number),
        text(&row.position_name),
        row.takes_effect_on.map(dates::esr_day).unwrap_or_default(),
        dates::esr_day(dates::london_day(row.created_at)),
        state.to_owned(),
        with,
        row.decided_at.map(|at| dates::esr_day(dates::london_day(at))).unwrap_or_default(),
        text(&row.closed_reason),
        Cause::from_code(&row.cause).map_or(row.cause.clone(), |cause| cause.label().to_owned()),
        text(&row.file_name),
        if row.unread { "No" } else { "Yes" }.to_owned(),
    ];
    write_line(out, cells.into_iter());
}

fn write_line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_cell(out, &cell);
    }
    out.push_str("\r\n");
}

/// Every cell is quoted; what a spreadsheet would take for a formula is led by an apostrophe.
fn push_cell(out: &mut String, text: &str) {
    out.push('"');
    if text
        .trim_start_matches([' ', '\u{a0}', '\u{feff}'])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠'])
    {
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\"").replace('\0', ""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, cell) in [
            ("Smith", r#""Smith""#),
            ("O\"Hara, Zoë", r#""O""Hara, Zoë""#),
            ("=HYPERLINK(\"x\")", r#""'=HYPERLINK(""x"")""#),
            ("  +1", r#""'  +1""#),
            ("-1", r#""'-1""#),
            ("@SUM(A1)", r#""'@SUM(A1)""#),
            ("\tx", "\"'\tx\""),
            ("|calc", "\"'|calc\""),
            ("", "\"\""),
        ] {
            let mut out = String::new();
            push_cell(&mut out, text);
            assert_eq!(out, cell);
        }
    }
}
