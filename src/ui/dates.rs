//! Dates and times as the pages say them: instants are kept in UTC and shown in London time.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Europe::London;

use super::Field;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month(date: NaiveDate) -> &'static str {
    MONTHS[date.month0() as usize]
}

/// `2 December 2026`, for pages about one thing.
pub fn day(date: NaiveDate) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// `2 Dec 2026`, for dense lists.
pub fn short_day(date: NaiveDate) -> String {
    format!("{} {} {}", date.day(), &month(date)[..3], date.year())
}

/// A day as people type it, `6/5/2026`, or as addresses bear it, `2026-05-06`: of the years that records are of, up to the end of time as
/// ESR has it.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(text, "%d/%m/%Y"));
    day.ok().filter(|day| (1900..=4712).contains(&day.year()))
}

/// The first and the last day of a filter, as typed and as read; either may be left open.
#[derive(Clone, Debug, Default)]
pub struct DayRange {
    pub from: Field,
    pub to: Field,
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

impl DayRange {
    /// Reads what was typed into the fields of these names. What is no date, or a last day before the first, is refused at its field.
    pub fn read(names: [&'static str; 2], from: &str, to: &str) -> Self {
        let read = |name: &'static str, text: &str| match (text.trim(), parse_day(text)) {
            ("", _) => (Field::empty(name), None),
            (text, Some(day)) => (Field::new(name, text), Some(day)),
            (text, None) => (Field::refused(name, text, "Enter a date as day, month and year, such as 5/8/2026"), None),
        };
        let ((from, first), (mut to, last)) = (read(names[0], from), read(names[1], to));
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            to.error = Some("The last day must not be before the first".to_owned());
        }
        Self { from, to, first, last }
    }

    pub fn is_refused(&self) -> bool {
        self.from.error.is_some() || self.to.error.is_some()
    }

    pub fn is_open(&self) -> bool {
        self.first.is_none() && self.last.is_none()
    }

    pub fn holds(&self, day: NaiveDate) -> bool {
        self.first.is_none_or(|first| day >= first) && self.last.is_none_or(|last| day <= last)
    }

    /// The same of a day that is perhaps not known: then only an open range holds it.
    pub fn may_hold(&self, day: Option<NaiveDate>) -> bool {
        self.is_open() || day.is_some_and(|day| self.holds(day))
    }
}

/// `02-DEC-2026`, as ESR writes it, for exports and file previews.
pub fn esr_day(date: NaiveDate) -> String {
    format!("{:02}-{}-{}", date.day(), month(date)[..3].to_uppercase(), date.year())
}

/// The day in London at an instant.
pub fn london_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&London).date_naive()
}

/// `9:32am`, `midday`, `midnight`.
pub fn time(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&London);
    match (local.hour12(), local.minute()) {
        ((false, 12), 0) => "midnight".to_owned(),
        ((true, 12), 0) => "midday".to_owned(),
        ((pm, hour), 0) => format!("{hour}{}", if pm { "pm" } else { "am" }),
        ((pm, hour), minute) => format!("{hour}:{minute:02}{}", if pm { "pm" } else { "am" }),
    }
}

/// `4 June 2026 at 9:32am`.
pub fn at(at: DateTime<Utc>) -> String {
    format!("{} at {}", day(london_day(at)), time(at))
}

/// `4 Jun 2026, 9:32am`, for dense lists.
pub fn short_at(at: DateTime<Utc>) -> String {
    format!("{}, {}", short_day(london_day(at)), time(at))
}

/// How far a date is from the business date: `in 41 days`, `today`, `3 days ago`.
pub fn relative(date: NaiveDate, today: NaiveDate) -> String {
    match (date - today).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        n if n > 0 => format!("in {} days", super::number(n)),
        n => format!("{} days ago", super::number(-n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_said_as_people_say_them() {
        assert_eq!(day(on("2026-12-02")), "2 December 2026");
        assert_eq!(short_day(on("2026-12-02")), "2 Dec 2026");
        assert_eq!(esr_day(on("2026-12-02")), "02-DEC-2026");
        assert_eq!(day(on("2028-02-29")), "29 February 2028");
    }

    #[test]
    fn instants_are_said_in_london_time() {
        assert_eq!(at(instant("2026-06-04T08:32:00Z")), "4 June 2026 at 9:32am");
        assert_eq!(at(instant("2026-12-04T08:32:00Z")), "4 December 2026 at 8:32am");
        // 23:30 UTC in summer is already tomorrow in London.
        assert_eq!(short_at(instant("2026-06-04T23:30:00Z")), "5 Jun 2026, 12:30am");
        // The clocks go back at 01:00 UTC on 25 October 2026: both sides read 1:30am.
        assert_eq!(time(instant("2026-10-25T00:30:00Z")), "1:30am");
        assert_eq!(time(instant("2026-10-25T01:30:00Z")), "1:30am");
        assert_eq!(time(instant("2026-01-01T00:00:00Z")), "midnight");
        assert_eq!(time(instant("2026-01-01T12:00:00Z")), "midday");
        assert_eq!(time(instant("2026-01-01T17:00:00Z")), "5pm");
    }

    #[test]
    fn a_range_of_days_is_read_as_typed_and_says_what_is_wrong_with_it() {
        let range = |from: &str, to: &str| DayRange::read(["from", "to"], from, to);
        let august = range("1/8/2026", " 31/8/2026 ");
        assert!(august.holds(on("2026-08-31")) && !august.holds(on("2026-09-01")));
        assert!(!august.may_hold(None) && range("", "").may_hold(None) && range("", "").is_open());
        assert!(range("", "5/8/2026").may_hold(Some(on("2020-01-01"))));
        let wrong = range("31/2/2026", "x");
        assert!(wrong.is_refused() && wrong.is_open() && wrong.from.value == "31/2/2026");
        assert_eq!(range("2/8/2026", "1/8/2026").to.problem(), "The last day must not be before the first");
    }

    #[test]
    fn a_day_is_of_the_years_that_records_are_of() {
        assert_eq!([parse_day("6/5/2026"), parse_day(" 2026-05-06 ")], [Some(on("2026-05-06")); 2]);
        for far in ["-262143-01-01", "1/1/262142", "31/12/1899", "5/8/26", "x", ""] {
            assert_eq!(parse_day(far), None, "{far}");
        }
    }

    #[test]
    fn distance_is_said_in_days() {
        let today = on("2026-05-06");
        for (date, text) in [
            ("2026-05-06", "today"),
            ("2026-05-07", "tomorrow"),
            ("2026-08-05", "in 91 days"),
            ("2026-05-03", "3 days ago"),
        ] {
            assert_eq!(relative(on(date), today), text);
        }
    }
}
