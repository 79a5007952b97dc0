use askama::Template;

use crate::deanery_changes::model::Change;
use crate::hiring::model::Outcome;
use crate::people::applicants::Known;
use crate::people::store::Assignment;
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

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
    layout: Layout,
    errors: ErrorSummary,
    known: Known,
    held: Vec<Assignment>,
    /// What the deanery changed and nobody has decided.
    waiting: Vec<Change>,
    entered: Entered,
    reasons: Vec<(String, String)>,
    destinations: Vec<(String, String)>,
}

impl LeavingPage {
    pub fn new(
        layout: Layout,
        known: Known,
        held: Vec<Assignment>,
        waiting: Vec<Change>,
        entered: Entered,
        reasons: Vec<(String, String)>,
        destinations: Vec<(String, String)>,
    ) -> Self {
        Self {
            layout,
            errors: ErrorSummary::of(entered.fields()),
            known,
            held,
            waiting,
            entered,
            reasons,
            destinations,
        }
    }

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

    fn post(&self, assignment: &Assignment) -> String {
        let name = assignment.position_name.as_deref().unwrap_or_default();
        let ends = assignment.contract_end_on.or(assignment.effective_to);
        let ends = ends.map_or("no end".to_owned(), dates::day);
        format!(
            "{}, since {}, contract until {ends}",
            name.split('|').nth(1).unwrap_or(name).trim(),
            dates::day(assignment.effective_from)
        )
    }
}
