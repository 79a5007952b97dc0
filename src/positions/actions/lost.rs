//! What people lose by a change: the number under which somebody holds a position or is on the way to it, or the position itself.

use chrono::NaiveDate;

use super::Warning;
use crate::positions::dpn;
use crate::positions::model::{ChangeField, PositionChange, Set, Stretch};
use crate::ui;

/// A number is replaced or taken away, and nobody starts on the position later.
pub const REPLACES: &str = "REPLACES";
/// People are on the position, or on the way to it, who lose something.
pub const PEOPLE: &str = "PEOPLE";

/// The day after which people are counted, for a change by which somebody may lose something.
pub fn counted_after(change: &PositionChange) -> Option<NaiveDate> {
    match (&change.end_on, &change.dpn) {
        (Set::To(Some(end)), _) => Some(*end),
        (_, Set::To(_)) => change.effective_from.pred_opt(),
        _ => None,
    }
}

/// What would be lost, with how many hold the position and how many applicants start on it later; every way to give a number asks this.
pub fn lost(
    change: &PositionChange,
    before: &[Stretch],
    after: &[Stretch],
    (holders, applicants): (i64, i64),
) -> Option<Warning> {
    let people = people(holders, applicants);
    if let Set::To(Some(_)) = change.end_on {
        let text = format!("After its last day {people}. Ending the position changes nothing of theirs");
        let field = ChangeField::EndOn;
        return ((holders, applicants) != (0, 0)).then_some(Warning { field, code: PEOPLE, text });
    }
    let Set::To(wanted) = &change.dpn else { return None };
    let borne = borne(before, change.effective_from)?;
    let stands = after.iter().any(|one| one.holds_on(change.effective_from) && one.dpn_key() == Some(dpn::key(borne)));
    if stands {
        return None;
    }
    let number = before.last().map_or("", |stretch| stretch.position_number.as_str());
    let what = match wanted.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(_) => "would be replaced",
        None => "would be taken away",
    };
    let text = format!("Position {number} has the Deanery Post Number {} now, which {what}: {people}", borne.trim());
    let code = if applicants > 0 { PEOPLE } else { REPLACES };
    Some(Warning { field: ChangeField::Dpn, code, text })
}

/// The number that a position bears on a day.
pub fn borne(stretches: &[Stretch], day: NaiveDate) -> Option<&str> {
    let active = stretches.iter().rev().find(|stretch| stretch.holds_on(day))?;
    active.dpn_key().and(active.dpn.as_deref())
}

/// `1 person holds it, and 2 applicants start on it later`.
fn people(holders: i64, applicants: i64) -> String {
    let holds = match holders {
        0 => "nobody holds it".to_owned(),
        some => ui::count(some, "person holds it", "people hold it"),
    };
    let starts = match applicants {
        0 => "no applicant starts on it later".to_owned(),
        some => ui::count(some, "applicant starts on it later", "applicants start on it later"),
    };
    format!("{holds}, and {starts}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_counted_in_good_grammar() {
        for (counts, words) in [
            ((0, 1), "nobody holds it, and 1 applicant starts on it later"),
            ((1, 0), "1 person holds it, and no applicant starts on it later"),
            ((2, 3), "2 people hold it, and 3 applicants start on it later"),
        ] {
            assert_eq!(people(counts.0, counts.1), words);
        }
    }
}
