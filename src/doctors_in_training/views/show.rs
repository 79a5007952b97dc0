use std::collections::HashMap;

use askama::Template;
use chrono::NaiveDate;
use serde_json::Value;
use uuid::Uuid;

use super::{StepBack, person_type, position_title, status_tag};
use crate::applicants::matching::Feature;
use crate::applicants::status::{Event, Status};
use crate::applicants::store::{ApplicationPage, History, Merge};
use crate::deanery_changes::actions::decided_words;
use crate::deanery_changes::model::{Change, Kind, State};
use crate::employment_checks::model::Checks;
use crate::hiring::actions::Decided;
use crate::people::applicants::Known;
use crate::people::values::mask_ni;
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

/// One doctor with everything that the page says.
pub struct Doctor {
    pub known: Known,
    pub applications: Vec<ApplicationPage>,
    pub histories: Vec<History>,
    pub checks: HashMap<Uuid, Checks>,
    /// By application: the hire from it that stands.
    pub hires: HashMap<Uuid, (Uuid, String)>,
    /// What ended the employment or honorary record, where it has ended.
    pub ended: Option<Decided>,
    pub pairs: Vec<(Uuid, Known)>,
    pub merges: Vec<Merge>,
    /// What the deanery changed, the latest first.
    pub changes: Vec<Change>,
}

/// A change of status that was refused, with what was typed.
pub struct Refused {
    pub application_id: Uuid,
    pub event: Field,
    pub reason: Field,
}

#[derive(Template)]
#[template(path = "doctors/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub doctor: Doctor,
    pub sections: Vec<Section>,
    pub next_steps: Vec<String>,
    pub with_ni: bool,
    pub may_change: bool,
    pub may_settle: bool,
    pub errors: ErrorSummary,
}

/// One thing that the deanery changed.
pub struct DeaneryChange<'a> {
    pub title: &'static str,
    pub said: String,
    pub became: String,
    pub href: String,
    pub dpn: &'a str,
    pub file: (String, &'a str, i32),
    pub at: String,
    pub tag: (&'static str, &'static str),
}

/// One application.
pub struct Section {
    pub application: ApplicationPage,
    pub heading: String,
    pub status: (String, &'static str),
    pub shown: String,
    pub choices: Vec<Choice>,
    pub event: Field,
    pub reason: Field,
    pub history: Vec<Entry>,
    pub starts: String,
    pub address: String,
    pub next_of_kin: String,
    pub checks: Checks,
    /// The hire that stands, in words.
    pub hire: Option<(Uuid, String)>,
    pub step_back: Option<StepBack>,
}

/// One line of an application's history.
pub struct Entry {
    pub title: String,
    pub by: String,
    pub at: String,
    pub sentences: Vec<String>,
    pub record: Option<(String, String)>,
}

impl ShowPage {
    pub fn new(
        layout: Layout,
        doctor: Doctor,
        today: NaiveDate,
        rights: (bool, bool),
        with_ni: bool,
        refused: Option<Refused>,
    ) -> Self {
        let mut refused = refused;
        let mut sections = Vec::new();
        for (place, application) in (1..).zip(doctor.applications.iter().cloned()) {
            let checks = doctor.checks.get(&application.application_id).cloned().unwrap_or_default();
            let mut section = section(place, application, checks, &doctor.histories, today);
            section.step_back = StepBack::of(section.application.application_id, &doctor.histories, &doctor.changes);
            section.hire = doctor.hires.get(&section.application.application_id).cloned();
            if let Some(ours) = refused.take_if(|refused| refused.application_id == section.application.application_id)
            {
                section.event = Field { name: section.event.name, ..ours.event };
                section.reason = Field { name: section.reason.name, ..ours.reason };
            }
            sections.push(section);
        }
        let errors = ErrorSummary::of(sections.iter().flat_map(|section| [&section.event, &section.reason]));
        let next_steps = next_steps(&doctor);
        Self { layout, doctor, sections, next_steps, with_ni, may_change: rights.0, may_settle: rights.1, errors }
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.doctor.known.first_name, self.doctor.known.last_name)
    }

