//! The deanery's exception view: for each placement whether it was exported, and whether a position matches.

use std::collections::{BTreeSet, HashMap};

use actix_web::http::StatusCode;
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::store::{Application, Expected, Unloaded};
use crate::doctors_in_training::checks::read_date;
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::lead_and_host::model::Other;
use crate::positions::dpn;
use crate::ui::{Choice, DayRange, ErrorSummary, Field, Layout, count, dates};

/// The two values of the column ApplicantExport, as the source has them.
const EXPORTED: &str = "EXPORTED";
const NO_POSITION: &str = "No ESR Position - Check DPN in ESR Position";

/// One placement.
#[derive(Clone, Debug)]
pub struct Exception {
    pub employing_body: String,
    pub training_body: String,
    pub specialty: String,
    pub grade: String,
    pub export: &'static str,
    pub position_match: bool,
    pub dpn: String,
    pub last_name: String,
    pub first_name: String,
    pub gmc_number: String,
    pub start_on: Option<NaiveDate>,
    pub managing_body: String,
    pub href: Option<String>,
}

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

    fn starts(&self) -> DayRange {
        DayRange::read(["start_from", "start_to"], &self.start_from, &self.start_to)
    }
}

fn specialty(name: Option<&str>) -> String {
    name.unwrap_or_default().split('|').nth(3).unwrap_or_default().trim().to_owned()
}

/// Who employs the doctors of a post here: we do, unless we are its host and another is its lead.
fn employing(employer: &str, host_or_lead: Option<&str>, pair: Option<&String>) -> String {
    match (host_or_lead, pair) {
        (Some("host"), Some(other)) => other.split(", ").next().unwrap_or(other).to_owned(),
        (Some("host"), None) => "Not known".to_owned(),
        _ => employer.to_owned(),
    }
}

/// Every placement that is known here, vacancies as vacancies.
pub fn exceptions(
    employer: &str,
    applications: Vec<Application>,
    unloaded: Vec<Unloaded>,
    expected: Vec<Expected>,
    others: &HashMap<String, Vec<Other>>,
    sites: &HashMap<String, String>,
) -> Vec<Exception> {
    let site = |code: Option<&str>| {
        let code = code.unwrap_or_default();
        sites
            .get(&code.to_uppercase())
            .cloned()
            .unwrap_or_else(|| if code.is_empty() { "Not known".to_owned() } else { code.to_owned() })
    };
    let body = |dpn: &str| dpn.split('/').next().unwrap_or_default().trim().to_uppercase();
    let mut all: Vec<Exception> = Vec::new();
    for one in applications.into_iter().filter(|one| !matches!(one.status.as_str(), "withdrawn" | "terminated")) {
        let pair = others.get(&dpn::key(&one.dpn)).and_then(|all| all.first()).map(Other::words);
        all.push(Exception {
            employing_body: employing(employer, one.host_or_lead.as_deref(), pair.as_ref()),
            training_body: site(one.site_code.as_deref()),
            specialty: specialty(one.position_name.as_deref()),
            grade: one.grade.unwrap_or_default(),
            export: if one.position_matches { EXPORTED } else { NO_POSITION },
            position_match: one.position_matches,
            managing_body: one.managing_body.unwrap_or_else(|| body(&one.dpn)),
            dpn: one.dpn,
            last_name: one.last_name,
            first_name: one.first_name,
            gmc_number: one.gmc_number.unwrap_or_default(),
            start_on: Some(one.hire_on),
            href: Some(format!("/doctors/{}", one.person_id)),
        });
    }
    for one in unloaded {
        let record = AppRecord::parse(&one.raw);
        let given =
            |column: Column| record[column].chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
        let no_position = one.codes.iter().any(|code| matches!(code.as_str(), "A002" | "A003" | "A004" | "A005"));
        let dpn = given(Column::DeaneryNumber);
        all.push(Exception {
            employing_body: employer.to_owned(),
            training_body: site(dpn.split('/').nth(1)),
            specialty: String::new(),
            grade: given(Column::Grade),
            export: if no_position { NO_POSITION } else { EXPORTED },
            position_match: !no_position,
            managing_body: body(&dpn),
            dpn,
            last_name: given(Column::LastName),
            first_name: given(Column::FirstName),
            gmc_number: given(Column::RegNo1),
            start_on: read_date(record[Column::ProjectedHireDate].trim()),
            href: Some(format!("/doctors/records/{}/{}", one.file_id, one.record_no)).filter(|_| !one.is_held),
        });
    }
    for one in expected {
        let (last_name, first_name, gmc_number) = if one.is_vacant {
            ("RECRUIT - VACANCY".to_owned(), "*****".to_owned(), crate::rotation::model::VACANCY.to_owned())
        } else {
            (one.last_name.unwrap_or_default(), one.first_name.unwrap_or_default(), one.gmc_number.unwrap_or_default())
        };
        all.push(Exception {
            employing_body: employer.to_owned(),
            training_body: site(one.site_code.as_deref().or(one.dpn.split('/').nth(1))),
            specialty: specialty(one.position_name.as_deref()),
            grade: one.grade.unwrap_or_default(),
            export: if one.has_position { "" } else { NO_POSITION },
            position_match: one.has_position,
            managing_body: one.body_code,
            dpn: one.dpn,
            last_name,
            first_name,
            gmc_number,
            start_on: one.start_on,
            href: None,
        });
    }
    all.sort_by(|a, b| {
        (a.export != NO_POSITION, &a.dpn, &a.last_name).cmp(&(b.export != NO_POSITION, &b.dpn, &b.last_name))
    });
    all
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
}

