//! What is wrong with a notification, as far as the record itself tells.

use chrono::NaiveDate;

use crate::deanery_changes::model::{Kind, Told};
use crate::doctors_in_training::checks::read_date;
use crate::doctors_in_training::files::dnc::{Column, LAYOUT, NotRecord, Title};
use crate::file_exchange::processor::MessageKind;
use crate::people::values::GmcNumber;
use crate::positions::dpn;
use crate::rotation::model::{Named, Told as Row, VACANCY};

/// One thing said of one record; the text names the field and the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub kind: MessageKind,
    pub code: &'static str,
    pub text: String,
}

impl Said {
    pub fn error(code: &'static str, text: impl Into<String>) -> Self {
        Self { kind: MessageKind::Error, code, text: text.into() }
    }

    pub fn warning(code: &'static str, text: impl Into<String>) -> Self {
        Self { kind: MessageKind::Warning, code, text: text.into() }
    }

    pub fn info(code: &'static str, text: impl Into<String>) -> Self {
        Self { kind: MessageKind::Info, code, text: text.into() }
    }
}

/// What a sound record tells.
#[derive(Clone, Debug)]
pub enum Tells {
    Row(Box<Row>),
    Change(Box<Told>),
}

/// Reads a record: what it tells unless it is faulty, and what is said of it.
pub fn check(no: i32, record: &NotRecord<'_>, was_utf8: bool) -> (Option<Tells>, Vec<Said>) {
    let mut said = Vec::new();
    if &record[Column::RecordType] != "NOT" || !record.is_complete() {
        let text = format!(
            "RECORD_TYPE {}: the record has {} columns; a notification (NOT) has {}.",
            &record[Column::RecordType],
            record.column_count(),
            LAYOUT.len()
        );
        return (None, vec![Said::error("A015", text)]);
    }
    if record[Column::DeaneryPostNumber].is_empty() {
        said.push(Said::error("A001", "Mandatory item DEANERY_POST_NUMBER not supplied. Notification rejected."));
    }
    let title = record.title();
    if title.is_none() {
        let text = format!("NOTIFICATION_TITLE_CODE {} is not one of 1 to 5.", &record[Column::NotificationTitleCode]);
        said.push(Said::error("N002", text));
    }
    for (column, name, longest) in LAYOUT {
        let value = &record[column];
        if value.chars().count() > longest {
            let text = format!("{name} has {} characters; the layout allows {longest}.", value.chars().count());
            // A long code or name would be another's; a long text only reads badly.
            let harms = matches!(column, Column::DeaneryPostNumber);
            said.push(if harms { Said::error("A018", text) } else { Said::warning("A018", text) });
        }
        if value.chars().any(char::is_control) {
            said.push(Said::warning(
                "A016",
                format!("{name} holds characters that cannot be printed; they were left out."),
            ));
        }
    }
    if !was_utf8 {
        said.push(Said::warning("A016", "The record was not UTF-8 and was read as Windows-1252."));
    }
    let tells = match title {
        Some(Title::Rotation) => Some(Tells::Row(Box::new(row(no, record, &mut said)))),
        Some(Title::Withdrawal) => Some(change(no, record, Kind::Withdrawal, &mut said)),
        Some(Title::Replacement) => Some(change(no, record, Kind::Replacement, &mut said)),
        Some(Title::Dates) => Some(change(no, record, Kind::Dates, &mut said)),
        Some(Title::NewPost) => Some(change(no, record, Kind::NewPost, &mut said)),
        None => None,
    };
    let is_faulty = said.iter().any(|one| one.kind == MessageKind::Error);
    (tells.filter(|_| !is_faulty), said)
}

/// A GMC number that can be one; the others are said and left out.
fn gmc(record: &NotRecord<'_>, column: Column, said: &mut Vec<Said>) -> Option<String> {
    match GmcNumber::read(&record[column]) {
        Ok(number) => number.map(|number| number.as_str().to_owned()),
        Err(_) if &record[column] == VACANCY => None,
        Err(_) => {
            let text =
                format!("{} {} is not a GMC number of 7 digits; it was left out.", column.name(), &record[column]);
            said.push(Said::warning("A008", text));
            None
        }
    }
}

/// A date that may be left out; `strict` makes one that cannot be read an error, since somebody would act on it.
fn day(record: &NotRecord<'_>, column: Column, strict: bool, said: &mut Vec<Said>) -> Option<NaiveDate> {
    let value = &record[column];
    if value.is_empty() {
        return None;
    }
    let day = read_date(value);
    if day.is_none() {
        let text = format!("{} {value} is not a date as YYYYMMDD", column.name());
        said.push(match strict {
            true => Said::error("A001", format!("{text}. Send the notification again.")),
            false => Said::warning("A006", format!("{text}; it was left out.")),
        });
    }
    day
}

