use std::collections::HashMap;
use std::ops::Range;

use askama::Template;
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::model::{Line, Stage};
use super::routes::stage_of;
use super::store::{Application, Expected, Key, Unloaded};
use crate::applicants::status::Status;
use crate::doctors_in_training::checks::read_date;
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::employment_checks::model::Checks;
use crate::lead_and_host::model::Other;
use crate::positions::dpn;
use crate::reference::store::WhomToAsk;
use crate::ui::{self, Choice, Field, Layout, Pagination, dates};

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
    pub fn is_filtered(&self) -> bool {
        let all = [&self.q, &self.stage, &self.status, &self.blocked, &self.start_from, &self.start_to];
        all.iter().any(|text| !text.trim().is_empty())
    }

    /// Whether a line is among those asked for, but for what blocks it; what has ended is shown only to those who ask for it or look for somebody.
    pub fn keeps(&self, line: &Line) -> bool {
        let search: String = self.q.chars().take(100).collect();
        let stage = match stage_of(&self.stage) {
            Some(stage) => line.stage == stage,
            None => line.stage != Stage::Ended || !search.trim().is_empty() || !self.status.is_empty(),
        };
        let status = self.status.is_empty() || line.status.as_deref() == Some(self.status.as_str());
        let from =
            dates::parse_day(&self.start_from).is_none_or(|day| line.starts_on.is_some_and(|start| start >= day));
        let to = dates::parse_day(&self.start_to).is_none_or(|day| line.starts_on.is_some_and(|start| start <= day));
        stage && status && from && to && line.matches(&search)
    }

    pub fn asks_what_blocks(&self) -> bool {
        matches!(self.blocked.as_str(), "yes" | "no")
    }

    /// Whether a whole line is among those asked for by what blocks it.
    pub fn keeps_blocked(&self, line: &Line) -> bool {
        (self.blocked == "yes") != line.blocked_by.is_empty()
    }

    fn page(&self) -> usize {
        usize::try_from(self.page).unwrap_or(1).clamp(1, 10_000)
    }

    /// Which of so many lines the page shows.
    pub fn shown(&self, total: usize) -> Range<usize> {
        let first = ((self.page() - 1) * PAGE).min(total);
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

/// Why a search found nothing, and whom to ask.
pub struct Why {
    pub said: Vec<String>,
    pub contact: Option<WhomToAsk>,
}

fn title(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    name.split('|').nth(1).unwrap_or(name).trim().to_owned()
}

/// Puts the lines together, the first to start on top and those without a day last.
pub fn lines(keys: Vec<Key>, unloaded: Vec<Unloaded>, expected: Vec<Expected>, today: NaiveDate) -> Vec<Line> {
    let mut all: Vec<Line> = keys.into_iter().map(of_key).collect();
    all.extend(unloaded.iter().map(of_unloaded));
    all.extend(expected.iter().filter(|one| !one.is_vacant).map(|one| of_expected(one, today)));
    all.sort_by_key(|line| (line.starts_on.is_none(), line.starts_on));
    all
}

fn stage_of_status(status: &str) -> Stage {
    match status.parse::<Status>().ok() {
        Some(Status::PreferredApplicant) | None => Stage::Received,
        Some(Status::OfferedPostConditional | Status::OfferedPostUnconditional) => Stage::Offered,
        Some(Status::OfferAccepted) => Stage::Accepted,
        Some(Status::Hired) => Stage::Hired,
        Some(Status::Withdrawn | Status::Terminated) => Stage::Ended,
    }
}

/// What is known of an application before it is looked at closely.
fn of_key(one: Key) -> Line {
    Line {
        application_id: Some(one.application_id),
        stage: stage_of_status(&one.status),
        last_name: one.last_name,
        first_name: one.first_name,
        gmc_number: one.gmc_number,
        dpn: one.dpn,
        post: String::new(),
        starts_on: Some(one.hire_on),
        with: String::new(),
        blocked_by: String::new(),
        since: None,
        action: (String::new(), String::new()),
        href: None,
        numbers: [
            Some(one.position_number),
            Some(one.position_id),
            Some(one.applicant_number),
            Some(one.person_id),
            one.employee_number,
        ]
        .into_iter()
        .flatten()
        .collect(),
        status: Some(one.status),
        pair: None,
    }
}

/// A whole line of an application.
pub fn of_application(one: &Application, checks: Option<&Checks>, others: &HashMap<String, Vec<Other>>) -> Line {
    let stage = stage_of_status(&one.status);
    let doctor = format!("/doctors/{}", one.person_id);
    let outstanding = checks.map(|checks| checks.blocking(one.hire_on)).unwrap_or_default();
    let waits_for_checks = stage == Stage::Offered && !outstanding.is_empty();
    let (blocked_by, action) = match (&one.change_kind, one.change_id, one.duplicate_id) {
        _ if matches!(stage, Stage::Ended) => (String::new(), ("Open the doctor".to_owned(), doctor.clone())),
        (Some(kind), Some(id), _) => {
            let (words, act) = match kind.as_str() {
                "withdrawal" => ("The deanery withdrew this doctor", "Decide about the withdrawal"),
                "dates" => ("The deanery gave new dates", "Apply or keep the dates"),
                _ => ("The deanery changed something", "Open the change"),
            };
            (words.to_owned(), (act.to_owned(), format!("/doctors/changes/{id}")))
        }
        (_, _, Some(id)) => (
            "May be somebody known here already".to_owned(),
            ("Compare the two".to_owned(), format!("/doctors/duplicates/{id}")),
        ),
        _ if !one.position_matches => (
            "The position ends before the first day, or bears another number now".to_owned(),
            ("Open the position".to_owned(), format!("/positions/{}", one.position_id)),
        ),
        _ if waits_for_checks => {
            let text = format!("{} outstanding", ui::count(outstanding.len(), "employment check", "employment checks"));
            (text, ("Open the checks".to_owned(), format!("/doctors/applications/{}/checks", one.application_id)))
        }
        _ if !one.has_ni_number && stage != Stage::Hired => (
            "No National Insurance number, so a transfer waits".to_owned(),
            ("Open the doctor".to_owned(), doctor.clone()),
        ),
        _ if stage == Stage::Accepted => {
            (String::new(), (next_step(stage).to_owned(), format!("/doctors/applications/{}/hire", one.application_id)))
        }
        _ => (String::new(), (next_step(stage).to_owned(), doctor.clone())),
    };
    let with = match stage {
        Stage::Received => "Recruitment, to offer the post",
        Stage::Offered if waits_for_checks => "Recruitment, for the checks",
        Stage::Offered => "The doctor, to accept",
        Stage::Accepted => "Recruitment, to hire",
        Stage::Hired => "The employing department",
        Stage::NotReleased | Stage::Held | Stage::Failed | Stage::Ended => "Nobody",
    };
    let with =
        if one.change_id.is_some() && stage != Stage::Ended { "Medical staffing, to decide a change" } else { with };
    Line {
        application_id: Some(one.application_id),
        stage,
        status: Some(one.status.clone()),
        last_name: one.last_name.clone(),
        first_name: one.first_name.clone(),
        gmc_number: one.gmc_number.clone(),
        dpn: one.dpn.clone(),
        post: title(one.position_name.as_deref()),
        starts_on: Some(one.hire_on),
        with: with.to_owned(),
        blocked_by,
        since: Some(one.status_at),
        action,
        href: Some(doctor),
        numbers: [
            Some(one.position_number.clone()),
            Some(one.position_id.clone()),
            Some(one.applicant_number.clone()),
            Some(one.person_id.clone()),
            one.employee_number.clone(),
        ]
        .into_iter()
        .flatten()
        .collect(),
        pair: others
            .get(&dpn::key(&one.dpn))
            .map(|all| all.iter().map(|other| other.words_near(one.hire_on)).collect::<Vec<_>>().join(". ")),
    }
}

fn next_step(stage: Stage) -> &'static str {
    match stage {
        Stage::Received => "Offer the post",
        Stage::Offered => "Record the answer",
        Stage::Accepted => "Hire the doctor",
        _ => "Open the doctor",
    }
}

