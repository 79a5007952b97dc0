use askama::Template;
use chrono::NaiveDate;

use super::model::{Condition, State, Step};
use super::store::{Kept, Request, Said};
use crate::ui::{Choice, ErrorSummary, Field, Layout, NavItem, dates};

/// A step of the checklist as a form shows it.
pub struct StepRow {
    pub step: Step,
    pub owner: Field,
    pub due_on: Field,
    pub done_on: Field,
    /// What the page showed before anybody typed: only what differs from it is saved.
    pub was: String,
}

impl StepRow {
    /// A step as it is kept.
    pub fn of(step: Step, kept: Option<&Kept>) -> Self {
        let day = |day: Option<NaiveDate>| day.map(|day| day.format("%-d/%-m/%Y").to_string()).unwrap_or_default();
        let field = |what: &str, value: String| Field::new(format!("{what}-{}", step.code()), value);
        let row = Self {
            step,
            owner: field("owner", kept.map(|kept| kept.owner.clone()).unwrap_or_default()),
            due_on: field("due", day(kept.and_then(|kept| kept.due_on))),
            done_on: field("done", day(kept.and_then(|kept| kept.done_on))),
            was: String::new(),
        };
        Self { was: row.digest(), ..row }
    }

    /// Its entries in one line, to be compared.
    pub fn digest(&self) -> String {
        [&self.owner, &self.due_on, &self.done_on].map(|field| field.value.as_str()).join("|")
    }
}

#[derive(Template)]
#[template(path = "readiness/overview.html")]
pub struct OverviewPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub section: Vec<NavItem>,
    pub bodies: Vec<(String, String)>,
    pub body: Option<(String, String)>,
    pub is_go: bool,
    pub conditions: Vec<Condition>,
    pub steps: Vec<StepRow>,
    pub requests: Vec<Request>,
    pub may_ask: bool,
}

impl OverviewPage {
    fn links(&self) -> Vec<NavItem> {
        let current = self.body.as_ref().map(|(code, _)| code.as_str()).unwrap_or_default();
        let link = |(code, name): &(String, String)| NavItem {
            href: format!("/positions/readiness?body={code}"),
            text: format!("{code} {name}"),
            count: None,
            current: code == current,
        };
        self.bodies.iter().map(link).collect()
    }

    fn open(&self) -> usize {
        self.conditions.iter().filter(|condition| condition.is_needed && !condition.is_met).count()
    }

    fn state(&self, request: &Request) -> (&'static str, &'static str) {
        State::from_code(&request.state).map_or(("Sent", "blue"), State::label)
    }

    fn sent(&self, request: &Request) -> String {
        format!("{} by {}", dates::at(request.sent_at), request.sent_by)
    }
}

#[derive(Template)]
#[template(path = "readiness/form.html")]
pub struct FormPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub body: String,
    pub body_name: String,
    pub required_by: Field,
    pub unbucketed: Field,
    pub unique_dpns: Field,
    pub email: Field,
    pub report_name: String,
    pub is_clean: bool,
    pub open: Vec<Condition>,
}

impl FormPage {
    fn answers(&self) -> [Choice; 2] {
        [Choice::new("yes", "Yes"), Choice::new("no", "No")]
    }
}

#[derive(Template)]
#[template(path = "readiness/request.html")]
pub struct RequestPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub request: Request,
    pub said: Vec<Said>,
    pub operators: bool,
    /// Sent by the reader, who may therefore not answer it.
    pub own: bool,
    pub text: Field,
    pub state: Field,
}

impl RequestPage {
    pub fn new(layout: Layout, request: Request, said: Vec<Said>, operators: bool, text: Field) -> Self {
        Self {
            layout,
            errors: ErrorSummary::of([&text]),
            request,
            said,
            operators,
            own: false,
            text,
            state: Field::new("state", "answered"),
        }
    }

    fn base(&self) -> String {
        let id = self.request.request_id;
        if self.operators {
            format!("/interfaces/requests/{id}")
        } else {
            format!("/positions/readiness/requests/{id}")
        }
    }

    fn stands(&self) -> (&'static str, &'static str) {
        State::from_code(&self.request.state).map_or(("Sent", "blue"), State::label)
    }

    fn is_open(&self) -> bool {
        State::from_code(&self.request.state).is_some_and(State::is_open)
    }

    fn states(&self) -> Vec<Choice> {
        let all = [State::InDiscussion, State::Answered, State::Done, State::Refused];
        all.into_iter().map(|state| Choice::new(state.code(), state.label().0)).collect()
    }

    fn heading(&self, said: &Said) -> String {
        let state = State::from_code(&said.state).map_or("", |state| state.label().0);
        format!("{}: {state}", if said.from_operations { "Support" } else { "The employer" })
    }

    fn yes(&self, answer: &bool) -> &'static str {
        if *answer { "Yes" } else { "No" }
    }

    fn at(&self, said: &Said) -> String {
        dates::at(said.at)
    }

    fn sent(&self) -> String {
        format!("{} by {}", dates::at(self.request.sent_at), self.request.sent_by)
    }

    fn required_by(&self) -> String {
        dates::day(self.request.required_by)
    }
}

#[derive(Template)]
#[template(path = "readiness/list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub requests: Vec<Request>,
}

impl ListPage {
    fn state(&self, request: &Request) -> (&'static str, &'static str) {
        State::from_code(&request.state).map_or(("Sent", "blue"), State::label)
    }

    fn sent(&self, request: &Request) -> String {
        dates::short_at(request.sent_at)
    }

    fn required(&self, request: &Request) -> String {
        dates::short_day(request.required_by)
    }
}