fn named(record: &NotRecord<'_>, columns: [Column; 3], said: &mut Vec<Said>) -> Named {
    if &record[columns[2]] == VACANCY {
        // "RECRUIT - VACANCY" is nobody.
        return Named::default();
    }
    let gmc_number = gmc(record, columns[2], said);
    Named { last_name: record.given(columns[0]), first_name: record.given(columns[1]), gmc_number }
}

const CURRENT: [Column; 3] = [Column::CurrentLastName, Column::CurrentFirstName, Column::CurrentGmcNumber];
const NEXT: [Column; 3] = [Column::NextLastName, Column::NextFirstName, Column::NextGmcNumber];
const WITHDRAWN: [Column; 3] = [Column::WithdrawnLastName, Column::WithdrawnFirstName, Column::WithdrawnGmcNumber];
const REPLACEMENT: [Column; 3] =
    [Column::ReplacementLastName, Column::ReplacementFirstName, Column::ReplacementGmcNumber];

/// `NOT KNOWN` is no place.
fn place(record: &NotRecord<'_>, column: Column) -> Option<String> {
    record.given(column).filter(|text| !text.eq_ignore_ascii_case("NOT KNOWN"))
}

fn row(no: i32, record: &NotRecord<'_>, said: &mut Vec<Said>) -> Row {
    let next = named(record, NEXT, said);
    let vacant_next = record[Column::PostVacantAtNextRotation].eq_ignore_ascii_case("Y");
    let dpn = record.given(Column::DeaneryPostNumber).unwrap_or_default();
    Row {
        record_no: no,
        dpn_key: dpn::key(&dpn),
        dpn,
        current: named(record, CURRENT, said),
        current_end_on: day(record, Column::CurrentProjectedEndDate, false, said),
        current_next_place: place(record, Column::CurrentVpdForNextPlacement),
        current_hours: record.given(Column::CurrentWorkingHours),
        next_current_place: place(record, Column::NextCurrentPlacementVpd),
        next_start_on: day(record, Column::NextProjectedStartDate, false, said),
        next_email: record.given(Column::NextEmailAddress),
        next_grade: record.given(Column::NextGrade),
        next_hours: record.given(Column::WorkingHourIndicator),
        specialty: record.given(Column::PostSpeciality),
        vacant_next: vacant_next && next.is_nobody(),
        next,
        deletes: record[Column::DeleteIndicator].eq_ignore_ascii_case("Y"),
    }
}