fn of_unloaded(one: &Unloaded) -> Line {
    let record = AppRecord::parse(&one.raw);
    let given =
        |column: Column| record[column].chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    let file = format!("/interfaces/files/{}", one.file_id);
    let fix = format!("/doctors/records/{}/{}", one.file_id, one.record_no);
    let said = crate::file_exchange::records::mask_text(one.said.as_deref().unwrap_or_default());
    let (stage, with, blocked_by, action) = match (one.is_held, &one.asked_by) {
        (true, _) => (
            Stage::Held,
            "National operations".to_owned(),
            format!("More than 40 records for this post in {}", one.file_name),
            ("Open the file".to_owned(), file),
        ),
        (false, Some(_)) => {
            (Stage::Failed, "The deanery, asked to send it again".to_owned(), said, ("See the record".to_owned(), fix))
        }
        (false, None) => {
            let with = one.claimed_by.clone().unwrap_or_else(|| "Medical staffing".to_owned());
            (Stage::Failed, with, said, ("Put the record right".to_owned(), fix))
        }
    };
    let gmc = given(Column::RegNo1);
    Line {
        application_id: None,
        stage,
        status: None,
        last_name: given(Column::LastName),
        first_name: given(Column::FirstName),
        gmc_number: Some(gmc).filter(|number| !number.is_empty()),
        dpn: given(Column::DeaneryNumber),
        post: String::new(),
        starts_on: read_date(record[Column::ProjectedHireDate].trim()),
        with,
        blocked_by,
        since: Some(one.received_at),
        action,
        href: None,
        numbers: vec![given(Column::PositionNumber), given(Column::PositionId)],
        pair: None,
    }
}

