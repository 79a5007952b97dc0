use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::ui::{Choice, DayRange, ErrorSummary, Field, Layout, count, dates, number};
use crate::whereabouts::exceptions::{EXPORTED, Exception, NO_POSITION};

/// The filter's choice for a column without a value.
const BLANK: &str = "none";

/// What the address of the view says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExceptionsAsked {
    pub employing: String,
    pub training: String,
    pub specialty: String,
    pub grade: String,
    pub export: String,
    pub position: String,
    pub start_from: String,
    pub start_to: String,
}

impl ExceptionsAsked {
    /// How many filters are set.
    fn set(&self) -> usize {
        let all = [&self.employing, &self.training, &self.specialty, &self.grade, &self.export, &self.position];
        let days = [&self.start_from, &self.start_to];
        all.iter().chain(&days).filter(|text| !text.trim().is_empty()).count()
    }

    /// Whether the database is asked for some placements alone; both filters say it of a position.
    pub fn position_matches(&self) -> Option<bool> {
        match (self.position.as_str(), self.export.as_str()) {
            ("Yes", _) => Some(true),
            ("No", _) => Some(false),
            (_, EXPORTED) => Some(true),
            (_, NO_POSITION) => Some(false),
            _ => None,
        }
    }

    /// Whether a placement is among those asked for.
    pub fn keeps(&self, row: &Exception) -> bool {
        let fits = |value: &str, wanted: &str| wanted.is_empty() || value == wanted;
        fits(&row.employing_body, &self.employing)
            && fits(&row.training_body, &self.training)
            && fits(&row.specialty, &self.specialty)
            && fits(&row.grade, &self.grade)
            && (fits(row.export, &self.export) || (self.export == BLANK && row.export.is_empty()))
            && fits(row.matches(), &self.position)
            && self.starts().may_hold(row.start_on)
    }

    pub fn starts(&self) -> DayRange {
        DayRange::read(["start_from", "start_to"], &self.start_from, &self.start_to)
    }
}

/// What the view is made of.
pub struct Seen {
    /// Every value that the view can be filtered by, in rows of nobody and of somebody.
    pub values: Vec<Exception>,
    /// How many placements there are, whatever is filtered.
    pub all: usize,
    pub kept: Vec<Exception>,
    /// What was not looked at, in words.
    pub left_out: Vec<String>,
}

#[derive(Template)]
#[template(path = "doctors/exceptions.html")]
pub struct ExceptionsPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub set: usize,
    pub fields: Vec<(Field, &'static str, Vec<Choice>)>,
    pub start_from: Field,
    pub start_to: Field,
    pub bodies: String,
    pub caption: String,
    pub rows: Vec<Exception>,
    pub left_out: Vec<String>,
}

/// The most rows on the page.
const MOST: usize = 1_000;

impl ExceptionsPage {
    pub fn new(layout: Layout, asked: ExceptionsAsked, seen: Seen) -> Self {
        let Seen { values: rows, all, mut kept, left_out } = seen;
        let bodies: BTreeSet<&str> =
            rows.iter().map(|row| row.managing_body.as_str()).filter(|body| !body.is_empty()).collect();
        let bodies = bodies.into_iter().collect::<Vec<_>>().join(", ");
        let choices = |of: fn(&Exception) -> &str| {
            let values: BTreeSet<&str> = rows.iter().map(of).filter(|value| !value.is_empty()).collect();
            [Choice::new("", "(All)")]
                .into_iter()
                .chain(values.into_iter().map(|value| Choice::new(value, value)))
                .collect::<Vec<_>>()
        };
        let mut exports = choices(|row| row.export);
        if rows.iter().any(|row| row.export.is_empty()) {
            exports.push(Choice::new(BLANK, "(None)"));
        }
        let fields = vec![
            (
                Field::new("employing", asked.employing.clone()),
                "EmployingBodyKnownAs",
                choices(|row| &row.employing_body),
            ),
            (Field::new("training", asked.training.clone()), "TrainingBodyKnownAs", choices(|row| &row.training_body)),
            (Field::new("specialty", asked.specialty.clone()), "PostSpecialty", choices(|row| &row.specialty)),
            (Field::new("grade", asked.grade.clone()), "GradeAbbreviation", choices(|row| &row.grade)),
            (Field::new("export", asked.export.clone()), "ApplicantExport", exports),
            (
                Field::new("position", asked.position.clone()),
                "PositionMatch",
                vec![Choice::new("", "(All)"), Choice::new("Yes", "Yes"), Choice::new("No", "No")],
            ),
        ];
        let starts = asked.starts();
        let caption = match kept.len() {
            n if n > MOST => format!(
                "{} of {}: the first {} are shown",
                count(n, "placement", "placements"),
                number(all),
                number(MOST)
            ),
            n => format!("{} of {}", count(n, "placement", "placements"), number(all)),
        };
        kept.truncate(MOST);
        Self {
            layout,
            errors: ErrorSummary::of([&starts.from, &starts.to]),
            set: asked.set(),
            fields,
            start_from: starts.from,
            start_to: starts.to,
            bodies,
            caption,
            rows: kept,
            left_out,
        }
    }
}

impl ExceptionsPage {
    pub fn status(&self) -> StatusCode {
        if self.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }
}

impl Exception {
    pub fn matches(&self) -> &'static str {
        if self.position_match { "Yes" } else { "No" }
    }

    pub fn starts(&self) -> String {
        self.start_on.map(dates::short_day).unwrap_or_default()
    }
}
