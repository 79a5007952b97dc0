use askama::Template;
use chrono::NaiveDate;

use super::store::{Holder, Position};
use crate::ui::{self, Choice, ErrorSummary, Field, Layout, Pagination, dates};

#[derive(Template)]
#[template(path = "positions/list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub positions: Vec<Position>,
    pub total: i64,
    pub page: u64,
    pub pages: u64,
    pub q: Field,
    pub role: Field,
    pub body: Field,
    pub dpn: Field,
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

    fn set(&self) -> Vec<(&str, &str, String)> {
        let dpn = if self.dpn.value == "with" { "With a Deanery Post Number" } else { "Without a Deanery Post Number" };
        let all = [
            ("q", self.q.value.as_str(), format!("“{}”", self.q.value)),
            ("role", &self.role.value, self.role.value.clone()),
            ("body", &self.body.value, format!("Managing body {}", self.body.value)),
            ("dpn", &self.dpn.value, dpn.to_owned()),
            ("on", &self.on.value, format!("On {}", self.on.value)),
        ];
        all.into_iter().filter(|(_, value, _)| !value.is_empty()).collect()
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

    fn href(&self, position: &Position) -> String {
        match self.on.value.as_str() {
            "" => format!("/positions/{}", position.position_id),
            _ => format!("/positions/{}?on={}", position.position_id, self.day),
        }
    }
}

#[derive(Template)]
#[template(path = "positions/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub position: Position,
    pub versions: Vec<Position>,
    /// `None` for those who may not see people.
    pub holders: Option<Vec<Holder>>,
    pub on: Field,
    pub day: NaiveDate,
}

impl ShowPage {
    fn state(&self) -> (String, &'static str) {
        let position = &self.position;
        let day = dates::day(self.day);
        if position.deleted_at.is_some() {
            return ("Deleted".to_owned(), "red");
        }
        if position.is_active_on(self.day) {
            return (format!("Active on {day}"), "green");
        }
        if position.effective_from > self.day {
            ("Not yet active".to_owned(), "white")
        } else {
            ("Ended".to_owned(), "grey")
        }
    }

    fn deleted(&self) -> Option<String> {
        self.position.deleted_at.map(dates::at)
    }

    fn stretch(&self, position: &Position) -> String {
        stretch(position.effective_from, position.effective_to)
    }

    fn is_shown(&self, position: &Position) -> bool {
        position.effective_from == self.position.effective_from
    }

    fn held(&self, holder: &Holder) -> String {
        stretch(holder.effective_from, holder.effective_to)
    }

    fn contract_end(&self, holder: &Holder) -> String {
        holder.contract_end_on.map(dates::short_day).unwrap_or_default()
    }

    fn day(&self) -> String {
        dates::day(self.day)
    }
}

/// `from 7 August 2019` or `7 August 2019 to 4 August 2026`.
fn stretch(from: NaiveDate, to: Option<NaiveDate>) -> String {
    match to {
        Some(to) => format!("{} to {}", dates::day(from), dates::day(to)),
        None => format!("From {}", dates::day(from)),
    }
}
