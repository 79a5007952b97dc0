//! One line for each doctor: of an application, of a record that was not loaded, of somebody whom the deanery names. No SQL, no HTTP, no clock.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

use super::model::{Line, Stage};
use super::store::{Application, Expected, Key, Unloaded};
use crate::doctors_in_training::checks::read_date;
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::employment_checks::model::Checks;
use crate::lead_and_host::model::Other;
use crate::positions::dpn;
use crate::rotation::model::VACANCY;
use crate::ui::{self, dates};

fn title(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    name.split('|').nth(1).unwrap_or(name).trim().to_owned()
}

/// Puts the lines together, the first to start on top and those without a day last.
pub fn together(keys: Vec<Key>, others: Vec<Line>) -> Vec<Line> {
    let mut all: Vec<Line> = keys.into_iter().map(of_key).chain(others).collect();
    all.sort_by_key(|line| (line.starts_on.is_none(), line.starts_on));
    all
}

/// The lines of those without an application; a vacancy is no doctor.
pub fn others(unloaded: &[Unloaded], expected: &[Expected], today: NaiveDate) -> Vec<Line> {
    let expected = expected.iter().filter(|one| !one.is_vacant).map(|one| of_expected(one, today));
    let is_somebody = |line: &Line| line.gmc_number.as_deref() != Some(VACANCY);
    unloaded.iter().map(of_unloaded).filter(is_somebody).chain(expected).collect()
}

/// What is known of an application before it is looked at closely.
fn of_key(one: Key) -> Line {
    Line {
        application_id: Some(one.application_id),
        stage: Stage::of(&one.status),
        last_name: one.last_name,
        first_name: one.first_name,
        gmc_number: one.gmc_number,
        dpn: one.dpn,
        post: String::new(),
        starts_on: Some(one.hire_on),
        with: String::new(),
        blocked_by: String::new(),
        since: None,
        action: (String::new(), String::new()),
        href: None,
        numbers: [
            Some(one.position_number),
            Some(one.position_id),
            Some(one.applicant_number),
            Some(one.person_id),
            one.employee_number,
        ]
        .into_iter()
        .flatten()
        .collect(),
        status: Some(one.status),
        pair: None,
    }
}

/// A whole line of an application.
pub fn of_application(one: &Application, checks: Option<&Checks>, others: &HashMap<String, Vec<Other>>) -> Line {
    let stage = Stage::of(&one.status);
    let doctor = format!("/doctors/{}", one.person_id);
    let outstanding = checks.map(|checks| checks.blocking(one.hire_on)).unwrap_or_default();
    // From the offer on the checks are what is worked on; before it, they wait for the offer.
    let is_offered = matches!(stage, Stage::Offered | Stage::Accepted | Stage::Hired);
    let waits_for_checks = is_offered && !outstanding.is_empty();
    let (blocked_by, action) = match (&one.change_kind, one.change_id, one.duplicate_id) {
        _ if matches!(stage, Stage::Ended) => (String::new(), ("Open the doctor".to_owned(), doctor.clone())),
        (Some(kind), Some(id), _) => {
            let (words, act) = match kind.as_str() {
                "withdrawal" => ("The deanery withdrew this doctor", "Decide about the withdrawal"),
                "dates" => ("The deanery gave new dates", "Apply or keep the dates"),
                _ => ("The deanery changed something", "Open the change"),
            };
            (words.to_owned(), (act.to_owned(), format!("/doctors/changes/{id}")))
        }
        (_, _, Some(id)) => (
            "May be somebody known here already".to_owned(),
            ("Compare the two".to_owned(), format!("/doctors/duplicates/{id}")),
        ),
        _ if !one.position_matches => (
            "The position ends before the first day, or bears another number now".to_owned(),
            ("Open the position".to_owned(), format!("/positions/{}", one.position_id)),
        ),
        _ if waits_for_checks => {
            let text = format!("{} outstanding", ui::count(outstanding.len(), "employment check", "employment checks"));
            (text, ("Open the checks".to_owned(), format!("/doctors/applications/{}/checks", one.application_id)))
        }
        _ if !one.has_ni_number && stage != Stage::Hired => (
            "No National Insurance number, so a transfer waits".to_owned(),
            ("Open the doctor".to_owned(), doctor.clone()),
        ),
        _ if !outstanding.is_empty() => {
            let text = format!("{} outstanding", ui::count(outstanding.len(), "employment check", "employment checks"));
            (text, (next_step(stage).to_owned(), doctor.clone()))
        }
        _ if stage == Stage::Accepted => {
            (String::new(), (next_step(stage).to_owned(), format!("/doctors/applications/{}/hire", one.application_id)))
        }
        _ => (String::new(), (next_step(stage).to_owned(), doctor.clone())),
    };
    let with = match stage {
        Stage::Received => "Recruitment, to offer the post",
        Stage::Offered | Stage::Accepted if waits_for_checks => "Recruitment, for the checks",
        Stage::Offered => "The doctor, to accept",
        Stage::Accepted => "Recruitment, to hire",
        Stage::Hired => "The employing department",
        Stage::NotReleased | Stage::Held | Stage::Failed | Stage::Ended => "Nobody",
    };
    let with =
        if one.change_id.is_some() && stage != Stage::Ended { "Medical staffing, to decide a change" } else { with };
    Line {
        application_id: Some(one.application_id),
        stage,
        status: Some(one.status.clone()),
        last_name: one.last_name.clone(),
        first_name: one.first_name.clone(),
        gmc_number: one.gmc_number.clone(),
        dpn: one.dpn.clone(),
        post: title(one.position_name.as_deref()),
        starts_on: Some(one.hire_on),
        with: with.to_owned(),
        blocked_by,
        since: Some(one.status_at),
        action,
        href: Some(doctor),
        numbers: [
            Some(one.position_number.clone()),
            Some(one.position_id.clone()),
            Some(one.applicant_number.clone()),
            Some(one.person_id.clone()),
            one.employee_number.clone(),
        ]
        .into_iter()
        .flatten()
        .collect(),
        pair: others
            .get(&dpn::key(&one.dpn))
            .map(|all| all.iter().map(|other| other.words_near(one.hire_on)).collect::<Vec<_>>().join(". ")),
    }
}

