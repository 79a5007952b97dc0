//! What the pages about positions show.

mod confirmation;
mod edit;
mod list;
mod show;

pub use confirmation::Confirmation;
pub use edit::{ConfirmPage, ConflictPage, EditPage, EndPage, UndoRefusedPage, UndoneElsewherePage};
pub use list::{ListPage, Listed};
pub use show::{ShowPage, latest};

use chrono::{DateTime, NaiveDate, Utc};

use super::model::Stretch;
use super::quality::{Fault, Weight};
use crate::access::Caller;
use crate::access::permissions as p;
use crate::ui::{NavItem, dates};

/// The pages about positions that a caller may open.
pub fn section(caller: &Caller, current: &str) -> Vec<NavItem> {
    let all = [
        ("/positions", "Positions", caller.may::<p::SeePositions>()),
        ("/positions/dpn-report", "DPN report", caller.may::<p::SeeDpnReport>()),
        ("/positions/forecast", "Forecast", caller.may::<p::SeeDpnReport>()),
        ("/positions/readiness", "Readiness", caller.may::<p::SeeReadiness>()),
        ("/positions/mass-update", "Mass update", caller.may::<p::ChangePositions>()),
        ("/positions/deanery-list", "Deanery's list", caller.may::<p::ChangePositions>()),
    ];
    let open = all.into_iter().filter(|(_, _, shown)| *shown);
    let links: Vec<NavItem> = open
        .map(|(href, text, _)| NavItem {
            href: href.to_owned(),
            text: text.to_owned(),
            count: None,
            current: href == current,
        })
        .collect();
    if links.len() > 1 { links } else { Vec::new() }
}

/// One value of a position, before and after a change.
pub struct Shown {
    pub label: &'static str,
    pub before: String,
    pub after: String,
}

/// `from 7 August 2019` or `7 August 2019 to 4 August 2026`.
pub fn stretch(from: NaiveDate, to: Option<NaiveDate>) -> String {
    match to {
        Some(to) => format!("{} to {}", dates::day(from), dates::day(to)),
        None => format!("From {}", dates::day(from)),
    }
}

/// A text with signs for what cannot be seen in it.
pub fn visible(text: &str) -> String {
    let sign = |c: char| match c {
        '\t' => "⇥".to_owned(),
        '\n' => "↵".to_owned(),
        '\r' => "␍".to_owned(),
        c if c.is_control() => format!("[{:02X}]", u32::from(c)),
        '\u{a0}' => "[no-break space]".to_owned(),
        c => c.to_string(),
    };
    let inner: String = text.trim_matches(' ').chars().map(sign).collect();
    // A space at either end is seen by its sign alone.
    let outer = |n: usize| "␣".repeat(n);
    let before = text.len() - text.trim_start_matches(' ').len();
    let after = if before == text.len() { 0 } else { text.len() - text.trim_end_matches(' ').len() };
    format!("{}{inner}{}", outer(before), outer(after))
}

/// Every value of a stretch that can be changed, with its label.
pub fn labelled(stretch: &Stretch) -> Vec<(&'static str, String)> {
    let text = |value: &Option<String>| value.clone().map(|value| visible(&value)).unwrap_or_default();
    vec![
        ("Deanery Post Number", text(&stretch.dpn)),
        ("Managing deanery body", text(&stretch.managing_body)),
        ("Host/Lead status", stretch.host_or_lead.map(|status| status.label().to_owned()).unwrap_or_default()),
        ("Out of hours band", text(&stretch.out_of_hours)),
        ("Rota pattern", text(&stretch.rota_pattern)),
        ("Prospective cover", text(&stretch.prospective_cover)),
        ("Name", visible(&stretch.name)),
        ("Job role", text(&stretch.job_role)),
        ("Site", text(&stretch.workplace_code)),
        ("Position type", text(&stretch.position_type)),
        ("Hiring status", text(&stretch.hiring_status)),
        ("Budgeted FTE", text(&stretch.budgeted_fte)),
    ]
}

/// The values that a stretch has.
pub fn of_values(stretch: &Stretch) -> Vec<Shown> {
    let set = labelled(stretch).into_iter().filter(|(_, value)| !value.is_empty());
    set.map(|(label, after)| Shown { label, before: String::new(), after }).collect()
}

/// What differs between two states of a position, on the day that a change takes effect.
pub fn differences(before: &[Stretch], after: &[Stretch], day: NaiveDate) -> Vec<Shown> {
    let on = |all: &[Stretch]| all.iter().rev().find(|stretch| stretch.effective_from <= day).or(all.first()).cloned();
    let (Some(old), Some(new)) = (on(before), on(after)) else { return Vec::new() };
    let pairs = labelled(&old).into_iter().zip(labelled(&new));
    let mut shown: Vec<Shown> = pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((label, before), (_, after))| Shown { label, before, after })
        .collect();
    let end = |all: &[Stretch]| {
        let real: Vec<_> = all.iter().filter(|stretch| !stretch.is_empty()).collect();
        let open = real.iter().any(|stretch| stretch.effective_to.is_none());
        let last = real.iter().filter_map(|stretch| stretch.effective_to).max();
        last.filter(|_| !open).map(dates::day).unwrap_or_default()
    };
    if end(before) != end(after) {
        shown.push(Shown { label: "Last day", before: end(before), after: end(after) });
    }
    shown
}

/// When a position was last sent to its deanery, or why it was not; nothing for one without a number.
pub(super) fn sent_words(sent: Option<(DateTime<Utc>, bool)>, faults: &[Fault], has_dpn: bool) -> String {
    let stops = faults.iter().any(|fault| fault.weight() == Weight::Stops);
    match sent {
        Some((at, true)) => format!("{}, as ended", dates::short_day(dates::london_day(at))),
        Some((at, false)) if stops => {
            format!("{}; not since, has a problem", dates::short_day(dates::london_day(at)))
        }
        Some((at, false)) => dates::short_day(dates::london_day(at)),
        None if stops => "Not sent, has a problem".to_owned(),
        None if has_dpn => "Not yet sent".to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_has_a_sign() {
        for (text, shown) in [
            ("KSS/R9A01", "KSS/R9A01"),
            ("KSS\t/R9A01\n", "KSS⇥/R9A01↵"),
            (" KSS/R9A01  ", "␣KSS/R9A01␣␣"),
            ("a\u{1}b", "a[01]b"),
            ("  ", "␣␣"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
