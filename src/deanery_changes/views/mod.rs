//! What the pages about changes say.

mod bulk;
mod list;
mod new_posts;
mod show;

pub use bulk::BulkPage;
pub use list::ListPage;
pub use new_posts::{NewPostFields, NewPostPage, NewPostsPage};
pub use show::{Rights, ShowPage};

use chrono::NaiveDate;

use super::model::{Change, Kind};
use super::notices::Raised;
use super::store::Standing;
use crate::ui::{self, dates};

/// One date as it is held, or was before, and as the deanery gives it.
pub struct Compared {
    pub field: &'static str,
    pub now: String,
    pub new: String,
    pub difference: String,
    pub differs: bool,
}

fn compared(field: &'static str, now: Option<NaiveDate>, new: Option<NaiveDate>) -> Compared {
    let said = |day: Option<NaiveDate>| day.map(dates::day).unwrap_or_default();
    let difference = match (now, new) {
        (_, None) => "Not changed".to_owned(),
        (Some(now), Some(new)) if now == new => "The same".to_owned(),
        (Some(now), Some(new)) => {
            let days = (new - now).num_days();
            let weeks = days.abs() / 7;
            let length = match days.abs() % 7 {
                0 => ui::count(weeks, "week", "weeks"),
                _ => ui::count(days.abs(), "day", "days"),
            };
            format!("{length} {}", if days > 0 { "later" } else { "earlier" })
        }
        (None, Some(_)) => "None was known".to_owned(),
    };
    let differs = new.is_some() && new != now;
    Compared { field, now: said(now), new: said(new), difference, differs }
}

/// The hire and the end date that are held now.
fn held(standing: Option<&Standing>) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let Some(found) = standing.filter(|found| found.is_at_post()) else { return (None, None) };
    (found.who.hire_on, found.who.end_on.or(found.who.contract_end_on))
}

/// Both dates of a change beside those held; once it was applied, beside those that it replaced.
fn comparison(change: &Change, standing: Option<&Standing>) -> Vec<Compared> {
    let (hire, end) = change.dates_before().unwrap_or_else(|| held(standing));
    vec![compared("Projected hire date", hire, change.hire_on), compared("Projected end date", end, change.end_on)]
}

/// What follows when the dates are applied, in sentences.
fn consequences(change: &Change, standing: Option<&Standing>, today: NaiveDate) -> Vec<String> {
    let (hire, end) = held(standing);
    let mut said = Vec::new();
    let days = |day: NaiveDate| (day - today).num_days();
    let is_near = |day: NaiveDate| (0..=5).contains(&days(day));
    if let Some(new) = change.hire_on.filter(|new| hire != Some(*new)) {
        match days(new) {
            ..0 => said.push("The new hire date has passed: hiring then needs a reason.".to_owned()),
            0..=5 => said.push(format!(
                "It starts {}: the doctor moves into the list of starters of the next five days.",
                dates::relative(new, today)
            )),
            n => {
                said.push(format!("The doctor starts {}.", dates::relative(new, today)));
                if hire.is_some_and(is_near) {
                    said.push("The doctor leaves the list of starters of the next five days.".to_owned());
                }
                if n > 91 {
                    said.push(
                        "That is more than 13 weeks ahead, so the reminder and the transfer begin later.".to_owned(),
                    );
                }
            }
        }
        let opens = new - chrono::Days::new(84);
        let closes = new - chrono::Days::new(2);
        if days(new) > 2 {
            said.push(format!(
                "The transfer window is then {} to {}.",
                dates::short_day(opens),
                dates::short_day(closes)
            ));
        }
        if change.end_on.is_none()
            && let Some(end) = end
        {
            match end < new {
                true => said.push(format!(
                    "The end date held, {}, is before it: ask the deanery for the new end date.",
                    dates::day(end)
                )),
                false => said.push(format!("The end date stays {}.", dates::day(end))),
            }
        }
    }
    if let (Some(from), Some(to)) = (change.hire_on.or(hire), change.end_on.or(end))
        && to >= from
    {
        let weeks = ((to - from).num_days() + 1) / 7;
        said.push(format!("The placement then lasts {}.", ui::count(weeks, "week", "weeks")));
    }
    said
}

/// The change with everything that its body says, for [`super::notices::details`].
fn raised<'a>(
    change: &Change,
    told: &'a super::model::Told,
    standing: Option<&'a Standing>,
    post: Option<&'a super::store::Post>,
) -> Raised<'a> {
    Raised { change_id: change.change_id, told, standing, post, not_found: None }
}

/// What is said of a kind of change on its page.
fn words(kind: Kind, unannounced: bool) -> &'static str {
    match kind {
        Kind::Withdrawal => {
            "The deanery withdrew this doctor from the placement: take the steps to withdraw the applicant record."
        }
        Kind::Dates if unannounced => {
            "The rotation grid gives other dates than before, and the deanery sent no change of dates. Ask the deanery, or apply the dates if you know them to be right."
        }
        Kind::Dates => {
            "The deanery changed the projected hire or end date: amend the application, or keep the current dates and say why."
        }
        Kind::Replacement => {
            "The deanery placed this doctor in the post in place of another. The application comes in an applicant file."
        }
        Kind::NewPost => {
            "The deanery created this training post, with effect from a date that it often leaves blank. Contact it for the details, so that the post can be set up."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    #[test]
    fn differences_are_said_in_weeks_or_days() {
        for (now, new, said, differs) in [
            ("2026-08-05", "2026-09-02", "4 weeks later", true),
            ("2026-08-05", "2026-08-04", "1 day earlier", true),
            ("2026-08-05", "2026-08-05", "The same", false),
            ("2026-08-05", "", "Not changed", false),
            ("", "2026-08-05", "None was known", true),
        ] {
            let compared = compared("Projected hire date", on(now), on(new));
            assert_eq!((compared.difference.as_str(), compared.differs), (said, differs), "{now} {new}");
        }
    }
}