fn next_step(stage: Stage) -> &'static str {
    match stage {
        Stage::Received => "Offer the post",
        Stage::Offered => "Record the answer",
        Stage::Accepted => "Hire the doctor",
        _ => "Open the doctor",
    }
}

fn of_unloaded(one: &Unloaded) -> Line {
    let record = AppRecord::parse(&one.raw);
    let given =
        |column: Column| record[column].chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    let file = format!("/interfaces/files/{}", one.file_id);
    let fix = format!("/doctors/records/{}/{}", one.file_id, one.record_no);
    let said = crate::file_exchange::records::mask_text(one.said.as_deref().unwrap_or_default());
    let (stage, with, blocked_by, action) = match (one.is_held, &one.asked_by) {
        (true, _) => (
            Stage::Held,
            "National operations".to_owned(),
            format!("More than 40 records for this post in {}", one.file_name),
            ("Open the file".to_owned(), file),
        ),
        (false, Some(_)) => {
            (Stage::Failed, "The deanery, asked to send it again".to_owned(), said, ("See the record".to_owned(), fix))
        }
        (false, None) => {
            let with = one.claimed_by.clone().unwrap_or_else(|| "Medical staffing".to_owned());
            (Stage::Failed, with, said, ("Put the record right".to_owned(), fix))
        }
    };
    let gmc = given(Column::RegNo1);
    Line {
        application_id: None,
        stage,
        status: None,
        last_name: given(Column::LastName),
        first_name: given(Column::FirstName),
        gmc_number: Some(gmc).filter(|number| !number.is_empty()),
        dpn: given(Column::DeaneryNumber),
        post: String::new(),
        starts_on: read_date(record[Column::ProjectedHireDate].trim()),
        with,
        blocked_by,
        since: Some(one.received_at),
        action,
        href: None,
        numbers: vec![given(Column::PositionNumber), given(Column::PositionId)],
        pair: None,
    }
}

fn of_expected(one: &Expected, today: NaiveDate) -> Line {
    let released = one.start_on.map(|day| day - Days::new(91));
    let blocked_by = match released {
        _ if !one.has_position => "No position here bears the number: check it on the position".to_owned(),
        Some(day) if day > today => format!("Not released yet: 13 weeks before the start is {}", dates::short_day(day)),
        _ => "No application has come, although the start is within 13 weeks: ask the deanery".to_owned(),
    };
    Line {
        application_id: None,
        stage: Stage::NotReleased,
        status: None,
        last_name: one.last_name.clone().unwrap_or_default(),
        first_name: one.first_name.clone().unwrap_or_default(),
        gmc_number: one.gmc_number.clone(),
        dpn: one.dpn.clone(),
        post: title(one.position_name.as_deref()),
        starts_on: one.start_on,
        with: format!("The deanery ({})", one.body_code),
        blocked_by,
        since: Some(one.told_at),
        action: ("Open the rotation".to_owned(), {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("q", &one.dpn);
            format!("/rotation/grid?{}", query.finish())
        }),
        href: None,
        numbers: Vec::new(),
        pair: None,
    }
}
