//! What a list shows, all of it in the address: the same link shows a colleague the same rows.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use url::form_urlencoded;
use uuid::Uuid;

use super::kinds;
use crate::notifications::{Cause, MessageType};
use crate::ui::{Field, dates};

/// Which items by what they ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    #[default]
    Action,
    Information,
    Any,
}

/// Which items by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Something is left to do, whoever has it.
    #[default]
    Waiting,
    Claimed,
    Done,
    Closed,
    Any,
}

impl Class {
    pub const ALL: [(&'static str, &'static str, Self); 3] = [
        ("action", "Action needed", Self::Action),
        ("information", "For information", Self::Information),
        ("any", "Action and information", Self::Any),
    ];

    /// The stored codes.
    pub fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Action => &["action"],
            Self::Information => &["information"],
            Self::Any => &["action", "information"],
        }
    }
}

impl Standing {
    pub const ALL: [(&'static str, &'static str, Self); 5] = [
        ("waiting", "Waiting", Self::Waiting),
        ("claimed", "In progress", Self::Claimed),
        ("done", "Done", Self::Done),
        ("closed", "Closed by itself", Self::Closed),
        ("any", "Any state", Self::Any),
    ];

    /// The stored codes.
    pub fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Waiting => &["open", "claimed"],
            Self::Claimed => &["claimed"],
            Self::Done => &["done"],
            Self::Closed => &["closed_by_system", "expired"],
            Self::Any => &["open", "claimed", "done", "closed_by_system", "expired"],
        }
    }
}

/// What takes effect within so many days, and what should have by now: the day before today or earlier.
pub const WITHIN: [i64; 4] = [OVERDUE, 5, 14, 42];
pub const OVERDUE: i64 = -1;

/// A list of items, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub class: Class,
    pub standing: Standing,
    /// Kinds of item, or types of message; none means all.
    pub types: Vec<String>,
    pub cause: Option<Cause>,
    pub mine: bool,
    pub unclaimed: bool,
    pub post: String,
    /// The code of a managing body.
    pub body: String,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub within: Option<i64>,
    pub q: String,
}

/// What was typed into the filter and cannot be a date, as fields to show again.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pub from: Field,
    pub to: Field,
}

/// Where in the list a page begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Whether the row stood among the unread, which come first.
    pub unread: bool,
    pub at: DateTime<Utc>,
    pub item: Uuid,
}

/// Which page of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    #[default]
    First,
    After(Cursor),
    Before(Cursor),
}

