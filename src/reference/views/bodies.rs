use askama::Template;
use chrono::NaiveDate;

use super::super::store::{Body, Contact};
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

/// What a contact is for.
pub const PURPOSES: [(&str, &str); 4] = [
    ("applicants", "Applicants"),
    ("data_quality", "Data quality"),
    ("local_processes", "Local processes"),
    ("general", "Anything else"),
];

#[derive(Template)]
#[template(path = "reference/list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub bodies: Vec<Body>,
}

impl ListPage {
    /// Codes of the bodies that send files and cannot be asked about them.
    fn without_contact(&self) -> String {
        let codes = self.bodies.iter().filter(|body| body.sends_files && body.contacts == 0);
        codes.map(|body| body.code.as_str()).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Template)]
#[template(path = "reference/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub body: Body,
    pub contacts: Vec<Contact>,
    pub hour: Field,
    pub purpose: Field,
    pub address: Field,
    pub telephone: Field,
    pub from: Field,
    pub to: Field,
    pub today: NaiveDate,
}

impl ShowPage {
    fn purposes(&self) -> Vec<Choice> {
        PURPOSES.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
    }

    fn purpose_of(&self, contact: &Contact) -> &'static str {
        PURPOSES.iter().find(|(value, _)| *value == contact.purpose).map_or("Anything else", |(_, label)| label)
    }

    /// Whether it is, or will be, valid.
    fn is_live(&self, contact: &Contact) -> bool {
        contact.valid_to.is_none_or(|to| to >= self.today)
    }

    fn valid(&self, contact: &Contact) -> String {
        let from = dates::short_day(contact.valid_from);
        // One that was ended before its first day was never valid.
        if contact.valid_to.is_some_and(|to| to < contact.valid_from) {
            return format!("Ended on {from}");
        }
        contact.valid_to.map_or(format!("From {from}"), |to| format!("{from} to {}", dates::short_day(to)))
    }

    fn confirmed(&self, contact: &Contact) -> String {
        contact.confirmed_on.map(dates::short_day).unwrap_or_default()
    }
}
