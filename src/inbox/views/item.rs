use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{clock, named, tag};
use crate::hiring::Starting;
use crate::inbox::store::{HistoryRow, ItemRow};
use crate::notifications::item::{self, State};
use crate::ui::{self, Choice, Field, dates};

/// An item as its message shows it, and as its panel does.
pub struct ItemView {
    pub row: ItemRow,
    pub me: Uuid,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    /// The doctors whom an item about a day's starts is about, and how many there are in all; only in the panel.
    pub starting: Vec<Starting>,
    pub starting_in_all: i64,
    /// Only in the panel.
    pub history: Vec<HistoryRow>,
    pub holders: Vec<Choice>,
    pub note: Field,
    pub goes_to_next: bool,
    pub may_decide: bool,
    pub may_put_right: bool,
    pub may_enter: bool,
    pub may_settle: bool,
    pub may_make_posts: bool,
    /// Colleagues who have the URP that the reader lacks.
    pub able: Vec<Choice>,
    /// Where a decision made on another feature's page leads to afterwards.
    pub then: String,
}

/// One message about a record: its severity, and its words.
pub struct Said<'a> {
    pub severity: &'a str,
    pub text: Cow<'a, str>,
}

impl Said<'_> {
    pub fn colour(&self) -> &'static str {
        match self.severity {
            "ERROR" => "red",
            "WARNING" => "yellow",
            _ => "grey",
        }
    }
}

impl ItemView {
    pub fn new(row: ItemRow, me: Uuid, now: DateTime<Utc>, today: NaiveDate) -> Self {
        Self {
            row,
            me,
            now,
            today,
            starting: Vec::new(),
            starting_in_all: 0,
            history: Vec::new(),
            holders: Vec::new(),
            note: Field::empty("note"),
            goes_to_next: true,
            may_decide: false,
            may_put_right: false,
            may_enter: false,
            may_settle: false,
            may_make_posts: false,
            able: Vec::new(),
            then: String::new(),
        }
    }

    pub fn id(&self) -> Uuid {
        self.row.item_id
    }

    /// The person or else the title.
    pub fn name(&self) -> &str {
        self.row.person_name.as_deref().unwrap_or(&self.row.title)
    }

    /// Person and title, for the head of the panel.
    pub fn heading(&self) -> String {
        named(self.row.person_name.as_deref(), &self.row.title)
    }

    pub fn state(&self) -> &State {
        self.row.state.at(self.now)
    }

    pub fn is_waiting(&self) -> bool {
        self.state().is_waiting()
    }

    pub fn is_done(&self) -> bool {
        matches!(self.state(), State::Done { .. })
    }

    pub fn is_mine(&self) -> bool {
        matches!(self.state(), State::Claimed { by, .. } if by.user_id == self.me)
    }

    pub fn is_anothers(&self) -> bool {
        matches!(self.state(), State::Claimed { by, .. } if by.user_id != self.me)
    }

    pub fn tag(&self) -> (&'static str, &'static str) {
        let overdue = self.row.class == "action" && self.row.takes_effect_on.is_some_and(|day| day < self.today);
        match self.state() {
            State::Open if overdue => ("Overdue", "orange"),
            state => tag(state, &self.row.class),
        }
    }

    /// Who has it, who decided it, or why it closed: a sentence, or nothing.
    pub fn standing(&self) -> String {
        match self.state() {
            State::Claimed { by, .. } if by.user_id == self.me => String::new(),
            State::Claimed { by, at } => format!(
                "{} has had this since {}. You can still decide it, or take it over.",
                by.name,
                clock(*at, self.now)
            ),
            State::Done { by, at } if by.user_id == self.me => {
                format!("You marked this as done at {}.", clock(*at, self.now))
            }
            State::Done { by, at } => format!("{} marked this as done at {}.", by.name, clock(*at, self.now)),
            State::ClosedBySystem { reason, at } => format!("This closed itself at {}: {reason}", clock(*at, self.now)),
            State::Expired => {
                "This was for information, and left the list by itself 28 days after its day. Nothing is left to do."
                    .to_owned()
            }
            State::Open if !self.fact("handed_to").is_empty() => {
                format!("This was handed to {}, and is in that inbox too.", self.fact("handed_to"))
            }
            State::Open => String::new(),
        }
    }

