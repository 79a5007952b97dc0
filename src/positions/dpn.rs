//! Deanery Post Numbers: the rules of the DPN report, for a number that a person types and for one that a file brings.

use std::{fmt, str::FromStr};

/// A training post's number, as its deanery writes it: `WAL/1D9PL/527/TYU/987`.
///
/// Documents also call it a Training Post Number (TPN); it is the same number. A position's own column is not of
/// this type: files bring numbers that break the rules ([`RawDpn`]), and the DPN report shows them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeaneryPostNumber(String);

/// What the schema of the interface allows.
pub const LONGEST: usize = 30;

/// The rule that a number breaks, by its name in the DPN report; D1 to D4 count as faults, the others are hints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DpnRule {
    D1,
    D2,
    D3,
    D4,
    D5,
    D6,
    D7,
    D8,
    D9,
    D10,
}

impl DpnRule {
    /// True for what the report's quality figure counts.
    pub fn is_fault(self) -> bool {
        self <= Self::D4
    }

    /// The rule in the words of a page.
    pub fn words(self) -> &'static str {
        match self {
            Self::D1 => "A Deanery Post Number has at least four parts with / between them",
            Self::D2 => "The first part must have exactly three characters",
            Self::D3 => "It holds a character that cannot be read or printed, such as a tab or a line break",
            Self::D4 => "A part is empty",
            Self::D5 => "It is longer than 30 characters",
            Self::D6 => "The first part is not a managing deanery body that is known here",
            Self::D7 => "The fifth part, the counter, is not a number",
            Self::D8 => "The second part, the site, does not have five characters",
            Self::D9 => "It begins or ends with a space",
            Self::D10 => {
                "Deanery Post Number, Managing Deanery Body and Host/Lead status must all be there, or none of them"
            }
        }
    }
}

impl fmt::Display for DpnRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Why a number that somebody typed is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DpnError {
    #[error("A Deanery Post Number has at least four parts with / between them, such as KSS/R9A01/024/STR/004")]
    TooFewParts,
    #[error("The first part must have exactly three characters, such as KSS")]
    BadPrefix,
    #[error("Enter only letters, digits and signs that can be printed, without tabs or line breaks")]
    Unreadable,
    #[error("Part {part} is empty: {typed}")]
    EmptyPart { part: usize, typed: String },
    #[error("A Deanery Post Number has at most 30 characters")]
    TooLong,
    #[error("Take away the space before or after the Deanery Post Number")]
    OuterSpace,
}

impl FromStr for DeaneryPostNumber {
    type Err = DpnError;

