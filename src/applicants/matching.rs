//! Whom an applicant record is about: somebody this employer knows, perhaps somebody it knows, or a new person.

use chrono::NaiveDate;

/// What people are compared by, in the form in which they are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub gmc_number: Option<String>,
    /// The first eight characters of the National Insurance number.
    pub ni_eight: Option<String>,
    pub born_on: Option<NaiveDate>,
    pub last_name_key: String,
    pub first_name_key: String,
}

/// What somebody is to this employer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Employee,
    ExEmployee,
    Applicant,
}

/// Somebody this employer knows, who shares something with the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<Id> {
    pub id: Id,
    pub kind: Kind,
    pub identity: Identity,
}

/// What two people are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    GmcNumber,
    NiNumber,
    BirthDate,
    LastName,
    FirstName,
}

impl Feature {
    pub const ALL: [Self; 5] = [Self::GmcNumber, Self::NiNumber, Self::BirthDate, Self::LastName, Self::FirstName];

    /// The stable code that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GmcNumber => "gmc_number",
            Self::NiNumber => "ni_number",
            Self::BirthDate => "birth_date",
            Self::LastName => "last_name",
            Self::FirstName => "first_name",
        }
    }

    /// The words of a page.
    pub fn label(self) -> &'static str {
        match self {
            Self::GmcNumber => "GMC number",
            Self::NiNumber => "National Insurance number",
            Self::BirthDate => "date of birth",
            Self::LastName => "last name",
            Self::FirstName => "first name",
        }
    }
}

/// Why two people are, or may be, the same: shown wherever the match is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    pub agreed: Vec<Feature>,
    pub differed: Vec<Feature>,
    /// Given by one of the two, or by neither.
    pub missing: Vec<Feature>,
}

impl Explanation {
    fn agrees(&self, feature: Feature) -> bool {
        self.agreed.contains(&feature)
    }

    fn differs(&self, feature: Feature) -> bool {
        self.differed.contains(&feature)
    }
}

/// Which rule found somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Basis {
    /// The GMC number, and one of birth date, National Insurance number and last name.
    GmcNumber,
    /// National Insurance number, birth date and last name.
    NiNumber,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing<Id> {
    pub id: Id,
    pub kind: Kind,
    pub basis: Basis,
    pub explanation: Explanation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Possible<Id> {
    pub id: Id,
    pub explanation: Explanation,
}

/// Whom a record is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match<Id> {
    Existing(Existing<Id>),
    /// A new person; those listed may be the same, which somebody must settle.
    New {
        possible: Vec<Possible<Id>>,
    },
}

enum Verdict {
    Same(Basis),
    Possible,
    Other,
}

/// Compares a record with those who share something with it. The rules stand in the order in which they decide.
pub fn find<Id: Clone + Ord>(record: &Identity, candidates: &[Candidate<Id>]) -> Match<Id> {
    let mut best: Option<Existing<Id>> = None;
    let mut possible = Vec::new();
    for candidate in candidates {
        let explanation = compare(record, &candidate.identity);
        match judge(&explanation) {
            Verdict::Other => {}
            Verdict::Possible => possible.push(Possible { id: candidate.id.clone(), explanation }),
            Verdict::Same(basis) => {
                let found = Existing { id: candidate.id.clone(), kind: candidate.kind, basis, explanation };
                if best.as_ref().is_none_or(|best| precedence(&found) < precedence(best)) {
                    best = Some(found);
                }
            }
        }
    }
    possible.sort_by(|one, other| one.id.cmp(&other.id));
    best.map_or(Match::New { possible }, Match::Existing)
}

/// The rule first, then whoever agrees in most, then an employee, then the longest known: never chance.
fn precedence<Id: Ord>(found: &Existing<Id>) -> (Basis, usize, Kind, &Id) {
    (found.basis, Feature::ALL.len() - found.explanation.agreed.len(), found.kind, &found.id)
}

