//! A changeover: which day, and for each post who leaves, who stays, who comes, and what is wrong with that. No SQL, no HTTP, no clock.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::store::{AROUND, AtPost, Post, Said};
use crate::people::values::name_key;

/// The months in which doctors in training change over, on the first Wednesday.
const MONTHS: [u32; 5] = [2, 4, 8, 10, 12];

/// The first Wednesday of a month.
fn first_wednesday(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Wed, 1)
}

/// The changeovers from a day on, over the coming year.
pub fn coming(from: NaiveDate) -> Vec<NaiveDate> {
    let years = [from.year(), from.year() + 1];
    let all =
        years.into_iter().flat_map(|year| MONTHS.into_iter().filter_map(move |month| first_wednesday(year, month)));
    all.filter(|day| *day >= from).take(6).collect()
}

/// The changeover that a board opens with: the next on which somebody starts, or else the next.
pub fn default(from: NaiveDate, first_days: &[(NaiveDate, i64)]) -> NaiveDate {
    let coming = coming(from);
    let near = |day: &&NaiveDate| first_days.iter().any(|(start, _)| (*start - **day).num_days().abs() <= 14);
    coming.iter().find(near).or(coming.first()).copied().unwrap_or(from)
}

/// Somebody on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub gmc_number: Option<String>,
    pub on: Option<NaiveDate>,
    /// A page of ours about him or her.
    pub href: Option<String>,
    /// Of somebody whose record has not ended: the number by which it is ended or extended.
    pub person_id: Option<String>,
    /// Where it stands: a status, or that the deanery names somebody who is not here.
    pub note: String,
}

/// What is to be looked at about a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Nobody comes or stays after somebody leaves, or days lie between.
    Gap,
    /// Somebody comes before the one before has left.
    Overlap,
    /// Several hold it at once, or several come.
    Shared,
    /// Applicants wait until an operator releases the post.
    Held,
    /// Nobody is named at all.
    Empty,
}

impl Trouble {
    pub fn code(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Overlap => "overlap",
            Self::Shared => "shared",
            Self::Held => "held",
            Self::Empty => "empty",
        }
    }

    pub fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Gap => ("Gap", "orange"),
            Self::Overlap => ("Overlap", "yellow"),
            Self::Shared => ("Shared", "blue"),
            Self::Held => ("Held", "red"),
            Self::Empty => ("Nobody named", "grey"),
        }
    }
}

/// One post of the board.
#[derive(Clone, Debug)]
pub struct Line {
    pub post: Post,
    pub leaving: Vec<Person>,
    pub staying: Vec<Person>,
    pub arriving: Vec<Person>,
    pub troubles: Vec<(Trouble, String)>,
    /// The last telling changed what the deanery says of it.
    pub is_changed: bool,
    /// The deanery says that nobody comes.
    pub said_vacant: bool,
    /// Whom the deanery names, or named, and who does not come after all.
    pub withdrawn: Vec<String>,
    /// How many applicants of a file wait because their post is held.
    pub held: i64,
}

/// What a board is put together from.
pub struct Parts {
    pub posts: Vec<Post>,
    pub holders: Vec<AtPost>,
    pub applicants: Vec<AtPost>,
    /// Each with whether the last telling changed it.
    pub said: Vec<(Said, bool)>,
    /// How many applicants wait because their post is held, by post.
    pub held: HashMap<String, i64>,
}

/// Somebody who comes to a post that no position of the day bears.
#[derive(Clone, Debug)]
pub struct WithoutPost {
    pub dpn: String,
    pub person: Person,
}

fn listed(last: &str, first: &str) -> String {
    if first.is_empty() { last.to_owned() } else { format!("{last}, {first}") }
}

fn named(last: Option<&String>, first: Option<&String>) -> Option<String> {
    last.map(|last| listed(last, first.map_or("", String::as_str)))
}

fn group<T>(all: Vec<T>, key: impl Fn(&T) -> &str) -> HashMap<String, Vec<T>> {
    let mut by: HashMap<String, Vec<T>> = HashMap::new();
    for one in all {
        by.entry(key(&one).to_owned()).or_default().push(one);
    }
    by
}

