use std::fmt;

/// A list of codes: what it is called, and what its values decide.
#[derive(Debug)]
pub struct List {
    pub code: &'static str,
    pub name: &'static str,
    pub purpose: &'static str,
}

/// Every list, in the order of the page.
pub const LISTS: &[List] = &[
    List {
        code: "job_role",
        name: "Job roles",
        purpose: "A position of a role that is marked as training is a training post: it needs a Deanery Post Number.",
    },
    List {
        code: "withdrawal_reason",
        name: "Withdrawal reasons",
        purpose: "What the deanery's code for a withdrawal means, as the notice says it.",
    },
    List {
        code: "title",
        name: "Titles",
        purpose: "Of an applicant with another title the value is ignored, with a warning.",
    },
    List {
        code: "ethnic_origin",
        name: "Ethnic categories",
        purpose: "Of an applicant with another code the value is ignored, with a warning.",
    },
    List {
        code: "disability",
        name: "Disability",
        purpose: "Of an applicant with another code the value is ignored, with a warning.",
    },
    List {
        code: "country",
        name: "Countries",
        purpose: "Of an applicant's address with another code the value is ignored, with a warning.",
    },
    List { code: "person_type", name: "Person types", purpose: "As what somebody can be hired." },
    List { code: "leaving_reason", name: "Leaving reasons", purpose: "Why somebody's employment ended." },
    List { code: "leaving_destination", name: "Leaving destinations", purpose: "Where somebody who left went." },
    List { code: "out_of_hours", name: "Out of hours bands", purpose: "Of a medical or dental post." },
    List { code: "rota_pattern", name: "Rota patterns", purpose: "Of a medical or dental post." },
    List { code: "prospective_cover", name: "Prospective cover", purpose: "Of a medical or dental post." },
    List { code: "gender", name: "Gender", purpose: "What the code of a file means." },
    List { code: "marital_status", name: "Marital status", purpose: "What the code of a file means." },
    List { code: "sexual_orientation", name: "Sexual orientation", purpose: "What the code of a file means." },
    List { code: "religious_belief", name: "Religious belief", purpose: "What the code of a file means." },
];

/// The list of this code.
pub fn list(code: &str) -> Option<&'static List> {
    LISTS.iter().find(|list| list.code == code)
}

impl List {
    /// Whether its values say which posts are training posts.
    pub fn marks_training(&self) -> bool {
        self.code == "job_role"
    }
}

/// Values that the portal proposes itself, so that a form without them would propose what nobody can choose.
const RELIED_ON: &[(&str, &str)] =
    &[("person_type", "Employee"), ("person_type", "Honorary"), ("leaving_reason", "08")];

/// Whether a value must stay in use, under its label.
pub fn is_relied_on(list: &str, code: &str) -> bool {
    RELIED_ON.contains(&(list, code))
}

/// What is wrong with a code or a label, as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    Missing(&'static str),
    TooLong(&'static str, usize),
    Unprintable(&'static str),
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "Enter the {what}"),
            Self::TooLong(what, limit) => write!(f, "The {what} must be {limit} characters or fewer"),
            Self::Unprintable(what) => {
                write!(
                    f,
                    "The {what} must be letters, digits and signs, without ~, which ends a field in interface files"
                )
            }
        }
    }
}

/// Reads a code or a label: something, short, in one line, and possible in a file.
pub fn read_text(what: &'static str, typed: &str, limit: usize) -> Result<String, TextError> {
    let text = typed.trim();
    match text {
        "" => Err(TextError::Missing(what)),
        _ if text.chars().count() > limit => Err(TextError::TooLong(what, limit)),
        _ if text.chars().any(|c| c.is_control() || c == '~') => Err(TextError::Unprintable(what)),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_and_in_one_line() {
        for (typed, read) in [
            ("  Specialty Registrar ", Ok("Specialty Registrar".to_owned())),
            (" ", Err(TextError::Missing("code"))),
            ("a~b", Err(TextError::Unprintable("code"))),
            ("a\nb", Err(TextError::Unprintable("code"))),
            ("12345678901", Err(TextError::TooLong("code", 10))),
        ] {
            assert_eq!(read_text("code", typed, if read.is_ok() { 80 } else { 10 }), read);
        }
    }
}
