use std::collections::BTreeMap;

use askama::Template;

use super::words::at_field;
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::doctors_in_training::messages::Message;
use crate::people::values::mask_ni;
use crate::ui::{Choice, ErrorSummary, Field, Layout};

/// The box that leaves out the National Insurance number of the record.
const LEAVE_OUT: &str = "ni-number-left-out";

/// A field of the form, and the column of a record that it fills.
pub struct Entry {
    pub column: Column,
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: EntryKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Text(&'static str),
    Date,
    Title,
    Gender,
}

impl Entry {
    pub fn label(&self) -> &'static str {
        self.label
    }

    pub fn hint(&self) -> &'static str {
        self.hint
    }
}

const fn entry(column: Column, name: &'static str, label: &'static str, hint: &'static str, kind: EntryKind) -> Entry {
    Entry { column, name, label, hint, kind }
}

/// The fields in the order of the form, with the headings before them.
pub const GROUPS: &[(&str, &[Entry])] = &[
    (
        "The post",
        &[
            entry(
                Column::PositionNumber,
                "position-number",
                "Position number",
                "As in ESR, such as 29040003",
                EntryKind::Text("10"),
            ),
            entry(
                Column::DeaneryNumber,
                "deanery-number",
                "Deanery Post Number",
                "Leave empty for the one that the position has",
                EntryKind::Text("30"),
            ),
            entry(
                Column::ProjectedHireDate,
                "hire-date",
                "Projected hire date",
                "For example, 5 8 2026",
                EntryKind::Date,
            ),
            entry(Column::ProjectedEndDate, "end-date", "Projected end date (optional)", "", EntryKind::Date),
            entry(Column::Wte, "wte", "Whole-time equivalent (optional)", "Up to 1.00", EntryKind::Text("4")),
            entry(Column::Grade, "grade", "Grade (optional)", "", EntryKind::Text("10")),
            entry(Column::VacancyRefNumber, "vacancy-ref", "Vacancy reference (optional)", "", EntryKind::Text("20")),
        ],
    ),
    (
        "The doctor",
        &[
            entry(Column::Title, "title", "Title (optional)", "", EntryKind::Title),
            entry(Column::LastName, "last-name", "Last name", "", EntryKind::Text("30")),
            entry(Column::FirstName, "first-name", "First name", "", EntryKind::Text("30")),
            entry(Column::MiddleNames, "middle-names", "Middle names (optional)", "", EntryKind::Text("30")),
            entry(
                Column::PreviousLastName,
                "previous-last-name",
                "Previous last name (optional)",
                "",
                EntryKind::Text("30"),
            ),
            entry(Column::DateOfBirth, "date-of-birth", "Date of birth", "For example, 31 3 1995", EntryKind::Date),
            entry(Column::Gender, "gender", "Gender (optional)", "", EntryKind::Gender),
            entry(Column::RegNo1, "gmc-number", "GMC number (optional)", "Seven digits", EntryKind::Text("10")),
            entry(
                Column::NiNumber,
                "ni-number",
                "National Insurance number (optional)",
                "A transfer from another employer has to wait until it is known",
                EntryKind::Text("10"),
            ),
        ],
    ),
    (
        "How to reach the doctor",
        &[
            entry(Column::Email, "email", "Email (optional)", "", EntryKind::Text("30")),
            entry(Column::MobilePhone, "mobile-phone", "Mobile phone (optional)", "", EntryKind::Text("20")),
            entry(Column::HomePhone, "home-phone", "Home phone (optional)", "", EntryKind::Text("20")),
            entry(Column::Address1, "address-1", "Address line 1 (optional)", "", EntryKind::Text("30")),
            entry(Column::Address2, "address-2", "Address line 2 (optional)", "", EntryKind::Text("30")),
            entry(Column::Town, "town", "Town (optional)", "", EntryKind::Text("20")),
            entry(Column::Postcode, "postcode", "Postcode (optional)", "", EntryKind::Text("10")),
        ],
    ),
];

