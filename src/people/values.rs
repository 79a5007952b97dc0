//! Values about people that have rules: what is accepted, what counts as the same, what may be shown.

use std::{fmt, str::FromStr};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A National Insurance number as HMRC gives it: `TX958941B`, without spaces and in capitals.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NiNumber(String);

/// Why a text is not a National Insurance number, in words that finish "`<value>` ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NiProblem {
    #[error("is a temporary reference number, not a National Insurance number")]
    TemporaryReference,
    #[error("begins with letters that are for administration only, not for a National Insurance number")]
    AdministrativePrefix,
    #[error("begins with letters that no National Insurance number has")]
    UnusedPrefix,
    #[error("is not two letters, six digits and a letter from A to D")]
    Shape,
}

const UNUSED_PREFIXES: [&str; 7] = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];
const ADMINISTRATIVE_PREFIXES: [&str; 6] = ["OO", "CR", "FY", "MW", "NC", "PP"];

impl FromStr for NiNumber {
    type Err = NiProblem;

    fn from_str(text: &str) -> Result<Self, NiProblem> {
        let text = without_spaces_in_capitals(text);
        let bytes = text.as_bytes();
        if is_temporary_reference(bytes) {
            return Err(NiProblem::TemporaryReference);
        }
        if bytes.len() != 9 || !has_ni_stem(bytes) || !(b'A'..=b'D').contains(&bytes[8]) {
            return Err(NiProblem::Shape);
        }
        let prefix = &text[..2];
        if ADMINISTRATIVE_PREFIXES.contains(&prefix) {
            return Err(NiProblem::AdministrativePrefix);
        }
        let never = |byte: u8| b"DFIQUV".contains(&byte);
        if UNUSED_PREFIXES.contains(&prefix) || never(bytes[0]) || never(bytes[1]) || bytes[1] == b'O' {
            return Err(NiProblem::UnusedPrefix);
        }
        Ok(Self(text))
    }
}

impl NiNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part that is one person's alone; the last letter may be missing in old data.
    pub fn first_eight(&self) -> &str {
        &self.0[..8]
    }
}

impl fmt::Debug for NiNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_ni(&self.0))
    }
}

/// The first eight characters of a stored number, by which people are matched; `None` when it has not their shape.
pub fn ni_match_key(text: &str) -> Option<String> {
    let text = without_spaces_in_capitals(text);
    (text.len() >= 8 && text.len() <= 9 && has_ni_stem(text.as_bytes())).then(|| text[..8].to_owned())
}

/// A National Insurance number as a page shows it until somebody asks for it: `TX ** ** 41 B`.
pub fn mask_ni(text: &str) -> String {
    let text = without_spaces_in_capitals(text);
    if !text.is_ascii() || !(8..=9).contains(&text.len()) {
        return "** ** ** **".to_owned();
    }
    format!("{} ** ** {} {}", &text[..2], &text[6..8], &text[8..]).trim_end().to_owned()
}

fn without_spaces_in_capitals(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

fn has_ni_stem(bytes: &[u8]) -> bool {
    bytes.is_ascii() && bytes[..2].iter().all(u8::is_ascii_uppercase) && bytes[2..8].iter().all(u8::is_ascii_digit)
}

/// HMRC's temporary reference: `11 A1 11 11`.
fn is_temporary_reference(bytes: &[u8]) -> bool {
    bytes.len() == 8
        && bytes.iter().enumerate().all(|(i, b)| if i == 2 { b.is_ascii_uppercase() } else { b.is_ascii_digit() })
}

/// A doctor's number on the General Medical Council's register: seven digits, kept as text, no check digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GmcNumber(String);

/// Why a text is not a doctor's registration number, in words that finish "`<value>` ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GmcProblem {
    #[error("is not a GMC number, which has seven digits")]
    Shape,
    #[error("stands for a vacancy in the deanery's system, not for a doctor")]
    VacancyPlaceholder,
}

