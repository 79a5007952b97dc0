//! APC: what became of each applicant, back to the deanery. Layout version 01, one row a message.

use crate::doctors_in_training::{files::app::representable, messages::Severity};

/// What the layout allows for a message's text.
const LONGEST_TEXT: usize = 200;

/// One message about one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApcRow<'a> {
    /// The record's place in the file it came in, counted from 1.
    pub record_no: i64,
    pub vacancy_ref_number: &'a str,
    pub position_id: &'a str,
    pub position_number: &'a str,
    pub deanery_number: &'a str,
    pub is_loaded: bool,
    pub severity: Severity,
    pub text: &'a str,
    /// The applicant's number and assignment id, of a record that was loaded.
    pub given: Option<(&'a str, &'a str)>,
}

impl ApcRow<'_> {
    /// The line of the file, without its line end.
    pub fn to_line(&self) -> String {
        let (applicant_number, assignment_id) = if self.is_loaded { self.given.unwrap_or(("", "")) } else { ("", "") };
        let text: String = representable(self.text).chars().take(LONGEST_TEXT).collect();
        let fields = [
            "APC",
            &self.record_no.to_string(),
            &representable(self.vacancy_ref_number),
            &representable(self.position_id),
            &representable(self.position_number),
            &representable(self.deanery_number),
            if self.is_loaded { "SUCCESS" } else { "FAIL" },
            self.severity.as_str(),
            &text,
            applicant_number,
            assignment_id,
        ];
        fields.join("~")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> ApcRow<'static> {
        ApcRow {
            record_no: 16,
            vacancy_ref_number: "904-DiT16",
            position_id: "9041018",
            position_number: "29040018",
            deanery_number: "KSS/R9A01/052/STR/019",
            is_loaded: true,
            severity: Severity::Info,
            text: "Application is from a NEW Applicant",
            given: Some(("900000015", "900000016")),
        }
    }

    #[test]
    fn rows_are_written_as_the_layout_says() {
        let failed = ApcRow {
            is_loaded: false,
            severity: Severity::Error,
            text: "Mandatory item LAST_NAME not supplied. Application rejected.",
            ..row()
        };
        let lines = [row().to_line(), ApcRow { severity: Severity::Warning, ..row() }.to_line(), failed.to_line()];
        insta::assert_snapshot!(lines.join("\n"), @r"
        APC~16~904-DiT16~9041018~29040018~KSS/R9A01/052/STR/019~SUCCESS~INFO~Application is from a NEW Applicant~900000015~900000016
        APC~16~904-DiT16~9041018~29040018~KSS/R9A01/052/STR/019~SUCCESS~WARNING~Application is from a NEW Applicant~900000015~900000016
        APC~16~904-DiT16~9041018~29040018~KSS/R9A01/052/STR/019~FAIL~ERROR~Mandatory item LAST_NAME not supplied. Application rejected.~~
        ");
    }

    #[test]
    fn texts_are_cut_at_two_hundred_characters_and_hold_no_separator() {
        let long = format!("~{}\r\n", "é".repeat(300));
        let line = ApcRow { text: &long, ..row() }.to_line();
        assert_eq!(line.split('~').count(), 11);
        assert_eq!(line.split('~').nth(8).unwrap().chars().count(), 200);
    }
}