/// Puts the board of a changeover together, as a day sees it: a line for each post, and who comes to a post that is not among them.
pub fn board(on: NaiveDate, today: NaiveDate, parts: Parts) -> (Vec<Line>, Vec<WithoutPost>) {
    let Parts { posts, holders, applicants, said, mut held } = parts;
    let mut holders = group(holders, |one| &one.dpn_key);
    let mut applicants = group(applicants, |one| &one.dpn_key);
    let mut said = group(said, |(one, _)| &one.dpn_key);
    let line = |post: Post| {
        let at = At {
            holders: holders.remove(&post.dpn_key).unwrap_or_default(),
            applicants: applicants.remove(&post.dpn_key).unwrap_or_default(),
            said: said.remove(&post.dpn_key).unwrap_or_default(),
            held: held.remove(&post.dpn_key).unwrap_or_default(),
        };
        line(on, today, post, &at)
    };
    let mut lines: Vec<Line> = posts.into_iter().map(line).collect();
    lines.sort_by(|a, b| a.post.dpn_key.cmp(&b.post.dpn_key));
    let left = applicants.into_values().flatten().filter(|one| !one.is_withdrawn());
    let mut without: Vec<WithoutPost> =
        left.map(|one| WithoutPost { dpn: one.dpn_key.clone(), person: arriving(&one) }).collect();
    without.sort_by(|a, b| (&a.dpn, &a.person.name).cmp(&(&b.dpn, &b.person.name)));
    (lines, without)
}

fn arriving(one: &AtPost) -> Person {
    Person {
        name: listed(&one.last_name, &one.first_name),
        gmc_number: one.gmc_number.clone(),
        on: Some(one.from_on),
        href: Some(format!("/doctors/{}", one.person_id)),
        person_id: None,
        note: one.status.clone().unwrap_or_default(),
    }
}

/// Whether two names or GMC numbers are one doctor's, as far as both are given.
fn is_same(one: &AtPost, gmc: Option<&String>, last: Option<&String>, first: Option<&String>) -> bool {
    match (&one.gmc_number, gmc) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => {
            // Most names that are the same are written the same.
            let same = |a: &str, b: &str| a == b || name_key(a) == name_key(b);
            last.is_some_and(|name| same(name, &one.last_name)) && first.is_none_or(|name| same(name, &one.first_name))
        }
    }
}

/// All that is known of one post.
struct At {
    holders: Vec<AtPost>,
    applicants: Vec<AtPost>,
    said: Vec<(Said, bool)>,
    held: i64,
}

fn line(on: NaiveDate, today: NaiveDate, post: Post, at: &At) -> Line {
    let At { holders, applicants, said, held } = at;
    let (mut leaving, mut staying) = (Vec::new(), Vec::new());
    for one in holders {
        // What the deanery says of the end counts where ESR says nothing of it.
        let told = said.iter().find(|(row, _)| {
            is_same(one, row.current_gmc.as_ref(), row.current_last_name.as_ref(), row.current_first_name.as_ref())
        });
        let end = one.to_on.or_else(|| told.and_then(|(row, _)| row.current_end_on));
        if end.is_some_and(|end| end < on - Days::new(AROUND)) {
            continue;
        }
        let person = Person {
            name: listed(&one.last_name, &one.first_name),
            gmc_number: one.gmc_number.clone(),
            on: end,
            href: Some(format!("/people/{}", one.person_id)),
            person_id: one.ends_on.is_none_or(|end| end >= today).then(|| one.person_id.clone()),
            note: String::new(),
        };
        if end.is_some_and(|end| end < on) { leaving.push(person) } else { staying.push(person) }
    }
    for (row, _) in said {
        let name = named(row.current_last_name.as_ref(), row.current_first_name.as_ref());
        let known = holders.iter().any(|one| {
            is_same(one, row.current_gmc.as_ref(), row.current_last_name.as_ref(), row.current_first_name.as_ref())
        });
        if let (Some(name), false) = (name, known) {
            let person = Person {
                name,
                gmc_number: row.current_gmc.clone(),
                on: row.current_end_on,
                href: None,
                person_id: None,
                note: "named by the deanery, does not hold it here".to_owned(),
            };
            let there = |all: &[Person]| all.iter().any(|other| other.name == person.name);
            if !there(&leaving) && !there(&staying) {
                if row.current_end_on.is_none_or(|end| end >= on) { staying.push(person) } else { leaving.push(person) }
            }
        }
    }
    let (gone, coming): (Vec<&AtPost>, Vec<&AtPost>) = applicants.iter().partition(|one| one.is_withdrawn());
    let mut arriving: Vec<Person> = coming.iter().map(|one| self::arriving(one)).collect();
    let mut withdrawn: Vec<String> = gone.iter().map(|one| listed(&one.last_name, &one.first_name)).collect();
    withdrawn.dedup();
    for (row, _) in said {
        let name = named(row.next_last_name.as_ref(), row.next_first_name.as_ref());
        let near = row.next_start_on.is_none_or(|day| (day - on).num_days().unsigned_abs() <= AROUND);
        let known =
            coming.iter().chain(&gone).copied().chain(holders).any(|one| {
                is_same(one, row.next_gmc.as_ref(), row.next_last_name.as_ref(), row.next_first_name.as_ref())
            });
        if let (Some(name), true, false) = (name, near, known) {
            arriving.push(Person {
                name,
                gmc_number: row.next_gmc.clone(),
                on: row.next_start_on,
                href: None,
                person_id: None,
                note: "named by the deanery, no application yet".to_owned(),
            });
        }
    }
    let said_vacant = arriving.is_empty() && said.iter().any(|(row, _)| row.vacant_next);
    let troubles = troubles(&leaving, &staying, &arriving, *held);
    Line {
        post,
        leaving,
        staying,
        arriving,
        troubles,
        is_changed: said.iter().any(|(_, changed)| *changed),
        said_vacant,
        withdrawn,
        held: *held,
    }
}

