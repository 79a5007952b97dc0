use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{BLANK_HOLDERS, views};
use crate::reference::store::WhomToAsk;
use crate::rotation::sheet::{COLUMNS, cells, generated};
use crate::rotation::store::{GridFilter, GridRow, Telling};
use crate::ui::dates::{self, DayRange};
use crate::ui::{Choice, ErrorSummary, Field, Layout, NavItem, count};

/// What the address of a grid says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct GridAsked {
    pub view: String,
    pub grid: String,
    pub on: String,
    pub q: String,
    pub site: String,
    pub specialty: String,
    pub next: String,
    /// `end` for the order of end dates.
    pub order: String,
    pub end_from: String,
    pub end_to: String,
}

impl GridAsked {
    pub fn grid_no(&self) -> Option<i32> {
        // A number that cannot be one names no grid.
        (!self.grid.is_empty()).then(|| self.grid.parse().unwrap_or(-1))
    }

    pub fn day(&self) -> Option<NaiveDate> {
        dates::parse_day(&self.on)
    }

    /// How many filters are set; which grid is shown is none.
    pub fn set(&self) -> usize {
        let all = [&self.q, &self.site, &self.specialty, &self.next, &self.end_from, &self.end_to];
        all.iter().filter(|text| !text.trim().is_empty()).count()
    }

    pub fn days(&self) -> DayRange {
        DayRange::read(["end_from", "end_to"], &self.end_from, &self.end_to)
    }

    pub fn filter(&self) -> GridFilter {
        GridFilter {
            search: self.q.chars().take(100).collect(),
            site: self.site.clone(),
            specialty: self.specialty.clone(),
            next: self.next.clone(),
            end_from: self.days().first,
            end_to: self.days().last,
            only_changed: self.view == "changed",
            by_end: self.order == "end",
        }
    }

    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let all = [
            ("grid", &self.grid),
            ("on", &self.on),
            ("q", &self.q),
            ("site", &self.site),
            ("specialty", &self.specialty),
            ("next", &self.next),
            ("end_from", &self.end_from),
            ("end_to", &self.end_to),
            ("order", &self.order),
        ];
        for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        query.finish()
    }
}

#[derive(Template)]
#[template(path = "rotation/grid.html")]
pub struct GridPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub views: Vec<NavItem>,
    pub asked: GridAsked,
    pub search: Field,
    pub site: Field,
    pub sites: Vec<Choice>,
    pub specialty: Field,
    pub specialties: Vec<Choice>,
    pub order: Field,
    pub orders: Vec<Choice>,
    pub next: Field,
    pub nexts: Vec<Choice>,
    pub end_from: Field,
    pub end_to: Field,
    pub telling: Option<Telling>,
    pub generated: String,
    /// The day of an earlier grid, when it is not the latest that is shown.
    pub earlier: Option<String>,
    pub caption: String,
    pub headings: [&'static str; 16],
    pub rows: Vec<Row>,
    /// How many rows of the grid before are no longer in it, in words.
    pub gone: Option<String>,
    pub export: String,
    pub note: &'static str,
    pub contact: Option<WhomToAsk>,
}

