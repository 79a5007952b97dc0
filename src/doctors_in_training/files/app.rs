//! APP: applicants for training posts, from the deanery. Layout version 01, 48 columns with `~` between them.

use std::ops::Index;

/// A column of an APP record, by the name that messages give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    RecordType,
    VacancyId,
    VacancyRefNumber,
    EffectiveDate,
    PositionId,
    PositionNumber,
    DeaneryNumber,
    LastName,
    FirstName,
    MiddleNames,
    Title,
    PreviousLastName,
    DateOfBirth,
    Gender,
    NiNumber,
    Email,
    HomePhone,
    MobilePhone,
    Address1,
    Address2,
    Address3,
    Town,
    County,
    Postcode,
    Country,
    EthnicOrigin,
    Nationality,
    CountryOfBirth,
    MaritalStatus,
    Disability,
    SexualOrientation,
    ReligiousBelief,
    NationalTrainingNumber,
    ProfBody1,
    RegNo1,
    Expiry1,
    ProfBody2,
    RegNo2,
    Expiry2,
    ProjectedHireDate,
    ProjectedEndDate,
    Wte,
    ContactLastName,
    ContactFirstName,
    ContactTitle,
    ContactGender,
    ContactHomePhone,
    Grade,
}

/// What the layout says of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    pub column: Column,
    pub name: &'static str,
    pub longest: usize,
    pub is_mandatory: bool,
}

const fn must(column: Column, name: &'static str, longest: usize) -> Rule {
    Rule { column, name, longest, is_mandatory: true }
}

const fn may(column: Column, name: &'static str, longest: usize) -> Rule {
    Rule { column, name, longest, is_mandatory: false }
}

/// The columns in the order of the file.
pub const LAYOUT: [Rule; 48] = [
    must(Column::RecordType, "RECORD_TYPE", 3),
    may(Column::VacancyId, "VACANCY_ID", 15),
    may(Column::VacancyRefNumber, "VACANCY_REF_NUMBER", 30),
    must(Column::EffectiveDate, "EFFECTIVE_DATE", 8),
    must(Column::PositionId, "POSITION_ID", 15),
    must(Column::PositionNumber, "POSITION_NUMBER", 10),
    must(Column::DeaneryNumber, "DEANERY_NUMBER", 30),
    must(Column::LastName, "LAST_NAME", 150),
    must(Column::FirstName, "FIRST_NAME", 150),
    may(Column::MiddleNames, "MIDDLE_NAMES", 60),
    may(Column::Title, "TITLE", 30),
    may(Column::PreviousLastName, "PREVIOUS_LAST_NAME", 150),
    must(Column::DateOfBirth, "DATE_OF_BIRTH", 8),
    may(Column::Gender, "GENDER", 1),
    may(Column::NiNumber, "NI_NUMBER", 9),
    may(Column::Email, "EMAIL", 240),
    may(Column::HomePhone, "HOME_PHONE", 60),
    may(Column::MobilePhone, "MOBILE_PHONE", 60),
    may(Column::Address1, "ADDRESS1", 240),
    may(Column::Address2, "ADDRESS2", 240),
    may(Column::Address3, "ADDRESS3", 240),
    may(Column::Town, "TOWN", 30),
    may(Column::County, "COUNTY", 30),
    may(Column::Postcode, "POSTCODE", 30),
    may(Column::Country, "COUNTRY", 2),
    may(Column::EthnicOrigin, "ETHNIC_ORIGIN", 30),
    may(Column::Nationality, "NATIONALITY", 30),
    may(Column::CountryOfBirth, "COUNTRY_OF_BIRTH", 30),
    may(Column::MaritalStatus, "MARITAL_STATUS", 30),
    may(Column::Disability, "DISABILITY", 30),
    may(Column::SexualOrientation, "SEXUAL_ORIENTATION", 30),
    may(Column::ReligiousBelief, "RELIGIOUS_BELIEF", 30),
    may(Column::NationalTrainingNumber, "NATIONAL_TRAINING_NUMBER", 30),
    may(Column::ProfBody1, "PROF_BODY_1", 80),
    may(Column::RegNo1, "REG_NO_1", 60),
    may(Column::Expiry1, "EXPIRY_1", 8),
    may(Column::ProfBody2, "PROF_BODY_2", 80),
    may(Column::RegNo2, "REG_NO_2", 60),
    may(Column::Expiry2, "EXPIRY_2", 8),
    must(Column::ProjectedHireDate, "PROJECTED_HIRE_DATE", 8),
    may(Column::ProjectedEndDate, "PROJECTED_END_DATE", 8),
    may(Column::Wte, "WTE", 4),
    may(Column::ContactLastName, "CONTACT_LAST_NAME", 150),
    may(Column::ContactFirstName, "CONTACT_FIRST_NAME", 150),
    may(Column::ContactTitle, "CONTACT_TITLE", 30),
    may(Column::ContactGender, "CONTACT_GENDER", 1),
    may(Column::ContactHomePhone, "CONTACT_HOME_PHONE", 60),
    may(Column::Grade, "GRADE", 30),
];

