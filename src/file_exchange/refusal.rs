use std::fmt;

/// Why a whole file was refused or held, by the codes of the file-level catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    NoHeader,
    NoTrailer,
    RecordCountMismatch,
    WrongFormat,
    ByteCountMismatch,
    OrgNotFound,
    WrongSequence,
    FileNotAvailable,
    DuplicateFile,
    Held,
    NameHeaderMismatch,
    VersionUnsupported,
    TooLarge,
    Encoding,
}

impl Code {
    const ALL: [(Self, &'static str, &'static str); 14] = [
        (Self::NoHeader, "F01", "NO_HEADER"),
        (Self::NoTrailer, "F02", "NO_TRAILER"),
        (Self::RecordCountMismatch, "F03", "RECORD_COUNT_MISMATCH"),
        (Self::WrongFormat, "F04", "WRONG_FORMAT"),
        (Self::ByteCountMismatch, "F05", "BYTE_COUNT_MISMATCH"),
        (Self::OrgNotFound, "F06", "ORG_NOT_FOUND"),
        (Self::WrongSequence, "F07", "WRONG_SEQUENCE"),
        (Self::FileNotAvailable, "F08", "FILE_NOT_AVAILABLE"),
        (Self::DuplicateFile, "F09", "DUPLICATE_FILE"),
        (Self::Held, "F10", "HELD"),
        (Self::NameHeaderMismatch, "F11", "NAME_HEADER_MISMATCH"),
        (Self::VersionUnsupported, "F12", "VERSION_UNSUPPORTED"),
        (Self::TooLarge, "F13", "TOO_LARGE"),
        (Self::Encoding, "F14", "ENCODING"),
    ];

    /// The code as files and scripts know it: `F01` to `F14`.
    pub fn code(self) -> &'static str {
        self.entry().1
    }

    /// The name beside the code, e.g. `NO_HEADER`.
    pub fn name(self) -> &'static str {
        self.entry().2
    }

    /// The code read back from a stored row.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|entry| entry.1 == code).map(|entry| entry.0)
    }

    fn entry(self) -> &'static (Self, &'static str, &'static str) {
        Self::ALL.iter().find(|entry| entry.0 == self).expect("ALL lists every code")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.name())
    }
}

/// A file that was not taken: the code, and a sentence that says what was found and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {reason}")]
pub struct Refusal {
    pub code: Code,
    pub reason: String,
}

impl Refusal {
    /// Refuses with this code; `reason` is a whole sentence or two.
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for (code, text, name) in Code::ALL {
            assert_eq!(Code::from_code(text), Some(code));
            assert_eq!((code.code(), code.name()), (text, name));
        }
        assert_eq!(Code::from_code("F99"), None);
    }
}
