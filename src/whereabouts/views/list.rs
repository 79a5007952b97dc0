use std::collections::BTreeMap;
use std::ops::Range;

use actix_web::http::StatusCode;
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use crate::applicants::status::Status;
use crate::reference::store::WhomToAsk;
use crate::ui::{self, Choice, DayRange, ErrorSummary, Field, Layout, Pagination, dates};
use crate::whereabouts::model::{Line, Search, Stage};
use crate::whereabouts::store::Wanted;

/// How many lines a page has.
const PAGE: usize = 50;

/// What the address of the list says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListAsked {
    pub q: String,
    pub stage: String,
    /// The status of an application, for addresses that were kept.
    pub status: String,
    pub blocked: String,
    pub start_from: String,
    pub start_to: String,
    pub page: u32,
}

impl ListAsked {
    /// How many filters are set.
    pub fn set(&self) -> usize {
        let all = [&self.q, &self.stage, &self.status, &self.blocked, &self.start_from, &self.start_to];
        all.iter().filter(|text| !text.trim().is_empty()).count()
    }

    pub fn starts(&self) -> DayRange {
        DayRange::read(["start_from", "start_to"], &self.start_from, &self.start_to)
    }

    pub fn search(&self) -> Option<Search> {
        Search::read(&self.q)
    }

    /// Whether doctors at this stage are asked for; what has ended is shown only to those who ask for it or look for somebody.
    pub fn asks_stage(&self, stage: Stage) -> bool {
        match Stage::from_code(&self.stage) {
            Some(asked) => stage == asked,
            None => stage != Stage::Ended || self.search().is_some() || !self.status.is_empty(),
        }
    }

    /// The applications that are asked for, but for what blocks them.
    pub fn wanted(&self, from: NaiveDate) -> Wanted {
        let starts = self.starts();
        let codes = Status::ALL.into_iter().map(Status::code);
        let asked =
            codes.filter(|code| (self.status.is_empty() || *code == self.status) && self.asks_stage(Stage::of(code)));
        Wanted {
            from: starts.first.map_or(from, |first| first.max(from)),
            to: starts.last,
            statuses: asked.map(str::to_owned).collect(),
            search: self.search(),
        }
    }

    /// Whether somebody without an application is among those asked for; a status is an application's alone.
    pub fn keeps(&self, line: &Line) -> bool {
        self.status.is_empty()
            && self.asks_stage(line.stage)
            && self.starts().may_hold(line.starts_on)
            && self.search().is_none_or(|search| line.matches(&search))
    }

    pub fn asks_what_blocks(&self) -> bool {
        matches!(self.blocked.as_str(), "yes" | "no")
    }

    /// Whether a whole line is among those asked for by what blocks it.
    pub fn keeps_blocked(&self, line: &Line) -> bool {
        (self.blocked == "yes") != line.blocked_by.is_empty()
    }

    /// The page of so many lines that is asked for; after the last there is none.
    fn page(&self, total: usize) -> usize {
        usize::try_from(self.page).unwrap_or(1).clamp(1, total.div_ceil(PAGE).max(1))
    }

    /// Which of so many lines the page shows.
    pub fn shown(&self, total: usize) -> Range<usize> {
        let first = (self.page(total) - 1) * PAGE;
        first..(first + PAGE).min(total)
    }

    fn query(&self) -> url::form_urlencoded::Serializer<'static, String> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let all = [
            ("q", &self.q),
            ("stage", &self.stage),
            ("status", &self.status),
            ("blocked", &self.blocked),
            ("start_from", &self.start_from),
            ("start_to", &self.start_to),
        ];
        for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        query
    }
}

/// What a list found.
pub struct Found {
    /// The lines of the page.
    pub lines: Vec<Line>,
    /// How many there are on every page, by stage.
    pub stages: BTreeMap<Stage, usize>,
    /// What was not looked at, in words: nothing is left out in silence.
    pub left_out: Vec<String>,
}

impl Found {
    pub fn total(&self) -> usize {
        self.stages.values().sum()
    }
}

/// Why a search found nothing, and whom to ask.
pub struct Why {
    pub said: Vec<String>,
    pub contact: Option<WhomToAsk>,
}

#[derive(Template)]
#[template(path = "doctors/list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub set: usize,
    pub search: Field,
    pub stage: Field,
    pub stages: Vec<Choice>,
    pub blocked: Field,
    pub blocks: Vec<Choice>,
    pub start_from: Field,
    pub start_to: Field,
    pub counts: Vec<(String, String)>,
    pub rows: Vec<Row>,
    pub left_out: Vec<String>,
    pub total: usize,
    pub why: Option<Why>,
    pub links: Pagination,
    pub may_enter: bool,
}

/// A line of the list.
pub struct Row {
    pub line: Line,
    pub name: String,
    pub starts: String,
    pub when: String,
    pub stage: (String, &'static str),
    pub since: String,
}

impl ListPage {
    pub fn new(
        layout: Layout,
        asked: ListAsked,
        found: Found,
        why: Option<Why>,
        may_enter: bool,
        today: NaiveDate,
    ) -> Self {
        let total = found.total();
        let (page, pages) = (asked.page(total), total.div_ceil(PAGE));
        let counts = found.stages.iter().filter(|(_, count)| **count > 0).map(|(stage, count)| {
            (format!("{}: {}", stage.label(), ui::number(count)), format!("/doctors?stage={}", stage.code()))
        });
        let counts = counts.collect();
        let address = |number: u64| {
            let mut query = asked.query();
            query.append_pair("page", &number.to_string());
            format!("/doctors?{}", query.finish())
        };
        let starts = asked.starts();
        let stages = Stage::ALL.map(|stage| Choice::new(stage.code(), stage.label()));
        Self {
            layout,
            errors: ErrorSummary::of([&starts.from, &starts.to]),
            set: asked.set(),
            links: Pagination::numbered(page as u64, pages as u64, address),
            search: Field::new("q", asked.q.clone()),
            stage: Field::new("stage", asked.stage.clone()),
            stages: [Choice::new("", "Every stage but ended")].into_iter().chain(stages).collect(),
            blocked: Field::new("blocked", asked.blocked.clone()),
            blocks: vec![
                Choice::new("", "Blocked or not"),
                Choice::new("yes", "Blocked"),
                Choice::new("no", "Not blocked"),
            ],
            start_from: starts.from,
            start_to: starts.to,
            counts,
            rows: found.lines.into_iter().map(|line| row(line, today)).collect(),
            left_out: found.left_out,
            total,
            why,
            may_enter,
        }
    }
}

impl ListPage {
    pub fn status(&self) -> StatusCode {
        if self.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }
}

fn row(line: Line, today: NaiveDate) -> Row {
    let status = line.status.as_deref().and_then(|code| code.parse::<Status>().ok());
    let text = status.map_or_else(|| line.stage.label().to_owned(), |status| status.label().to_owned());
    Row {
        name: line.name(),
        starts: line.starts_on.map(dates::short_day).unwrap_or_default(),
        when: line.starts_on.map(|day| dates::relative(day, today)).unwrap_or_default(),
        stage: (text, line.stage.colour()),
        since: line.since.map(|at| dates::short_day(dates::london_day(at))).unwrap_or_default(),
        line,
    }
}