    pub fn person_type(&self) -> &'static str {
        person_type(&self.doctor.known.system_type, !self.doctor.applications.is_empty())
    }

    pub fn ni_number(&self) -> String {
        match &self.doctor.known.ni_number {
            Some(number) if self.with_ni => number.clone(),
            Some(number) => mask_ni(number),
            None => String::new(),
        }
    }

    pub fn born(&self) -> String {
        self.doctor.known.date_of_birth.map(dates::day).unwrap_or_default()
    }

    pub fn text<'a>(&self, value: &'a Option<String>) -> &'a str {
        value.as_deref().unwrap_or_default()
    }

    /// Title, what it says and what became of it, address, file and record, and its status.
    pub fn changes(&self) -> Vec<DeaneryChange<'_>> {
        let all = self.doctor.changes.iter();
        all.map(|change| DeaneryChange {
            title: if change.unannounced { "Dates changed without notice" } else { change.kind.label() },
            said: self.said_with_before(change),
            became: if change.state == State::Open { String::new() } else { decided_words(change) },
            href: change.path(),
            dpn: &change.dpn,
            file: (
                format!("/interfaces/files/{}", change.file_id),
                change.file_name.as_deref().unwrap_or_default(),
                change.record_no,
            ),
            at: dates::at(change.received_at),
            tag: change.state.tag(),
        })
        .collect()
    }

    /// The dates of a change with those that it replaced, or would replace.
    fn said_with_before(&self, change: &Change) -> String {
        let application = self.doctor.applications.iter().find(|one| Some(one.application_id) == change.application_id);
        let held = application.map(|one| (Some(one.hire_on), one.end_on)).filter(|_| change.state == State::Open);
        let (true, Some((hire, end))) = (change.kind == Kind::Dates, change.dates_before().or(held)) else {
            return change.said();
        };
        let said = |name: &str, from: Option<NaiveDate>, to: Option<NaiveDate>| {
            let to = dates::day(to?);
            Some(match from.map(dates::day) {
                Some(from) => format!("{name} from {from} to {to}."),
                None => format!("{name} {to}, where none was known."),
            })
        };
        let both = [said("Hire date", hire, change.hire_on), said("End date", end, change.end_on)];
        both.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    pub fn merges(&self) -> Vec<(String, String, bool)> {
        let merges = self.doctor.merges.iter().map(|merge| {
            let undone = match (&merge.undone_by, merge.undone_at) {
                (Some(who), Some(at)) => format!(" {who} undid it on {}.", dates::at(at)),
                _ => String::new(),
            };
            let text = format!(
                "{} merged person {} into this one on {}.{undone}",
                merge.by,
                merge.merged,
                dates::at(merge.at)
            );
            (merge.merge_id.to_string(), text, merge.undone_at.is_none())
        });
        merges.collect()
    }
}

fn section(
    place: usize,
    application: ApplicationPage,
    checks: Checks,
    histories: &[History],
    today: NaiveDate,
) -> Section {
    let status = application.status.parse::<Status>().ok();
    let choices = status.map(Status::events).unwrap_or_default();
    let title = position_title(application.position_name.as_deref());
    let title = if title.is_empty() { format!("Position {}", application.position_number) } else { title };
    let ours = histories.iter().filter(|event| event.application_id == application.application_id);
    let list = |name: &str| {
        let values = application.received[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        values.filter(|value| !value.is_empty()).collect::<Vec<_>>().join(", ")
    };
    Section {
        heading: format!("{title}, from {}", dates::day(application.hire_on)),
        status: status_tag(&application.status),
        shown: application.status.clone(),
        choices: choices
            .into_iter()
            .map(|event| {
                let open = checks.blocking(application.hire_on);
                let hint = if event.rests_on_checks() && !open.is_empty() {
                    format!("These checks are open, so this needs a reason: {}", open.join("; "))
                } else {
                    event.hint().to_owned()
                };
                Choice::new(event.code(), event.label()).hint(hint)
            })
            .collect(),
        event: Field::empty(format!("event-{place}")),
        reason: Field::empty(format!("reason-{place}")),
        history: ours.map(entry).collect(),
        starts: format!("{}, {}", dates::day(application.hire_on), dates::relative(application.hire_on, today)),
        address: list("address"),
        next_of_kin: list("next_of_kin"),
        checks,
        hire: None,
        step_back: None,
        application,
    }
}

impl Section {
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// Whether the doctor may be hired from it now.
    pub fn is_accepted(&self) -> bool {
        self.application.status == Status::OfferAccepted.code()
    }

    pub fn check_progress(&self) -> String {
        self.checks.progress(self.application.hire_on)
    }

    pub fn ends(&self) -> String {
        self.application.end_on.map(dates::day).unwrap_or_default()
    }

    pub fn origin(&self) -> &'static str {
        if self.application.origin == "by_hand" { "By hand" } else { "From the deanery" }
    }

    pub fn text<'a>(&self, value: &'a Option<String>) -> &'a str {
        value.as_deref().unwrap_or_default()
    }

    pub fn position_name(&self) -> &str {
        self.application.position_name.as_deref().unwrap_or_default()
    }
}

