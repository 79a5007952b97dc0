//! The other employer of a post, as far as one may see it. No SQL, no HTTP, no clock.

use chrono::NaiveDate;

use crate::ui::dates;

/// How far a placement has come at the other employer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Received,
    Offered,
    Accepted,
    Hired,
    Withdrawn,
}

impl Stage {
    pub const ALL: [Self; 5] = [Self::Received, Self::Offered, Self::Accepted, Self::Hired, Self::Withdrawn];

    pub fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Hired => "hired",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// In the middle of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Received => "application received",
            Self::Offered => "post offered",
            Self::Accepted => "offer accepted",
            Self::Hired => "hired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One placement at the other employer: nobody's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    pub hire_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
    pub stage: Stage,
}

impl Placement {
    /// `5 Aug 2026 to 3 Aug 2027, hired`.
    pub fn words(&self) -> String {
        let days = match self.end_on {
            Some(end) => format!("{} to {}", dates::short_day(self.hire_on), dates::short_day(end)),
            None => format!("from {}", dates::short_day(self.hire_on)),
        };
        format!("{days}, {}", self.stage.words())
    }
}

/// Whom to ask at an employer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    pub address: String,
    pub telephone: Option<String>,
}

/// Another employer with a position of the same Deanery Post Number.
#[derive(Clone, Debug)]
pub struct Other {
    pub vpd: String,
    pub name: String,
    /// `host` or `lead`, where that employer has said it.
    pub host_or_lead: Option<String>,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    /// Only between a lead and a host.
    pub contact: Option<Contact>,
    pub placements: Vec<Placement>,
}

impl Other {
    /// `917 Alderbrook, Lead Employer`.
    pub fn words(&self) -> String {
        let said = match self.host_or_lead.as_deref() {
            Some("host") => ", Host Employer",
            Some("lead") => ", Lead Employer",
            _ => "",
        };
        format!("{} {}{said}", self.vpd, self.name)
    }

    /// The same with its placements near a day.
    pub fn words_near(&self, day: NaiveDate) -> String {
        let near = self.placements.iter().filter(|one| (one.hire_on - day).num_days().abs() <= NEAR_DAYS);
        let said: Vec<String> = near.map(Placement::words).collect();
        if said.is_empty() { self.words() } else { format!("{}: {}", self.words(), said.join("; ")) }
    }
}

/// So far from a first day a placement of the other employer still belongs to the same changeover.
const NEAR_DAYS: i64 = 28;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_the_other_side() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let placement = |on: &str, stage| Placement { hire_on: day(on), end_on: None, stage };
        let other = Other {
            vpd: "917".into(),
            name: "Alderbrook".into(),
            host_or_lead: Some("lead".into()),
            from: day("2020-01-01"),
            to: None,
            contact: None,
            placements: vec![placement("2026-08-05", Stage::Hired), placement("2027-02-03", Stage::Received)],
        };
        for (on, said) in [
            ("2026-08-12", "917 Alderbrook, Lead Employer: from 5 Aug 2026, hired"),
            ("2026-10-07", "917 Alderbrook, Lead Employer"),
            ("2027-02-03", "917 Alderbrook, Lead Employer: from 3 Feb 2027, application received"),
        ] {
            assert_eq!(other.words_near(day(on)), said, "{on}");
        }
        assert!(Stage::ALL.iter().all(|stage| Stage::from_code(stage.code()) == Some(*stage)));
    }
}
