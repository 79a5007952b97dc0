//! The dates of an applicant record, and the window in which a hire date must lie.

use chrono::NaiveDate;

use super::Reading;
use crate::applicants::model::Wte;
use crate::doctors_in_training::files::app::Column;
use crate::doctors_in_training::messages::Code;

/// Reads `YYYYMMDD` and nothing else.
pub fn read_date(text: &str) -> Option<NaiveDate> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) || text.starts_with("0000") {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y%m%d").ok()
}

/// Where a hire date stands, seen from the business date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HireWindow {
    Past,
    /// Today or tomorrow: the transfer window has closed.
    Late,
    InTime,
    /// More than 13 weeks ahead, when the deanery usually sends nobody yet.
    Early,
    /// More than 26 weeks ahead.
    TooFar,
}

impl HireWindow {
    pub fn is_accepted(self) -> bool {
        match self {
            Self::Late | Self::InTime | Self::Early => true,
            Self::Past | Self::TooFar => false,
        }
    }
}

/// Judges a hire date by the days that are left until it.
pub fn window(hire_on: NaiveDate, today: NaiveDate) -> HireWindow {
    match (hire_on - today).num_days() {
        ..0 => HireWindow::Past,
        0..=1 => HireWindow::Late,
        2..=91 => HireWindow::InTime,
        92..=182 => HireWindow::Early,
        183.. => HireWindow::TooFar,
    }
}

impl Reading<'_> {
    /// A date that must be there; that it is missing has been said already.
    pub(super) fn mandatory_date(&mut self, column: Column) -> Option<NaiveDate> {
        let value = self.value(column);
        let read = read_date(value);
        if read.is_none() && !value.is_empty() {
            let code = match column {
                Column::DateOfBirth => Code::A009,
                Column::ProjectedHireDate => Code::A010,
                _ => Code::A001,
            };
            self.error(code, column, format!("{} {value} is not a date, which is written YYYYMMDD.", column.name()));
        }
        read
    }

    /// A date that may be missing; one that cannot be read is left out, which is said.
    pub(super) fn optional_date(&mut self, column: Column) -> Option<NaiveDate> {
        let value = self.value(column);
        let read = read_date(value);
        if read.is_none() && !value.is_empty() {
            let text = format!("{} {value} is not a date, which is written YYYYMMDD, and is ignored.", column.name());
            self.warn(Code::A006, column, text);
        }
        read
    }

    pub(super) fn hire_date(&mut self) -> Option<NaiveDate> {
        let column = Column::ProjectedHireDate;
        let hire_on = self.mandatory_date(column)?;
        let value = self.value(column);
        let days = (hire_on - self.around.today).num_days();
        let name = column.name();
        match window(hire_on, self.around.today) {
            HireWindow::Past => self.error(Code::A010, column, format!("{name} {value} is in the past.")),
            HireWindow::TooFar => {
                let text = format!("{name} {value} is {days} days ahead; at most 182 (26 weeks) are accepted.");
                self.error(Code::A010, column, text);
            }
            HireWindow::Late => {
                let when = if days == 0 { "today" } else { "tomorrow" };
                let text = format!("LATE: {name} {value} is {when}, after the transfer window has closed.");
                self.warn(Code::Late, column, text);
            }
            HireWindow::Early => {
                let text = format!("EARLY: {name} {value} is {days} days ahead, more than 91 (13 weeks).");
                self.warn(Code::Early, column, text);
            }
            HireWindow::InTime => {}
        }
        Some(hire_on)
    }

    pub(super) fn end_date(&mut self, hire_on: Option<NaiveDate>) -> Option<NaiveDate> {
        let column = Column::ProjectedEndDate;
        let end_on = self.optional_date(column)?;
        if hire_on.is_some_and(|hire_on| end_on < hire_on) {
            let text = format!(
                "PROJECTED_END_DATE {} is before PROJECTED_HIRE_DATE {}.",
                self.value(column),
                self.value(Column::ProjectedHireDate)
            );
            self.error(Code::A011, column, text);
        }
        Some(end_on)
    }

    pub(super) fn wte(&mut self) -> Option<Wte> {
        let value = self.value(Column::Wte);
        let read = Wte::read(value);
        if read.is_none() && !value.is_empty() {
            let text = format!("WTE {value} is not a number above 0 and up to 1.00, and is ignored.");
            self.warn(Code::A006, Column::Wte, text);
        }
        read
    }
}