/// True when two records of one file are about one person: the rules that find an existing one, and equal names and
/// birth date where neither gives a number.
pub fn is_same_person(one: &Identity, other: &Identity) -> bool {
    let explanation = compare(one, other);
    let has_no_number = |who: &Identity| who.gmc_number.is_none() && who.ni_eight.is_none();
    match judge(&explanation) {
        Verdict::Same(_) => true,
        Verdict::Possible => has_no_number(one) && has_no_number(other),
        Verdict::Other => false,
    }
}

fn judge(explanation: &Explanation) -> Verdict {
    use Feature::*;
    let agrees = |feature| explanation.agrees(feature);
    if agrees(GmcNumber) {
        let is_supported = agrees(BirthDate) || agrees(NiNumber) || agrees(LastName);
        return if is_supported { Verdict::Same(Basis::GmcNumber) } else { Verdict::Possible };
    }
    if agrees(NiNumber) && agrees(BirthDate) && agrees(LastName) {
        return if explanation.differs(GmcNumber) { Verdict::Possible } else { Verdict::Same(Basis::NiNumber) };
    }
    if agrees(LastName) && agrees(FirstName) && agrees(BirthDate) { Verdict::Possible } else { Verdict::Other }
}

/// What two people agree and differ in.
pub fn compare(one: &Identity, other: &Identity) -> Explanation {
    let mut explanation = Explanation::default();
    let name = |key: &str| (!key.is_empty()).then(|| key.to_owned());
    let mut note = |feature, equal: Option<bool>| match equal {
        Some(true) => explanation.agreed.push(feature),
        Some(false) => explanation.differed.push(feature),
        None => explanation.missing.push(feature),
    };
    note(Feature::GmcNumber, equal(one.gmc_number.as_ref(), other.gmc_number.as_ref()));
    note(Feature::NiNumber, equal(one.ni_eight.as_ref(), other.ni_eight.as_ref()));
    note(Feature::BirthDate, equal(one.born_on, other.born_on));
    note(Feature::LastName, equal(name(&one.last_name_key), name(&other.last_name_key)));
    note(Feature::FirstName, equal(name(&one.first_name_key), name(&other.first_name_key)));
    explanation
}

