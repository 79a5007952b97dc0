//! When a doctor may be hired, on what terms, and when one may leave. No SQL, no HTTP, no clock.

use chrono::{Months, NaiveDate};

use crate::applicants::status::Status;
use crate::positions::model::HostOrLead;
use crate::ui::dates;

/// So far from the deanery's date a hire needs no reason.
pub const TOLERANCE_DAYS: i64 = 14;
/// So far back a hire may be dated, with a reason.
pub const RETRO_DAYS: i64 = 31;
/// Before so many days the holders are reminded of a start.
pub const REMINDER_DAYS: u64 = 5;
/// A last day further ahead is a slip of the keyboard: no training placement is that long.
pub const FURTHEST_YEARS: u32 = 10;
/// A last day so far back is said before it is confirmed.
pub const LONG_AGO_DAYS: i64 = 31;
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 4_000;

/// What is known of an application when somebody is hired from it.
#[derive(Clone, Debug)]
pub struct Ground {
    pub status: Status,
    pub received_on: NaiveDate,
    pub projected_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub position_is_active: bool,
    /// The last day of an earlier employment here.
    pub left_on: Option<NaiveDate>,
    pub host_or_lead: Option<HostOrLead>,
    /// Puts an earlier hire from the same application right.
    pub is_correction: bool,
}

/// What somebody wants.
#[derive(Clone, Debug)]
pub struct Terms {
    pub hired_on: NaiveDate,
    pub person_type: String,
    pub reason: String,
}

/// What stands against a hire: the field of the form, and the sentence.
pub type Faults = Vec<(&'static str, String)>;

/// The person type that the form begins with: a host hires as honorary (Doctors in Training guide).
pub fn usual_type(status: Option<HostOrLead>) -> Option<&'static str> {
    status.map(|status| match status {
        HostOrLead::Host => "Honorary",
        HostOrLead::Lead => "Employee",
    })
}

impl Ground {
    /// Whether the application is where a hire begins.
    pub fn is_ready(&self) -> bool {
        self.status == if self.is_correction { Status::Hired } else { Status::OfferAccepted }
    }

    /// Everything that stands against these terms.
    pub fn faults(&self, terms: &Terms, types: &[String], today: NaiveDate) -> Faults {
        let (mut faults, on) = (Faults::new(), terms.hired_on);
        let off = (on - self.projected_on).num_days();
        let back = (today - on).num_days();
        if on < self.received_on {
            let received = dates::day(self.received_on);
            faults.push((
                "hired-on",
                format!("The hire date must not be before {received}, when the application was received"),
            ));
        } else if back > RETRO_DAYS {
            faults.push(("hired-on", format!("The hire date must not be more than {RETRO_DAYS} days ago")));
        } else if self.ends_on.is_some_and(|ends| on > ends) {
            faults.push(("hired-on", "The hire date must not be after the placement ends".to_owned()));
        } else if !self.position_is_active {
            let day = dates::day(on);
            faults.push((
                "hired-on",
                format!("The position is not active on {day}. Choose another day, or have the position mended"),
            ));
        }
        if !types.contains(&terms.person_type) {
            faults.push(("person-type", "Choose the person type".to_owned()));
        }
        if terms.reason.chars().count() > LONGEST_REASON {
            faults.push(("reason", "Reason must be 4,000 characters or fewer".to_owned()));
        } else if terms.reason.trim().is_empty() {
            let why = match () {
                () if self.is_correction => Some("Enter why the hire is corrected".to_owned()),
                () if off.abs() > TOLERANCE_DAYS => {
                    Some(format!("Enter why the hire date is {} days from the deanery's date", off.abs()))
                }
                () if back > 0 => Some("Enter why the hire is dated in the past".to_owned()),
                () => None,
            };
            faults.extend(why.map(|why| ("reason", why)));
        }
        faults
    }

    /// What the confirmation says before anything happens, because it is unusual.
    pub fn warnings(&self, terms: &Terms) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(status) = self.host_or_lead
            && usual_type(Some(status)) != Some(terms.person_type.as_str())
            && (status == HostOrLead::Host || terms.person_type == "Honorary")
        {
            warnings.push(format!(
                "The position is of a {}, whose doctors are usually hired as {}.",
                status.label(),
                usual_type(Some(status)).unwrap_or_default()
            ));
        }
        if self.host_or_lead.is_none() {
            warnings.push(
                "Nobody has said whether the position is of a host or a lead employer. A host hires as Honorary."
                    .to_owned(),
            );
        }
        if let Some(left) = self.left_on
            && left.checked_add_months(Months::new(3)).is_some_and(|until| terms.hired_on < until)
        {
            warnings.push(format!(
                "The doctor left here on {}, under 3 months before. Check the continuous service date.",
                dates::day(left)
            ));
        }
        let off = (terms.hired_on - self.projected_on).num_days();
        if off != 0 {
            let side = if off > 0 { "after" } else { "before" };
            warnings.push(format!(
                "The hire date is {} {side} the deanery's date, {}.",
                crate::ui::count(off.unsigned_abs(), "day", "days"),
                dates::day(self.projected_on)
            ));
        }
        warnings
    }
}

