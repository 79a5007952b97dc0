use std::collections::{BTreeSet, HashMap};

use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;
use url::form_urlencoded;

use super::{BLANK_HOLDERS, views};
use crate::applicants::status::Status;
use crate::lead_and_host::model::Other;
use crate::reference::store::WhomToAsk;
use crate::rotation::boards::{Board, Sums};
use crate::rotation::changeover::{self, Line, Person};
use crate::ui::dates::{self, DayRange};
use crate::ui::{Choice, ErrorSummary, Field, Layout, NavItem, Pagination, count};

/// What the address of a board says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BoardAsked {
    pub on: String,
    pub q: String,
    pub specialty: String,
    pub site: String,
    pub show: String,
    pub host: String,
    /// Only posts where somebody leaves or comes in these days.
    pub from: String,
    pub to: String,
    pub page: String,
    /// Every post on one page, to print it.
    pub all: String,
}

/// How many posts a page has.
const PAGE: usize = 100;

impl BoardAsked {
    /// How many filters are set; which changeover is shown is none.
    fn set(&self) -> usize {
        let all = [&self.q, &self.specialty, &self.site, &self.show, &self.host, &self.from, &self.to];
        all.iter().filter(|text| !text.trim().is_empty()).count()
    }

    /// The address of this board, and of one of its pages.
    fn href(&self, page: Option<u64>, all: bool) -> String {
        match self.query(page, all) {
            query if query.is_empty() => "/rotation".to_owned(),
            query => format!("/rotation?{query}"),
        }
    }

    fn query(&self, page: Option<u64>, all: bool) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let kept = [
            ("on", &self.on),
            ("q", &self.q),
            ("specialty", &self.specialty),
            ("site", &self.site),
            ("show", &self.show),
            ("host", &self.host),
            ("from", &self.from),
            ("to", &self.to),
        ];
        for (name, value) in kept.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        if let Some(page) = page.filter(|page| *page > 1) {
            query.append_pair("page", &page.to_string());
        }
        if all {
            query.append_pair("all", "yes");
        }
        query.finish()
    }
}

/// The posts of one page.
pub struct Chosen<'a> {
    lines: Vec<&'a Line>,
    within: DayRange,
    /// How many posts the filters leave, on all pages.
    found: usize,
    page: u64,
    /// The number of the last page.
    last: u64,
    is_on_one: bool,
}

impl<'a> Chosen<'a> {
    pub fn lines(&self) -> &[&'a Line] {
        &self.lines
    }

    pub fn is_refused(&self) -> bool {
        self.within.is_refused()
    }

    pub fn dpn_keys(&self) -> Vec<String> {
        self.lines.iter().map(|line| line.post.dpn_key.clone()).collect()
    }
}

impl BoardAsked {
    /// The posts of the page asked for, of those that the filters leave.
    pub fn choose<'a>(&self, board: &'a Board) -> Chosen<'a> {
        let (within, wanted) = (DayRange::read(["from", "to"], &self.from, &self.to), Wanted::read(self));
        let mut lines: Vec<&Line> =
            board.lines.iter().filter(|line| wanted.fits(line) && fits_days(&within, line)).collect();
        let (found, is_on_one) = (lines.len(), self.all == "yes");
        let last = found.div_ceil(PAGE).max(1) as u64;
        let page = self.page.parse::<u64>().unwrap_or(1).clamp(1, last);
        if !is_on_one {
            lines = lines.into_iter().skip((page as usize - 1) * PAGE).take(PAGE).collect();
        }
        Chosen { lines, within, found, page, last, is_on_one }
    }
}

/// Whether a post has somebody who leaves or comes in these days.
fn fits_days(within: &DayRange, line: &Line) -> bool {
    within.is_open() || line.leaving.iter().chain(&line.arriving).filter_map(|one| one.on).any(|day| within.holds(day))
}

#[derive(Template)]
#[template(path = "rotation/board.html")]
pub struct BoardPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub views: Vec<NavItem>,
    pub heading: String,
    pub set: usize,
    pub day: Field,
    pub days: Vec<Choice>,
    pub search: Field,
    pub specialty: Field,
    pub specialties: Vec<Choice>,
    pub site: Field,
    pub sites: Vec<Choice>,
    pub show: Field,
    pub shows: Vec<Choice>,
    pub host: Field,
    pub hosts: Vec<Choice>,
    pub from: Field,
    pub to: Field,
    pub summary: String,
    pub caption: String,
    pub lines: Vec<Row>,
    pub pages: Pagination,
    /// The whole board on one page, where it has several.
    pub on_one_page: Option<String>,
    pub has_posts: bool,
    /// The filters in words, for paper.
    pub narrowed: String,
    /// Post, name, where the doctor's page is, and when, of those whose post no position bears.
    pub without_post: Vec<(String, Shown)>,
    /// The query of the same board as a file.
    pub export: String,
    pub note: &'static str,
    pub contact: Option<WhomToAsk>,
}

