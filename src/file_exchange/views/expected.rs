use askama::Template;

use super::super::expected::Expectation;
use super::interface_label;
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

#[derive(Template)]
#[template(path = "interfaces/expected.html")]
pub struct ExpectedPages {
    pub layout: Layout,
    pub expected: Vec<Expectation>,
}

impl ExpectedPages {
    fn interface<'a>(&self, file: &'a Expectation) -> &'a str {
        interface_label(&file.interface)
    }

    fn hour(&self, file: &Expectation) -> String {
        if file.active { file.by_hour.format("%H:%M").to_string() } else { String::new() }
    }

    fn since(&self, file: &Expectation) -> String {
        dates::short_day(file.since_on)
    }
}

#[derive(Template)]
#[template(path = "interfaces/expected_file.html")]
pub struct ExpectedPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub file: Expectation,
    pub expected: Field,
    pub hour: Field,
}

impl ExpectedPage {
    fn heading(&self) -> String {
        format!("{} files from {}", interface_label(&self.file.interface), self.file.sender)
    }

    fn choices(&self) -> [Choice; 2] {
        [Choice::new("yes", "Yes, on each working day"), Choice::new("no", "No").hint("Nobody is told when none comes")]
    }
}