/// An address that means nothing to us: which part of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("The address cannot be read: there is no {0} of that name.")]
pub struct NoSuch(&'static str);

impl Filter {
    /// Reads the query of an address. What it does not know it leaves alone; a value that no filter has is an error.
    pub fn parse(query: &str) -> Result<(Self, Window, Typed), NoSuch> {
        let mut filter = Self::default();
        let mut window = Window::First;
        let mut typed = Typed { from: Field::empty("from"), to: Field::empty("to") };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match &*name {
                "class" => filter.class = known(&Class::ALL, value).ok_or(NoSuch("class"))?,
                "state" => filter.standing = known(&Standing::ALL, value).ok_or(NoSuch("state"))?,
                "type" if !kinds::is_known(value) => return Err(NoSuch("type")),
                "type" if filter.types.iter().any(|t| t == value) => {}
                "type" => filter.types.push(value.to_owned()),
                "cause" => filter.cause = Some(Cause::from_code(value).ok_or(NoSuch("cause"))?),
                "mine" => filter.mine = value == "yes",
                "unclaimed" => filter.unclaimed = value == "yes",
                "post" => filter.post = value.chars().take(100).collect(),
                "body" => filter.body = value.chars().take(10).collect::<String>().to_uppercase(),
                "q" => filter.q = value.chars().take(100).collect(),
                "within" => {
                    let days = WITHIN.into_iter().find(|days| within_code(*days) == value);
                    filter.within = Some(days.ok_or(NoSuch("number of days"))?);
                }
                "from" => {
                    (typed.from, filter.from) = date("from", value, "Enter the first day as a date, such as 6/5/2026")
                }
                "to" => (typed.to, filter.to) = date("to", value, "Enter the last day as a date, such as 6/5/2026"),
                "after" => window = Window::After(value.parse().map_err(|()| NoSuch("page"))?),
                "before" => window = Window::Before(value.parse().map_err(|()| NoSuch("page"))?),
                _ => {}
            }
        }
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && to < from
        {
            typed.to.error = Some("The last day must be the first day or later".to_owned());
        }
        Ok((filter, window, typed))
    }

    /// The filter in an address, without what is so anyway; empty for the list as it opens.
    pub fn query(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                out.append_pair(name, value);
            }
        };
        if self.class != Class::default() {
            add("class", code(&Class::ALL, self.class));
        }
        if self.standing != Standing::default() {
            add("state", code(&Standing::ALL, self.standing));
        }
        self.types.iter().for_each(|kind| add("type", kind));
        add("cause", self.cause.map_or("", Cause::code));
        add("mine", if self.mine { "yes" } else { "" });
        add("unclaimed", if self.unclaimed { "yes" } else { "" });
        add("post", &self.post);
        add("body", &self.body);
        add("from", &self.from.map(|d| d.to_string()).unwrap_or_default());
        add("to", &self.to.map(|d| d.to_string()).unwrap_or_default());
        add("within", &self.within.map(within_code).unwrap_or_default());
        add("q", &self.q);
        out.finish()
    }

    /// The address of the list, or of another page below it, with this filter.
    pub fn href(&self, path: &str) -> String {
        let query = self.query();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// As [`Self::href`], with further pairs.
    pub fn href_with(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let mut out = form_urlencoded::Serializer::new(self.query());
        for (name, value) in pairs {
            out.append_pair(name, value);
        }
        format!("{path}?{}", out.finish())
    }

    /// What narrows the list beyond its view, in words, each with the filter without it.
    pub fn chips(&self) -> Vec<(String, Self)> {
        let mut chips = Vec::new();
        let mut add = |text: String, without: fn(&mut Self)| {
            let mut other = self.clone();
            without(&mut other);
            chips.push((text, other));
        };
        if let Some(cause) = self.cause {
            add(format!("Cause: {}", cause.label()), |f| f.cause = None);
        }
        if self.standing != Standing::default() {
            add(format!("State: {}", label(&Standing::ALL, self.standing)), |f| f.standing = Standing::default());
        }
        if self.mine {
            add("Claimed by you".to_owned(), |f| f.mine = false);
        }
        if self.unclaimed {
            add("Claimed by nobody".to_owned(), |f| f.unclaimed = false);
        }
        if !self.post.is_empty() {
            add(format!("Post: {}", self.post), |f| f.post.clear());
        }
        if !self.body.is_empty() {
            add(format!("Managing body: {}", self.body), |f| f.body.clear());
        }
        if let Some(day) = self.from {
            add(format!("Received from {}", dates::short_day(day)), |f| f.from = None);
        }
        if let Some(day) = self.to {
            add(format!("Received to {}", dates::short_day(day)), |f| f.to = None);
        }
        if let Some(days) = self.within {
            let text = if days == OVERDUE { "Overdue".to_owned() } else { format!("Takes effect within {days} days") };
            add(text, |f| f.within = None);
        }
        if !self.q.is_empty() {
            add(format!("Search: {}", self.q), |f| f.q.clear());
        }
        for kind in &self.types {
            let mut other = self.clone();
            other.types.retain(|other| other != kind);
            chips.push((kinds::label(kind).to_owned(), other));
        }
        chips
    }

    /// The same view with nothing that narrows it.
    pub fn cleared(&self) -> Self {
        Self { class: self.class, ..Self::default() }
    }

    /// The stored types of message that the filter names, and the kinds of item.
    pub fn message_types_and_kinds(&self) -> (Vec<String>, Vec<String>) {
        self.types.iter().cloned().partition(|kind| MessageType::from_code(kind).is_some())
    }
}

