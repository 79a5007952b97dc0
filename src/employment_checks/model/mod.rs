//! A check: which standard, where it stands, what is said of it. No SQL, no HTTP, no clock.

mod fields;
mod read;

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::NaiveDate;

pub use fields::{FIELDS, FieldRule, Kind, fields_of};
pub use read::{Fault, is_day, number_of_another, read};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident: $($variant:ident $code:literal $label:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $label] $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code that is stored and stands in addresses.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownCode;

            fn from_str(code: &str) -> Result<Self, UnknownCode> {
                match code { $($code => Ok(Self::$variant),)* _ => Err(UnknownCode(code.to_owned())) }
            }
        }
    };
}

/// Not a code of ours: written by a later release, or by hand.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a code of an employment check")]
pub struct UnknownCode(String);

codes! {
    /// The six NHS Employment Check Standards.
    Standard:
    Identity "identity" "Identity";
    Registration "registration" "Professional registration and qualification";
    References "references" "Employment history and reference";
    RightToWork "right-to-work" "Right to work";
    WorkHealth "work-health" "Work health assessment";
    CriminalRecord "criminal-record" "Criminal record";
}

codes! {
    /// Where a check stands.
    Status:
    NotStarted "not_started" "Not started";
    InProgress "in_progress" "In progress";
    Received "received" "Received";
    Clear "clear" "Clear";
    ClearWithConditions "clear_with_conditions" "Clear with conditions";
    Failed "failed" "Failed";
    NotRequired "not_required" "Not required";
}

impl Status {
    /// As suppliers' systems write it: `CLEAR_WITH_CONDITIONS`.
    pub fn wire(self) -> String {
        self.code().to_uppercase()
    }

    /// The colour of its tag, from the one map of the product.
    pub fn colour(self) -> &'static str {
        match self {
            Self::NotStarted => "grey",
            Self::InProgress | Self::Received => "yellow",
            Self::Clear | Self::ClearWithConditions | Self::NotRequired => "plain",
            Self::Failed => "red",
        }
    }

    /// Nothing more is to be done for it.
    pub fn is_complete(self) -> bool {
        match self {
            Self::Clear | Self::ClearWithConditions | Self::NotRequired => true,
            Self::NotStarted | Self::InProgress | Self::Received | Self::Failed => false,
        }
    }

    fn is_cleared(self) -> bool {
        matches!(self, Self::Clear | Self::ClearWithConditions)
    }
}

/// What is said of a check: the keys of [`FIELDS`] with texts in one form, dates as 2026-05-06.
pub type Entry = BTreeMap<String, String>;

/// One check of one application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub standard: Standard,
    pub status: Status,
    pub entry: Entry,
    /// 0 until something is said of it.
    pub version: i32,
}

impl Check {
    pub fn not_started(standard: Standard) -> Self {
        Self { standard, status: Status::NotStarted, entry: Entry::new(), version: 0 }
    }

    pub fn field(&self, key: &str) -> &str {
        self.entry.get(key).map(String::as_str).unwrap_or_default()
    }

    /// A field that holds a date.
    pub fn day(&self, key: &str) -> Option<NaiveDate> {
        self.field(key).parse().ok()
    }

    /// Why it stands in the way of a start on a day, or nothing.
    pub fn blocks(&self, starts_on: NaiveDate) -> Option<String> {
        let name = self.standard.label();
        match self.day("expires_on") {
            _ if !self.status.is_complete() => Some(format!("{name}: {}", self.status.label().to_lowercase())),
            Some(ends) if ends < starts_on => Some(format!("{name}: ends before the start")),
            _ => None,
        }
    }
}

/// The six checks of an application, in the order of the standards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks(pub Vec<Check>);

impl Default for Checks {
    fn default() -> Self {
        Self(Standard::ALL.iter().map(|standard| Check::not_started(*standard)).collect())
    }
}

impl Checks {
    pub fn find(&self, standard: Standard) -> Check {
        let found = self.0.iter().find(|check| check.standard == standard);
        found.cloned().unwrap_or_else(|| Check::not_started(standard))
    }

    pub(super) fn put(&mut self, check: Check) {
        if let Some(place) = self.0.iter_mut().find(|known| known.standard == check.standard) {
            *place = check;
        }
    }

    /// Each check that stands in the way of a start on a day, with why.
    pub fn blocking(&self, starts_on: NaiveDate) -> Vec<String> {
        self.0.iter().filter_map(|check| check.blocks(starts_on)).collect()
    }

    /// `4 of 6`.
    pub fn progress(&self, starts_on: NaiveDate) -> String {
        format!("{} of {}", self.0.len() - self.blocking(starts_on).len(), self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for standard in Standard::ALL {
            assert_eq!(standard.code().parse::<Standard>().unwrap(), *standard);
        }
        for status in Status::ALL {
            assert_eq!(status.code().parse::<Status>().unwrap(), *status);
        }
        assert!("cleared".parse::<Status>().is_err());
    }

    #[test]
    fn a_check_blocks_until_it_is_complete_and_holds_on_the_first_day() {
        let start: NaiveDate = "2026-08-05".parse().unwrap();
        let mut check = Check::not_started(Standard::RightToWork);
        for (status, ends, blocks) in [
            (Status::NotStarted, "", true),
            (Status::Received, "", true),
            (Status::Failed, "", true),
            (Status::Clear, "", false),
            (Status::ClearWithConditions, "", false),
            (Status::NotRequired, "", false),
            (Status::Clear, "2026-08-05", false),
            (Status::Clear, "2026-08-04", true),
        ] {
            check.status = status;
            check.entry = [("expires_on".to_owned(), ends.to_owned())].into();
            assert_eq!(check.blocks(start).is_some(), blocks, "{status:?} {ends}");
        }
        assert_eq!(Checks::default().progress(start), "0 of 6");
    }
}
