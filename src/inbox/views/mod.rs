//! How the inbox says things.

mod item;
mod list;
mod message;
mod pages;

pub use item::ItemView;
pub use list::ListPage;
pub use message::{MessagePage, Section};
pub use pages::{AccessibilityPage, BulkPage, ContactPage, HelpPage, HomePage, PrivacyPage, Question, UnallocatedPage};

use chrono::{DateTime, Utc};

use crate::notifications::item::{Refusal, State};
use crate::ui::dates;

/// The text and colour of an item's tag: one meaning, one colour, everywhere.
pub fn tag(state: &State, class: &str) -> (&'static str, &'static str) {
    match state {
        State::Open if class == "action" => ("Action needed", "red"),
        State::Open => ("Information", "grey"),
        State::Claimed { .. } => ("In progress", "white"),
        State::Done { .. } => ("Done", "plain"),
        State::ClosedBySystem { .. } => ("Closed", "grey"),
        State::Expired => ("Expired", "grey"),
    }
}

/// A refusal as a sentence about `it`, such as "This" or a doctor's name.
pub fn refusal(it: &str, refusal: &Refusal, now: DateTime<Utc>) -> String {
    match refusal {
        Refusal::Taken { by, at } => format!("{it} was taken by {by} at {}", clock(*at, now)),
        Refusal::Decided { by, at } => format!("{it} was decided by {by} at {}", clock(*at, now)),
        Refusal::Closed { reason } => format!("{it} is closed: {reason}"),
        Refusal::NotYours { by } => format!("{it} is with {by}. Only {by} can put it back, but you can take it over"),
        Refusal::DecidedElsewhere { when } => format!("{it} needs a decision of its own: it closes when {when}"),
        Refusal::Expired => format!("{it} has expired"),
        Refusal::NotAHolder { name } => format!("{it} cannot go to {name}, who does not hold its role"),
    }
}

/// The time alone for today, and the day with it otherwise.
pub fn clock(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if dates::london_day(at) == dates::london_day(now) {
        dates::time(at)
    } else {
        format!("{} on {}", dates::time(at), dates::day(dates::london_day(at)))
    }
}

/// A count that stops at a limit: `87`, `more than 1,000`.
pub fn capped(count: i64, limit: i64) -> String {
    if count > limit { format!("more than {}", crate::ui::number(limit)) } else { crate::ui::number(count) }
}

/// Person and title as one name: `Smithson, Duke: application failed to load`.
pub fn named(person: Option<&str>, title: &str) -> String {
    match person {
        Some(person) if !title.contains(person) => {
            let mut letters = title.chars();
            let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
            format!("{person}: {first}{}", letters.as_str())
        }
        _ => title.to_owned(),
    }
}
