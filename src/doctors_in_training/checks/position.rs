//! An applicant record beside the position that it names.

use chrono::NaiveDate;

use super::Reading;
use crate::doctors_in_training::files::app::Column;
use crate::doctors_in_training::messages::Code;
use crate::positions::dpn;

/// What is known of the position that a record names by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionFacts<'a> {
    Unknown,
    Known(&'a Position),
}

/// A position as the position directory knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub number: String,
    pub deanery_number: Option<String>,
    pub active_from: NaiveDate,
    pub active_to: Option<NaiveDate>,
    pub is_deleted: bool,
    /// False where an operator has switched the interface off for the employing organisation.
    pub takes_applicants: bool,
}

impl Reading<'_> {
    pub(super) fn position(&mut self, hire_on: Option<NaiveDate>) {
        let id = self.value(Column::PositionId);
        if id.is_empty() {
            return;
        }
        match self.around.position {
            PositionFacts::Unknown => {
                self.error(
                    Code::A002,
                    Column::PositionId,
                    format!("POSITION_ID {id} is not the id of a position in ESR."),
                );
            }
            PositionFacts::Known(position) => {
                self.position_number(position);
                self.deanery_number(position);
                self.activity(position, hire_on);
                if !position.takes_applicants {
                    let text = format!(
                        "POSITION_ID {id} belongs to an employing organisation for which this interface is switched off."
                    );
                    self.error(Code::A014, Column::PositionId, text);
                }
            }
        }
    }

    fn position_number(&mut self, position: &Position) {
        let number = self.value(Column::PositionNumber);
        if !number.is_empty() && number != position.number.trim() {
            let id = self.value(Column::PositionId);
            let text = format!("POSITION_NUMBER {number} does not belong to POSITION_ID {id}.");
            self.error(Code::A004, Column::PositionNumber, text);
        }
    }

    fn deanery_number(&mut self, position: &Position) {
        let sent = self.value(Column::DeaneryNumber);
        if sent.is_empty() || sent.chars().count() > dpn::LONGEST {
            return;
        }
        let held = position.deanery_number.as_deref().map(str::trim).unwrap_or_default();
        if dpn::key(sent) != dpn::key(held) {
            let held: String = held.chars().filter(|c| !c.is_control()).collect();
            let text = if held.is_empty() {
                format!("DEANERY_NUMBER {sent} is not that of the position, which has none.")
            } else {
                format!("DEANERY_NUMBER {sent} is not that of the position, which is {held}.")
            };
            self.error(Code::A005, Column::DeaneryNumber, text);
        }
    }

    fn activity(&mut self, position: &Position, hire_on: Option<NaiveDate>) {
        let id = self.value(Column::PositionId);
        let Some(hire_on) = hire_on else { return };
        let hire = self.value(Column::ProjectedHireDate);
        let why = if position.is_deleted {
            "it has been deleted".to_owned()
        } else if hire_on < position.active_from {
            format!("it starts on {}", position.active_from.format("%Y%m%d"))
        } else if let Some(end) = position.active_to.filter(|end| *end < hire_on) {
            format!("it ended on {}", end.format("%Y%m%d"))
        } else {
            return;
        };
        let text = format!("POSITION_ID {id} is not active on PROJECTED_HIRE_DATE {hire}: {why}.");
        self.error(Code::A003, Column::PositionId, text);
    }
}