/// What is wrong with a last day by itself, before anything is known of the record.
pub fn last_day_fault(outcome: Outcome, last_day: NaiveDate, today: NaiveDate) -> Option<String> {
    let furthest = today.checked_add_months(Months::new(12 * FURTHEST_YEARS)).unwrap_or(NaiveDate::MAX);
    if last_day > furthest {
        let (day, furthest) = (dates::day(last_day), dates::day(furthest));
        return Some(format!("{day} is more than {FURTHEST_YEARS} years ahead. Enter a last day up to {furthest}"));
    }
    (outcome == Outcome::Extended && last_day <= today).then(|| "The new last day must be in the future".to_owned())
}

/// What becomes of an employment or honorary record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ends,
    Extended,
    Stays,
}

impl Outcome {
    pub const ALL: [Self; 3] = [Self::Ends, Self::Extended, Self::Stays];

    pub fn code(self) -> &'static str {
        match self {
            Self::Ends => "ends",
            Self::Extended => "extended",
            Self::Stays => "stays",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Ends => "It ends",
            Self::Extended => "It is extended",
            Self::Stays => "The doctor stays as before",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground() -> Ground {
        Ground {
            status: Status::OfferAccepted,
            received_on: "2026-05-06".parse().unwrap(),
            projected_on: "2026-08-05".parse().unwrap(),
            ends_on: Some("2027-08-03".parse().unwrap()),
            position_is_active: true,
            left_on: None,
            host_or_lead: Some(HostOrLead::Host),
            is_correction: false,
        }
    }

    fn fields(ground: &Ground, on: &str, reason: &str, today: &str) -> Vec<&'static str> {
        let terms =
            Terms { hired_on: on.parse().unwrap(), person_type: "Honorary".to_owned(), reason: reason.to_owned() };
        let faults = ground.faults(&terms, &["Honorary".to_owned()], today.parse().unwrap());
        faults.iter().map(|(field, _)| *field).collect()
    }

    #[test]
    fn when_a_hire_may_be_dated() {
        let g = ground();
        for (on, reason, today, wrong) in [
            ("2026-08-05", "", "2026-08-01", vec![]),
            ("2026-08-19", "", "2026-08-01", vec![]),
            ("2026-08-20", "", "2026-08-01", vec!["reason"]),
            ("2026-08-20", "Visa late", "2026-08-01", vec![]),
            ("2026-07-22", "", "2026-07-01", vec![]),
            ("2026-07-21", "", "2026-07-01", vec!["reason"]),
            ("2026-08-05", "", "2026-08-06", vec!["reason"]),
            ("2026-08-05", "Forgotten", "2026-09-05", vec![]),
            ("2026-08-05", "Forgotten", "2026-09-06", vec!["hired-on"]),
            ("2026-05-05", "x", "2026-05-06", vec!["hired-on"]),
            ("2027-08-04", "x", "2027-08-01", vec!["hired-on"]),
        ] {
            assert_eq!(fields(&g, on, reason, today), wrong, "{on} {reason} on {today}");
        }
        let closed = Ground { position_is_active: false, ..ground() };
        assert_eq!(fields(&closed, "2026-08-05", "", "2026-08-01"), ["hired-on"]);
        let again = Ground { is_correction: true, status: Status::Hired, ..ground() };
        assert_eq!(fields(&again, "2026-08-05", "", "2026-08-01"), ["reason"]);
    }

    #[test]
    fn a_last_day_that_is_a_slip_is_refused() {
        let today: NaiveDate = "2026-08-01".parse().unwrap();
        for (outcome, day, is_wrong) in [
            (Outcome::Ends, "2026-07-01", false),
            (Outcome::Ends, "2036-08-01", false),
            (Outcome::Ends, "2036-08-02", true),
            (Outcome::Extended, "2026-08-01", true),
            (Outcome::Extended, "2026-08-02", false),
            (Outcome::Extended, "2062-08-02", true),
        ] {
            let fault = last_day_fault(outcome, day.parse().unwrap(), today);
            assert_eq!(fault.is_some(), is_wrong, "{outcome:?} {day}: {fault:?}");
        }
    }

    #[test]
    fn what_is_unusual_is_said_before() {
        let terms = |kind: &str| Terms {
            hired_on: "2026-08-05".parse().unwrap(),
            person_type: kind.to_owned(),
            reason: String::new(),
        };
        assert!(ground().warnings(&terms("Honorary")).is_empty());
        assert_eq!(ground().warnings(&terms("Employee")).len(), 1);
        let lead = Ground { host_or_lead: Some(HostOrLead::Lead), ..ground() };
        assert!(lead.warnings(&terms("Employee")).is_empty());
        assert_eq!(lead.warnings(&terms("Honorary")).len(), 1);
        let back = Ground { left_on: "2026-05-06".parse().ok(), ..ground() };
        assert!(back.warnings(&terms("Honorary"))[0].contains("under 3 months"));
        let long_ago = Ground { left_on: "2026-05-05".parse().ok(), ..ground() };
        assert!(long_ago.warnings(&terms("Honorary")).is_empty());
    }
}
