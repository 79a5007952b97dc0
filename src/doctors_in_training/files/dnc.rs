//! DNC and DNF: notifications from the deanery, changes and the full snapshot. Layout version 01, 36 columns with `~` between them.

use std::ops::Index;

/// A column of a NOT record, by the name that messages give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    RecordType,
    NotificationTitleCode,
    DeaneryBody,
    DeaneryPostNumber,
    ManagingDeaneryBodyCode,
    OccupationCode,
    HostLeadEmployerStatus,
    NewTrainingPositionLocation,
    CurrentLastName,
    CurrentFirstName,
    CurrentGmcNumber,
    CurrentProjectedEndDate,
    CurrentVpdForNextPlacement,
    CurrentWorkingHours,
    NextLastName,
    NextFirstName,
    NextGmcNumber,
    NextCurrentPlacementVpd,
    NextProjectedStartDate,
    NextEmailAddress,
    NextGrade,
    WithdrawnLastName,
    WithdrawnFirstName,
    WithdrawnGmcNumber,
    WithdrawalReason,
    ReplacementLastName,
    ReplacementFirstName,
    ReplacementGmcNumber,
    ReplacementCurrentPlacementVpd,
    ReplacementProjectedHireDate,
    ChangeOfProjectedHireDate,
    ChangeOfProjectedEndDate,
    PostSpeciality,
    WorkingHourIndicator,
    PostVacantAtNextRotation,
    DeleteIndicator,
}

/// Name and greatest length of each column, in the order of the file.
pub const LAYOUT: [(Column, &str, usize); 36] = [
    (Column::RecordType, "RECORD_TYPE", 3),
    (Column::NotificationTitleCode, "NOTIFICATION_TITLE_CODE", 1),
    (Column::DeaneryBody, "DEANERY_BODY", 80),
    (Column::DeaneryPostNumber, "DEANERY_POST_NUMBER", 30),
    (Column::ManagingDeaneryBodyCode, "MANAGING_DEANERY_BODY_CODE", 10),
    (Column::OccupationCode, "OCCUPATION_CODE", 10),
    (Column::HostLeadEmployerStatus, "HOST_LEAD_EMPLOYER_STATUS", 30),
    (Column::NewTrainingPositionLocation, "NEW_TRAINING_POSITION_LOCATION", 240),
    (Column::CurrentLastName, "CURRENT_TRAINEE_LAST_NAME", 150),
    (Column::CurrentFirstName, "CURRENT_TRAINEE_FIRST_NAME", 150),
    (Column::CurrentGmcNumber, "CURRENT_TRAINEE_GMC_NUMBER", 10),
    (Column::CurrentProjectedEndDate, "CURRENT_TRAINEE_PROJECTED_END_DATE", 8),
    (Column::CurrentVpdForNextPlacement, "CURRENT_TRAINEE_VPD_FOR_NEXT_PLACEMENT", 240),
    (Column::CurrentWorkingHours, "CURRENT_TRAINEE_WORKING_HOURS_INDICATOR", 4),
    (Column::NextLastName, "NEXT_APPOINTMENT_TRAINEE_LAST_NAME", 150),
    (Column::NextFirstName, "NEXT_APPOINTMENT_TRAINEE_FIRST_NAME", 150),
    (Column::NextGmcNumber, "NEXT_APPOINTMENT_TRAINEE_GMC_NUMBER", 10),
    (Column::NextCurrentPlacementVpd, "NEXT_APPOINTMENT_CURRENT_PLACEMENT_VPD", 240),
    (Column::NextProjectedStartDate, "NEXT_APPOINTMENT_PROJECTED_START_DATE", 8),
    (Column::NextEmailAddress, "NEXT_APPOINTMENT_TRAINEE_EMAIL_ADDRESS", 240),
    (Column::NextGrade, "NEXT_APPOINTMENT_TRAINEE_GRADE", 30),
    (Column::WithdrawnLastName, "WITHDRAWN_TRAINEE_LAST_NAME", 150),
    (Column::WithdrawnFirstName, "WITHDRAWN_TRAINEE_FIRST_NAME", 150),
    (Column::WithdrawnGmcNumber, "WITHDRAWN_TRAINEE_GMC_NUMBER", 10),
    (Column::WithdrawalReason, "WITHDRAWAL_REASON", 1),
    (Column::ReplacementLastName, "REPLACEMENT_TRAINEE_LAST_NAME", 150),
    (Column::ReplacementFirstName, "REPLACEMENT_TRAINEE_FIRST_NAME", 150),
    (Column::ReplacementGmcNumber, "REPLACEMENT_TRAINEE_GMC_NUMBER", 10),
    (Column::ReplacementCurrentPlacementVpd, "REPLACEMENT_TRAINEE_CURRENT_PLACEMENT_VPD", 240),
    (Column::ReplacementProjectedHireDate, "REPLACEMENT_TRAINEE_PROJECTED_HIRE_DATE", 8),
    (Column::ChangeOfProjectedHireDate, "CHANGE_OF_PROJECTED_HIRE_DATE", 8),
    (Column::ChangeOfProjectedEndDate, "CHANGE_OF_PROJECTED_END_DATE", 8),
    (Column::PostSpeciality, "POST_SPECIALITY", 80),
    (Column::WorkingHourIndicator, "WORKING_HOUR_INDICATOR", 4),
    (Column::PostVacantAtNextRotation, "POST_VACANT_AT_NEXT_ROTATION", 1),
    (Column::DeleteIndicator, "MEDICAL_ROTATION_POST_DELETE_INDICATOR", 1),
];