fn equal<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<bool> {
    Some(one? == other?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::values::{name_key, ni_match_key};

    fn who(gmc: &str, ni: &str, born: &str, last: &str, first: &str) -> Identity {
        Identity {
            gmc_number: (!gmc.is_empty()).then(|| gmc.to_owned()),
            ni_eight: ni_match_key(ni),
            born_on: born.parse().ok(),
            last_name_key: name_key(last),
            first_name_key: name_key(first),
        }
    }

    fn applicant(id: i32, identity: Identity) -> Candidate<i32> {
        Candidate { id, kind: Kind::Applicant, identity }
    }

    const BORN: &str = "1990-07-05";

    /// What `find` says, in short: `same 1 by GmcNumber`, `new, perhaps 1 2`.
    fn verdict(record: &Identity, candidates: &[Candidate<i32>]) -> String {
        match find(record, candidates) {
            Match::Existing(found) => format!("same {} by {:?}", found.id, found.basis),
            Match::New { possible } if possible.is_empty() => "new".to_owned(),
            Match::New { possible } => {
                format!("new, perhaps {}", possible.iter().map(|p| p.id.to_string()).collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn the_rules_of_matching_one_by_one() {
        let record = who("9779858", "TX958941B", BORN, "Davies", "Yusuf");
        for (known, expected) in [
            (who("9779858", "TX958941B", BORN, "Davies", "Yusuf"), "same 1 by GmcNumber"),
            // The GMC number and one more.
            (who("9779858", "", BORN, "Evans", "Joe"), "same 1 by GmcNumber"),
            (who("9779858", "TX958941", "1980-01-01", "Evans", "Joe"), "same 1 by GmcNumber"),
            (who("9779858", "", "1980-01-01", "DAVIES", "Joe"), "same 1 by GmcNumber"),
            // The GMC number and nothing else.
            (who("9779858", "", "1980-01-01", "Evans", "Yusuf"), "new, perhaps 1"),
            (who("9779858", "AB123456C", "", "Evans", ""), "new, perhaps 1"),
            // No GMC number held.
            (who("", "TX958941B", BORN, "Davies", "Joe"), "same 1 by NiNumber"),
            (who("", "TX958941", BORN, "davies", ""), "same 1 by NiNumber"),
            (who("", "TX958941A", BORN, "Davies", "Joe"), "same 1 by NiNumber"),
            (who("", "TX958941B", BORN, "Evans", "Yusuf"), "new"),
            (who("", "TX958941B", "1980-01-01", "Davies", "Yusuf"), "new"),
            // Another GMC number.
            (who("9000001", "TX958941B", BORN, "Davies", "Yusuf"), "new, perhaps 1"),
            (who("9000001", "", BORN, "Davies", "Yusuf"), "new, perhaps 1"),
            (who("9000001", "", BORN, "Davies", "Joe"), "new"),
            // Names and birth date alone.
            (who("", "", BORN, "Davies", "Yusuf"), "new, perhaps 1"),
            (who("", "AB123456C", BORN, "Davies", "Yusuf"), "new, perhaps 1"),
            (who("", "", BORN, "Davies", "Joe"), "new"),
            (who("", "", "", "Davies", "Yusuf"), "new"),
        ] {
            assert_eq!(verdict(&record, &[applicant(1, known.clone())]), expected, "{known:?}");
        }
    }

    #[test]
    fn of_several_the_strongest_is_taken_whatever_their_order() {
        let record = who("9779858", "TX958941B", BORN, "Davies", "Yusuf");
        let mut people = vec![
            applicant(1, who("9779858", "", "1980-01-01", "Evans", "Joe")),
            applicant(2, who("", "TX958941B", BORN, "Davies", "Yusuf")),
            applicant(3, who("9779858", "", BORN, "Evans", "Joe")),
            applicant(4, who("9779858", "", BORN, "Davies", "Joe")),
        ];
        assert_eq!(verdict(&record, &people), "same 4 by GmcNumber");
        people.reverse();
        assert_eq!(verdict(&record, &people), "same 4 by GmcNumber");
        people.retain(|who| who.id < 3);
        assert_eq!(verdict(&record, &people), "same 2 by NiNumber");

        let mut twins = vec![applicant(7, record.clone()), applicant(6, record.clone())];
        assert_eq!(verdict(&record, &twins), "same 6 by GmcNumber");
        twins[0].kind = Kind::Employee;
        assert_eq!(verdict(&record, &twins), "same 7 by GmcNumber");
    }

    #[test]
    fn empty_values_agree_with_nothing() {
        let nobody = who("", "", "", "", "");
        assert_eq!(verdict(&nobody, &[applicant(1, nobody.clone())]), "new");
        assert_eq!(compare(&nobody, &nobody).missing, Feature::ALL);
    }

    #[test]
    fn a_match_says_what_agreed_and_what_differed() {
        let record = who("9779858", "TX958941B", BORN, "Davies", "Yusuf");
        let found = compare(&record, &who("", "TX958941B", BORN, "Evans", "Yusuf"));
        assert_eq!(found.agreed, [Feature::NiNumber, Feature::BirthDate, Feature::FirstName]);
        assert_eq!(found.differed, [Feature::LastName]);
        assert_eq!(found.missing, [Feature::GmcNumber]);
    }

    #[test]
    fn file_16_two_records_of_one_file_may_be_one_person() {
        let record = who("9779858", "TX958941B", BORN, "Davies", "Yusuf");
        assert!(is_same_person(&record, &record));
        assert!(is_same_person(&record, &who("9779858", "", BORN, "Smith", "Jo")));
        assert!(is_same_person(&record, &who("", "TX958941A", BORN, "Davies", "Jo")));
        assert!(!is_same_person(&record, &who("9000001", "TX958941B", BORN, "Davies", "Yusuf")));
        assert!(!is_same_person(&record, &who("", "", BORN, "Davies", "Yusuf")));
        let without_numbers = who("", "", BORN, "Davies", "Yusuf");
        assert!(is_same_person(&without_numbers, &without_numbers));
    }
}
