//! From the columns of the file to the rows of the stores. The numbers are those of the layout; the record type is 0.

use chrono::{DateTime, NaiveDate};

use super::super::files::Stored;
use super::super::files::layouts::SPECIAL_CATEGORIES;
use crate::organisations::store::{Location, OrganisationVersion};
use crate::people::store::{AddressVersion, AssignmentVersion, CostingVersion, PersonVersion, PhoneVersion};
use crate::positions::store::PositionVersion;

/// When a record holds from; the codec has checked that those with a history say so.
fn from(stored: &Stored<'_>) -> NaiveDate {
    stored.effective_from().unwrap_or(DateTime::UNIX_EPOCH.date_naive())
}

fn yes(text: &str) -> bool {
    matches!(text.trim().to_ascii_uppercase().as_str(), "Y" | "YES")
}

pub fn organisations<'a>(stored: &[&Stored<'a>]) -> Vec<OrganisationVersion<'a>> {
    let row = |r: &&Stored<'a>| OrganisationVersion {
        organisation_id: r.id(),
        effective_from: from(r),
        effective_to: r.end(5),
        name: r.get(2),
        kind: r.non_empty(3),
        parent_id: r.non_empty(10),
        nacs_code: r.non_empty(11),
        location_id: r.non_empty(12),
        cost_centre: r.non_empty(9),
        record: r.json(&[]),
        digest: r.digest(),
    };
    stored.iter().map(row).collect()
}

pub fn locations<'a>(stored: &[&Stored<'a>]) -> Vec<Location<'a>> {
    let row = |r: &&Stored<'a>| Location {
        location_id: r.id(),
        code: r.non_empty(2),
        description: r.non_empty(3),
        inactive_on: r.date(4),
        site_code: r.non_empty(15),
        town: r.non_empty(8),
        postcode: r.non_empty(10),
        record: r.json(&[]),
        digest: r.digest(),
    };
    stored.iter().map(row).collect()
}

pub fn positions<'a>(stored: &[&Stored<'a>]) -> Vec<PositionVersion<'a>> {
    let row = |r: &&Stored<'a>| PositionVersion {
        position_id: r.id(),
        effective_from: from(r),
        effective_to: r.end(3),
        position_number: r.get(4),
        name: r.get(5),
        budgeted_fte: r.non_empty(6),
        staff_group: r.non_empty(8),
        job_role: r.non_empty(9),
        occupation_code: r.non_empty(10),
        pay_scale: r.non_empty(11),
        organisation_id: r.non_empty(14),
        hiring_status: r.non_empty(15),
        position_type: r.non_empty(16),
        dpn: r.non_empty(19),
        managing_body: r.non_empty(20),
        workplace_code: r.non_empty(21),
        record: r.json(&[]),
        digest: r.digest(),
    };
    stored.iter().map(row).collect()
}

pub fn persons<'a>(stored: &[&Stored<'a>]) -> Vec<PersonVersion<'a>> {
    let system_type = |text: &'a str| match text {
        "EMP" | "EX_EMP" | "APL" | "EMP_APL" | "EX_APL" | "EX_EMP_APL" | "CWK" | "EX_CWK" => text,
        _ => "OTHER",
    };
    let row = |r: &&Stored<'a>| PersonVersion {
        person_id: r.id(),
        effective_from: from(r),
        effective_to: r.end(3),
        employee_number: r.non_empty(4),
        title: r.non_empty(5),
        last_name: r.get(6),
        first_name: r.get(7),
        middle_names: r.non_empty(8),
        preferred_name: r.non_empty(10),
        previous_last_name: r.non_empty(11),
        gender: r.non_empty(12),
        date_of_birth: r.date(13),
        ni_number: r.non_empty(14),
        ethnic_origin: r.non_empty(22),
        marital_status: r.non_empty(23),
        country_of_birth: r.non_empty(24),
        system_type: system_type(r.get(33)),
        user_type: r.non_empty(34),
        email: r.non_empty(35),
        disability: r.non_empty(39),
        nationality: r.non_empty(41),
        record: r.json(SPECIAL_CATEGORIES),
        digest: r.digest(),
    };
    stored.iter().map(row).collect()
}

pub fn assignments<'a>(stored: &[&Stored<'a>]) -> Vec<AssignmentVersion<'a>> {
    let row = |r: &&Stored<'a>| AssignmentVersion {
        assignment_id: r.id(),
        person_id: r.get(1),
        effective_from: from(r),
        effective_to: r.end(4),
        assignment_type: r.non_empty(6),
        assignment_number: r.non_empty(7),
        status: r.non_empty(8),
        location_id: r.non_empty(13),
        is_primary: yes(r.get(21)),
        fte: r.non_empty(25),
        organisation_id: r.non_empty(27),
        position_id: r.non_empty(28),
        grade: r.non_empty(30),
        job_name: r.non_empty(34),
        contract_end_on: r.date(40),
        record: r.json(&[]),
        digest: r.digest(),
    };
    stored.iter().map(row).collect()
}

pub fn phones<'a>(stored: &[&Stored<'a>]) -> Vec<PhoneVersion<'a>> {
    let row = |r: &&Stored<'a>| PhoneVersion {
        phone_id: r.id(),
        person_id: r.get(1),
        phone_type: r.non_empty(3),
        number: r.non_empty(4),
        effective_from: from(r),
        effective_to: r.end(6),
        record: r.json(&[]),
        digest: r.digest(),
    };
    stored.iter().map(row).collect()
}

pub fn addresses<'a>(stored: &[&Stored<'a>]) -> Vec<AddressVersion<'a>> {
    let row = |r: &&Stored<'a>| AddressVersion {
        address_id: r.id(),
        person_id: r.get(1),
        is_primary: yes(r.get(5)),
        line1: r.non_empty(6),
        line2: r.non_empty(7),
        line3: r.non_empty(8),
        town: r.non_empty(9),
        county: r.non_empty(10),
        postcode: r.non_empty(11),
        country: r.non_empty(12),
        effective_from: from(r),
        effective_to: r.end(14),
        record: r.json(&[]),
        digest: r.digest(),
    };
    stored.iter().map(row).collect()
}

pub fn costings<'a>(stored: &[&Stored<'a>]) -> Vec<CostingVersion<'a>> {
    let row = |r: &&Stored<'a>| CostingVersion {
        costing_id: r.id(),
        assignment_id: r.get(2),
        effective_from: from(r),
        effective_to: r.end(5),
        record: r.json(&[]),
        digest: r.digest(),
    };
    stored.iter().map(row).collect()
}
