use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDate;

use crate::positions::actions::{Held, Judged};
use crate::positions::views::{Shown, differences, visible};
use crate::ui::{self, Choice, ErrorSummary, Field, Layout, dates};

/// A position that bears the number, with who is on it and on the way.
pub struct Bearer {
    pub held: Held,
    pub now: i64,
    pub next: i64,
}

#[derive(Template)]
#[template(path = "dpn_report/settle.html")]
pub struct SettlePage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub dpn: String,
    pub bearers: Vec<Bearer>,
    pub keep: Field,
    pub other: Field,
    pub deeds: Vec<Field>,
    pub from: Field,
}

impl SettlePage {
    pub fn number_of(&self, id: &str) -> String {
        let bearer = self.bearers.iter().find(|bearer| bearer.held.position_id == id);
        bearer.map_or_else(|| self.other.value.clone(), |bearer| bearer.held.position_number.clone())
    }

    fn keeps(&self) -> Vec<Choice> {
        let each = self.bearers.iter().map(|bearer| {
            let held = &bearer.held;
            let people = format!("{} now, {} on their way", ui::number(bearer.now), ui::number(bearer.next));
            Choice::new(&held.position_id, format!("{} {}", held.position_number, held.title))
                .hint(format!("{}; {people}", visible(&held.dpn)))
        });
        each.chain([Choice::new("other", "Another position")]).collect()
    }

    fn choices(&self) -> [Choice; 2] {
        [
            Choice::new("clear", "Takes the number away, with managing body and Host/Lead status"),
            Choice::new("end", "Ends the position, on the day before"),
        ]
    }

    fn label(&self, bearer: &Bearer) -> String {
        format!("If {} {} does not keep it", bearer.held.position_number, bearer.held.title)
    }
}

#[derive(Template)]
#[template(path = "dpn_report/check.html")]
pub struct CheckPage {
    pub layout: Layout,
    pub dpn: String,
    pub judged: Vec<Judged>,
    pub day: NaiveDate,
    /// What the button does, in words.
    pub button: String,
    /// The form, to be sent again.
    pub fields: BTreeMap<String, String>,
}

impl CheckPage {
    fn rows(&self, judged: &Judged) -> Vec<Shown> {
        differences(&judged.before, &judged.after, self.day)
    }

    fn heading(&self, judged: &Judged) -> String {
        let of = judged.after.first();
        of.map_or_else(String::new, |stretch| format!("Position {}, {}", stretch.position_number, stretch.title()))
    }

    fn day(&self) -> String {
        dates::day(self.day)
    }

    fn kept(&self) -> Vec<(&String, &String)> {
        self.fields.iter().filter(|(name, _)| *name != "csrf" && *name != "confirmed").collect()
    }
}
