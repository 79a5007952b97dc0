//! An application as it is received: a doctor, a post, dates; nothing here is known to the database yet.

use chrono::NaiveDate;

use crate::people::values::{GmcNumber, NiNumber};

/// A whole-time equivalent in hundredths: 1.00 is 100; never more than one post's worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wte(i16);

impl Wte {
    /// Reads `1`, `0.5` or `0.80`; nothing that is nought or more than one.
    pub fn read(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() > 1 || part.len() > 2 || (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part)
        {
            return None;
        }
        let whole: i16 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let part: i16 = format!("{part:0<2}").parse().ok()?;
        Self::from_hundredths(whole * 100 + part)
    }

    pub fn from_hundredths(hundredths: i16) -> Option<Self> {
        (1..=100).contains(&hundredths).then_some(Self(hundredths))
    }

    pub fn hundredths(self) -> i16 {
        self.0
    }
}

/// A registration with a professional body other than the GMC, as the deanery wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registration {
    pub body: String,
    pub number: String,
    pub expires_on: Option<NaiveDate>,
}

/// Who the applicant is, and how to reach them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonDetails {
    pub last_name: String,
    pub first_name: String,
    pub middle_names: String,
    pub title: String,
    pub previous_last_name: String,
    pub born_on: NaiveDate,
    pub gender: String,
    pub ni_number: Option<NiNumber>,
    pub gmc_number: Option<GmcNumber>,
    pub gmc_expires_on: Option<NaiveDate>,
    pub other_registration: Option<Registration>,
    pub national_training_number: String,
    pub nationality: String,
    pub country_of_birth: String,
    pub marital_status: String,
    pub email: String,
    pub home_phone: String,
    pub mobile_phone: String,
    pub address: Address,
    pub next_of_kin: NextOfKin,
    pub equality: Equality,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    pub lines: [String; 3],
    pub town: String,
    pub county: String,
    pub postcode: String,
    pub country: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextOfKin {
    pub last_name: String,
    pub first_name: String,
    pub title: String,
    pub gender: String,
    pub home_phone: String,
}

/// Special category data: kept apart, passed on to ESR, and on no page.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Equality {
    pub ethnic_origin: String,
    pub disability: String,
    pub sexual_orientation: String,
    pub religious_belief: String,
}

impl std::fmt::Debug for Equality {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Equality(***)")
    }
}

/// One doctor's application for one post, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedApplication {
    pub vacancy_ref_number: String,
    pub effective_on: NaiveDate,
    pub position_id: String,
    pub position_number: String,
    pub deanery_number: String,
    pub hire_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
    pub wte: Option<Wte>,
    pub grade: String,
    pub person: PersonDetails,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_time_equivalents() {
        for (text, hundredths) in
            [("1.00", Some(100)), ("1", Some(100)), ("0.5", Some(50)), (".8", Some(80)), ("0.05", Some(5))]
        {
            assert_eq!(Wte::read(text).map(Wte::hundredths), hundredths, "{text}");
        }
        for bad in ["", ".", "0", "0.00", "1.01", "2", "10", "0.555", "-1", "1,0", "one", "1e0", "+1"] {
            assert_eq!(Wte::read(bad), None, "{bad}");
        }
    }
}
