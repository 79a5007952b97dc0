//! The board of a changeover as a file: a row for each post that the filters leave.

use chrono::{DateTime, Utc};
use rust_xlsxwriter::XlsxError;

use super::changeover::{Line, Person};
use super::views::person_in_words;
use crate::spreadsheets::{self, Cell, Sheet};

const COLUMNS: [(&str, u16); 18] = [
    ("Deanery Post Number", 26),
    ("Position number", 14),
    ("Title", 24),
    ("Specialty", 24),
    ("Site", 10),
    ("Host or lead", 12),
    ("Leaving", 40),
    ("Staying", 40),
    ("Arriving", 40),
    ("Withdrew", 28),
    ("To look at", 40),
    ("Changed since last time", 14),
    ("Leaving: name", 28),
    ("Leaving: GMC number", 14),
    ("Leaving: last day", 14),
    ("Arriving: name", 28),
    ("Arriving: GMC number", 14),
    ("Arriving: first day", 14),
];

/// Names, GMC numbers and days of some people, each list in the same order; where one has none, its place is empty.
fn apart(people: &[Person]) -> [String; 3] {
    let list = |of: fn(&Person) -> String| people.iter().map(of).collect::<Vec<_>>().join("; ");
    [
        list(|one| one.name.clone()),
        list(|one| one.gmc_number.clone().unwrap_or_default()),
        list(|one| one.on.map(|day| day.to_string()).unwrap_or_default()),
    ]
}

fn cells(line: &Line) -> [String; 18] {
    let (title, code, area) = line.post.parts();
    let people =
        |all: &[Person], word: &str| all.iter().map(|one| person_in_words(one, word)).collect::<Vec<_>>().join("; ");
    let [leaving, leaving_gmc, leaving_on] = apart(&line.leaving);
    let [arriving, arriving_gmc, arriving_on] = apart(&line.arriving);
    let troubles = line.troubles.iter().map(|(trouble, words)| format!("{}: {words}", trouble.tag().0));
    [
        line.post.dpn.clone(),
        line.post.position_number.clone(),
        title.to_owned(),
        format!("{code} {area}").trim().to_owned(),
        line.post.workplace_code.clone().unwrap_or_default(),
        line.post.host_or_lead.clone().unwrap_or_default(),
        people(&line.leaving, "until"),
        people(&line.staying, "until"),
        people(&line.arriving, "from"),
        line.withdrawn.join("; "),
        troubles.collect::<Vec<_>>().join(" "),
        if line.is_changed { "Yes" } else { "No" }.to_owned(),
        leaving,
        leaving_gmc,
        leaving_on,
        arriving,
        arriving_gmc,
        arriving_on,
    ]
}

pub fn csv(lines: &[&Line]) -> Vec<u8> {
    spreadsheets::csv(&COLUMNS.map(|(name, _)| name), lines.iter().map(|line| cells(line)))
}

/// `above` stands over the table: which changeover, whose, and what narrows it.
pub fn xlsx(lines: &[&Line], above: [String; 2], now: DateTime<Utc>) -> Result<Vec<u8>, XlsxError> {
    let sheet = Sheet {
        name: "Changeover".to_owned(),
        above: above.into_iter().map(|text| vec![Cell::new(text)]).collect(),
        columns: COLUMNS.iter().map(|(name, width)| ((*name).to_owned(), *width)).collect(),
        rows: lines.iter().map(|line| cells(line).into_iter().map(Cell::new).collect()).collect(),
    };
    spreadsheets::xlsx("Changeover board", now, &[sheet])
}