/// The number that the deanery's system gives to "RECRUIT - VACANCY".
pub const VACANCY_PLACEHOLDER: &str = "9999978";

impl GmcNumber {
    /// Reads what a file or a person gave: `N/A`, `UNKNOWN` and nothing at all are no number, which is allowed.
    pub fn read(text: &str) -> Result<Option<Self>, GmcProblem> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("N/A") || text.eq_ignore_ascii_case("UNKNOWN") {
            return Ok(None);
        }
        if text == VACANCY_PLACEHOLDER {
            return Err(GmcProblem::VacancyPlaceholder);
        }
        if text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Some(Self(text.to_owned())))
        } else {
            Err(GmcProblem::Shape)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What two spellings of one name have in common: `O'Brien`, `OBRIEN` and `O’Brién` are the same.
pub fn name_key(name: &str) -> String {
    if name.is_ascii() {
        return name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    }
    let mut key = String::with_capacity(name.len());
    for c in name.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            // Letters that do not come apart into a letter and an accent.
            'ß' | 'ẞ' => key.push_str("ss"),
            'æ' | 'Æ' => key.push_str("ae"),
            'œ' | 'Œ' => key.push_str("oe"),
            'ø' | 'Ø' => key.push('o'),
            'ł' | 'Ł' => key.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => key.push('d'),
            'þ' | 'Þ' => key.push_str("th"),
            'ı' => key.push('i'),
            c if c.is_alphanumeric() => key.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c))),
            _ => {}
        }
    }
    key
}

/// What two spellings of one title have in common: `Dr.`, `DR` and `dr` are the same.
pub fn title_key(title: &str) -> String {
    title.trim().trim_end_matches('.').to_lowercase()
}

