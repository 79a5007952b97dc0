//! What the pages about checks say.

use askama::Template;
use serde_json::Value;
use uuid::Uuid;

use super::model::{Check, Checks, FIELDS, FieldRule, Kind, Standard, Status, fields_of, number_of_another};
use super::store::{Applicant, Version};
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

#[derive(Template)]
#[template(path = "employment_checks/show.html")]
pub struct ShowPage {
    layout: Layout,
    applicant: Applicant,
    checks: Checks,
    history: Vec<Entry>,
    may_change: bool,
}

/// One version of a check, in words.
struct Entry {
    title: String,
    by: String,
    at: String,
    sentences: Vec<String>,
}

impl ShowPage {
    pub fn new(layout: Layout, applicant: Applicant, checks: Checks, versions: Vec<Version>, may_change: bool) -> Self {
        let history = versions.iter().map(|version| entry(version, &versions)).collect();
        // What has ended is history: nobody changes it.
        let may_change = may_change && !["withdrawn", "terminated"].contains(&applicant.status.as_str());
        Self { layout, applicant, checks, history, may_change }
    }

    fn name(&self) -> String {
        format!("{} {}", self.applicant.first_name, self.applicant.last_name)
    }

    fn id(&self) -> Uuid {
        self.applicant.application_id
    }

    fn starts(&self) -> String {
        dates::day(self.applicant.hire_on)
    }

    fn progress(&self) -> String {
        self.checks.progress(self.applicant.hire_on)
    }

    fn blocks(&self, check: &Check) -> bool {
        check.status.is_complete() && check.blocks(self.applicant.hire_on).is_some()
    }

    fn details(&self, check: &Check) -> Vec<String> {
        details(check)
    }

    /// That a number which was recorded is not the doctor's, or not any more.
    fn warning(&self) -> Option<String> {
        let check = self.checks.find(Standard::Registration);
        let own = self.applicant.gmc_number.as_deref();
        number_of_another(check.status, &check.entry, own).map(|fault| format!("{}.", fault.problem))
    }
}

/// What a check says beside its status, a line for each field.
fn details(check: &Check) -> Vec<String> {
    let said = fields_of(check.standard).filter(|rule| !check.field(rule.key).is_empty());
    said.map(|rule| format!("{}: {}", rule.label, shown(rule, check.field(rule.key)))).collect()
}

fn shown(rule: &FieldRule, value: &str) -> String {
    match rule.kind {
        Kind::Date => value.parse().map_or_else(|_| value.to_owned(), dates::short_day),
        _ => value.to_owned(),
    }
}

fn entry(version: &Version, all: &[Version]) -> Entry {
    let before = all.iter().find(|other| other.standard == version.standard && other.version + 1 == version.version);
    let name = version
        .standard
        .parse::<Standard>()
        .map_or_else(|_| version.standard.clone(), |known| known.label().to_owned());
    let status =
        version.status.parse::<Status>().map_or_else(|_| version.status.clone(), |known| known.label().to_owned());
    let said =
        |entry: Option<&Value>, key: &str| entry.and_then(|entry| entry[key].as_str()).unwrap_or_default().to_owned();
    let mut sentences = Vec::new();
    for rule in FIELDS {
        let (was, is) = (said(before.map(|b| &b.entry), rule.key), said(Some(&version.entry), rule.key));
        if was != is {
            sentences.push(match is.as_str() {
                "" => format!("{}: {} was taken out", rule.label, shown(rule, &was)),
                is if was.is_empty() => format!("{}: {}", rule.label, shown(rule, is)),
                is => format!("{}: {}, before {}", rule.label, shown(rule, is), shown(rule, &was)),
            });
        }
    }
    let by =
        if version.by_supplier { format!("{}, a supplier's system", version.actor) } else { version.actor.clone() };
    Entry { title: format!("{name}: {status}"), by, at: dates::at(version.at), sentences }
}

#[derive(Template)]
#[template(path = "employment_checks/edit.html")]
pub struct EditPage {
    layout: Layout,
    errors: ErrorSummary,
    applicant: Applicant,
    standard: Standard,
    version: i32,
    status: Field,
    fields: Vec<Entered>,
}

/// A field of the form with its rule.
struct Entered {
    rule: &'static FieldRule,
    field: Field,
}

impl EditPage {
    pub fn new(
        layout: Layout,
        applicant: Applicant,
        standard: Standard,
        version: i32,
        status: Field,
        fields: Vec<Field>,
    ) -> Self {
        let errors = ErrorSummary::of(std::iter::once(&status).chain(&fields));
        let fields = fields_of(standard).zip(fields).map(|(rule, field)| Entered { rule, field }).collect();
        Self { layout, errors, applicant, standard, version, status, fields }
    }

    fn name(&self) -> String {
        format!("{} {}", self.applicant.first_name, self.applicant.last_name)
    }

    fn is_health(&self) -> bool {
        self.standard == Standard::WorkHealth
    }

    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.code(), status.label())).collect()
    }
}

impl Entered {
    fn kind(&self) -> &'static str {
        match self.rule.kind {
            Kind::Date => "date",
            Kind::Note(_) => "note",
            Kind::YesNo => "yes_no",
            Kind::OneOf(_) => "one_of",
            Kind::Text(_) | Kind::Digits(_) => "text",
        }
    }

    fn label(&self) -> &'static str {
        self.rule.label
    }

    fn hint(&self) -> &'static str {
        self.rule.hint
    }

    fn width(&self) -> &'static str {
        match self.rule.kind {
            Kind::Digits(_) | Kind::Text(0..=30) => "20",
            _ => "",
        }
    }

    fn inputmode(&self) -> &'static str {
        if matches!(self.rule.kind, Kind::Digits(_)) { "numeric" } else { "" }
    }

    fn choices(&self) -> Vec<Choice> {
        let nothing = std::iter::once(Choice::new("", "Not said"));
        match self.rule.kind {
            Kind::OneOf(all) => nothing.chain(all.iter().map(|one| Choice::new(*one, *one))).collect(),
            _ => nothing.chain([Choice::new("yes", "Yes"), Choice::new("no", "No")]).collect(),
        }
    }
}