    /// Who has it, for the table.
    pub fn with(&self) -> String {
        match self.state() {
            State::Claimed { by, .. } if by.user_id == self.me => "You".to_owned(),
            State::Claimed { by, .. } | State::Done { by, .. } => by.name.clone(),
            State::Open | State::Expired => String::new(),
            State::ClosedBySystem { reason, .. } => reason.clone(),
        }
    }

    /// What the loader said of the record.
    pub fn said(&self) -> Vec<Said<'_>> {
        // Operators are told the code and the column of a record, without what it holds.
        let said = |name: &str| self.row.facts.get(name).and_then(Value::as_array).into_iter().flatten();
        let part = |message: &'_ Value, name: &str| message.get(name).and_then(Value::as_str).map(str::to_owned);
        said("messages")
            .chain(said("codes"))
            .map(|message| Said {
                severity: message.get("type").and_then(Value::as_str).unwrap_or("INFO"),
                text: match message.get("text").and_then(Value::as_str) {
                    Some(text) => text.into(),
                    None => match (part(message, "code"), part(message, "field")) {
                        (Some(code), Some(field)) => format!("{code}, in {field}").into(),
                        (code, field) => code.or(field).unwrap_or_default().into(),
                    },
                },
            })
            .collect()
    }

    fn fact(&self, name: &str) -> &str {
        self.row.facts.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn vacancy(&self) -> &str {
        self.fact("vacancy_ref")
    }

    pub fn applicant_number(&self) -> &str {
        self.fact("applicant_number")
    }

    /// A sentence of the feature that raised it, where it gave one.
    pub fn text(&self) -> &str {
        self.fact("text")
    }

    /// Label and value of what the feature that raised it says of it, by the name of the list.
    fn listed(&self, name: &str) -> Vec<(&str, &str)> {
        let rows = self.row.facts.get(name).and_then(Value::as_array).into_iter().flatten();
        rows.map(|row| (row[0].as_str().unwrap_or_default(), row[1].as_str().unwrap_or_default())).collect()
    }

    pub fn details(&self) -> Vec<(&str, &str)> {
        self.listed("details")
    }

    pub fn position_details(&self) -> Vec<(&str, &str)> {
        self.listed("position")
    }

    /// Field, now, new.
    pub fn compared(&self) -> Vec<[&str; 3]> {
        let rows = self.row.facts.get("compare").and_then(Value::as_array).into_iter().flatten();
        rows.map(|row| [0, 1, 2].map(|at| row[at].as_str().unwrap_or_default())).collect()
    }

    /// Where a change from the deanery is acted upon, coming back to the list afterwards.
    pub fn act_href(&self) -> String {
        let then = url::form_urlencoded::byte_serialize(self.then.as_bytes()).collect::<String>();
        format!("{}?then={then}", self.link().unwrap_or("/inbox"))
    }

    /// Where the employment or honorary record of somebody withdrawn is ended, extended or kept, by who may.
    pub fn leaving_href(&self) -> Option<String> {
        let person = self.row.person_id.as_ref().filter(|_| self.row.kind == "dit_leaver" && self.may_settle)?;
        let then = url::form_urlencoded::byte_serialize(self.then.as_bytes()).collect::<String>();
        Some(format!("/doctors/{person}/leaving?then={then}"))
    }

    /// That there are more doctors than the table shows, or nothing.
    pub fn more_starting(&self) -> String {
        let shown = self.starting.len();
        if i64::try_from(shown).is_ok_and(|shown| shown >= self.starting_in_all) {
            return String::new();
        }
        format!(
            "These are the first {} of {}.",
            ui::number(shown),
            ui::count(self.starting_in_all, "doctor", "doctors")
        )
    }

    pub fn is_change(&self) -> bool {
        matches!(self.row.kind.as_str(), "dit_wdraw" | "dit_dates" | "dit_newpost" | "dit_leaver" | "dit_replace")
    }

    pub fn dpn(&self) -> &str {
        self.row.dpn.as_deref().unwrap_or_default()
    }

    pub fn position(&self) -> &str {
        self.row.position_number.as_deref().unwrap_or_default()
    }

    pub fn position_name(&self) -> &str {
        self.row.position_name.as_deref().unwrap_or_default()
    }

    pub fn gmc(&self) -> &str {
        self.row.gmc_number.as_deref().unwrap_or_default()
    }

    pub fn takes_effect(&self) -> String {
        self.row
            .takes_effect_on
            .map(|day| format!("{}, {}", dates::day(day), dates::relative(day, self.today)))
            .unwrap_or_default()
    }

    /// Where it is acted upon: a path of ours, never another site's, whatever was stored.
    pub fn link(&self) -> Option<&str> {
        self.row.link.as_deref().filter(|link| link.starts_with('/') && !link.starts_with("//") && !link.contains('\\'))
    }

    pub fn link_text(&self) -> &'static str {
        match self.row.kind.as_str() {
            "dit_app_duplicate" => "Compare side by side",
            "dit_app_loaded" => "Open the doctor",
            "held_post" => "See the held post",
            "post_discarded" => "See the applications",
            "role_gap" => "Open the role map",
            "organisation" => "Add an administrator",
            "dit_app_failed" => "See the record",
            "dit_starter" => "See who starts, and hire",
            "hire_request" => "Hire the doctor",
            "file" | "own_file" | "held_file" => "Open the file",
            "dit_wdraw" if self.row.application_id.is_none() => "See what can be done",
            "dit_wdraw" => "Withdraw the application",
            "dit_dates" => "Compare and apply the dates",
            "dit_newpost" => "Draft or link the position",
            "dit_replace" | "dit_leaver" => "Open what the deanery said",
            "dit_medrot" => "Open the grid",
            _ => "Open",
        }
    }

    pub fn is_decided_elsewhere(&self) -> bool {
        item::is_decided_elsewhere(&self.row.kind)
    }

    /// When it closes, where only its fact closes it.
    pub fn closes_when(&self) -> &'static str {
        item::closes_when(&self.row.kind).unwrap_or_default()
    }

    /// Whether what settles it needs a URP that the reader lacks.
    pub fn lacks_the_urp(&self) -> bool {
        match self.row.kind.as_str() {
            "dit_app_duplicate" => !self.may_settle,
            "dit_newpost" => !self.may_make_posts,
            _ => false,
        }
    }

    pub fn is_new_post(&self) -> bool {
        self.row.kind == "dit_newpost"
    }

    /// Where the item's change is handed to a colleague.
    pub fn hand_over_path(&self) -> String {
        format!("{}/hand-over", self.link().unwrap_or_default())
    }

    pub fn is_failed_record(&self) -> bool {
        self.row.kind == "dit_app_failed" && self.row.file_id.is_some() && self.row.record_no.is_some()
    }

    /// The path of the record's own routes.
    pub fn record_path(&self) -> String {
        match (self.row.file_id, self.row.record_no) {
            (Some(file), Some(number)) => format!("/doctors/records/{file}/{number}"),
            _ => String::new(),
        }
    }

    pub fn enter_href(&self) -> String {
        match (self.row.file_id, self.row.record_no) {
            (Some(file), Some(number)) => format!("/doctors/new?file={file}&record={number}"),
            _ => "/doctors/new".to_owned(),
        }
    }

    pub fn history_words(&self) -> Vec<(String, &str, String, &str)> {
        let words = |what: &str| match what {
            "claimed" => "Claimed".to_owned(),
            "taken over" => "Taken over".to_owned(),
            "released" => "Put back".to_owned(),
            "reassigned" => "Reassigned".to_owned(),
            "handed over" => "Handed over".to_owned(),
            "handed back" => "Given back".to_owned(),
            "noted" => "Note".to_owned(),
            "asked" => "Asked the deanery to send it again".to_owned(),
            "tried" => "Tried again".to_owned(),
            "done" => "Done".to_owned(),
            "undone" => "Undone".to_owned(),
            "closed" => "Closed itself".to_owned(),
            "turned" => "Became another question".to_owned(),
            "expired" => "Left the list: it was for information, and its day is 28 days past".to_owned(),
            "reopened" => "Open again, because the fact broke again".to_owned(),
            other => other.to_owned(),
        };
        let rows = self.history.iter();
        rows.map(|row| {
            (words(&row.what), row.actor.as_str(), dates::at(row.at), row.note.as_deref().unwrap_or_default())
        })
        .collect()
    }

    pub fn received(&self) -> String {
        dates::at(self.row.created_at)
    }

    /// The field that says where to go after the decision.
    pub fn after(&self) -> Field {
        Field::new("then", if self.goes_to_next { "next" } else { "list" })
    }

    pub fn after_choices(&self) -> Vec<Choice> {
        vec![Choice::new("next", "Go to the next item"), Choice::new("list", "Go back to the list")]
    }
}
