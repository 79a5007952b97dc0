//! What is checked of an applicant record: by itself, and beside the position that it names. No database, no clock.

mod by_hand;
mod dates;
mod person;
mod position;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

pub use self::by_hand::{dropped, faults_by_hand};
pub use self::dates::{HireWindow, read_date, window};
pub(super) use self::person::is_gmc;
pub use self::position::{Position, PositionFacts};
use crate::applicants::model::ReceivedApplication;
use crate::doctors_in_training::files::app::{AppRecord, Column, LAYOUT};
use crate::doctors_in_training::messages::{Code, Message, Severity};
use crate::people::values::title_key;

/// A list that a value may have to be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    Title,
    EthnicOrigin,
    Disability,
    Country,
}

/// The values that are accepted, from the table of code lists, which operators edit.
#[derive(Clone, Debug, Default)]
pub struct CodeLists {
    accepted: HashMap<List, HashSet<String>>,
}

impl CodeLists {
    /// Adds a list; titles are compared without stop and case, codes without case.
    pub fn with<'a>(mut self, list: List, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.accepted.entry(list).or_default().extend(values.into_iter().map(|value| list.key(value)));
        self
    }

    pub fn accepts(&self, list: List, value: &str) -> bool {
        self.accepted.get(&list).is_some_and(|accepted| accepted.contains(&list.key(value)))
    }
}

impl List {
    fn key(self, value: &str) -> String {
        match self {
            Self::Title => title_key(value),
            Self::EthnicOrigin | Self::Disability | Self::Country => value.trim().to_uppercase(),
        }
    }
}

/// What a record is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    pub position: PositionFacts<'a>,
    pub lists: &'a CodeLists,
    /// The business date of the processing, not the date of the file.
    pub today: NaiveDate,
    /// False when the line had to be read as Windows-1252.
    pub was_utf8: bool,
}

/// A record that was checked: every fault, or the application with what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    Faulty(Vec<Message>),
    Sound(Box<ReceivedApplication>, Vec<Message>),
}

impl Checked {
    pub fn messages(&self) -> &[Message] {
        match self {
            Self::Faulty(messages) | Self::Sound(_, messages) => messages,
        }
    }
}

/// Collects what is said of one record while it is read column by column.
struct Reading<'a> {
    record: &'a AppRecord,
    around: Surroundings<'a>,
    messages: Vec<Message>,
}

/// Checks a record. Every fault that is found is reported, but none that only follows from another.
pub fn check(record: &AppRecord, around: Surroundings<'_>) -> Checked {
    if let Some(fault) = wrong_layout(record) {
        return Checked::Faulty(vec![fault]);
    }
    let (record, mut messages) = printable(record, around.was_utf8);
    messages.extend(missing_and_too_long(&record));
    let mut reading = Reading { record: &record, around, messages };
    let read = reading.application();
    let mut messages = reading.messages;
    for message in &mut messages {
        // Pages show no National Insurance number and nothing of a special category; the reply gets back what was sent.
        if message.masked.is_none() && matches!(message.code, Code::A016 | Code::A018) && is_never_shown(message.column)
        {
            let name = message.column.map(Column::name).unwrap_or_default();
            message.masked = Some(format!("{name} cannot be taken over as it stands ({}).", message.code));
        }
    }
    messages.sort_by_key(|message| message.column);
    if messages.iter().any(|message| message.severity == Severity::Error) {
        messages.retain(|message| message.severity == Severity::Error);
        return Checked::Faulty(messages);
    }
    match read {
        Some(application) => Checked::Sound(Box::new(application), messages),
        // Nothing is left out without a message; a record that could not be read and has none is said to be so.
        None => Checked::Faulty(vec![Message::error(Code::A015, None, "The record could not be read.")]),
    }
}

fn wrong_layout(record: &AppRecord) -> Option<Message> {
    let kind = &record[Column::RecordType];
    if kind != "APP" {
        let kind: String = kind.chars().filter(|c| !c.is_control()).take(30).collect();
        return Some(Message::error(
            Code::A015,
            Column::RecordType,
            format!("RECORD_TYPE {kind} is not APP, which every record of this file must be."),
        ));
    }
    (!record.is_complete()).then(|| {
        let text = format!("The record has {} columns and must have {}.", record.column_count(), LAYOUT.len());
        Message::error(Code::A015, None, text)
    })
}

