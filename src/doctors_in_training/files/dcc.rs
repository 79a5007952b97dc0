//! DCC: what became of each notification, back to the deanery. Layout version 01, one row for each record and employer.

use super::app::representable;
use crate::file_exchange::processor::MessageKind;

/// What the layout allows for a message's text.
const LONGEST_TEXT: usize = 200;

/// What is said to the deanery about one record and one employer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DccRow<'a> {
    /// The record's place in the file it came in, counted from 1.
    pub record_no: i32,
    pub title_code: &'a str,
    pub dpn: &'a str,
    /// Empty when no employer was found.
    pub vpd: &'a str,
    pub is_success: bool,
    pub kind: MessageKind,
    pub code: &'a str,
    pub text: &'a str,
}

impl DccRow<'_> {
    /// The line of the file, without its line end.
    pub fn to_line(&self) -> String {
        let kind = match self.kind {
            MessageKind::Error => "ERROR",
            MessageKind::Warning => "WARNING",
            MessageKind::Info => "INFO",
        };
        let text: String = representable(self.text).chars().take(LONGEST_TEXT).collect();
        let fields = [
            "DCC",
            &self.record_no.to_string(),
            &representable(self.title_code),
            &representable(self.dpn),
            self.vpd,
            if self.is_success { "SUCCESS" } else { "FAIL" },
            kind,
            self.code,
            &text,
        ];
        fields.join("~")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_as_the_layout_says() {
        let row = DccRow {
            record_no: 18,
            title_code: "9",
            dpn: "KSS/R9A01/100/STR/007",
            vpd: "904",
            is_success: false,
            kind: MessageKind::Error,
            code: "N002",
            text: "NOTIFICATION_TITLE_CODE 9 is not one of 1 to 5.",
        };
        let unknown =
            DccRow { vpd: "", code: "N001", dpn: "KSS/R9X99/024/~STR/001", text: &"é".repeat(300), ..row.clone() };
        assert_eq!(
            row.to_line(),
            "DCC~18~9~KSS/R9A01/100/STR/007~904~FAIL~ERROR~N002~NOTIFICATION_TITLE_CODE 9 is not one of 1 to 5."
        );
        let line = unknown.to_line();
        assert_eq!(line.split('~').count(), 9);
        assert_eq!(line.split('~').next_back().unwrap().chars().count(), 200);
    }
}
