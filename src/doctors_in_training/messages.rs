//! What is said of a record: in the reply file, on pages and in reports.

use std::fmt;

use crate::doctors_in_training::files::app::Column;

/// How much a message matters; a record with an error is not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Info,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Info => "INFO",
        }
    }
}

/// A code of ours, for pages and reports; no field of the reply carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A mandatory item is missing, or is no value of its kind.
    A001,
    /// The position is not known.
    A002,
    /// The position is not active on the hire date.
    A003,
    /// The position number is another position's.
    A004,
    /// The Deanery Post Number is not the position's.
    A005,
    /// A value is not in its list, and is ignored.
    A006,
    /// The National Insurance number is missing or wrong, and is ignored.
    A007,
    /// The GMC number is wrong.
    A008,
    /// The birth date is wrong.
    A009,
    /// The hire date is outside the window.
    A010,
    /// The end is before the start.
    A011,
    /// An earlier record of the file says the same.
    A012,
    /// The application is here already and the doctor was hired.
    A013,
    /// The employing organisation does not take part in the interface.
    A014,
    /// The record has the wrong number of columns, or is not an applicant's.
    A015,
    /// Characters that cannot be printed, or were not UTF-8.
    A016,
    /// The GMC number that stands for a vacancy.
    A017,
    /// A value is longer than the layout allows.
    A018,
    /// The same person has another application for the position.
    A019,
    /// The name differs from the one held.
    A020,
    /// Somebody here may be the same person.
    A021,
    /// An operator discarded the records of a held post.
    A022,
    Late,
    Early,
    /// Who the applicant is to this employer.
    I001,
    I002,
    I003,
    I004,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A001 => "A001",
            Self::A002 => "A002",
            Self::A003 => "A003",
            Self::A004 => "A004",
            Self::A005 => "A005",
            Self::A006 => "A006",
            Self::A007 => "A007",
            Self::A008 => "A008",
            Self::A009 => "A009",
            Self::A010 => "A010",
            Self::A011 => "A011",
            Self::A012 => "A012",
            Self::A013 => "A013",
            Self::A014 => "A014",
            Self::A015 => "A015",
            Self::A016 => "A016",
            Self::A017 => "A017",
            Self::A018 => "A018",
            Self::A019 => "A019",
            Self::A020 => "A020",
            Self::A021 => "A021",
            Self::A022 => "A022",
            Self::Late => "LATE",
            Self::Early => "EARLY",
            Self::I001 => "I001",
            Self::I002 => "I002",
            Self::I003 => "I003",
            Self::I004 => "I004",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing said of one record; the text names the field and the value, and is for those who may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub severity: Severity,
    pub code: Code,
    pub column: Option<Column>,
    /// As the reply says it: the sender gets the value that it sent.
    pub text: String,
    /// As pages say it, where that differs: a National Insurance number is masked there.
    pub masked: Option<String>,
}

impl Message {
    pub fn error(code: Code, column: impl Into<Option<Column>>, text: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, column: column.into(), text: text.into(), masked: None }
    }

    pub fn warning(code: Code, column: impl Into<Option<Column>>, text: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, code, column: column.into(), text: text.into(), masked: None }
    }

    /// The text for a page of ours.
    pub fn shown(&self) -> &str {
        self.masked.as_deref().unwrap_or(&self.text)
    }

    pub fn info(code: Code, text: impl Into<String>) -> Self {
        Self { severity: Severity::Info, code, column: None, text: text.into(), masked: None }
    }
}
