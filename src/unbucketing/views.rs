use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDate;

use super::actions::Split;
use super::store::Occupant;
use crate::positions::store::Position;
use crate::ui::{ErrorSummary, Field, Layout, dates};

/// Somebody who shares the position, with the number that is theirs.
pub struct Line {
    pub occupant: Occupant,
    pub field: Field,
}

#[derive(Template)]
#[template(path = "unbucketing/form.html")]
pub struct FormPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub position: Position,
    pub from: Field,
    pub lines: Vec<Line>,
}

impl FormPage {
    fn hint(&self, line: &Line) -> String {
        let what = if line.occupant.is_applicant { "Applicant, starts" } else { "Holds it since" };
        format!("{what} {}. Leave empty to stay.", dates::short_day(line.occupant.starts_on))
    }
}

#[derive(Template)]
#[template(path = "unbucketing/check.html")]
pub struct CheckPage {
    pub layout: Layout,
    pub id: String,
    pub split: Split,
    pub from: NaiveDate,
    pub fields: BTreeMap<String, String>,
}

impl CheckPage {
    fn from(&self) -> String {
        dates::day(self.from)
    }

    fn kept(&self) -> Vec<(&String, &String)> {
        self.fields.iter().filter(|(name, _)| *name == "from" || name.starts_with("dpn-")).collect()
    }
}