/// The most rows on the page.
const MOST: usize = 1_000;

impl ExceptionsPage {
    pub fn new(layout: Layout, asked: ExceptionsAsked, rows: Vec<Exception>) -> Self {
        let all = rows.len();
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
        let fields = vec![
            (
                Field::new("employing", asked.employing.clone()),
                "EmployingBodyKnownAs",
                choices(|row| &row.employing_body),
            ),
            (Field::new("training", asked.training.clone()), "TrainingBodyKnownAs", choices(|row| &row.training_body)),
            (Field::new("specialty", asked.specialty.clone()), "PostSpecialty", choices(|row| &row.specialty)),
            (Field::new("grade", asked.grade.clone()), "GradeAbbreviation", choices(|row| &row.grade)),
            (Field::new("export", asked.export.clone()), "ApplicantExport", choices(|row| row.export)),
            (
                Field::new("position", asked.position.clone()),
                "PositionMatch",
                vec![Choice::new("", "(All)"), Choice::new("Yes", "Yes"), Choice::new("No", "No")],
            ),
        ];
        let starts = asked.starts();
        let fits = |value: &str, wanted: &str| wanted.is_empty() || value == wanted;
        let kept: Vec<Exception> = rows
            .iter()
            .filter(|row| {
                fits(&row.employing_body, &asked.employing)
                    && fits(&row.training_body, &asked.training)
                    && fits(&row.specialty, &asked.specialty)
                    && fits(&row.grade, &asked.grade)
                    && fits(row.export, &asked.export)
                    && fits(row.matches(), &asked.position)
                    && starts.may_hold(row.start_on)
            })
            .cloned()
            .collect();
        let caption = match kept.len() {
            n if n > MOST => format!("{} of {}: the first {MOST} are shown", count(n, "placement", "placements"), all),
            n => format!("{} of {all}", count(n, "placement", "placements")),
        };
        Self {
            layout,
            errors: ErrorSummary::of([&starts.from, &starts.to]),
            set: asked.set(),
            fields,
            start_from: starts.from,
            start_to: starts.to,
            bodies,
            caption,
            rows: kept.into_iter().take(MOST).collect(),
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
