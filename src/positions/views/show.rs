use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::{Shown, differences, of_values, sent_words, stretch};
use crate::lead_and_host::model::{Other, Placement};
use crate::positions::model::Source;
use crate::positions::quality::Fault;
use crate::positions::store::{Change, Holder, Position, Refusal, Split};
use crate::ui::{ErrorSummary, Field, Layout, dates};

/// What the history says under a change that stands.
enum Undo {
    Here,
    /// Why, and a link: address and words.
    Elsewhere(&'static str, String, &'static str),
    Not(Vec<String>),
}

/// The change that was made last of those that stand; changes are newest first.
pub fn latest(changes: &[Change]) -> Option<&Change> {
    changes.iter().find(|change| change.undone_at.is_none())
}

#[derive(Template)]
#[template(path = "positions/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub position: Position,
    pub versions: Vec<Position>,
    /// `None` for those who may not see people.
    pub holders: Option<Vec<Holder>>,
    /// Other employers with a position of the same Deanery Post Number.
    pub others: Vec<Other>,
    pub changes: Vec<Change>,
    /// Why the latest change that stands cannot be undone, in sentences; none where it can.
    pub followed: Vec<String>,
    /// Times that people were moved from it to positions of their own.
    pub splits: Vec<Split>,
    pub faults: Vec<Fault>,
    pub may_change: bool,
    pub may_keep_contact: bool,
    pub sent: Option<(DateTime<Utc>, bool)>,
    /// The deanery's last reply, where that refused it.
    pub refusal: Option<Refusal>,
    pub on: Field,
    pub day: NaiveDate,
}

impl ShowPage {
    fn state(&self) -> (String, &'static str) {
        let position = &self.position;
        let day = dates::day(self.day);
        if position.deleted_at.is_some() {
            return ("Deleted".to_owned(), "red");
        }
        if position.is_active_on(self.day) {
            return (format!("Active on {day}"), "green");
        }
        if position.effective_to.is_some_and(|to| to < position.effective_from) {
            return ("Ended before this stretch began".to_owned(), "grey");
        }
        if position.effective_from > self.day {
            ("Not yet active".to_owned(), "white")
        } else {
            ("Ended".to_owned(), "grey")
        }
    }

    fn deleted(&self) -> Option<String> {
        self.position.deleted_at.map(dates::at)
    }

    fn stretch(&self, position: &Position) -> String {
        stretch(position.effective_from, position.effective_to)
    }

    fn is_shown(&self, position: &Position) -> bool {
        position.effective_from == self.position.effective_from
    }

    fn held(&self, holder: &Holder) -> String {
        stretch(holder.effective_from, holder.effective_to)
    }

    fn contract_end(&self, holder: &Holder) -> String {
        holder.contract_end_on.map(dates::short_day).unwrap_or_default()
    }

    fn sent(&self) -> String {
        sent_words(self.sent, &self.faults, self.position.dpn.is_some())
    }

    /// When the deanery refused it and with which message, and whether it was sent since.
    fn refused(&self) -> Option<String> {
        let refusal = self.refusal.as_ref()?;
        let day = dates::short_day(dates::london_day(refusal.at));
        let said = format!("{} {}", refusal.code, refusal.text);
        let since = match self.sent {
            Some((at, _)) if at > refusal.at => " It was sent again since, and no reply has come.",
            _ => "",
        };
        Some(format!("{day}: {}.{since}", said.trim().trim_end_matches('.')))
    }

    fn other_has_it(&self, other: &Other) -> String {
        stretch(other.from, other.to)
    }

    fn placements(&self, other: &Other) -> Vec<String> {
        other.placements.iter().map(Placement::words).collect()
    }

    fn day(&self) -> String {
        dates::day(self.day)
    }

    /// What a change changed, in words.
    fn changed(&self, change: &Change) -> Vec<Shown> {
        match change.stretches() {
            Ok((before, after)) if before.is_empty() => after.first().map(of_values).unwrap_or_default(),
            Ok((before, after)) => differences(&before, &after, change.effective_from),
            Err(_) => Vec::new(),
        }
    }

    fn heading(&self, change: &Change) -> String {
        let drafted = change.before.as_array().is_some_and(Vec::is_empty);
        let what = if drafted { "Drafted" } else { "Changed" };
        format!("{what} {}, from {}", Source::words(&change.source), dates::day(change.effective_from))
    }

    fn at(&self, change: &Change) -> String {
        dates::at(change.at)
    }

    fn undone(&self, change: &Change) -> Option<String> {
        let (by, at) = (change.undone_by.as_ref()?, change.undone_at?);
        Some(format!("Undone by {by} on {}", dates::at(at)))
    }

    /// Whether a change can be undone here, where else it is, or why it cannot be.
    fn undo(&self, change: &Change) -> Undo {
        if let Some((href, link, why)) = Source::undone_at(&change.source, change.source_id) {
            return Undo::Elsewhere(why, href, link);
        }
        if latest(&self.changes).is_some_and(|last| last.change_id != change.change_id) {
            return Undo::Not(vec!["It can be undone once the later changes are".to_owned()]);
        }
        if self.followed.is_empty() { Undo::Here } else { Undo::Not(self.followed.clone()) }
    }

    fn split_at(&self, split: &Split) -> String {
        dates::at(split.made_at)
    }

    fn split_undone(&self, split: &Split) -> Option<String> {
        let (by, at) = (split.undone_by.as_ref()?, split.undone_at?);
        Some(format!("Undone by {by} on {}", dates::at(at)))
    }

    fn is_emptied(&self, position: &Position) -> bool {
        position.effective_to.is_some_and(|to| to < position.effective_from)
    }
}