    fn from_str(text: &str) -> Result<Self, DpnError> {
        let parts: Vec<&str> = text.split('/').collect();
        if !is_readable(text) {
            return Err(DpnError::Unreadable);
        }
        if text.trim() != text {
            return Err(DpnError::OuterSpace);
        }
        let empty = parts.iter().position(|part| part.trim().is_empty());
        if let Some(empty) = empty.filter(|_| parts.len() >= 4) {
            return Err(DpnError::EmptyPart { part: empty + 1, typed: text.to_owned() });
        }
        match parts[..] {
            [] | [_] | [_, _] | [_, _, _] => Err(DpnError::TooFewParts),
            [prefix, ..] if prefix.len() != 3 => Err(DpnError::BadPrefix),
            _ if text.len() > LONGEST => Err(DpnError::TooLong),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl DeaneryPostNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What else D10 asks about the position that bears a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Companions {
    pub has_managing_body: bool,
    pub has_host_or_lead: bool,
    /// Host/Lead status is not in any file: it is asked for only once somebody has set it on a position of the VPD.
    pub asks_host_or_lead: bool,
}

/// A Deanery Post Number as a file brought it, right or wrong: stored and sent on as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RawDpn(pub String);

impl RawDpn {
    /// What makes two numbers the same: trimmed and in capitals.
    pub fn key(&self) -> String {
        key(&self.0)
    }

    /// The managing deanery body that the number names: its first part.
    pub fn prefix(&self) -> &str {
        self.0.split('/').next().unwrap_or_default().trim()
    }

    /// Every rule that the number breaks; none for an empty one, but D10.
    pub fn broken_rules(&self, is_known_body: impl Fn(&str) -> bool, beside: Companions) -> Vec<DpnRule> {
        let mut broken = Vec::new();
        let text = self.0.as_str();
        let is_present = !text.trim().is_empty();
        if is_present {
            let parts: Vec<&str> = text.split('/').collect();
            let prefix = parts[0].trim_start();
            let mut check = |rule, holds: bool| {
                if !holds {
                    broken.push(rule)
                }
            };
            check(DpnRule::D1, parts.len() >= 4);
            check(DpnRule::D2, prefix.chars().count() == 3);
            check(DpnRule::D3, is_readable(text));
            check(DpnRule::D4, !parts.iter().any(|part| part.trim().is_empty()));
            check(DpnRule::D5, text.chars().count() <= LONGEST);
            check(DpnRule::D6, is_known_body(&prefix.to_uppercase()));
            if let Some(counter) = parts.get(4) {
                let counter = counter.trim();
                check(DpnRule::D7, counter.is_empty() || counter.bytes().all(|b| b.is_ascii_digit()));
            }
            if let Some(site) = parts.get(1) {
                let site = site.trim();
                check(DpnRule::D8, site.is_empty() || site.chars().count() == 5);
            }
            check(DpnRule::D9, text.trim_matches(' ') == text);
        }
        let host_or_lead_differs = beside.asks_host_or_lead && beside.has_host_or_lead != is_present;
        if beside.has_managing_body != is_present || host_or_lead_differs {
            broken.push(DpnRule::D10);
        }
        broken
    }
}

/// What makes two Deanery Post Numbers the same: trimmed and in capitals.
pub fn key(text: &str) -> String {
    text.trim().to_uppercase()
}

pub(super) fn is_readable(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DpnRule::*;

    #[test]
    fn a_typed_number_keeps_the_rules() {
        for good in ["KSS/R9A01/024/STR/004", "WAL/1D9PL/527/TYU/987/S", "MER/R9A01/IMT/ST1", "LDN/RQM01/(A,B)/CT1/1"] {
            assert_eq!(good.parse::<DeaneryPostNumber>().unwrap().as_str(), good);
        }
        let empty = |part, typed: &str| DpnError::EmptyPart { part, typed: typed.to_owned() };
        for (bad, why) in [
            ("", DpnError::TooFewParts),
            ("KSS", DpnError::TooFewParts),
            ("KSS/R9A01/024", DpnError::TooFewParts),
            ("MER//123/123", empty(2, "MER//123/123")),
            ("MER/ /123/123", empty(2, "MER/ /123/123")),
            ("KSS/R9A01/024/", empty(4, "KSS/R9A01/024/")),
            ("SW/R9A01/024/STR/004", DpnError::BadPrefix),
            ("KSSS/R9A01/024/STR/004", DpnError::BadPrefix),
            ("KSS/R9A01/024/STR\t/004", DpnError::Unreadable),
            ("KSS/R9A01/024/STR/004\n", DpnError::Unreadable),
            ("KSS/R9Á01/024/STR/004", DpnError::Unreadable),
            ("KSS/R9A01/024/STR/004 ", DpnError::OuterSpace),
            ("KSS/R9A01/024/STR/0040000000000", DpnError::TooLong),
        ] {
            assert_eq!(bad.parse::<DeaneryPostNumber>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_number_from_a_file_is_told_every_rule_it_breaks() {
        let known = |body: &str| ["KSS", "LDN", "MER", "PEN"].contains(&body);
        let full = Companions { has_managing_body: true, ..Companions::default() };
        for (text, beside, broken) in [
            ("KSS/R9A01/024/STR/004", full, vec![]),
            ("KSS/R9A01/024/STR/004/S", full, vec![]),
            ("kss/r9a01/024/str/004", full, vec![]),
            ("MER//123/123", full, vec![D4]),
            ("SW/R9A01/024/STR/004", full, vec![D2, D6]),
            ("XYZ/R9A01/024/STR/004", full, vec![D6]),
            ("KSS/R9A01/024/STR\t/004", full, vec![D3]),
            ("KSS/R9A01/024/STR/004\n", full, vec![D3]),
            ("KSS/R9A01/024/STR/004 ", full, vec![D9]),
            ("KSS/R9A/024/STR/A04", full, vec![D7, D8]),
            ("KSS-R9A01", full, vec![D1, D2, D6]),
            ("KSS/R9A01/024/STR/004/AAAAAAAAAAA", full, vec![D5]),
            ("KSS/R9A01/024/STR/004", Companions::default(), vec![D10]),
            ("", full, vec![D10]),
            ("", Companions::default(), vec![]),
            (" ", Companions::default(), vec![]),
            ("KSS/R9A01/024/STR/004", Companions { asks_host_or_lead: true, ..full }, vec![D10]),
            ("", Companions { asks_host_or_lead: true, has_host_or_lead: true, ..Companions::default() }, vec![D10]),
        ] {
            assert_eq!(RawDpn(text.to_owned()).broken_rules(known, beside), broken, "{text:?}");
        }
        assert!(D4.is_fault() && !D5.is_fault());
    }

    #[test]
    fn numbers_are_compared_trimmed_and_in_capitals() {
        assert_eq!(RawDpn(" kss/R9A01/024/str/004\t".into()).key(), "KSS/R9A01/024/STR/004");
        assert_eq!(RawDpn(" kss/R9A01".into()).prefix(), "kss");
    }
}
