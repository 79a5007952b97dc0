//! Position names: `84682|S.H.O. - ENT|023|Otolaryngology`, and the rules of the DPN report for them.

use super::dpn::is_readable;

/// The rule that a name breaks, by its name in the DPN report; each is a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameRule {
    P1,
    P2,
    P3,
}

impl NameRule {
    pub fn code(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        }
    }

    /// The rule in the words of a page.
    pub fn words(self) -> &'static str {
        match self {
            Self::P1 => "A position name has exactly four parts with | between them",
            Self::P2 => "The first part of the position name must be a number",
            Self::P3 => {
                "The position name holds a character that cannot be read or printed, such as a tab or a line break"
            }
        }
    }
}

/// Every rule that a name breaks.
pub fn broken_rules(name: &str) -> Vec<NameRule> {
    let parts: Vec<&str> = name.split('|').collect();
    let mut broken = Vec::new();
    if parts.len() != 4 {
        broken.push(NameRule::P1);
    }
    if parts[0].is_empty() || !parts[0].bytes().all(|b| b.is_ascii_digit()) {
        broken.push(NameRule::P2);
    }
    if !parts.iter().skip(1).all(|part| is_readable(part)) {
        broken.push(NameRule::P3);
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use NameRule::*;

    #[test]
    fn a_name_has_four_parts_that_can_be_read() {
        for (name, broken) in [
            ("84682|S.H.O. - ENT|023|Otolaryn(gology)", vec![]),
            ("84682|||", vec![]),
            ("84682|S.H.O.|023", vec![P1]),
            ("84682|S.H.O.|023|Child Protection|00", vec![P1]),
            ("N84682|S.H.O.|023|ENT", vec![P2]),
            ("|S.H.O.|023|ENT", vec![P2]),
            ("84682|S.H.O.\t|023|ENT", vec![P3]),
            ("84682|S.H.O.|023|Méd", vec![P3]),
            ("", vec![P1, P2]),
        ] {
            assert_eq!(broken_rules(name), broken, "{name:?}");
        }
    }
}