fn change(no: i32, record: &NotRecord<'_>, kind: Kind, said: &mut Vec<Said>) -> Tells {
    let dpn = record.given(Column::DeaneryPostNumber).unwrap_or_default();
    let columns = match kind {
        Kind::Withdrawal
            if record.given(Column::WithdrawnLastName).is_none()
                && record.given(Column::WithdrawnGmcNumber).is_none() =>
        {
            CURRENT
        }
        Kind::Withdrawal => WITHDRAWN,
        Kind::Replacement => REPLACEMENT,
        Kind::Dates
            if record.given(Column::NextLastName).is_none() && record.given(Column::NextGmcNumber).is_none() =>
        {
            CURRENT
        }
        Kind::Dates => NEXT,
        Kind::NewPost => REPLACEMENT,
    };
    if columns.iter().any(|column| &record[*column] == VACANCY) {
        said.push(Said::error(
            "A017",
            format!("{} {VACANCY} stands for a vacancy, not for a doctor.", columns[2].name()),
        ));
    }
    let who = if kind == Kind::NewPost { Named::default() } else { named(record, columns, said) };
    if kind != Kind::NewPost && who.gmc_number.is_none() && who.last_name.is_none() {
        let text = format!(
            "Mandatory item {} or {} not supplied. Notification rejected.",
            columns[0].name(),
            columns[2].name()
        );
        said.push(Said::error("A001", text));
    }
    let (hire_on, end_on) = match kind {
        Kind::Dates => (
            day(record, Column::ChangeOfProjectedHireDate, true, said),
            day(record, Column::ChangeOfProjectedEndDate, true, said),
        ),
        Kind::Replacement => (day(record, Column::ReplacementProjectedHireDate, true, said), None),
        Kind::Withdrawal | Kind::NewPost => (None, None),
    };
    let said_no_date =
        [Column::ChangeOfProjectedHireDate, Column::ChangeOfProjectedEndDate].map(|c| record[c].is_empty());
    if kind == Kind::Dates && said_no_date == [true, true] {
        let text = "Mandatory item CHANGE_OF_PROJECTED_HIRE_DATE or CHANGE_OF_PROJECTED_END_DATE not supplied. Notification rejected.";
        said.push(Said::error("A001", text));
    }
    if let (Some(hire), Some(end)) = (hire_on, end_on)
        && end < hire
    {
        let text = format!(
            "CHANGE_OF_PROJECTED_END_DATE {} is before CHANGE_OF_PROJECTED_HIRE_DATE {}.",
            &record[Column::ChangeOfProjectedEndDate],
            &record[Column::ChangeOfProjectedHireDate]
        );
        said.push(Said::error("A011", text));
    }
    Tells::Change(Box::new(Told {
        kind,
        record_no: no,
        unannounced: false,
        dpn_key: dpn::key(&dpn),
        dpn,
        specialty: record.given(Column::PostSpeciality),
        site: record.given(Column::NewTrainingPositionLocation),
        host_or_lead: record.given(Column::HostLeadEmployerStatus),
        occupation_code: record.given(Column::OccupationCode),
        who,
        hire_on,
        end_on,
        reason_code: record.given(Column::WithdrawalReason).filter(|_| kind == Kind::Withdrawal),
        current_place: place(record, Column::ReplacementCurrentPlacementVpd),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DPN: &str = "KSS/R9A01/052/FY1/005";

    fn line(title: &str, changes: &[(Column, &str)]) -> String {
        let mut values = vec![""; LAYOUT.len()];
        values[0] = "NOT";
        values[1] = title;
        values[3] = DPN;
        for (column, value) in changes {
            values[*column as usize] = value;
        }
        values.join("~")
    }

    fn codes(line: &str) -> (bool, Vec<&'static str>) {
        let (tells, said) = check(1, &NotRecord::parse(line), true);
        (tells.is_some(), said.iter().map(|one| one.code).collect())
    }

    /// FILE-12 (a record of another type), FILE-13, FILE-14 and FILE-15 (a GMC number of six digits).
    #[test]
    fn file_13_and_14_each_fault_is_named_and_costs_its_record_alone() {
        use Column::*;
        let withdrawn = [(WithdrawnLastName, "Hughes"), (WithdrawnGmcNumber, "9836138")];
        let dates = |hire: &'static str, end: &'static str| {
            line("4", &[(NextLastName, "Hughes"), (ChangeOfProjectedHireDate, hire), (ChangeOfProjectedEndDate, end)])
        };
        for (line, is_sound, wanted) in [
            (line("2", &withdrawn), true, vec![]),
            (line("9", &[]), false, vec!["N002"]),
            (line("", &[]), false, vec!["N002"]),
            (line("2", &[]), false, vec!["A001"]),
            (
                line("2", &[(WithdrawnLastName, "RECRUIT - VACANCY"), (WithdrawnGmcNumber, "9999978")]),
                false,
                vec!["A017", "A001"],
            ),
            (line("2", &[(WithdrawnLastName, "Hughes"), (WithdrawnGmcNumber, "912345")]), true, vec!["A008"]),
            (line("5", &[(DeaneryPostNumber, "")]), false, vec!["A001"]),
            (line("5", &[(DeaneryPostNumber, "KSS/R9A01/052/FY1/005/AND/MORE/OF/IT")]), false, vec!["A018"]),
            (dates("20260902", "20270902"), true, vec![]),
            (dates("", "20270902"), true, vec![]),
            (dates("20260230", "20270902"), false, vec!["A001"]),
            (dates("", ""), false, vec!["A001"]),
            (dates("20260902", "20260801"), false, vec!["A011"]),
            (line("1", &[(CurrentLastName, "Singh"), (CurrentProjectedEndDate, "00000000")]), true, vec!["A006"]),
            ("NOT~2~X~KSS/R9A01/052/FY1/005".to_owned(), false, vec!["A015"]),
            (format!("{}~", line("2", &withdrawn)), false, vec!["A015"]),
            (line("2", &withdrawn).replace("NOT~", "XYZ~"), false, vec!["A015"]),
        ] {
            assert_eq!(codes(&line), (is_sound, wanted), "{line}");
        }
    }

    #[test]
    fn a_vacancy_and_a_place_that_is_not_known_are_nobody_and_nothing() {
        use Column::*;
        let line = line(
            "1",
            &[
                (NextLastName, "RECRUIT - VACANCY"),
                (NextGmcNumber, "9999978"),
                (PostVacantAtNextRotation, "Y"),
                (CurrentVpdForNextPlacement, "NOT KNOWN"),
            ],
        );
        let (Some(Tells::Row(row)), said) = check(1, &NotRecord::parse(&line), true) else { panic!("a row") };
        assert!(said.is_empty(), "{said:?}");
        assert!(row.next.is_nobody() && row.vacant_next);
        assert_eq!(row.current_next_place, None);
    }
}
