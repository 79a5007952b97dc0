use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::super::expected::{self, Expected};
use super::super::name::Interface;
use super::super::read::ListedFile;
use super::{interface_label, state_tag};
use crate::ui::{self, Choice, ErrorSummary, Field, Layout, NavItem, Pagination, dates};

/// What the list is filtered by, as typed.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    pub view: String,
    pub interface: Field,
    pub state: Field,
    pub sender: Field,
    pub name: Field,
    pub failures: bool,
    pub from: Field,
    pub to: Field,
}

impl Chosen {
    /// Every filter that is set: its name in the address, its value, and how it reads.
    fn set(&self) -> Vec<(&str, &str, String)> {
        let state = state_choices().into_iter().find(|choice| choice.value == self.state.value);
        let all = [
            ("interface", self.interface.value.as_str(), interface_label(&self.interface.value).to_owned()),
            ("state", &self.state.value, state.map_or(String::new(), |choice| choice.label)),
            ("sender", &self.sender.value, format!("From {}", self.sender.value)),
            ("name", &self.name.value, format!("Name with {}", self.name.value)),
            ("failures", if self.failures { "yes" } else { "" }, "With failures".to_owned()),
            ("from", &self.from.value, format!("Since {}", self.from.value)),
            ("to", &self.to.value, format!("Until {}", self.to.value)),
        ];
        all.into_iter().filter(|(_, value, _)| !value.is_empty()).collect()
    }

    fn address(&self, without: &str, page: Option<u64>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !self.view.is_empty() {
            query.append_pair("view", &self.view);
        }
        for (name, value, _) in self.set() {
            if name != without {
                query.append_pair(name, value);
            }
        }
        if let Some(page) = page {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/interfaces".to_owned() } else { format!("/interfaces?{query}") }
    }
}

fn state_choices() -> Vec<Choice> {
    [
        ("", "Any"),
        ("working", "Being processed"),
        ("processed", "Processed"),
        ("refused", "Refused"),
        ("duplicate", "Duplicate"),
        ("waiting", "Held or stopped"),
    ]
    .map(|(value, label)| Choice::new(value, label))
    .to_vec()
}

/// The pages that show files in another way.
fn views(current: &str, held: Option<u64>) -> Vec<NavItem> {
    let item = |view: &str, text: &str, count| NavItem {
        href: if view.is_empty() { "/interfaces".to_owned() } else { format!("/interfaces?view={view}") },
        text: text.to_owned(),
        count,
        current: current == view,
    };
    let mut views = vec![item("today", "Expected today", None), item("", "All files", None)];
    if held.is_some() {
        views.push(item("held", "Held", held));
        views.push(item("outbound", "Outbound", None));
    }
    views
}

#[derive(Template)]
#[template(path = "interfaces/list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub files: Vec<ListedFile>,
    pub total: i64,
    pub page: u64,
    pub pages: u64,
    /// How many files wait for a decision; `None` for those who do not decide.
    pub held: Option<u64>,
    pub chosen: Chosen,
    pub may_upload: bool,
    pub is_operator: bool,
}

impl ListPage {
    fn views(&self) -> Vec<NavItem> {
        views(&self.chosen.view, self.held)
    }

    fn interfaces(&self) -> Vec<Choice> {
        let each = Interface::ALL.iter().map(|interface| Choice::new(interface.code(), interface.label()));
        std::iter::once(Choice::new("", "Any")).chain(each).collect()
    }

    fn states(&self) -> Vec<Choice> {
        state_choices()
    }

    fn chips(&self) -> Vec<(String, String)> {
        self.chosen.set().into_iter().map(|(name, _, words)| (words, self.chosen.address(name, None))).collect()
    }

    fn clear(&self) -> String {
        Chosen { view: self.chosen.view.clone(), ..Chosen::default() }.address("", None)
    }

    fn pagination(&self) -> Pagination {
        Pagination::numbered(self.page, self.pages, |page| self.chosen.address("", Some(page)))
    }

    fn heading(&self) -> &'static str {
        match self.chosen.view.as_str() {
            "held" => "Files that wait for a decision",
            "outbound" => "Outbound files",
            _ => "Interface files",
        }
    }

    fn caption(&self) -> String {
        let count = ui::count(self.total, "file", "files");
        if self.chosen.set().is_empty() { count } else { format!("{count} that match") }
    }

    fn tag(&self, file: &ListedFile) -> (&'static str, &'static str) {
        state_tag(&file.state, file.fail)
    }

    fn interface(&self, file: &ListedFile) -> String {
        interface_label(&file.interface).to_owned()
    }

    fn is_outbound(&self) -> bool {
        self.chosen.view == "outbound"
    }

    /// Who is at the other end.
    fn partner(&self) -> &'static str {
        if self.is_outbound() { "To" } else { "From" }
    }

    /// What the time of a file is the time of.
    fn moment(&self) -> &'static str {
        if self.is_outbound() { "Sent" } else { "Received" }
    }

    fn first_day(&self) -> &'static str {
        if self.is_outbound() { "Sent from" } else { "Received from" }
    }

    fn last_day(&self) -> &'static str {
        if self.is_outbound() { "Sent to" } else { "Received to" }
    }

    fn received(&self, file: &ListedFile) -> String {
        dates::short_at(file.received_at)
    }

    fn number(&self, n: &i32) -> String {
        ui::number(n)
    }
}

#[derive(Template)]
#[template(path = "interfaces/today.html")]
pub struct TodayPage {
    pub layout: Layout,
    pub day: NaiveDate,
    pub now: DateTime<Utc>,
    pub expected: Vec<Expected>,
    pub held: Option<u64>,
    pub links_files: bool,
}

impl TodayPage {
    fn views(&self) -> Vec<NavItem> {
        views("today", self.held)
    }

    fn is_working_day(&self) -> bool {
        expected::is_working_day(self.day)
    }

    fn day(&self) -> String {
        dates::day(self.day)
    }

    fn interface(&self, file: &Expected) -> String {
        interface_label(&file.interface).to_owned()
    }

    fn hour(&self, file: &Expected) -> String {
        file.by_hour.format("%H:%M").to_string()
    }

    fn arrived(&self, file: &Expected) -> String {
        file.received_at.map(dates::short_at).unwrap_or_default()
    }

    /// What is to be said of it: words and colour.
    fn tag(&self, file: &Expected) -> (String, &'static str) {
        match (&file.state, file.minutes_late(self.now)) {
            (Some(state), _) => {
                let (words, colour) = state_tag(state, file.fail.unwrap_or_default());
                (words.to_owned(), colour)
            }
            (None, Some(minutes)) if self.is_working_day() => (format!("Overdue by {}", overdue(minutes)), "red"),
            (None, _) if self.is_working_day() => ("Not due yet".to_owned(), "white"),
            (None, _) => ("None today".to_owned(), "grey"),
        }
    }

    fn counted(&self, n: &Option<i32>) -> String {
        n.map(ui::number).unwrap_or_default()
    }
}

fn overdue(minutes: i64) -> String {
    if minutes < 60 { ui::count(minutes, "minute", "minutes") } else { ui::count(minutes / 60, "hour", "hours") }
}
