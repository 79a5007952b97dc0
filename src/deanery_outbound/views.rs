use askama::Template;
use uuid::Uuid;

use super::foreseen::{Foreseen, HeldBack};
use crate::positions::views::visible;
use crate::ui::{self, Choice, ErrorSummary, Field, Layout};

/// How many positions that are held back the page lists.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "interfaces/send.html")]
pub struct SendPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub what: Field,
    pub body: Field,
    pub vpd: Field,
    /// Of this opening of the form: pressed twice, it makes one file.
    pub once: Uuid,
    pub bodies: Vec<Choice>,
    pub employers: Vec<Choice>,
}

/// What is sent, by the form's name for it.
pub fn what(name: &str) -> &'static str {
    match name {
        "full" => "Positions: all of them (RMF)",
        "persons" => "Person Update",
        _ => "Positions: what changed (RMC)",
    }
}

impl SendPage {
    fn choices(&self) -> Vec<Choice> {
        vec![
            Choice::new("changes", what("changes")).hint("Since what was last sent to the managing body"),
            Choice::new("full", what("full")),
            Choice::new("persons", what("persons"))
                .hint("Of the doctors whom an employer pays; never of honorary records"),
        ]
    }
}

/// What would be sent, looked at before it is.
#[derive(Template)]
#[template(path = "interfaces/send_check.html")]
pub struct CheckPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    /// The form's name for what is sent.
    pub what: String,
    pub body: String,
    pub vpd: String,
    pub once: String,
    /// Code and name of the managing body, or number and name of the employer.
    pub whom: String,
    pub empty: Field,
    pub foreseen: Foreseen,
}

fn number(count: usize) -> String {
    ui::number(i64::try_from(count).unwrap_or(i64::MAX))
}

impl CheckPage {
    fn sent(&self) -> &'static str {
        what(&self.what)
    }

    fn is_of_persons(&self) -> bool {
        self.what == "persons"
    }

    fn told(&self) -> String {
        number(self.foreseen.told)
    }

    fn taken_away(&self) -> String {
        number(self.foreseen.taken_away)
    }

    fn held_back(&self) -> String {
        number(self.foreseen.held_back.len())
    }

    /// A full file is made even of nothing, by those who say so; of nothing new, no other file is made.
    fn is_made(&self) -> bool {
        self.what == "full" || !self.foreseen.is_empty()
    }

    fn asks_for_empty(&self) -> bool {
        self.what == "full" && self.foreseen.is_empty()
    }

    fn empties(&self) -> [Choice; 1] {
        [Choice::new("yes", "Send an empty file all the same")]
    }

    fn held(&self) -> &[HeldBack] {
        &self.foreseen.held_back[..self.foreseen.held_back.len().min(SHOWN)]
    }

    fn is_cut(&self) -> bool {
        self.foreseen.held_back.len() > SHOWN
    }

    fn dpn(&self, held: &HeldBack) -> String {
        visible(&held.dpn)
    }

    fn change(&self) -> String {
        self.layout.change_entered().unwrap_or_else(|| "/interfaces/send".to_owned())
    }
}
