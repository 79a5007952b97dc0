use askama::Template;
use chrono::NaiveDate;

use crate::deanery_changes::model::Change;
use crate::hiring::actions::Decided;
use crate::hiring::model::{LONG_AGO_DAYS, Outcome};
use crate::people::applicants::Known;
use crate::people::store::Assignment;
use crate::ui::{self, Choice, Field, Layout, dates};

/// What was entered about a leaving.
pub struct Entered {
    pub outcome: Field,
    pub last_day: Field,
    pub reason_code: Field,
    pub destination: Field,
    pub note: Field,
    /// Where the page leads when it is done.
    pub then: String,
    /// Nothing is wrong with it: the page asks whether it is to be done.
    pub confirmed: bool,
}

impl Entered {
    pub fn fields(&self) -> [&Field; 5] {
        [&self.outcome, &self.last_day, &self.reason_code, &self.destination, &self.note]
    }
}

#[derive(Template)]
#[template(path = "hiring/leaving.html")]
pub struct LeavingPage {
    pub layout: Layout,
    pub errors: ui::ErrorSummary,
    pub known: Known,
    pub held: Vec<Assignment>,
    /// What the deanery changed and nobody has decided.
    pub waiting: Vec<Change>,
    /// What was decided here before.
    pub decided: Option<Decided>,
    pub entered: Entered,
    /// What was entered came too late: the record had been ended.
    pub was_late: bool,
    pub reasons: Vec<(String, String)>,
    pub destinations: Vec<(String, String)>,
    pub today: NaiveDate,
}

impl LeavingPage {
    fn name(&self) -> String {
        format!("{} {}", self.known.first_name, self.known.last_name)
    }

    fn heading(&self) -> String {
        if self.entered.confirmed {
            format!("End the record of {}?", self.name())
        } else {
            format!("Leaving: {}", self.name())
        }
    }

    /// The decision by which the record has ended.
    fn ended(&self) -> Option<&Decided> {
        self.decided.as_ref().filter(|decided| decided.has_ended)
    }

    /// A decision that the record goes on, while it can be taken back.
    fn kept(&self) -> Option<&Decided> {
        self.decided.as_ref().filter(|decided| {
            decided.may_be_taken_back && decided.leaving.outcome != Outcome::Ends.code() && !self.entered.confirmed
        })
    }

    fn text<'a>(&self, value: &'a Option<String>) -> &'a str {
        value.as_deref().unwrap_or_default()
    }

    /// What is unusual about the last day, before it is confirmed.
    fn warning(&self) -> Option<String> {
        let day = dates::parse_day(&self.entered.last_day.value)?;
        let ago = (self.today - day).num_days();
        (ago > LONG_AGO_DAYS).then(|| {
            format!(
                "The last day, {}, is {} ago. What was recorded of the doctor for the days since then goes.",
                dates::day(day),
                ui::count(ago, "day", "days")
            )
        })
    }

    /// What was entered and not saved, in a sentence.
    fn not_saved(&self) -> String {
        let outcome = Outcome::from_code(&self.entered.outcome.value).map_or("nothing chosen", Outcome::label);
        let day = self.last_day();
        let day = if day.is_empty() { String::new() } else { format!(", last day {day}") };
        let note = self.entered.note.value.as_str();
        let note = if note.is_empty() { String::new() } else { format!(", note: {note}") };
        format!("{outcome}{day}{note}")
    }

    /// What waits, as a sentence.
    fn said(&self, change: &Change) -> String {
        let said = change.said();
        let on = dates::day(change.received_on);
        let what = change.kind.label().to_lowercase();
        if said.is_empty() { format!("{what}, {on}") } else { format!("{what}, {on}: {said}") }
    }

    fn outcomes(&self) -> Vec<Choice> {
        Outcome::ALL.iter().map(|outcome| Choice::new(outcome.code(), outcome.label())).collect()
    }

    fn reason_choices(&self) -> Vec<Choice> {
        self.reasons.iter().map(|(code, label)| Choice::new(code, format!("{code} {label}"))).collect()
    }

    fn destination_choices(&self) -> Vec<Choice> {
        let first = std::iter::once(Choice::new("", "Not known"));
        first.chain(self.destinations.iter().map(|(code, label)| Choice::new(code, label))).collect()
    }

    fn label<'a>(&self, list: &'a [(String, String)], code: &str) -> &'a str {
        list.iter().find(|(known, _)| known == code).map(|(_, label)| label.as_str()).unwrap_or_default()
    }

    fn last_day(&self) -> String {
        dates::parse_day(&self.entered.last_day.value).map(dates::day).unwrap_or_default()
    }

    fn ended_on(&self, decided: &Decided) -> String {
        decided.leaving.last_day.map(dates::day).unwrap_or_default()
    }

    fn post(&self, assignment: &Assignment) -> String {
        let name = assignment.position_name.as_deref().unwrap_or_default();
        let ends = assignment.effective_to.or(assignment.contract_end_on);
        let ends = ends.map_or("no end".to_owned(), dates::day);
        let what = if assignment.effective_to.is_some() { "ends" } else { "contract until" };
        format!(
            "{}, since {}, {what} {ends}",
            name.split('|').nth(1).unwrap_or(name).trim(),
            dates::day(assignment.effective_from)
        )
    }
}
