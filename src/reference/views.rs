use askama::Template;
use chrono::NaiveDate;

use super::store::{Body, Contact};
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

#[derive(Template)]
#[template(path = "reference/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub body: Body,
    pub contacts: Vec<Contact>,
    pub purpose: Field,
    pub address: Field,
    pub telephone: Field,
    pub today: NaiveDate,
}

impl ShowPage {
    fn purposes(&self) -> Vec<Choice> {
        PURPOSES.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
    }

    fn purpose_of(&self, contact: &Contact) -> &'static str {
        PURPOSES.iter().find(|(value, _)| *value == contact.purpose).map_or("Anything else", |(_, label)| label)
    }

    fn is_live(&self, contact: &Contact) -> bool {
        contact.valid_from <= self.today && contact.valid_to.is_none_or(|to| to >= self.today)
    }

    fn valid(&self, contact: &Contact) -> String {
        let from = dates::short_day(contact.valid_from);
        contact.valid_to.map_or(format!("From {from}"), |to| format!("{from} to {}", dates::short_day(to)))
    }

    fn confirmed(&self, contact: &Contact) -> String {
        contact.confirmed_on.map(dates::short_day).unwrap_or_default()
    }
}