fn troubles(leaving: &[Person], staying: &[Person], arriving: &[Person], held: i64) -> Vec<(Trouble, String)> {
    let mut found = BTreeMap::new();
    let last_day = leaving.iter().filter_map(|one| one.on).max();
    let first_day = arriving.iter().filter_map(|one| one.on).min();
    if held > 0 {
        let many = crate::ui::count(held, "applicant waits", "applicants wait");
        found.insert(Trouble::Held, format!("{many} until an operator releases the post."));
    } else if leaving.is_empty() && staying.is_empty() && arriving.is_empty() {
        found.insert(Trouble::Empty, "The deanery may know of somebody.".to_owned());
    }
    if staying.is_empty() {
        match (last_day, first_day) {
            (Some(last), Some(first)) if (first - last).num_days() > 1 => {
                let days = (first - last).num_days() - 1;
                found.insert(
                    Trouble::Gap,
                    format!("{} with nobody in the post.", crate::ui::count(days, "day", "days")),
                );
            }
            (Some(_), None) if arriving.is_empty() && held == 0 => {
                found.insert(Trouble::Gap, "Nobody comes after.".to_owned());
            }
            _ => {}
        }
    }
    if let (Some(last), Some(first)) = (last_day, first_day)
        && first <= last
    {
        let days = (last - first).num_days() + 1;
        found.insert(Trouble::Overlap, format!("{} with two in the post.", crate::ui::count(days, "day", "days")));
    }
    if !staying.is_empty() && !arriving.is_empty() {
        found.insert(Trouble::Overlap, "Somebody stays and somebody comes.".to_owned());
    }
    if staying.len() + arriving.len() > 1 && (staying.len() > 1 || arriving.len() > 1) {
        let many = crate::ui::count(staying.len() + arriving.len(), "doctor", "doctors");
        found.insert(Trouble::Shared, format!("{many} after the changeover."));
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn person(day: &str) -> Person {
        Person {
            name: "A".into(),
            gmc_number: None,
            on: day.parse().ok(),
            href: None,
            person_id: None,
            note: String::new(),
        }
    }

    #[test]
    fn changeovers_are_first_wednesdays() {
        assert_eq!(coming(on("2026-05-06"))[..3], [on("2026-08-05"), on("2026-10-07"), on("2026-12-02")]);
        assert_eq!(coming(on("2026-12-03"))[0], on("2027-02-03"));
    }

    #[test]
    fn a_board_opens_with_the_next_changeover_on_which_somebody_starts() {
        assert_eq!(default(on("2026-05-06"), &[(on("2026-10-08"), 3)]), on("2026-10-07"));
        assert_eq!(default(on("2026-05-06"), &[]), on("2026-08-05"));
    }

    fn applicant(dpn: &str, last_name: &str, status: &str) -> AtPost {
        AtPost {
            dpn_key: dpn.to_owned(),
            person_id: last_name.to_lowercase(),
            last_name: last_name.to_owned(),
            first_name: "Sam".to_owned(),
            gmc_number: Some(format!("9{:06}", last_name.len())),
            from_on: on("2026-08-05"),
            to_on: None,
            ends_on: None,
            status: Some(status.to_owned()),
            application_id: None,
        }
    }

    fn post() -> Post {
        Post {
            dpn_key: "KSS/1".to_owned(),
            dpn: "KSS/1".to_owned(),
            position_id: "1".to_owned(),
            position_number: "1".to_owned(),
            name: String::new(),
            workplace_code: None,
            host_or_lead: None,
            positions: 1,
        }
    }

    fn said_next(dpn: &str, last_name: &str) -> Said {
        Said {
            dpn_key: dpn.to_owned(),
            current_last_name: Some("Singh".to_owned()),
            current_first_name: Some("Chloe".to_owned()),
            current_gmc: Some("9841235".to_owned()),
            current_end_on: Some(on("2026-08-04")),
            next_last_name: Some(last_name.to_owned()),
            next_first_name: Some("Sam".to_owned()),
            next_gmc: Some(format!("9{:06}", last_name.len())),
            next_start_on: Some(on("2026-08-05")),
            vacant_next: false,
            from_grid: 1,
            body_code: "KSS".to_owned(),
        }
    }

    #[test]
    fn who_withdrew_does_not_arrive_and_who_has_no_post_is_not_lost() {
        let post = post();
        let applicants = vec![
            applicant("KSS/1", "Young", "withdrawn"),
            applicant("KSS/9", "Adeyemi", "offer_accepted"),
            applicant("KSS/9", "Ghosh", "withdrawn"),
        ];
        let said = vec![(said_next("KSS/1", "Young"), true)];
        let board = |applicants, said| {
            let parts =
                Parts { posts: vec![post.clone()], holders: Vec::new(), applicants, said, held: HashMap::new() };
            board(on("2026-08-05"), on("2026-05-06"), parts)
        };
        let (lines, without) = board(applicants, said);
        assert!(lines[0].arriving.is_empty(), "{:?}", lines[0].arriving);
        assert_eq!(lines[0].withdrawn, ["Young, Sam"]);
        assert_eq!(lines[0].troubles[0].0, Trouble::Gap);
        let without: Vec<_> = without.iter().map(|one| (one.dpn.as_str(), one.person.name.as_str())).collect();
        assert_eq!(without, [("KSS/9", "Adeyemi, Sam")]);
        // Who withdrew once and applied again comes.
        let again = vec![applicant("KSS/1", "Young", "withdrawn"), applicant("KSS/1", "Young", "offer_accepted")];
        let (lines, _) = board(again, Vec::new());
        assert_eq!(lines[0].arriving.len(), 1);
    }

    #[test]
    fn gaps_overlaps_and_shared_posts_are_found() {
        let codes = |leaving: &[&str], staying: &[&str], arriving: &[&str], held: i64| {
            let people = |days: &[&str]| days.iter().map(|day| person(day)).collect::<Vec<_>>();
            let found = troubles(&people(leaving), &people(staying), &people(arriving), held);
            found.into_iter().map(|(trouble, _)| trouble.code()).collect::<Vec<_>>()
        };
        for (leaving, staying, arriving, found) in [
            (&["2026-08-04"][..], &[][..], &["2026-08-05"][..], vec![]),
            (&["2026-08-04"], &[], &[], vec!["gap"]),
            (&["2026-08-04"], &[], &["2026-09-02"], vec!["gap"]),
            (&["2026-08-04"], &[], &["2026-08-03"], vec!["overlap"]),
            (&[], &["2027-08-04"], &["2026-08-05"], vec!["overlap"]),
            (&["2026-08-04"], &[], &["2026-08-05", "2026-08-05"], vec!["shared"]),
            (&[], &[], &[], vec!["empty"]),
            (&[], &["2027-08-04"], &[], vec![]),
        ] {
            assert_eq!(codes(leaving, staying, arriving, 0), found, "{leaving:?} {staying:?} {arriving:?}");
        }
        // Who waits to be loaded is not nobody.
        assert_eq!(codes(&[], &[], &[], 41), ["held"]);
        assert_eq!(codes(&["2026-08-04"], &[], &[], 41), ["held"]);
        assert_eq!(codes(&["2026-08-04"], &[], &["2026-08-03"], 41), ["overlap", "held"]);
    }

    #[test]
    fn a_record_that_has_ended_is_not_ended_again() {
        let post = post();
        let holder = |ends: &str| AtPost {
            from_on: on("2025-08-06"),
            to_on: ends.parse().ok(),
            ends_on: ends.parse().ok(),
            ..applicant("KSS/1", "Singh", "")
        };
        let asked = |ends: &str, today: &str| {
            let parts = Parts {
                posts: vec![post.clone()],
                holders: vec![holder(ends)],
                applicants: Vec::new(),
                said: Vec::new(),
                held: HashMap::new(),
            };
            let (mut lines, _) = board(on("2026-08-05"), on(today), parts);
            let Line { leaving, staying, .. } = lines.remove(0);
            leaving.into_iter().chain(staying).map(|one| one.person_id.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(asked("2026-08-04", "2026-08-04"), [true]);
        assert_eq!(asked("2026-08-04", "2026-08-05"), [false]);
        assert_eq!(asked("", "2026-08-06"), [true]);
    }
}