/// True for a British postcode, pseudo-postcodes such as `ZZ99 3VZ` among them.
pub fn is_uk_postcode(text: &str) -> bool {
    let text = text.trim().to_ascii_uppercase();
    let (outward, inward) = match text.split_once(' ') {
        Some(parts) => parts,
        None if text.is_ascii() && text.len() > 3 => text.split_at(text.len() - 3),
        None => return false,
    };
    let letter = |b: &u8| b.is_ascii_uppercase();
    let digit = |b: &u8| b.is_ascii_digit();
    let outward_fits = match outward.as_bytes() {
        [a, d] => letter(a) && digit(d),
        [a, d, x] if digit(d) => letter(a) && (letter(x) || digit(x)),
        [a, b, d] => letter(a) && letter(b) && digit(d),
        [a, b, d, x] => letter(a) && letter(b) && digit(d) && (letter(x) || digit(x)),
        _ => false,
    };
    outward_fits && matches!(inward.as_bytes(), [d, a, b] if digit(d) && letter(a) && letter(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ni_numbers_follow_the_rules_of_hmrc() {
        use NiProblem::*;
        for (text, expected) in [
            ("TX958941B", Ok("TX958941B")),
            ("tx 95 89 41 b", Ok("TX958941B")),
            (" ZL007888A ", Ok("ZL007888A")),
            ("OH182490C", Ok("OH182490C")),
            ("QQ123456C", Err(UnusedPrefix)),
            ("TN123456A", Err(UnusedPrefix)),
            ("GB123456A", Err(UnusedPrefix)),
            ("AO123456A", Err(UnusedPrefix)),
            ("DA123456A", Err(UnusedPrefix)),
            ("AV123456A", Err(UnusedPrefix)),
            ("OO123456A", Err(AdministrativePrefix)),
            ("CR123456A", Err(AdministrativePrefix)),
            ("PP123456A", Err(AdministrativePrefix)),
            ("TX958941E", Err(Shape)),
            ("TX958941", Err(Shape)),
            ("TX95894", Err(Shape)),
            ("TX9589411", Err(Shape)),
            ("T1958941B", Err(Shape)),
            ("TX9589O1B", Err(Shape)),
            ("ÉX958941B", Err(Shape)),
            ("ÉX95894B", Err(Shape)),
            ("11 a1 11 11", Err(TemporaryReference)),
            ("", Err(Shape)),
        ] {
            let read = text.parse::<NiNumber>();
            assert_eq!(read.as_ref().map(NiNumber::as_str).map_err(|e| *e), expected, "{text}");
        }
    }

    #[test]
    fn ni_numbers_match_on_eight_and_are_masked() {
        assert_eq!("TX958941B".parse::<NiNumber>().unwrap().first_eight(), "TX958941");
        assert_eq!(ni_match_key("tx 958941").as_deref(), Some("TX958941"));
        assert_eq!(ni_match_key("TX958941B").as_deref(), Some("TX958941"));
        for no_key in ["", "TX95894", "11A11111", "TX958941BB", "ÉÉ123456"] {
            assert_eq!(ni_match_key(no_key), None, "{no_key}");
        }
        assert_eq!(mask_ni("TX958941B"), "TX ** ** 41 B");
        assert_eq!(mask_ni("TX958941"), "TX ** ** 41");
        for no_number in ["étrange!!", "", "TX95894", "TX958941BTX958941B"] {
            assert_eq!(mask_ni(no_number), "** ** ** **");
        }
        assert_eq!(format!("{:?}", "TX958941B".parse::<NiNumber>().unwrap()), "TX ** ** 41 B");
    }

    #[test]
    fn gmc_numbers_have_seven_digits_or_are_blank() {
        for (text, expected) in [
            ("9779858", Ok(Some("9779858"))),
            ("0012345", Ok(Some("0012345"))),
            (" 9779858 ", Ok(Some("9779858"))),
            ("", Ok(None)),
            ("N/A", Ok(None)),
            ("unknown", Ok(None)),
            ("912345", Err(GmcProblem::Shape)),
            ("91234567", Err(GmcProblem::Shape)),
            ("91 2345", Err(GmcProblem::Shape)),
            ("C123456", Err(GmcProblem::Shape)),
            ("９１２３４５６", Err(GmcProblem::Shape)),
            ("9999978", Err(GmcProblem::VacancyPlaceholder)),
        ] {
            let read = GmcNumber::read(text);
            assert_eq!(read.as_ref().map(|n| n.as_ref().map(GmcNumber::as_str)).map_err(|e| *e), expected, "{text}");
        }
    }

    #[test]
    fn names_match_whatever_their_accents_case_and_marks() {
        for (one, other) in [
            ("Münchhausen", "MUNCHHAUSEN"),
            ("von Münchhausen", "Von-Munchhausen"),
            ("O'Brien", "O\u{2019}BRIEN"),
            ("Smith-Jones", "Smith Jones"),
            ("Strauß", "STRAUSS"),
            ("Zoë", "Zoe\u{308}"),
            ("Łukasz", "lukasz"),
            ("Sørensen", "Sorensen"),
        ] {
            assert_eq!(name_key(one), name_key(other), "{one} and {other}");
        }
        assert_ne!(name_key("Patel"), name_key("Pattel"));
        assert_eq!(name_key("-' "), "");
    }

    #[test]
    fn titles_match_without_stop_and_case() {
        assert_eq!(title_key("Dr."), title_key("DR"));
        assert_ne!(title_key("Mr."), title_key("Mrs."));
    }

    #[test]
    fn postcodes() {
        for yes in ["ZZ99 3VZ", "M1 1AE", "SW1A 1AA", "sw1a1aa", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ"] {
            assert!(is_uk_postcode(yes), "{yes}");
        }
        for no in ["", "12345", "SW1A", "SW1A  1AA", "ABC1 1AA", "M1 11E", "É1 1AA", "75001", "AAA"] {
            assert!(!is_uk_postcode(no), "{no}");
        }
    }
}