/// A form group as the template shows it.
pub struct Shown {
    pub field: Field,
    pub entry: &'static Entry,
    pub choices: Vec<Choice>,
    /// What the record says, masked, of a number that is not written into the page; and whether it is to be left out.
    pub kept: Option<(String, Field)>,
}

impl Shown {
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The box that leaves out what the record says.
    pub fn leave_out(&self) -> Vec<Choice> {
        vec![Choice::new("yes", "The number of the record is wrong: leave it out")]
    }

    pub fn is_date(&self) -> bool {
        self.entry.kind == EntryKind::Date
    }

    pub fn is_select(&self) -> bool {
        matches!(self.entry.kind, EntryKind::Title | EntryKind::Gender)
    }

    pub fn width(&self) -> &'static str {
        match self.entry.kind {
            EntryKind::Text(width) => width,
            EntryKind::Date | EntryKind::Title | EntryKind::Gender => "",
        }
    }
}

#[derive(Template)]
#[template(path = "doctors/new.html")]
pub struct NewPage {
    pub layout: Layout,
    pub groups: Vec<(&'static str, Vec<Shown>)>,
    pub errors: ErrorSummary,
    /// The failed record that this puts right: file, record, and how a sentence names it.
    pub instead_of: Option<(String, i32, String)>,
}

impl NewPage {
    /// The form with these values, and with the faults that were found in them.
    pub fn new(
        layout: Layout,
        values: &BTreeMap<&'static str, String>,
        titles: &[Choice],
        faults: &[Message],
        instead_of: Option<(String, i32, String)>,
        kept_ni: Option<&str>,
    ) -> Self {
        let mut unplaced: Vec<&Message> = faults.iter().collect();
        let mut groups = Vec::new();
        for (heading, entries) in GROUPS {
            let mut shown = Vec::new();
            for entry in *entries {
                let mut field = Field::new(entry.name, values.get(entry.name).cloned().unwrap_or_default());
                let ours: Vec<String> =
                    unplaced.extract_if(.., |fault| column_of(fault) == Some(entry.column)).map(at_field).collect();
                if !ours.is_empty() {
                    field.error = Some(ours.join(". "));
                }
                let choices = match entry.kind {
                    EntryKind::Title => titles.to_vec(),
                    EntryKind::Gender => {
                        vec![Choice::new("", "Not given"), Choice::new("M", "Male"), Choice::new("F", "Female")]
                    }
                    EntryKind::Text(_) | EntryKind::Date => Vec::new(),
                };
                let kept = kept_ni.filter(|_| entry.column == Column::NiNumber);
                let kept = kept.map(|number| (mask_ni(number), Field::empty(LEAVE_OUT)));
                shown.push(Shown { field, entry, choices, kept });
            }
            groups.push((*heading, shown));
        }
        let mut errors = ErrorSummary::of(groups.iter().flat_map(|(_, shown)| shown.iter().map(|one| &one.field)));
        errors.0.extend(unplaced.iter().map(|fault| ("position-number".to_owned(), at_field(fault))));
        Self { layout, groups, errors, instead_of }
    }
}

/// The columns that the form shows.
pub fn columns() -> Vec<Column> {
    GROUPS.iter().flat_map(|(_, entries)| *entries).map(|entry| entry.column).collect()
}

/// The column at which a fault is put right: a position is typed by its number, not by its id.
fn column_of(fault: &Message) -> Option<Column> {
    match fault.column? {
        Column::PositionId => Some(Column::PositionNumber),
        column => Some(column),
    }
}

/// The values of the form that a record has; dates as `2026-08-05` where they are dates.
pub fn values_of(record: &AppRecord) -> BTreeMap<&'static str, String> {
    let entries = GROUPS.iter().flat_map(|(_, entries)| *entries);
    entries
        .map(|entry| {
            let value = record[entry.column].trim();
            let is_plain_date = value.len() == 8 && value.is_ascii();
            let value = match entry.kind {
                // Kept with the record: a page shows it where somebody asks for it, which is recorded.
                EntryKind::Text(_) if entry.column == Column::NiNumber => String::new(),
                EntryKind::Date if is_plain_date => format!("{}-{}-{}", &value[..4], &value[4..6], &value[6..]),
                EntryKind::Text(_) | EntryKind::Date | EntryKind::Title | EntryKind::Gender => value.to_owned(),
            };
            (entry.name, value)
        })
        .collect()
}

