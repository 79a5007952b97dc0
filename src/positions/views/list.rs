use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::sent_words;
use crate::positions::quality::Fault;
use crate::positions::store::Position;
use crate::ui::{self, Choice, ErrorSummary, Field, Layout, NavItem, Pagination, dates};

/// A position in the list, with what is wrong with it and how many are on it and on their way.
pub struct Listed {
    pub position: Position,
    pub faults: Vec<Fault>,
    pub now: i64,
    pub next: i64,
    /// When it was last told to the deanery, and whether as gone.
    pub sent: Option<(DateTime<Utc>, bool)>,
}

#[derive(Template)]
#[template(path = "positions/list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub section: Vec<NavItem>,
    pub errors: ErrorSummary,
    pub positions: Vec<Listed>,
    pub total: i64,
    pub page: u64,
    pub pages: u64,
    pub q: Field,
    pub role: Field,
    pub body: Field,
    pub dpn: Field,
    pub problem: Field,
    pub holder: Field,
    pub host_or_lead: Field,
    pub on: Field,
    pub day: NaiveDate,
    pub roles: Vec<String>,
}

impl ListPage {
    fn roles(&self) -> Vec<Choice> {
        let each = self.roles.iter().map(|role| Choice::new(role.clone(), role.clone()));
        std::iter::once(Choice::new("", "Any")).chain(each).collect()
    }

    fn dpns(&self) -> [Choice; 3] {
        [
            Choice::new("", "All positions"),
            Choice::new("with", "With a Deanery Post Number"),
            Choice::new("without", "Without a Deanery Post Number"),
        ]
    }

    fn problems(&self) -> Vec<Choice> {
        let mut all = vec![Choice::new("", "Any or none"), Choice::new("any", "Any problem")];
        all.extend(Fault::ALL.iter().map(|fault| Choice::new(fault.code(), fault.label())));
        all
    }

    fn holders(&self) -> [Choice; 3] {
        [Choice::new("", "Filled or vacant"), Choice::new("filled", "Filled"), Choice::new("vacant", "Vacant")]
    }

    fn statuses(&self) -> [Choice; 4] {
        [
            Choice::new("", "Any"),
            Choice::new("host", "Host Employer"),
            Choice::new("lead", "Lead Employer"),
            Choice::new("none", "Not set"),
        ]
    }

    fn set(&self) -> Vec<(&str, &str, String)> {
        let dpn = if self.dpn.value == "with" { "With a Deanery Post Number" } else { "Without a Deanery Post Number" };
        let all = [
            ("q", self.q.value.as_str(), format!("“{}”", self.q.value)),
            ("role", &self.role.value, self.role.value.clone()),
            ("body", &self.body.value, format!("Managing body {}", self.body.value)),
            ("dpn", &self.dpn.value, dpn.to_owned()),
            ("problem", &self.problem.value, self.chosen(&self.problem, &self.problems())),
            ("holder", &self.holder.value, self.chosen(&self.holder, &self.holders())),
            ("status", &self.host_or_lead.value, self.chosen(&self.host_or_lead, &self.statuses())),
            ("on", &self.on.value, format!("On {}", self.on.value)),
        ];
        all.into_iter().filter(|(_, value, _)| !value.is_empty()).collect()
    }

    fn chosen(&self, field: &Field, choices: &[Choice]) -> String {
        choices.iter().find(|choice| choice.value == field.value).map(|choice| choice.label.clone()).unwrap_or_default()
    }

    fn address(&self, without: &str, page: Option<u64>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value, _) in self.set() {
            if name != without {
                query.append_pair(name, value);
            }
        }
        if let Some(page) = page {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/positions".to_owned() } else { format!("/positions?{query}") }
    }

    fn chips(&self) -> Vec<(String, String)> {
        self.set().into_iter().map(|(name, _, words)| (words, self.address(name, None))).collect()
    }

    fn pagination(&self) -> Pagination {
        Pagination::numbered(self.page, self.pages, |page| self.address("", Some(page)))
    }

    fn caption(&self) -> String {
        format!("{} on {}", ui::count(self.total, "position", "positions"), dates::day(self.day))
    }

    /// When it was sent, or why it was not.
    fn sent(&self, listed: &Listed) -> String {
        sent_words(listed.sent, &listed.faults, listed.position.dpn.is_some())
    }

    fn people(&self, listed: &Listed) -> String {
        match (listed.now, listed.next) {
            (0, 0) => String::new(),
            (now, 0) => format!("{} now", ui::number(now)),
            (0, next) => format!("Vacant; {} next", ui::number(next)),
            (now, next) => format!("{} now, {} next", ui::number(now), ui::number(next)),
        }
    }

    fn href(&self, position: &Position) -> String {
        match self.on.value.as_str() {
            "" => format!("/positions/{}", position.position_id),
            _ => format!("/positions/{}?on={}", position.position_id, self.day),
        }
    }
}