impl Column {
    /// The name that messages give the column.
    pub fn name(self) -> &'static str {
        LAYOUT[self as usize].name
    }
}

/// One record as it stands in the file; a record with the wrong number of columns is read as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRecord {
    values: Vec<String>,
}

impl Index<Column> for AppRecord {
    type Output = str;

    fn index(&self, column: Column) -> &str {
        self.values.get(column as usize).map_or("", String::as_str)
    }
}

impl AppRecord {
    /// Reads a line of the file, without its line end.
    pub fn parse(line: &str) -> Self {
        Self { values: line.split('~').map(str::to_owned).collect() }
    }

    /// A record that a person fills in: 48 columns, empty but for the record type.
    pub fn blank() -> Self {
        let mut record = Self { values: vec![String::new(); LAYOUT.len()] };
        record.set(Column::RecordType, "APP");
        record
    }

    pub fn set(&mut self, column: Column, value: impl Into<String>) {
        if let Some(slot) = self.values.get_mut(column as usize) {
            *slot = value.into();
        }
    }

    pub fn column_count(&self) -> usize {
        self.values.len()
    }

    pub fn is_complete(&self) -> bool {
        self.values.len() == LAYOUT.len()
    }

    /// The line of the file, without its line end; what a line cannot hold (`~`, line breaks) is left out.
    pub fn to_line(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|value| representable(value)).collect();
        values.join("~")
    }
}

/// The text without what separates values and lines.
pub(super) fn representable(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '~' | '\r' | '\n')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "APP~16~904-DiT16~20260506~9041018~29040018~KSS/R9A01/052/STR/019~D'Souza~Ibrahim~~Dr.~~19910520~M~BJ184866C~dr9460284@nhs.example~~07700 900284~2 Example Street~~~Northmoor~~ZZ99 3VZ~GB~A~GB~~~~~~~General Medical Council~9460284~~~~~20260805~20270803~1.00~~~~~~ST3";

    #[test]
    fn the_layout_is_in_the_order_of_the_columns() {
        for (place, rule) in LAYOUT.iter().enumerate() {
            assert_eq!(rule.column as usize, place, "{}", rule.name);
        }
    }

    #[test]
    fn a_record_is_read_by_column() {
        let record = AppRecord::parse(LINE);
        assert!(record.is_complete());
        for (column, value) in [
            (Column::RecordType, "APP"),
            (Column::PositionId, "9041018"),
            (Column::LastName, "D'Souza"),
            (Column::MiddleNames, ""),
            (Column::NiNumber, "BJ184866C"),
            (Column::Country, "GB"),
            (Column::RegNo1, "9460284"),
            (Column::ProjectedHireDate, "20260805"),
            (Column::Wte, "1.00"),
            (Column::Grade, "ST3"),
        ] {
            assert_eq!(&record[column], value, "{}", column.name());
        }
    }

    #[test]
    fn what_is_read_is_what_is_written() {
        assert_eq!(AppRecord::parse(LINE).to_line(), LINE);
        let short = "APP~59~904-DiT59~20260506~9041049";
        let record = AppRecord::parse(short);
        assert_eq!((record.column_count(), record.is_complete()), (5, false));
        assert_eq!((&record[Column::PositionId], &record[Column::Grade]), ("9041049", ""));
        assert_eq!(record.to_line(), short);
    }

    #[test]
    fn what_a_line_cannot_hold_is_left_out() {
        let mut record = AppRecord::blank();
        record.set(Column::LastName, "O~'Brien\r\n");
        assert_eq!(&AppRecord::parse(&record.to_line())[Column::LastName], "O'Brien");
        assert!(AppRecord::parse(&record.to_line()).is_complete());
    }
}