/// The record with every value trimmed and without what cannot be printed.
fn printable(record: &AppRecord, was_utf8: bool) -> (AppRecord, Vec<Message>) {
    let mut clean = AppRecord::blank();
    let mut messages = Vec::new();
    let mut reread = Vec::new();
    for rule in &LAYOUT {
        let value = &record[rule.column];
        let kept: String = value.chars().filter(|c| !c.is_control()).collect();
        let kept = kept.trim();
        if value.chars().any(char::is_control) {
            let text =
                format!("Characters that cannot be printed were taken out of {}, which now reads {kept}.", rule.name);
            messages.push(Message::warning(Code::A016, rule.column, text));
        }
        if !was_utf8 && !kept.is_ascii() {
            reread.push(format!("{} {kept}", rule.name));
        }
        clean.set(rule.column, kept);
    }
    if !was_utf8 {
        let text = format!("The record was not UTF-8 and was read as Windows-1252: {}.", reread.join(", "));
        messages.push(Message::warning(Code::A016, None, text));
    }
    (clean, messages)
}

fn missing_and_too_long(record: &AppRecord) -> Vec<Message> {
    let mut messages = Vec::new();
    for rule in &LAYOUT {
        let value = &record[rule.column];
        if rule.is_mandatory && value.is_empty() {
            let text = format!("Mandatory item {} not supplied. Application rejected.", rule.name);
            messages.push(Message::error(Code::A001, rule.column, text));
        }
        let length = value.chars().count();
        if length > rule.longest && !has_check_of_its_own(rule.column) {
            let text = format!("{} has {length} characters and may have {}: {value}", rule.name, rule.longest);
            messages.push(Message::error(Code::A018, rule.column, text));
        }
    }
    messages
}

fn is_never_shown(column: Option<Column>) -> bool {
    use Column::*;
    matches!(column, Some(NiNumber | EthnicOrigin | Disability | SexualOrientation | ReligiousBelief))
}

/// Columns whose own check says more than that a value is too long.
fn has_check_of_its_own(column: Column) -> bool {
    use Column::*;
    matches!(
        column,
        VacancyId
            | EffectiveDate
            | PositionId
            | PositionNumber
            | Title
            | DateOfBirth
            | Gender
            | NiNumber
            | Country
            | EthnicOrigin
            | Disability
            | Expiry1
            | Expiry2
            | ProjectedHireDate
            | ProjectedEndDate
            | Wte
            | ContactGender
    )
}

impl<'a> Reading<'a> {
    fn value(&self, column: Column) -> &'a str {
        let record: &'a AppRecord = self.record;
        &record[column]
    }

    fn text(&self, column: Column) -> String {
        self.value(column).to_owned()
    }

    fn error(&mut self, code: Code, column: Column, text: String) {
        self.messages.push(Message::error(code, column, text));
    }

    fn warn(&mut self, code: Code, column: Column, text: String) {
        self.messages.push(Message::warning(code, column, text));
    }

    /// The sentence of the source for a value that is not taken over.
    fn ignore(&mut self, column: Column) {
        let text = format!(
            "Value for {} does not exist in ESR. The value {} will be ignored.",
            column.name(),
            self.value(column)
        );
        self.warn(Code::A006, column, text);
    }

    fn application(&mut self) -> Option<ReceivedApplication> {
        self.vacancy_id();
        let effective_on = self.mandatory_date(Column::EffectiveDate);
        let hire_on = self.hire_date();
        self.position(hire_on);
        let end_on = self.end_date(hire_on);
        let wte = self.wte();
        let person = self.person(hire_on.filter(|on| window(*on, self.around.today).is_accepted()));
        Some(ReceivedApplication {
            vacancy_ref_number: self.text(Column::VacancyRefNumber),
            effective_on: effective_on?,
            position_id: self.text(Column::PositionId),
            position_number: self.text(Column::PositionNumber),
            deanery_number: self.text(Column::DeaneryNumber),
            hire_on: hire_on?,
            end_on,
            wte,
            grade: self.text(Column::Grade),
            person: person?,
        })
    }

    /// The sender's row number is a hint, never a key: a wrong one costs nobody the application.
    fn vacancy_id(&mut self) {
        let value = self.value(Column::VacancyId);
        if !value.is_empty() && (value.len() > 15 || !value.bytes().all(|b| b.is_ascii_digit())) {
            let text = format!("VACANCY_ID {value} is not a number of up to 15 digits and is ignored.");
            self.warn(Code::A006, Column::VacancyId, text);
        }
    }
}

#[cfg(test)]
mod tests;
