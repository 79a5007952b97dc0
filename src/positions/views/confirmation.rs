use chrono::NaiveDate;

use crate::positions::actions::{Warning, borne, fingerprint};
use crate::positions::dpn;
use crate::positions::model::Stretch;
use crate::ui::{Choice, Field};

/// What is asked on a form again before a number is given to a position all the same: what would be lost, and a box to tick.
#[derive(Clone, Debug)]
pub struct Confirmation {
    pub said: Vec<String>,
    pub field: Field,
    choice: Choice,
}

impl Confirmation {
    /// The box stands for the position as it was shown: ticked for another, or for one that changed meanwhile, it is asked again.
    pub fn of(warnings: &[Warning], before: &[Stretch], day: NaiveDate, wanted: &str) -> Self {
        let other = |now: &&str| dpn::key(now) != dpn::key(wanted);
        let label = match borne(before, day).filter(other) {
            Some(now) => format!("Replace {} with {wanted}", now.trim()),
            None => format!("Give it {wanted} all the same"),
        };
        Self {
            said: warnings.iter().map(|warning| warning.text.clone()).collect(),
            field: Field::refused(
                "confirmed",
                "",
                "Tick the box if it is meant, or enter the number of another position",
            ),
            choice: Choice::new(fingerprint(before), label),
        }
    }

    pub fn choices(&self) -> [Choice; 1] {
        [self.choice.clone()]
    }
}