fn entry(event: &History) -> Entry {
    let label = |code: &Option<String>| code.as_deref().map(|code| status_tag(code).0).unwrap_or_default();
    let title = match event.what.as_str() {
        "received" => "Received".to_owned(),
        "updated" => "Updated".to_owned(),
        "dates" => "Dates changed".to_owned(),
        "status" => format!("{} to {}", label(&event.from_status), label(&event.to_status)),
        "person_merged" => "Came over from a merged record".to_owned(),
        "merge_undone" => "Went back when a merge was undone".to_owned(),
        other => other.to_owned(),
    };
    let mut sentences = Vec::new();
    if let Some(reason) = &event.reason {
        sentences.push(format!("Reason: {reason}"));
    }
    if let Some(map) = event.changes.as_object() {
        for (name, change) in map {
            match (name.as_str(), change.as_array()) {
                ("matched", _) => sentences.push(matched(change)),
                ("follows", _) => {
                    sentences.push("An earlier application for the same post and day had ended.".to_owned())
                }
                ("person", _) => {}
                (name, Some(pair)) => {
                    let value = |at: usize| {
                        pair.get(at).and_then(Value::as_str).filter(|text| !text.is_empty()).unwrap_or("nothing")
                    };
                    sentences.push(format!("The {name} was {} and is {}.", value(0), value(1)));
                }
                _ => {}
            }
        }
    }
    let record = event.file_name.as_ref().zip(event.file_id).map(|(name, file_id)| {
        let no = event.record_no.map(|no| format!(", record {no}")).unwrap_or_default();
        (format!("{name}{no}"), format!("/interfaces/files/{file_id}"))
    });
    let by = if event.file_name.as_deref() == Some(event.actor.as_str()) {
        "the deanery".to_owned()
    } else {
        event.actor.clone()
    };
    Entry { title, by, at: dates::at(event.at), sentences, record }
}

/// Why the record was found to be about this person.
fn matched(change: &Value) -> String {
    let names = |key: &str| {
        let codes: Vec<&str> = change[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let labels =
            Feature::ALL.iter().filter(|feature| codes.contains(&feature.as_str())).map(|feature| feature.label());
        labels.collect::<Vec<_>>()
    };
    let list = |names: Vec<&str>| match names.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    };
    let (agreed, differed, missing) = (names("agreed"), names("differed"), names("missing"));
    let mut text = format!("Found to be this person: {} agreed", list(agreed));
    if !differed.is_empty() {
        text.push_str(&format!("; {} differed", list(differed)));
    }
    if !missing.is_empty() {
        text.push_str(&format!("; {} could not be compared", list(missing)));
    }
    text.push('.');
    text
}

/// What the reader had best do next.
fn next_steps(doctor: &Doctor) -> Vec<String> {
    let mut steps = Vec::new();
    for change in doctor.changes.iter().filter(|change| change.state == State::Open) {
        steps.push(match change.kind {
            Kind::Withdrawal => {
                format!("The deanery withdrew this doctor from {}: decide about the application.", change.dpn)
            }
            Kind::Dates => {
                format!("The deanery gave new dates for {}: apply them, or keep the current ones.", change.dpn)
            }
            Kind::Replacement | Kind::NewPost => continue,
        });
    }
    for (_, other) in &doctor.pairs {
        steps.push(format!("Say whether this is the same person as {} {}.", other.first_name, other.last_name));
    }
    for application in &doctor.applications {
        let Ok(status) = application.status.parse::<Status>() else { continue };
        let post = position_title(application.position_name.as_deref());
        let next = match status {
            Status::PreferredApplicant => Some(Event::OfferConditionally.label()),
            Status::OfferedPostConditional
                if doctor
                    .checks
                    .get(&application.application_id)
                    .is_some_and(|checks| checks.blocking(application.hire_on).is_empty()) =>
            {
                Some("Every employment check is complete: offer the post without conditions, or record the acceptance")
            }
            Status::OfferedPostConditional => {
                Some("Make the employment checks, then offer the post without conditions")
            }
            Status::OfferedPostUnconditional => Some("Wait for the doctor's answer, and record it"),
            Status::OfferAccepted => Some("Hire the doctor"),
            Status::Hired | Status::Withdrawn | Status::Terminated => None,
        };
        if let Some(next) = next {
            steps.push(format!("{post}, from {}: {}.", dates::short_day(application.hire_on), lower_first(next)));
        }
    }
    if doctor.known.ni_number.is_none() && !steps.is_empty() {
        steps.push(
            "Ask the doctor for the National Insurance number: a transfer from another employer has to wait for it."
                .to_owned(),
        );
    }
    steps
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
