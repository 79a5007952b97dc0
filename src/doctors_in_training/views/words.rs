//! The messages about a record in the words of those who type: labels for columns, dates as people write them.

use chrono::NaiveDate;

use super::new::{Entry, GROUPS};
use crate::doctors_in_training::checks::read_date;
use crate::doctors_in_training::files::app::{Column, LAYOUT};
use crate::doctors_in_training::messages::{Code, Message};
use crate::ui::dates;

/// What a form calls a column, without what is said of it beside.
fn label(column: Column) -> Option<&'static str> {
    let entry = entries().find(|entry| entry.column == column)?;
    Some(entry.label.trim_end_matches(" (optional)"))
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().flat_map(|(_, entries)| *entries)
}

/// A fault as it stands at its field.
pub fn at_field(fault: &Message) -> String {
    let column = fault.column;
    let label = column.and_then(label);
    let longest = LAYOUT.iter().find(|rule| Some(rule.column) == column).map(|rule| rule.longest);
    match (fault.code, column, label, longest) {
        (Code::A001, Some(_), Some(label), _) if fault.text.starts_with("Mandatory item ") => {
            format!("Enter the {}", small(label))
        }
        (Code::A001 | Code::A009 | Code::A010, _, Some(label), _) if fault.text.contains(" is not a date") => {
            format!("{label} must be a real date, such as 5 8 2026")
        }
        (Code::A008, _, Some(label), _) => format!("{label} must be 7 digits, such as 7654321"),
        (Code::A006, Some(Column::Title | Column::Gender), Some(label), _) => {
            format!("Select a {} of the list", small(label))
        }
        (Code::A018, Some(_), Some(label), Some(longest)) => format!("{label} must be {longest} characters or less"),
        _ => plain(fault.shown()).trim_end_matches('.').to_owned(),
    }
}

/// A label inside a sentence: `Last name` begins small, `GMC number` does not.
fn small(label: &str) -> String {
    let is_name = label.chars().nth(1).is_some_and(char::is_uppercase) || label.starts_with(['D', 'N']);
    if is_name && !label.starts_with("Date") { label.to_owned() } else { label.to_lowercase() }
}

/// A message with labels for the columns' names, and dates as people write them.
pub fn plain(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = text.split(' ').peekable();
    while let Some(word) = rest.next() {
        let (core, tail) = split_tail(word);
        if core == "POSITION_ID" {
            // Whose id nobody typed: the position is the one that was named.
            let number = rest.next().unwrap_or_default();
            words.push(format!("the position{}", split_tail(number).1));
        } else if let Some(rule) = LAYOUT.iter().find(|rule| rule.name == core) {
            let label = label(rule.column).map_or_else(|| core.replace('_', " ").to_lowercase(), str::to_owned);
            words.push(format!("{}{tail}", if words.is_empty() { label } else { small(&label) }));
        } else if let Some(day) = read_date(core).filter(is_of_our_time) {
            words.push(format!("{}{tail}", dates::day(day)));
        } else if !matches!(core, "LATE" | "EARLY") || tail != ":" {
            words.push(word.to_owned());
        }
    }
    let said = words.join(" ");
    let mut letters = said.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn is_of_our_time(day: &NaiveDate) -> bool {
    use chrono::Datelike;
    (1900..2200).contains(&day.year())
}

/// A word, and the stop or colon after it.
fn split_tail(word: &str) -> (&str, &str) {
    let end = word.trim_end_matches(['.', ',', ':', ';']).len();
    word.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_a_file_become_sentences_for_people() {
        for (text, plainly) in [
            (
                "PROJECTED_END_DATE 20250803 is before PROJECTED_HIRE_DATE 20260805.",
                "Projected end date 3 August 2025 is before projected hire date 5 August 2026.",
            ),
            (
                "POSITION_ID 9041003 is not active on PROJECTED_HIRE_DATE 20260805: it ended on 20260601.",
                "The position is not active on projected hire date 5 August 2026: it ended on 1 June 2026.",
            ),
            (
                "NI_NUMBER is not supplied. A transfer from another employer has to wait for it.",
                "National Insurance number is not supplied. A transfer from another employer has to wait for it.",
            ),
            (
                "LATE: PROJECTED_HIRE_DATE 20260507 is tomorrow, after the transfer window has closed.",
                "Projected hire date 7 May 2026 is tomorrow, after the transfer window has closed.",
            ),
        ] {
            assert_eq!(plain(text), plainly);
        }
    }

    #[test]
    fn a_missing_entry_is_asked_for_by_its_label() {
        for (column, words) in [
            (Column::LastName, "Enter the last name"),
            (Column::DateOfBirth, "Enter the date of birth"),
            (Column::DeaneryNumber, "Enter the Deanery Post Number"),
            (Column::ProjectedHireDate, "Enter the projected hire date"),
        ] {
            let fault = Message::error(Code::A001, column, "Mandatory item X not supplied. Application rejected.");
            assert_eq!(at_field(&fault), words);
        }
        let fault = Message::error(Code::A008, Column::RegNo1, "REG_NO_1 96732 is not a GMC number.");
        assert_eq!(at_field(&fault), "GMC number must be 7 digits, such as 7654321");
    }
}