/// How an address names a number of days.
pub(super) fn within_code(days: i64) -> String {
    if days == OVERDUE { "overdue".to_owned() } else { days.to_string() }
}

fn known<T: Copy>(all: &[(&str, &str, T)], wanted: &str) -> Option<T> {
    all.iter().find(|(code, _, _)| *code == wanted).map(|(_, _, value)| *value)
}

fn code<T: Copy + PartialEq>(all: &[(&'static str, &'static str, T)], wanted: T) -> &'static str {
    all.iter().find(|(_, _, value)| *value == wanted).map_or("", |(code, _, _)| code)
}

pub(super) fn label<T: Copy + PartialEq>(all: &[(&'static str, &'static str, T)], wanted: T) -> &'static str {
    all.iter().find(|(_, _, value)| *value == wanted).map_or("", |(_, label, _)| label)
}

fn date(name: &'static str, text: &str, problem: &str) -> (Field, Option<NaiveDate>) {
    let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(text, "%d/%m/%Y"))
        .ok()
        .filter(|day| (1900..2200).contains(&day.year()));
    match parsed {
        Some(day) => (Field::new(name, format!("{}/{}/{}", day.day(), day.month(), day.year())), Some(day)),
        None => (Field::refused(name, text, problem), None),
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", u8::from(self.unread), self.at.timestamp_micros(), self.item.simple())
    }
}

impl std::str::FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let (Some(unread), Some(at), Some(item), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(());
        };
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(())?;
        Ok(Self { unread: unread == "1", at, item: Uuid::parse_str(item).map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_its_filter_are_the_same_thing() {
        for query in [
            "",
            "class=information",
            "state=done&type=dit_app_failed&type=DIT-FILE",
            "cause=system_to_role&mine=yes&unclaimed=yes",
            "post=WAL%2F1D9PL%2F527&body=WAL&from=2026-05-01&to=2026-05-06&within=14&q=O%27Hara+%3Cb%3E",
            "within=overdue",
        ] {
            let (filter, window, _) = Filter::parse(query).unwrap();
            assert_eq!(filter.query(), query);
            assert_eq!(window, Window::First);
        }
    }

    #[test]
    fn what_no_filter_has_is_said_and_never_guessed() {
        for query in
            ["class=x", "state=%3Cscript%3E", "type=x", "cause=x", "within=7", "within=-1", "after=1.2", "before=1.x.y"]
        {
            assert!(Filter::parse(query).is_err(), "{query}");
        }
        assert!(Filter::parse("utm=1&page=<b>").is_ok());
    }

    #[test]
    fn dates_are_taken_as_people_write_them_and_kept_when_wrong() {
        let (filter, _, typed) = Filter::parse("from=6%2F5%2F2026&to=soon").unwrap();
        assert_eq!(filter.from, NaiveDate::from_ymd_opt(2026, 5, 6));
        assert_eq!((typed.to.value.as_str(), typed.to.error.is_some()), ("soon", true));
        let (_, _, typed) = Filter::parse("from=2026-05-06&to=2026-05-01").unwrap();
        assert!(typed.to.error.is_some());
    }

    #[test]
    fn a_chip_takes_away_only_itself() {
        let (filter, ..) = Filter::parse("mine=yes&type=dit_app_failed&q=smith").unwrap();
        let without: Vec<String> = filter.chips().into_iter().map(|(_, other)| other.query()).collect();
        assert_eq!(without, ["type=dit_app_failed&q=smith", "type=dit_app_failed&mine=yes", "mine=yes&q=smith"]);
    }

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let at = DateTime::from_timestamp_micros(1_746_522_000_123_456).unwrap();
        let cursor = Cursor { unread: true, at, item: Uuid::from_u128(7) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
}
