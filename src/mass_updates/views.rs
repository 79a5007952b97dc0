use askama::Template;
use serde_json::Value;

use super::model::MANY;
use super::store::{Row, Update};
use crate::positions::views::visible;
use crate::ui::{self, Choice, ErrorSummary, Field, Layout, NavItem, dates};

/// How many rows of a kind a page shows; the file has all of them.
const SHOWN: usize = 100;

fn state_of(update: &Update) -> (&'static str, &'static str) {
    match update.state.as_str() {
        "checked" => ("Checked, not done", "blue"),
        "waiting" => ("Waits for tonight", "yellow"),
        "applied" => ("Done", "green"),
        "undone" => ("Undone", "grey"),
        _ => ("Cancelled", "grey"),
    }
}

#[derive(Template)]
#[template(path = "mass_updates/start.html")]
pub struct StartPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub section: Vec<NavItem>,
    pub file: Field,
    pub updates: Vec<Update>,
}

impl StartPage {
    fn state(&self, update: &Update) -> (&'static str, &'static str) {
        state_of(update)
    }

    fn made(&self, update: &Update) -> String {
        format!("{} by {}", dates::short_at(update.made_at), update.made_by)
    }
}

#[derive(Template)]
#[template(path = "mass_updates/show.html")]
pub struct UpdatePage {
    pub layout: Layout,
    pub update: Update,
    pub rows: Vec<Row>,
    when: Field,
}

/// One difference that a row makes.
struct Difference {
    row: i32,
    position: String,
    field: String,
    before: String,
    after: String,
}

/// One fault of a row.
struct Fault {
    row: i32,
    position: String,
    column: String,
    value: String,
    code: String,
    text: String,
}

/// A warning that was given before a row was done, as it is read afterwards.
pub fn as_done(text: &str) -> String {
    text.replace(" now, which would be ", " before, which was ")
}

impl UpdatePage {
    pub fn new(layout: Layout, update: Update, rows: Vec<Row>) -> Self {
        Self { layout, update, rows, when: Field::new("when", "now") }
    }

    fn state(&self) -> (&'static str, &'static str) {
        state_of(&self.update)
    }

    fn of(&self, state: &str) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }

    /// `142 rows: 130 will change, 8 are so already, 4 have errors`.
    fn counts(&self) -> String {
        let number = |n: usize| ui::number(i64::try_from(n).unwrap_or(0));
        let rows = ui::count(i64::try_from(self.rows.len()).unwrap_or(0), "row", "rows");
        let (done, words) = match self.update.state.as_str() {
            "applied" => (self.of("applied"), "changed a position"),
            "undone" => (self.of("applied"), "changed a position and were undone"),
            _ => (self.of("pending"), "will change a position"),
        };
        format!(
            "{rows}: {} {words}, {} already so, {} with errors",
            number(done),
            number(self.of("skipped_no_change")),
            number(self.of("rejected"))
        )
    }

    /// Each fault of the rows with errors.
    fn errors(&self) -> Vec<Fault> {
        let wrong = self.rows.iter().filter(|row| row.state == "rejected").take(SHOWN);
        wrong.flat_map(|row| self.faults(row)).collect()
    }

    fn faults(&self, row: &Row) -> Vec<Fault> {
        let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let fault = |column, value: &str, code, text| Fault {
            row: row.row_no,
            position: self.cell(row, 1).to_owned(),
            column,
            value: visible(value),
            code,
            text,
        };
        let each = row.faults.as_array().into_iter().flatten();
        let all: Vec<Fault> = each
            .map(|one| fault(text(one, "column"), &text(one, "value"), text(one, "code"), text(one, "text")))
            .collect();
        match all.is_empty() {
            // A row of before each of its faults was kept.
            true => vec![fault(String::new(), "", row.code.clone(), row.message.clone())],
            false => all,
        }
    }

    fn cell<'a>(&self, row: &'a Row, at: usize) -> &'a str {
        row.cells.get(at).map_or("", String::as_str)
    }

    /// What should be known of a row; once it is done, as what was.
    fn warning(&self, row: &Row) -> String {
        match row.state.as_str() {
            "applied" => as_done(&row.message),
            _ => row.message.clone(),
        }
    }

    /// `What changes`, or what did.
    fn changes(&self) -> &'static str {
        match self.update.state.as_str() {
            "applied" => "What was changed, the first 100",
            "undone" => "What was changed, and is as before again, the first 100",
            _ => "What changes, the first 100",
        }
    }

    fn differences(&self) -> Vec<Difference> {
        let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let all = self.rows.iter().flat_map(|row| {
            let each = row.differences.as_array().into_iter().flatten();
            each.map(|one| Difference {
                row: row.row_no,
                position: self.cell(row, 1).to_owned(),
                field: text(one, "field"),
                before: text(one, "before"),
                after: text(one, "after"),
            })
        });
        all.take(SHOWN).collect()
    }

    fn warnings(&self) -> Vec<&Row> {
        let warned = |row: &&Row| matches!(row.state.as_str(), "pending" | "applied") && !row.message.is_empty();
        self.rows.iter().filter(warned).take(SHOWN).collect()
    }

    fn may_wait(&self) -> bool {
        self.rows.len() > MANY
    }

    fn whens(&self) -> [Choice; 2] {
        [Choice::new("now", "Run now"), Choice::new("tonight", "Run tonight at 10pm")]
    }

    fn is_open(&self) -> bool {
        self.update.state == "checked"
    }

    fn made(&self) -> String {
        format!("{} by {}", dates::at(self.update.made_at), self.update.made_by)
    }

    fn then(&self) -> Option<String> {
        match self.update.state.as_str() {
            "waiting" => self.update.run_at.map(|at| format!("It runs {}.", dates::at(at))),
            "applied" => self.update.applied_at.map(|at| format!("It was done {}.", dates::at(at))),
            "undone" => {
                let (by, at) = (self.update.undone_by.as_ref()?, self.update.undone_at?);
                Some(format!("It was undone by {by} on {}.", dates::at(at)))
            }
            _ => None,
        }
    }
}
