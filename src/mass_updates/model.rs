//! The template's rows, read one by one. No SQL, no HTTP, no clock.

use chrono::NaiveDate;

use crate::positions::dpn::DeaneryPostNumber;
use crate::positions::model::{HostOrLead, PositionChange, Set};
use crate::spreadsheets::Table;
use crate::ui::dates;

/// The template's columns, in its order.
pub const COLUMNS: [&str; 8] = [
    "vpd",
    "position_number",
    "action",
    "deanery_post_number",
    "managing_deanery_body",
    "host_lead_status",
    "effective_from",
    "note",
];
/// The most rows of a file.
pub const MOST_ROWS: usize = 10_000;
/// More rows than this may wait for the night.
pub const MANY: usize = 100;

/// Why a row is not done; the code is in the file that comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The column that is wrong; none where it is the row.
    pub column: &'static str,
    pub code: String,
    pub message: String,
}

impl Rejected {
    pub fn new(column: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self { column, code: code.to_owned(), message: message.into() }
    }
}

/// What a row says in a column.
pub fn value<'a>(cells: &'a [String], column: &str) -> &'a str {
    let at = COLUMNS.iter().position(|name| *name == column);
    at.and_then(|at| cells.get(at)).map_or("", String::as_str)
}

/// A day as people type it, as ESR shows it (`05-AUG-2026`), or as its files write it (`20260805`).
fn day(text: &str) -> Option<NaiveDate> {
    let is_of_a_file = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    dates::parse_day(text)
        .or_else(|| NaiveDate::parse_from_str(text, "%d-%b-%Y").ok())
        .or_else(|| is_of_a_file.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten())
}

/// What a row asks for; the position is not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub position_number: String,
    pub change: PositionChange,
}

/// Says in words why a file does not follow the template; `None` if it does. Columns may stand in any order.
pub fn not_the_template(table: &Table) -> Option<String> {
    let has = |name: &str| table.columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    let missing: Vec<&str> = COLUMNS.into_iter().filter(|name| *name != "note" && !has(name)).collect();
    let unknown: Vec<&String> = table
        .columns
        .iter()
        .filter(|column| !column.is_empty() && !COLUMNS.iter().any(|known| known.eq_ignore_ascii_case(column)))
        // What we wrote into the file that went back is read over.
        .filter(|column| !["result", "message_code", "message"].contains(&column.to_lowercase().as_str()))
        .collect();
    if !missing.is_empty() {
        return Some(format!(
            "The selected file must use the template. These columns are missing: {}",
            missing.join(", ")
        ));
    }
    if let Some(column) = unknown.first() {
        return Some(format!("The selected file must use the template. It has no column {column:?}"));
    }
    if table.rows.is_empty() {
        return Some("The selected file has no rows under its headings".to_owned());
    }
    None
}

/// The cells of a row in the template's order.
pub fn in_order(table: &Table, cells: &[String]) -> Vec<String> {
    let at = |name: &str| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    COLUMNS.iter().map(|name| at(name).and_then(|at| cells.get(at)).cloned().unwrap_or_default()).collect()
}

