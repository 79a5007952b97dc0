//! A doctor's line, and which lines a search means. No SQL, no HTTP, no clock.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::applicants::status::Status;
use crate::people::values::name_key;

/// How far a doctor has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The deanery names the doctor in the grid; no application has come.
    NotReleased,
    /// The post has too many records in one file, and waits for an operator.
    Held,
    /// The application did not load.
    Failed,
    Received,
    Offered,
    Accepted,
    Hired,
    /// Withdrawn or ended.
    Ended,
}

impl Stage {
    pub const ALL: [Self; 8] = [
        Self::NotReleased,
        Self::Held,
        Self::Failed,
        Self::Received,
        Self::Offered,
        Self::Accepted,
        Self::Hired,
        Self::Ended,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::NotReleased => "not_released",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Received => "received",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Hired => "hired",
            Self::Ended => "ended",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::NotReleased => "Not released yet",
            Self::Held => "Held",
            Self::Failed => "Did not load",
            Self::Received => "Received",
            Self::Offered => "Offered",
            Self::Accepted => "Offer accepted",
            Self::Hired => "Hired",
            Self::Ended => "Withdrawn or ended",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// The stage of an application with this status.
    pub fn of(status: &str) -> Self {
        match status.parse::<Status>().ok() {
            Some(Status::PreferredApplicant) | None => Self::Received,
            Some(Status::OfferedPostConditional | Status::OfferedPostUnconditional) => Self::Offered,
            Some(Status::OfferAccepted) => Self::Accepted,
            Some(Status::Hired) => Self::Hired,
            Some(Status::Withdrawn | Status::Terminated) => Self::Ended,
        }
    }

    /// The colour of its tag, from the one map of the product.
    pub fn colour(self) -> &'static str {
        match self {
            Self::NotReleased | Self::Held | Self::Offered => "yellow",
            Self::Failed => "red",
            Self::Received => "blue",
            Self::Accepted | Self::Hired => "plain",
            Self::Ended => "grey",
        }
    }
}

/// One doctor on the way to one post.
#[derive(Clone, Debug)]
pub struct Line {
    /// Of one with an application.
    pub application_id: Option<Uuid>,
    pub stage: Stage,
    /// The status of the application, where there is one.
    pub status: Option<String>,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: Option<String>,
    pub dpn: String,
    pub post: String,
    pub starts_on: Option<NaiveDate>,
    /// Who has it now.
    pub with: String,
    /// What blocks it; empty when nothing does.
    pub blocked_by: String,
    pub since: Option<DateTime<Utc>>,
    /// Words and address of what mends it.
    pub action: (String, String),
    /// A page of ours about the doctor.
    pub href: Option<String>,
    /// Other numbers by which somebody may look: applicant, person, position.
    pub numbers: Vec<String>,
    /// Another employer has a post of this number too: its number and name, and how far its placements are.
    pub pair: Option<String>,
}

impl Line {
    /// `Davies, Yusuf`, as far as it is known.
    pub fn name(&self) -> String {
        match (self.last_name.is_empty(), self.first_name.is_empty()) {
            (false, false) => format!("{}, {}", self.last_name, self.first_name),
            (false, true) => self.last_name.clone(),
            _ => "Name not supplied".to_owned(),
        }
    }

    /// Whether a search means this line.
    pub fn matches(&self, search: &Search) -> bool {
        let (own_last, own_first) = (name_key(&self.last_name), name_key(&self.first_name));
        search.last.as_ref().is_some_and(|last| own_last.starts_with(last))
            || search.both.as_ref().is_some_and(|(one, other)| {
                own_last.starts_with(one) && own_first.starts_with(other)
                    || own_last.starts_with(other) && own_first.starts_with(one)
            })
            || self.dpn.to_uppercase().starts_with(&search.code)
            || self.gmc_number.as_deref() == Some(search.code.as_str())
            || self.numbers.contains(&search.code)
    }
}

/// What somebody looks for: a name, the beginning of a DPN, or one of the numbers of a doctor or a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The key that a last name begins with; a text without letters or figures is no name at all.
    pub last: Option<String>,
    /// The keys that a last and a first name begin with, in either order: "Davies, Yusuf", "Yusuf Davies" and "Davies Yusuf" mean the same.
    pub both: Option<(String, String)>,
    /// In capitals; a number without the spaces that it was typed with.
    pub code: String,
}

impl Search {
    /// Nothing typed is no search.
    pub fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().take(100).collect();
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let split = text.split_once(',').or_else(|| text.rsplit_once(' ').map(|(first, last)| (last, first)));
        let both = split.map(|(last, first)| (name_key(last), name_key(first))).filter(|(last, _)| !last.is_empty());
        let number: String = text.split_whitespace().collect();
        let is_number = number.bytes().all(|b| b.is_ascii_digit());
        let code = if is_number { number } else { text.to_uppercase() };
        Some(Self { last: Some(name_key(text)).filter(|key| !key.is_empty()), both, code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_means_names_posts_and_numbers() {
        let line = Line {
            application_id: None,
            stage: Stage::Received,
            status: None,
            last_name: "Münchhausen".into(),
            first_name: "Lowri".into(),
            gmc_number: Some("9925611".into()),
            dpn: "KSS/R9A01/052/FY2/012".into(),
            post: String::new(),
            starts_on: None,
            with: String::new(),
            blocked_by: String::new(),
            since: None,
            action: (String::new(), String::new()),
            href: None,
            numbers: vec!["29040011".into()],
            pair: None,
        };
        for (search, is_meant) in [
            ("", true),
            ("munch", true),
            ("münchhausen, low", true),
            ("Lowri Munchhausen", true),
            ("munchhausen lowri", true),
            ("lowri, munchhausen", true),
            ("Lowri Davies", false),
            ("992 5611", true),
            ("kss/r9a01/052", true),
            ("9925611", true),
            ("29040011", true),
            ("2904", false),
            ("%", false),
            ("'--", false),
            ("Davies", false),
        ] {
            assert_eq!(Search::read(search).is_none_or(|search| line.matches(&search)), is_meant, "{search}");
        }
    }
}