/// One post.
pub struct Row {
    pub href: String,
    pub dpn: String,
    pub title: String,
    pub about: String,
    /// The other employers of the post.
    pub others: Vec<String>,
    pub columns: [(&'static str, Vec<Shown>, String); 3],
    pub troubles: Vec<(&'static str, &'static str, String)>,
    pub is_changed: bool,
}

/// Somebody in a column.
pub struct Shown {
    pub name: String,
    pub href: Option<String>,
    pub about: String,
    /// Where the employment or honorary record is ended, extended or kept, for who may.
    pub leaving: Option<String>,
}

impl BoardPage {
    #[expect(clippy::too_many_arguments, reason = "one page, each part read by its own store")]
    pub fn new(
        layout: Layout,
        asked: &BoardAsked,
        today: NaiveDate,
        board: &Board,
        chosen: Chosen<'_>,
        others: &HashMap<String, Vec<Other>>,
        contact: Option<WhomToAsk>,
        may_end: bool,
    ) -> Self {
        let (on, all) = (board.on, board.lines.len());
        let Chosen { lines, within, found, page, last, is_on_one } = chosen;
        let then = may_end.then(|| format!("/rotation?on={on}"));
        let others = |line: &Line| {
            let others = others.get(&line.post.dpn_key).map(Vec::as_slice).unwrap_or_default();
            others.iter().map(|other| other.words_near(on)).collect()
        };
        let rows = lines.into_iter().map(|line| row(line, others(line), then.as_deref())).collect();
        let pages = match is_on_one {
            true => Pagination::default(),
            false => Pagination::numbered(page, last, |page| asked.href(Some(page), false)),
        };
        let on_one_page = (!is_on_one && last > 1).then(|| asked.href(None, true));
        let narrowed = narrowed(asked, board);
        let mut days: BTreeSet<NaiveDate> = changeover::coming(today).into_iter().collect();
        days.insert(on);
        let choice = |(value, label): (&str, &str)| Choice::new(value, label);
        Self {
            layout,
            errors: ErrorSummary::of([&within.from, &within.to]),
            views: views("/rotation"),
            heading: format!("Changeover on {}", dates::day(on)),
            set: asked.set(),
            day: Field::new("on", on.to_string()),
            days: days.iter().map(|day| Choice::new(day.to_string(), dates::day(*day))).collect(),
            specialties: [Choice::new("", "Every specialty")]
                .into_iter()
                .chain(board.specialties.iter().map(|(code, area)| Choice::new(code, format!("{code} {area}"))))
                .collect(),
            sites: [Choice::new("", "Every site")]
                .into_iter()
                .chain(board.sites.iter().map(|(code, name)| Choice::new(code, name)))
                .collect(),
            shows: SHOWS.map(choice).to_vec(),
            hosts: HOSTS.map(choice).to_vec(),
            search: Field::new("q", &asked.q),
            specialty: Field::new("specialty", &asked.specialty),
            site: Field::new("site", &asked.site),
            show: Field::new("show", &asked.show),
            host: Field::new("host", &asked.host),
            from: within.from,
            to: within.to,
            summary: summary(&board.sums),
            caption: match pages.is_empty() {
                true => format!("{} of {all}", count(found, "post", "posts")),
                false => format!("{} of {all}, page {page} of {last}", count(found, "post", "posts")),
            },
            has_posts: all > 0,
            narrowed,
            without_post: board
                .without_post
                .iter()
                .map(|one| (one.dpn.clone(), shown(&one.person, "from", None)))
                .collect(),
            export: asked.query(None, false),
            lines: rows,
            pages,
            on_one_page,
            note: BLANK_HOLDERS,
            contact,
        }
    }

    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }
}

const SHOWS: [(&str, &str); 6] = [
    ("", "Every post"),
    ("gap", "With a gap"),
    ("overlap", "With an overlap"),
    ("shared", "Shared by several"),
    ("empty", "With nobody named"),
    ("changed", "Changed since last time"),
];
const HOSTS: [(&str, &str); 4] =
    [("", "Host or lead"), ("host", "Host Employer"), ("lead", "Lead Employer"), ("none", "Not set")];

impl BoardAsked {
    /// `With a gap; 020 General Surgery; "Singh"`: what narrows the board, in the words of its form; empty where nothing does.
    pub fn narrowed(&self, board: &Board) -> String {
        narrowed(self, board)
    }
}

fn narrowed(asked: &BoardAsked, board: &Board) -> String {
    let of = |all: &[(&str, &str)], code: &str| {
        all.iter().find(|(one, _)| *one == code && !code.is_empty()).map(|(_, label)| (*label).to_owned())
    };
    let named = |all: &[(String, String)], code: &str| {
        all.iter().find(|(one, _)| one == code).map(|(code, name)| format!("{code} {name}"))
    };
    let day = |words: &str, text: &str| dates::parse_day(text).map(|day| format!("{words} {}", dates::day(day)));
    let all = [
        of(&SHOWS, &asked.show),
        named(&board.specialties, &asked.specialty),
        named(&board.sites, &asked.site),
        of(&HOSTS, &asked.host),
        day("leaving or arriving from", &asked.from),
        day("leaving or arriving until", &asked.to),
        (!asked.q.trim().is_empty()).then(|| format!("\u{201c}{}\u{201d}", asked.q.trim())),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn summary(sums: &Sums) -> String {
    format!(
        "{} leave, {} stay, {} arrive. {} with a gap, {} with an overlap.",
        count(sums.leaving, "doctor", "doctors"),
        sums.staying,
        sums.arriving,
        count(sums.gaps, "post", "posts"),
        count(sums.overlaps, "post", "posts")
    )
}

/// The filters that are not of days.
struct Wanted<'a> {
    asked: &'a BoardAsked,
    /// In small letters, in any order: `yusuf davies` is `Davies, Yusuf`.
    words: Vec<String>,
    /// All of it without spaces: a GMC number.
    number: String,
}

impl<'a> Wanted<'a> {
    fn read(asked: &'a BoardAsked) -> Self {
        let words = asked.q.split([' ', ',', '\t']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        Self { asked, words, number: asked.q.split_whitespace().collect() }
    }

    fn fits(&self, line: &Line) -> bool {
        let asked = self.asked;
        let (title, code, area) = line.post.parts();
        let people = || line.leaving.iter().chain(&line.staying).chain(&line.arriving);
        let holds = |text: &str| {
            let text = text.to_lowercase();
            self.words.iter().all(|word| text.contains(word))
        };
        let found = self.words.is_empty()
            || holds(&format!("{} {} {title} {area}", line.post.dpn, line.post.position_number))
            || people().any(|one| holds(&one.name) || one.gmc_number.as_ref() == Some(&self.number));
        let shown = match asked.show.as_str() {
            "" => true,
            "changed" => line.is_changed,
            wanted => line.troubles.iter().any(|(one, _)| one.code() == wanted),
        };
        let host = match asked.host.as_str() {
            "" => true,
            "none" => line.post.host_or_lead.is_none(),
            wanted => line.post.host_or_lead.as_deref() == Some(wanted),
        };
        let site = asked.site.is_empty() || line.post.workplace_code.as_deref() == Some(asked.site.as_str());
        found && shown && host && site && (asked.specialty.is_empty() || asked.specialty == code)
    }
}

fn row(line: &Line, others: Vec<String>, then: Option<&str>) -> Row {
    let shown = |one: &Person, word: &str| shown(one, word, then);
    let (title, _, area) = line.post.parts();
    let host = match line.post.host_or_lead.as_deref() {
        Some("host") => ", host",
        Some("lead") => ", lead",
        _ => "",
    };
    let several = if line.post.positions > 1 {
        format!(", {} positions bear this number", line.post.positions)
    } else {
        String::new()
    };
    let nobody = match (line.withdrawn.as_slice(), line.said_vacant) {
        ([], true) => "Vacant, says the deanery".to_owned(),
        ([], false) => "Nobody named".to_owned(),
        (withdrawn, _) => format!("Nobody: {} withdrew", withdrawn.join(" and ")),
    };
    Row {
        href: format!("/positions/{}", line.post.position_id),
        dpn: line.post.dpn.clone(),
        title: title.to_owned(),
        about: format!("{area}{host}{several}"),
        others,
        columns: [
            ("Leaving", line.leaving.iter().map(|one| shown(one, "until")).collect(), "Nobody".to_owned()),
            ("Staying", line.staying.iter().map(|one| shown(one, "until")).collect(), "Nobody".to_owned()),
            ("Arriving", line.arriving.iter().map(|one| shown(one, "from")).collect(), nobody),
        ],
        troubles: line
            .troubles
            .iter()
            .map(|(trouble, words)| {
                let (text, colour) = trouble.tag();
                (text, colour, words.clone())
            })
            .collect(),
        is_changed: line.is_changed,
    }
}

fn shown(person: &Person, word: &str, then: Option<&str>) -> Shown {
    let when = person.on.map(|day| format!("{word} {}", dates::short_day(day)));
    let note = person.note.parse::<Status>().map_or_else(|_| person.note.clone(), |status| status.label().to_owned());
    let about = [when, Some(note)].into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    let leaving = person.person_id.as_ref().zip(then).map(|(person, then)| {
        let then: String = url::form_urlencoded::byte_serialize(then.as_bytes()).collect();
        format!("/doctors/{person}/leaving?then={then}")
    });
    Shown { name: person.name.clone(), href: person.href.clone(), about, leaving }
}

/// `Davies, Yusuf (GMC 9779858), from 5 Aug 2026, Offer Accepted`: somebody in a cell of a file.
pub fn person_in_words(person: &Person, word: &str) -> String {
    let Shown { name, about, .. } = shown(person, word, None);
    let gmc = person.gmc_number.as_ref().map(|number| format!(" (GMC {number})")).unwrap_or_default();
    if about.is_empty() { format!("{name}{gmc}") } else { format!("{name}{gmc}, {about}") }
}