impl Column {
    /// The name that messages give the column.
    pub fn name(self) -> &'static str {
        LAYOUT[self as usize].1
    }

    /// The most characters that the layout allows.
    pub fn longest(self) -> usize {
        LAYOUT[self as usize].2
    }
}

/// What a notification is about, by its title code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Title {
    /// Who holds a post now, and who next.
    Rotation,
    Withdrawal,
    Replacement,
    Dates,
    NewPost,
}

impl Title {
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "1" => Some(Self::Rotation),
            "2" => Some(Self::Withdrawal),
            "3" => Some(Self::Replacement),
            "4" => Some(Self::Dates),
            "5" => Some(Self::NewPost),
            _ => None,
        }
    }
}

/// One record as it stands in the file; a record with the wrong number of columns is read as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRecord<'a> {
    values: Vec<&'a str>,
}

impl Index<Column> for NotRecord<'_> {
    type Output = str;

    fn index(&self, column: Column) -> &str {
        self.values.get(column as usize).map_or("", |value| value.trim())
    }
}

impl<'a> NotRecord<'a> {
    /// Reads a line of the file, without its line end.
    pub fn parse(line: &'a str) -> Self {
        Self { values: line.split('~').collect() }
    }

    pub fn column_count(&self) -> usize {
        self.values.len()
    }

    pub fn is_complete(&self) -> bool {
        self.values.len() == LAYOUT.len()
    }

    /// The line of the file again, without its line end.
    pub fn to_line(&self) -> String {
        self.values.join("~")
    }

    pub fn title(&self) -> Option<Title> {
        Title::from_code(&self[Column::NotificationTitleCode])
    }

    /// The value, unless the column is empty.
    pub fn given(&self, column: Column) -> Option<String> {
        let value: String = self[column].chars().filter(|c| !c.is_control()).collect();
        (!value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "NOT~4~Health Education England Kent, Surrey and Sussex~KSS/R9A01/052/FY1/005~KSS~~~~~~~~~~Hughes~Jia~9836138~~~~~~~~~~~~~~20260902~20270902~Paediatrics~~~";

    #[test]
    fn the_layout_is_in_the_order_of_the_columns() {
        for (place, (column, name, _)) in LAYOUT.iter().enumerate() {
            assert_eq!(*column as usize, place, "{name}");
        }
    }

    #[test]
    fn what_is_read_is_what_is_written() {
        let record = NotRecord::parse(LINE);
        assert!(record.is_complete());
        assert_eq!(record.title(), Some(Title::Dates));
        for (column, value) in [
            (Column::DeaneryPostNumber, "KSS/R9A01/052/FY1/005"),
            (Column::NextLastName, "Hughes"),
            (Column::NextGmcNumber, "9836138"),
            (Column::ChangeOfProjectedHireDate, "20260902"),
            (Column::ChangeOfProjectedEndDate, "20270902"),
            (Column::PostSpeciality, "Paediatrics"),
            (Column::DeleteIndicator, ""),
        ] {
            assert_eq!(&record[column], value, "{}", column.name());
        }
        assert_eq!(record.to_line(), LINE);
        let short = NotRecord::parse("NOT~2~X~KSS/R9A01/052/FY1/005");
        assert_eq!(
            (short.is_complete(), &short[Column::DeaneryPostNumber], &short[Column::DeleteIndicator]),
            (false, "KSS/R9A01/052/FY1/005", "")
        );
    }

    #[test]
    fn title_codes_are_those_of_the_data_model() {
        let known = ["1", "2", "3", "4", "5"].map(|code| Title::from_code(code).is_some());
        assert_eq!(known, [true; 5]);
        assert!(["0", "6", "9", "", "1 "].iter().all(|code| Title::from_code(code).is_none()));
    }
}
