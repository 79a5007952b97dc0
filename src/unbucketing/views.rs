use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDate;
use uuid::Uuid;

use super::actions::Split;
use super::store::{Occupant, Unbucketing};
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

#[derive(Template)]
#[template(path = "unbucketing/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub id: Uuid,
    pub split: Unbucketing,
    pub position: Position,
    /// Who moved, and the number of the position that was made.
    pub movers: Vec<(String, String)>,
    /// Why it cannot be undone any more.
    pub followed: Vec<String>,
}

impl ShowPage {
    fn made(&self) -> String {
        format!("{} by {}", dates::at(self.split.made_at), self.split.made_by)
    }

    fn undone(&self) -> Option<String> {
        let (by, at) = (self.split.undone_by.as_ref()?, self.split.undone_at?);
        Some(format!("{by} undid it on {}: everybody is on the shared position again.", dates::at(at)))
    }
}