/// Reads a row whose cells are in the template's order; every column that is wrong is told.
pub fn read(cells: &[String], vpd: &str, today: NaiveDate) -> Result<Asked, Vec<Rejected>> {
    let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
    let mut wrong = Vec::new();
    if cell(0) != vpd {
        let text = format!("The column vpd says {:?}; it must be {vpd}, your own organisation", cell(0));
        wrong.push(Rejected::new("vpd", "M001", text));
    }
    if cell(1).is_empty() {
        let text = "The column position_number is empty. Enter the position's number";
        wrong.push(Rejected::new("position_number", "M002", text));
    }
    let action = cell(2).to_uppercase();
    if !["SET", "CLEAR", "END_DATE"].contains(&action.as_str()) {
        let text = format!("The column action says {action:?}. Enter SET, CLEAR or END_DATE");
        wrong.push(Rejected::new("action", "M003", text));
    }
    let on = if cell(6).is_empty() { Some(today) } else { day(cell(6)) };
    if on.is_none() {
        let text = format!(
            "The column effective_from says {:?}. Enter a date such as 2026-08-05, 5/8/2026, 05-AUG-2026 or 20260805",
            cell(6)
        );
        wrong.push(Rejected::new("effective_from", "M004", text));
    }
    let status = HostOrLead::parse(cell(5));
    if !cell(5).is_empty() && status.is_none() {
        let text = format!("The column host_lead_status says {:?}. Enter Host Employer or Lead Employer", cell(5));
        wrong.push(Rejected::new("host_lead_status", "M005", text));
    }
    // As typed: a space before or after is told, and not taken away in silence.
    let typed = cells.get(3).map_or("", String::as_str);
    // Of a row that is done no more the number is looked at too, so that all of it is told at once.
    if !wrong.is_empty()
        && action == "SET"
        && !typed.is_empty()
        && let Err(error) = typed.parse::<DeaneryPostNumber>()
    {
        wrong.push(Rejected::new("deanery_post_number", "M011", error.to_string()));
    }
    let (Some(on), true) = (on, wrong.is_empty()) else { return Err(wrong) };
    let new = PositionChange { confirmed: true, ..PositionChange::new("", on) };
    let given = |text: &str| if text.is_empty() { Set::Leave } else { Set::To(Some(text.to_owned())) };
    let change = match action.as_str() {
        "SET" => PositionChange {
            dpn: given(typed),
            managing_body: given(cell(4)),
            host_or_lead: status.map_or(Set::Leave, |status| Set::To(Some(status))),
            ..new
        },
        "CLEAR" => {
            PositionChange { dpn: Set::To(None), managing_body: Set::To(None), host_or_lead: Set::To(None), ..new }
        }
        _ => PositionChange { end_on: Set::To(Some(on)), ..new },
    };
    Ok(Asked { position_number: cell(1).to_owned(), change })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn a_row_is_read_or_told_what_is_wrong_with_it() {
        let today = "2026-05-06".parse().unwrap();
        for (row, code) in [
            ("917,1,SET,,,,,", "M001"),
            ("904,,SET,,,,,", "M002"),
            ("904,1,DELETE,,,,,", "M003"),
            ("904,1,SET,,,,soon,", "M004"),
            ("904,1,SET,,,Guest,,", "M005"),
        ] {
            assert_eq!(read(&cells(row), "904", today).unwrap_err()[0].code, code, "{row}");
        }
        let all = read(&cells("904,1,SET,MER//1/2,,Guest,soon,"), "904", today).unwrap_err();
        let columns: Vec<&str> = all.iter().map(|one| one.column).collect();
        assert_eq!(columns, ["effective_from", "host_lead_status", "deanery_post_number"], "each is told");
        for day in ["2026-08-31", "31/8/2026", "31-AUG-2026", "31-Aug-2026", "20260831"] {
            let asked = read(&cells(&format!("904,1,END_DATE,,,,{day},")), "904", today).unwrap();
            assert_eq!(asked.change.effective_from, "2026-08-31".parse().unwrap(), "{day}");
        }
        let asked =
            read(&cells("904,29040001,set,KSS/R9A01/024/STR/9,KSS,host employer,2026-08-05,x"), "904", today).unwrap();
        assert_eq!(asked.change.effective_from, "2026-08-05".parse().unwrap());
        assert_eq!(asked.change.host_or_lead, Set::To(Some(HostOrLead::Host)));
        let asked = read(&cells("904,1,SET,,,,,"), "904", today).unwrap();
        assert_eq!((asked.change.dpn, asked.change.effective_from), (Set::Leave, today), "an empty cell leaves it");
        assert!(read(&cells("904,1,END_DATE,,,,5/8/2026,"), "904", today).unwrap().change.end_on.is_set());
    }

    #[test]
    fn a_file_that_is_not_the_template_is_told_so() {
        let table = |head: &str, rows: usize| Table {
            columns: cells(head),
            rows: vec![Default::default(); rows],
            warnings: Vec::new(),
        };
        assert_eq!(not_the_template(&table(&COLUMNS.join(","), 1)), None);
        assert_eq!(not_the_template(&table(&format!("{},result", COLUMNS.join(",").to_uppercase()), 1)), None);
        assert!(not_the_template(&table("vpd,position_number", 1)).unwrap().contains("action"));
        assert!(not_the_template(&table(&format!("{},colour", COLUMNS.join(",")), 1)).unwrap().contains("colour"));
        assert!(not_the_template(&table(&COLUMNS.join(","), 0)).unwrap().contains("no rows"));
    }
}