/// A row with its cells, each with what it said before if that changed.
pub struct Row {
    pub href: Option<String>,
    /// The page of the next holder's application.
    pub applicant: Option<String>,
    /// What is said of a post without a next holder.
    pub without_next: Option<&'static str>,
    pub cells: Vec<(&'static str, String, Option<String>)>,
    pub is_new: bool,
    pub is_older: bool,
}

/// What the filters offer.
pub struct Choices {
    /// Code and name.
    pub sites: Vec<(String, String)>,
    pub specialties: Vec<String>,
}

/// The columns of the table behind each cell, where a change of it can be shown.
const BEHIND: [&str; 16] = [
    "",
    "",
    "",
    "current_last_name",
    "current_first_name",
    "",
    "current_end_on",
    "current_next_place",
    "next_last_name",
    "next_first_name",
    "",
    "next_current_place",
    "next_email",
    "next_hours",
    "next_start_on",
    "next_grade",
];

impl GridPage {
    pub fn new(
        layout: Layout,
        asked: GridAsked,
        telling: Option<Telling>,
        latest: Option<i32>,
        rows: Vec<GridRow>,
        choices: Choices,
        contact: Option<WhomToAsk>,
    ) -> Self {
        let within = asked.days();
        let is_changed_view = asked.view == "changed";
        let what = if is_changed_view { "Changed records" } else { "Full listing" };
        let earlier = telling.as_ref().filter(|telling| Some(telling.grid_no) != latest);
        Self {
            layout,
            views: views(if is_changed_view { "/rotation/grid?view=changed" } else { "/rotation/grid" }),
            search: Field::new("q", asked.q.clone()),
            site: Field::new("site", asked.site.clone()),
            sites: [Choice::new("", "Every site")]
                .into_iter()
                .chain(choices.sites.into_iter().map(|(code, name)| Choice::new(code, name)))
                .collect(),
            specialty: Field::new("specialty", asked.specialty.clone()),
            specialties: [Choice::new("", "Every specialty")]
                .into_iter()
                .chain(choices.specialties.into_iter().map(|one| Choice::new(one.clone(), one)))
                .collect(),
            order: Field::new("order", asked.order.clone()),
            orders: vec![Choice::new("", "Post"), Choice::new("end", "Projected end date")],
            next: Field::new("next", asked.next.clone()),
            nexts: vec![Choice::new("", "Any"), Choice::new("vacant", "Vacant"), Choice::new("filled", "Filled")],
            errors: ErrorSummary::of([&within.from, &within.to]),
            end_from: within.from,
            end_to: within.to,
            generated: telling.as_ref().map(generated).unwrap_or_default(),
            earlier: earlier.map(|telling| dates::day(telling.told_on)),
            caption: format!("{what}, {}", count(rows.len(), "row", "rows")),
            headings: COLUMNS.map(|(name, _)| name),
            rows: rows.iter().map(row).collect(),
            gone: None,
            export: asked.query(),
            asked,
            telling,
            note: BLANK_HOLDERS,
            contact,
        }
    }

    pub fn with_gone(self, gone: i64) -> Self {
        let words =
            || format!("{} no longer in it", count(gone, "row of the grid before is", "rows of the grid before are"));
        Self { gone: (gone > 0).then(words), ..self }
    }

    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    pub fn is_changed_view(&self) -> bool {
        self.asked.view == "changed"
    }
}

fn row(row: &GridRow) -> Row {
    let before = |column: &str| {
        let changed = row.is_changed && !column.is_empty() && row.changed.iter().any(|one| one == column);
        changed.then(|| row.before[column].as_str().unwrap_or("blank").to_owned())
    };
    let said = cells(row).into_iter().zip(COLUMNS).zip(BEHIND);
    Row {
        href: row.position_id.as_ref().map(|id| format!("/positions/{id}")),
        applicant: row.applicant_id.as_ref().map(|id| format!("/doctors/{id}")),
        without_next: match (row.vacant_next, row.next_last_name.is_none() && row.next_gmc.is_none()) {
            (true, _) => Some("Vacant"),
            (false, true) => Some("Nobody named"),
            (false, false) => None,
        },
        cells: said.map(|((text, (heading, _)), column)| (heading, text, before(column))).collect(),
        is_new: row.is_changed && row.changed.is_empty(),
        is_older: row.is_older,
    }
}

#[derive(Template)]
#[template(path = "rotation/grids.html")]
pub struct GridsPage {
    pub layout: Layout,
    pub views: Vec<NavItem>,
    pub rows: Vec<EarlierGrid>,
}

/// A telling that can be reopened.
pub struct EarlierGrid {
    pub href: String,
    pub day: String,
    pub generated: String,
    pub file: (String, String),
    pub what: String,
}

impl GridsPage {
    pub fn new(layout: Layout, tellings: Vec<Telling>) -> Self {
        let rows = tellings.iter().map(|telling| EarlierGrid {
            href: format!("/rotation/grid?grid={}", telling.grid_no),
            day: dates::day(telling.told_on),
            generated: generated(telling),
            file: (telling.file_name.clone(), format!("/interfaces/files/{}", telling.file_id)),
            what: format!(
                "{}, {}",
                if telling.is_full { "Full snapshot" } else { "Changes" },
                count(telling.rows, "row new or changed", "rows new or changed")
            ),
        });
        Self { layout, views: views("/rotation/grids"), rows: rows.collect() }
    }
}
