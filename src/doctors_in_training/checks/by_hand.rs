//! What is refused of an entry by hand beside what is refused of a file: what a file drops with a warning, a person can put right.

use super::read_date;
use crate::applicants::model::Wte;
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::doctors_in_training::messages::{Code, Message, Severity};
use crate::email::Address;
use crate::people::values::NiNumber;

/// Faults of the entries that a form shows; the texts are those that stand at its fields.
pub fn faults_by_hand(record: &AppRecord) -> Vec<Message> {
    let mut faults = Vec::new();
    let mut refuse = |code, column, text: String| faults.push(Message::error(code, column, text));
    let value = |column: Column| record[column].trim();
    if !value(Column::Wte).is_empty() && Wte::read(value(Column::Wte)).is_none() {
        let text = "Whole-time equivalent must be a number above 0 and up to 1.00, such as 0.80";
        refuse(Code::A006, Column::Wte, text.to_owned());
    }
    if !value(Column::NiNumber).is_empty()
        && let Err(problem) = value(Column::NiNumber).parse::<NiNumber>()
    {
        let text = format!(
            "National Insurance number {problem}. Enter it as on a payslip, such as QQ 12 34 56 C, or leave it empty"
        );
        refuse(Code::A007, Column::NiNumber, text);
    }
    if !value(Column::Email).is_empty()
        && let Err(problem) = value(Column::Email).parse::<Address>()
    {
        refuse(Code::A006, Column::Email, problem.to_string());
    }
    for (column, text) in [
        (Column::MobilePhone, "Enter a mobile phone number, such as 07700 900 982"),
        (Column::HomePhone, "Enter a home phone number, such as 01632 960 001"),
    ] {
        if !value(column).is_empty() && !is_phone(value(column)) {
            refuse(Code::A006, column, text.to_owned());
        }
    }
    let end = value(Column::ProjectedEndDate);
    if !end.is_empty() && read_date(end).is_none() {
        let text = "Projected end date must be a real date, such as 3 8 2027";
        refuse(Code::A006, Column::ProjectedEndDate, text.to_owned());
    }
    faults
}

/// Warnings that say that a value was dropped: those of the columns that a person typed in are refused instead.
pub fn dropped(messages: &[Message], record: &AppRecord, typed: impl Fn(Column) -> bool) -> Vec<Message> {
    let drops = |message: &&Message| {
        let column = message.column.filter(|column| typed(*column) && !record[*column].trim().is_empty());
        message.severity == Severity::Warning
            && matches!(message.code, Code::A006 | Code::A007 | Code::A016)
            && column.is_some_and(|column| column != Column::Postcode)
    };
    let refused = |message: &Message| Message { severity: Severity::Error, ..message.clone() };
    messages.iter().filter(drops).map(refused).collect()
}

/// Digits with what people put between them, and perhaps an extension.
fn is_phone(text: &str) -> bool {
    let lower = text.to_lowercase();
    let (number, extension) = lower.split_once("ext").or_else(|| lower.split_once('x')).unwrap_or((&lower, ""));
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&digits)
        && number.chars().all(|c| c.is_ascii_digit() || " +()-./".contains(c))
        && extension.chars().all(|c| c.is_ascii_digit() || " .:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_has_digits_and_what_people_put_between_them() {
        for (text, fits) in [
            ("07700 900858", true),
            ("+44 (0)1632 960 001", true),
            ("01632-960001 ext. 12", true),
            ("01632 960001 x12", true),
            ("abc", false),
            ("12345", false),
            ("07700 900858 (home)", false),
        ] {
            assert_eq!(is_phone(text), fits, "{text}");
        }
    }

    #[test]
    fn what_a_file_drops_is_refused_of_a_person() {
        let mut record = AppRecord::blank();
        assert!(faults_by_hand(&record).is_empty());
        for (column, value) in [
            (Column::Wte, "9"),
            (Column::NiNumber, "RK"),
            (Column::Email, "foo"),
            (Column::MobilePhone, "abc"),
            (Column::ProjectedEndDate, "31/2/2027"),
        ] {
            record.set(column, value);
        }
        assert_eq!(faults_by_hand(&record).len(), 5);
    }
}
