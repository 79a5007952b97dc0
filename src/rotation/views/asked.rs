//! Which posts of a board an address asks for, and how it is said.

use serde::Deserialize;
use url::form_urlencoded;

use crate::rotation::boards::Board;
use crate::rotation::changeover::Line;
use crate::ui::dates::{self, DayRange};

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
    pub(super) fn set(&self) -> usize {
        let all = [&self.q, &self.specialty, &self.site, &self.show, &self.host, &self.from, &self.to];
        all.iter().filter(|text| !text.trim().is_empty()).count()
    }

    /// The address of this board, and of one of its pages.
    pub(super) fn href(&self, page: Option<u64>, all: bool) -> String {
        match self.query(page, all) {
            query if query.is_empty() => "/rotation".to_owned(),
            query => format!("/rotation?{query}"),
        }
    }

    pub(super) fn query(&self, page: Option<u64>, all: bool) -> String {
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
    pub(super) lines: Vec<&'a Line>,
    pub(super) within: DayRange,
    /// How many posts the filters leave, on all pages.
    pub(super) found: usize,
    pub(super) page: u64,
    /// The number of the last page.
    pub(super) last: u64,
    pub(super) is_on_one: bool,
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

pub(super) const SHOWS: [(&str, &str); 7] = [
    ("", "Every post"),
    ("gap", "With a gap"),
    ("overlap", "With an overlap"),
    ("shared", "Shared by several"),
    ("held", "With records that are held"),
    ("empty", "With nobody named"),
    ("changed", "Changed since last time"),
];
pub(super) const HOSTS: [(&str, &str); 4] =
    [("", "Host or lead"), ("host", "Host Employer"), ("lead", "Lead Employer"), ("none", "Not set")];

impl BoardAsked {
    /// `With a gap; 020 General Surgery; "Singh"`: what narrows the board, in the words of its form; empty where nothing does.
    pub fn narrowed(&self, board: &Board) -> String {
        let of = |all: &[(&str, &str)], code: &str| {
            all.iter().find(|(one, _)| *one == code && !code.is_empty()).map(|(_, label)| (*label).to_owned())
        };
        let named = |all: &[(String, String)], code: &str| {
            all.iter().find(|(one, _)| one == code).map(|(code, name)| format!("{code} {name}"))
        };
        let day = |words: &str, text: &str| dates::parse_day(text).map(|day| format!("{words} {}", dates::day(day)));
        let all = [
            of(&SHOWS, &self.show),
            named(&board.specialties, &self.specialty),
            named(&board.sites, &self.site),
            of(&HOSTS, &self.host),
            day("leaving or arriving from", &self.from),
            day("leaving or arriving until", &self.to),
            (!self.q.trim().is_empty()).then(|| format!("\u{201c}{}\u{201d}", self.q.trim())),
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}
