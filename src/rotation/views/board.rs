use std::collections::{BTreeSet, HashMap};

use askama::Template;
use chrono::NaiveDate;

use super::asked::{BoardAsked, Chosen, HOSTS, SHOWS};
use super::{BLANK_HOLDERS, views};
use crate::applicants::status::Status;
use crate::lead_and_host::model::Other;
use crate::reference::store::WhomToAsk;
use crate::rotation::boards::{Board, Sums};
use crate::rotation::changeover::{self, Line, Person};
use crate::ui::{Choice, ErrorSummary, Field, Layout, NavItem, Pagination, count, dates};

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
    /// The filters in words, and the same board without them.
    pub narrowed: String,
    pub clear: String,
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
        let asked_here = BoardAsked { on: on.to_string(), ..asked.clone() };
        let then = may_end.then(|| asked_here.href(Some(page), is_on_one));
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
        let narrowed = asked.narrowed(board);
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
            clear: BoardAsked { on: on.to_string(), ..BoardAsked::default() }.href(None, is_on_one),
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
        _ if line.held > 0 => format!("Nobody yet: {}", count(line.held, "record is held", "records are held")),
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