fn of_expected(one: &Expected, today: NaiveDate) -> Line {
    let released = one.start_on.map(|day| day - Days::new(91));
    let blocked_by = match released {
        _ if !one.has_position => "No position here bears the number: check it on the position".to_owned(),
        Some(day) if day > today => format!("Not released yet: 13 weeks before the start is {}", dates::short_day(day)),
        _ => "No application has come, although the start is within 13 weeks: ask the deanery".to_owned(),
    };
    Line {
        application_id: None,
        stage: Stage::NotReleased,
        status: None,
        last_name: one.last_name.clone().unwrap_or_default(),
        first_name: one.first_name.clone().unwrap_or_default(),
        gmc_number: one.gmc_number.clone(),
        dpn: one.dpn.clone(),
        post: title(one.position_name.as_deref()),
        starts_on: one.start_on,
        with: format!("The deanery ({})", one.body_code),
        blocked_by,
        since: Some(one.told_at),
        action: ("Open the rotation".to_owned(), {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("q", &one.dpn);
            format!("/rotation/grid?{}", query.finish())
        }),
        href: None,
        numbers: Vec::new(),
        pair: None,
    }
}

#[derive(Template)]
#[template(path = "doctors/list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub search: Field,
    pub stage: Field,
    pub stages: Vec<Choice>,
    pub blocked: Field,
    pub blocks: Vec<Choice>,
    pub start_from: Field,
    pub start_to: Field,
    pub counts: Vec<(String, String)>,
    pub rows: Vec<Row>,
    pub total: usize,
    pub is_filtered: bool,
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
        lines: Vec<Line>,
        why: Option<Why>,
        is_filtered: bool,
        may_enter: bool,
        today: NaiveDate,
    ) -> Self {
        let total = lines.len();
        let (page, shown) = (asked.page(), asked.shown(total));
        let pages = total.div_ceil(PAGE);
        let counts = Stage::ALL.into_iter().filter_map(|stage| {
            let count = lines.iter().filter(|line| line.stage == stage).count();
            (count > 0).then(|| {
                (format!("{}: {}", stage.label(), ui::number(count)), format!("/doctors?stage={}", stage.code()))
            })
        });
        let counts = counts.collect();
        let address = |number: u64| {
            let mut query = asked.query();
            query.append_pair("page", &number.to_string());
            format!("/doctors?{}", query.finish())
        };
        let stages = Stage::ALL.map(|stage| Choice::new(stage.code(), stage.label()));
        Self {
            layout,
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
            start_from: Field::new("start_from", asked.start_from.clone()),
            start_to: Field::new("start_to", asked.start_to.clone()),
            counts,
            rows: lines.into_iter().take(shown.end).skip(shown.start).map(|line| row(line, today)).collect(),
            total,
            is_filtered,
            why,
            may_enter,
        }
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
