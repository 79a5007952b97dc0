//! The deanery's exception view: for each placement whether it was exported, and whether a position matches. No SQL, no HTTP, no clock.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::store::{Expected, Facet, Placement, Unloaded};
use crate::doctors_in_training::checks::read_date;
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::lead_and_host::model::Other;
use crate::positions::dpn;
use crate::rotation::model::VACANCY;

/// The two values of the column ApplicantExport, as the source has them.
pub const EXPORTED: &str = "EXPORTED";
pub const NO_POSITION: &str = "No ESR Position - Check DPN in ESR Position";

/// One placement.
#[derive(Clone, Debug, Default)]
pub struct Exception {
    pub employing_body: String,
    pub training_body: String,
    pub specialty: String,
    pub grade: String,
    /// Empty for one who was not released yet: the source has no value for it.
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

fn specialty(name: Option<&str>) -> String {
    name.unwrap_or_default().split('|').nth(3).unwrap_or_default().trim().to_owned()
}

/// Surname, forenames and number of a vacancy, however it is told of.
fn vacancy() -> (String, String, String) {
    ("RECRUIT - VACANCY".to_owned(), "*****".to_owned(), VACANCY.to_owned())
}

/// Who employs the doctors of a post here: we do, unless we are its host and another is its lead.
fn employing(employer: &str, host_or_lead: Option<&str>, pair: Option<&String>) -> String {
    match (host_or_lead, pair) {
        (Some("host"), Some(other)) => other.split(", ").next().unwrap_or(other).to_owned(),
        (Some("host"), None) => "Not known".to_owned(),
        _ => employer.to_owned(),
    }
}

/// What the view calls employers and sites.
pub struct Names {
    /// Ours.
    pub employer: String,
    /// The other employers of a post, by its number.
    pub others: HashMap<String, Vec<Other>>,
    pub sites: HashMap<String, String>,
}

impl Names {
    fn site(&self, code: Option<&str>) -> String {
        let code = code.unwrap_or_default();
        let unnamed = || if code.is_empty() { "Not known".to_owned() } else { code.to_owned() };
        self.sites.get(&code.to_uppercase()).cloned().unwrap_or_else(unnamed)
    }

    fn employing(&self, host_or_lead: Option<&str>, dpn_key: &str) -> String {
        let pair = self.others.get(dpn_key).and_then(|all| all.first()).map(Other::words);
        employing(&self.employer, host_or_lead, pair.as_ref())
    }

    /// An application.
    pub fn placement(&self, one: Placement) -> Exception {
        Exception {
            employing_body: self.employing(one.host_or_lead.as_deref(), &dpn::key(&one.dpn)),
            training_body: self.site(one.site_code.as_deref()),
            specialty: one.specialty,
            grade: one.grade,
            export: if one.position_matches { EXPORTED } else { NO_POSITION },
            position_match: one.position_matches,
            managing_body: one.body,
            dpn: one.dpn,
            last_name: one.last_name,
            first_name: one.first_name,
            gmc_number: one.gmc_number.unwrap_or_default(),
            start_on: Some(one.hire_on),
            href: Some(format!("/doctors/{}", one.person_id)),
        }
    }

    /// What applications have in common, of nobody.
    pub fn facet(&self, one: Facet) -> Exception {
        Exception {
            employing_body: self.employing(one.host_or_lead.as_deref(), one.host_dpn.as_deref().unwrap_or_default()),
            training_body: self.site(one.site_code.as_deref()),
            specialty: one.specialty,
            grade: one.grade,
            export: if one.position_matches { EXPORTED } else { NO_POSITION },
            position_match: one.position_matches,
            managing_body: one.body,
            ..Exception::default()
        }
    }

    /// A record that has become no application.
    pub fn unloaded(&self, one: Unloaded) -> Exception {
        let record = AppRecord::parse(&one.raw);
        let given =
            |column: Column| record[column].chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
        let no_position = one.codes.iter().any(|code| matches!(code.as_str(), "A002" | "A003" | "A004" | "A005"));
        let dpn = given(Column::DeaneryNumber);
        let (last_name, first_name, gmc_number) = match given(Column::RegNo1) {
            number if number == VACANCY => vacancy(),
            number => (given(Column::LastName), given(Column::FirstName), number),
        };
        Exception {
            employing_body: self.employer.clone(),
            training_body: self.site(dpn.split('/').nth(1)),
            specialty: String::new(),
            grade: given(Column::Grade),
            export: if no_position { NO_POSITION } else { EXPORTED },
            position_match: !no_position,
            managing_body: dpn.split('/').next().unwrap_or_default().trim().to_uppercase(),
            dpn,
            last_name,
            first_name,
            gmc_number,
            start_on: read_date(record[Column::ProjectedHireDate].trim()),
            href: Some(format!("/doctors/records/{}/{}", one.file_id, one.record_no)).filter(|_| !one.is_held),
        }
    }

    /// Somebody whom the grid names, or a vacancy.
    pub fn expected(&self, one: Expected) -> Exception {
        let (last_name, first_name, gmc_number) = if one.is_vacant {
            vacancy()
        } else {
            (one.last_name.unwrap_or_default(), one.first_name.unwrap_or_default(), one.gmc_number.unwrap_or_default())
        };
        Exception {
            employing_body: self.employer.clone(),
            training_body: self.site(one.site_code.as_deref().or(one.dpn.split('/').nth(1))),
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
        }
    }
}

/// Placements without a position on top.
pub fn sort(all: &mut [Exception]) {
    all.sort_by(|a, b| {
        (a.export != NO_POSITION, &a.dpn, &a.last_name).cmp(&(b.export != NO_POSITION, &b.dpn, &b.last_name))
    });
}