/// The values that the form sent, and the record that they make of `base`.
pub fn read_form(fields: &BTreeMap<String, String>, base: AppRecord) -> (BTreeMap<&'static str, String>, AppRecord) {
    let mut record = base;
    let mut values = BTreeMap::new();
    let sent = |name: String| fields.get(&name).map(|value| value.trim().to_owned()).unwrap_or_default();
    for entry in GROUPS.iter().flat_map(|(_, entries)| *entries) {
        let (typed, value) = match entry.kind {
            EntryKind::Date => {
                let [day, month, year] = ["day", "month", "year"].map(|part| sent(format!("{}-{part}", entry.name)));
                let typed = if [&day, &month, &year].iter().all(|part| part.is_empty()) {
                    String::new()
                } else {
                    format!("{day}/{month}/{year}")
                };
                (typed, file_date(&day, &month, &year))
            }
            EntryKind::Text(_) | EntryKind::Title | EntryKind::Gender => {
                let value = sent(entry.name.to_owned());
                let is_kept =
                    entry.column == Column::NiNumber && value.is_empty() && sent(LEAVE_OUT.to_owned()).is_empty();
                let kept = is_kept.then(|| record[entry.column].to_owned());
                (value.clone(), kept.unwrap_or(value))
            }
        };
        record.set(entry.column, value.replace('~', " "));
        values.insert(entry.name, typed);
    }
    (values, record)
}

/// A date as a record writes it; what is no date stays as typed, to be refused by the rule.
fn file_date(day: &str, month: &str, year: &str) -> String {
    let number = |text: &str| {
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u32>().ok()).flatten()
    };
    match (number(day), number(month), number(year)) {
        (Some(day), Some(month), Some(year)) if day < 100 && month < 100 => format!("{year:04}{month:02}{day:02}"),
        _ if day.is_empty() && month.is_empty() && year.is_empty() => String::new(),
        _ => format!("{day}/{month}/{year}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_form_become_dates_of_a_record() {
        for (parts, date) in [
            (["5", "8", "2026"], "20260805"),
            (["31", "12", "99"], "00991231"),
            (["", "", ""], ""),
            (["5", "", "2026"], "5//2026"),
            (["x", "8", "2026"], "x/8/2026"),
        ] {
            assert_eq!(file_date(parts[0], parts[1], parts[2]), date);
        }
    }

    #[test]
    fn a_record_fills_the_form_and_the_form_the_record() {
        let mut record = AppRecord::blank();
        record.set(Column::LastName, "D'Souza");
        record.set(Column::ProjectedHireDate, "20260805");
        record.set(Column::EthnicOrigin, "A");
        record.set(Column::NiNumber, "TX958941B");
        let values = values_of(&record);
        assert_eq!(values["ni-number"], "", "the number stays on the server");
        assert_eq!((values["last-name"].as_str(), values["hire-date"].as_str()), ("D'Souza", "2026-08-05"));
        let sent =
            [("last-name", "Souza"), ("hire-date-day", "6"), ("hire-date-month", "8"), ("hire-date-year", "2026")];
        let fields = sent.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (_, record) = read_form(&fields, record);
        assert_eq!((&record[Column::LastName], &record[Column::ProjectedHireDate]), ("Souza", "20260806"));
        assert_eq!(&record[Column::NiNumber], "TX958941B", "empty keeps what the record says");
        // What the form does not show stays as the deanery sent it.
        assert_eq!(&record[Column::EthnicOrigin], "A");
        for (name, typed, becomes) in [("ni-number", "AB123456C", "AB123456C"), (LEAVE_OUT, "yes", "")] {
            let fields = BTreeMap::from([(name.to_owned(), typed.to_owned())]);
            let (_, record) = read_form(&fields, record.clone());
            assert_eq!(&record[Column::NiNumber], becomes, "{name}");
        }
    }
}
