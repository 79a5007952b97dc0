use askama::Template;
use chrono::NaiveDate;

use super::merged::StandingMerge;
use super::store::{Address, Assignment, Person, Phone, Version};
use crate::ui::{self, ErrorSummary, Field, Layout, dates};

#[derive(Template)]
#[template(path = "people/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub person: Person,
    pub versions: Vec<Version>,
    pub assignments: Vec<Assignment>,
    pub phones: Vec<Phone>,
    pub addresses: Vec<Address>,
    pub merges: Vec<StandingMerge>,
    /// Whether the caller may undo them.
    pub may_settle: bool,
    pub on: Field,
    pub day: NaiveDate,
}

impl ShowPage {
    /// The stretch of the history that holds on the day; before the first, the first.
    fn version(&self) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.effective_from <= self.day).or(self.versions.first())
    }

    /// A field of the history on the day, or today's value where the file brought no history.
    fn then(&self, field: &str, today: &Option<String>) -> String {
        match self.version() {
            Some(version) => version.field(field).to_owned(),
            None => today.clone().unwrap_or_default(),
        }
    }

    fn name(&self) -> String {
        let (last, first) = match self.version() {
            Some(version) => (version.field("LastName"), version.field("FirstName")),
            None => (self.person.last_name.as_str(), self.person.first_name.as_str()),
        };
        [first, last].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn kind(&self) -> String {
        self.then("UserPersonType", &self.person.user_type)
    }

    fn title(&self) -> String {
        self.then("Title", &self.person.title)
    }

    fn middle_names(&self) -> String {
        self.then("MiddleNames", &self.person.middle_names)
    }

    fn preferred_name(&self) -> String {
        self.then("PreferredName", &self.person.preferred_name)
    }

    fn previous_name(&self) -> String {
        self.then("PreviousLastName", &self.person.previous_last_name)
    }

    fn employee_number(&self) -> String {
        self.then("EmployeeNumber", &self.person.employee_number)
    }

    fn email(&self) -> String {
        self.then("OfficeEmailAddress", &self.person.email)
    }

    fn date(&self, field: &str) -> String {
        let text = self.version().map(|version| version.field(field)).unwrap_or_default();
        NaiveDate::parse_from_str(text, "%Y%m%d").map(dates::day).unwrap_or_default()
    }

    fn born(&self) -> String {
        self.person.date_of_birth.map(dates::day).unwrap_or_default()
    }

    fn ni_number(&self) -> String {
        self.person.ni_number.as_deref().map(ui::masked_ni).unwrap_or_default()
    }

    fn gmc_number(&self) -> &str {
        self.person.gmc_number.as_deref().unwrap_or_default()
    }

    fn origin(&self) -> &'static str {
        match self.person.origin.as_str() {
            "generic_outbound" => "Your organisation's Generic Outbound file",
            "deanery" => "The deanery's applicant file",
            "by_hand" => "Entered by hand",
            _ => "Not known",
        }
    }

    fn day(&self) -> String {
        dates::day(self.day)
    }

    fn deleted(&self) -> Option<String> {
        self.person.deleted_at.map(dates::at)
    }

    fn merged(&self, merge: &StandingMerge) -> String {
        format!("{} merged person {} into this record on {}.", merge.by, merge.merged, dates::at(merge.at))
    }

    fn stretch(&self, from: &NaiveDate, to: &Option<NaiveDate>) -> String {
        match to {
            Some(to) => format!("{} to {}", dates::day(*from), dates::day(*to)),
            None => format!("From {}", dates::day(*from)),
        }
    }

    fn is_shown(&self, version: &Version) -> bool {
        self.version().is_some_and(|shown| shown.effective_from == version.effective_from)
    }

    fn contract_end(&self, assignment: &Assignment) -> String {
        assignment.contract_end_on.map(dates::short_day).unwrap_or_default()
    }

    fn address(&self, address: &Address) -> String {
        address.lines.join(", ")
    }

    fn position_title(&self, assignment: &Assignment) -> String {
        let name = assignment.position_name.as_deref().unwrap_or_default();
        name.split('|').nth(1).unwrap_or(name).trim().to_owned()
    }

    fn phone(&self, phone: &Phone) -> String {
        let number = phone.number.as_deref().unwrap_or_default();
        match phone.phone_type.as_deref() {
            Some("M" | "M1") => format!("{number} (mobile)"),
            Some(kind) if kind.starts_with('H') => format!("{number} (home)"),
            Some(kind) if kind.starts_with('W') => format!("{number} (work)"),
            _ => number.to_owned(),
        }
    }
}
