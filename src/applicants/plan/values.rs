//! What a record's values become when they are kept.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::Numbers;
use crate::applicants::model::{PersonDetails, ReceivedApplication};
use crate::people::applicants::Known;
use crate::people::values::{name_key, ni_match_key};

/// What of a person's identity differs from what was held, and is told to the deanery by the name of the column alone.
#[derive(Default)]
pub(super) struct Renaming {
    pub columns: Vec<&'static str>,
    pub ni_suffix_differs: bool,
}

impl Renaming {
    pub fn of(known: &Known, person: &PersonDetails) -> Self {
        let mut columns = Vec::new();
        if name_key(&known.last_name) != name_key(&person.last_name) {
            columns.push("LAST_NAME");
        }
        if name_key(&known.first_name) != name_key(&person.first_name) {
            columns.push("FIRST_NAME");
        }
        let held = known.ni_number.as_deref().unwrap_or_default();
        let ni_suffix_differs = person.ni_number.as_ref().is_some_and(|number| {
            ni_match_key(held).as_deref() == Some(number.first_eight()) && !held.ends_with(&number.as_str()[8..])
        });
        Self { columns, ni_suffix_differs }
    }
}

pub(super) fn new_person(person: &PersonDetails, numbers: &mut impl Numbers) -> Known {
    Known {
        person_id: numbers.number(),
        system_type: "APL".to_owned(),
        applicant_number: Some(numbers.number()),
        title: given(&person.title),
        last_name: person.last_name.clone(),
        first_name: person.first_name.clone(),
        middle_names: given(&person.middle_names),
        previous_last_name: given(&person.previous_last_name),
        date_of_birth: Some(person.born_on),
        gender: given(&person.gender),
        ni_number: person.ni_number.as_ref().map(|number| number.as_str().to_owned()),
        gmc_number: person.gmc_number.as_ref().map(|number| number.as_str().to_owned()),
        email: given(&person.email),
        home_phone: given(&person.home_phone),
        mobile_phone: given(&person.mobile_phone),
        nationality: given(&person.nationality),
        merged_into: None,
    }
}

/// What a record gives beside the columns that are searched by; nothing of special category.
pub(super) fn received(wanted: &ReceivedApplication) -> Value {
    let person = &wanted.person;
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    let mut all = json!({
        "effective_on": wanted.effective_on,
        "title": person.title, "last_name": person.last_name, "first_name": person.first_name, "middle_names": person.middle_names,
        "gmc_expires_on": day(person.gmc_expires_on),
        "email": person.email, "home_phone": person.home_phone, "mobile_phone": person.mobile_phone,
        "address": [person.address.lines[0], person.address.lines[1], person.address.lines[2], person.address.town,
                    person.address.county, person.address.postcode, person.address.country],
        "next_of_kin": [person.next_of_kin.title, person.next_of_kin.first_name, person.next_of_kin.last_name,
                        person.next_of_kin.gender, person.next_of_kin.home_phone],
    });
    if let (Some(other), Some(map)) = (&person.other_registration, all.as_object_mut()) {
        map.insert("registration".to_owned(), json!([other.body, other.number, day(other.expires_on)]));
    }
    all
}

pub(super) fn wte_text(wanted: &ReceivedApplication) -> Option<String> {
    wanted.wte.map(|wte| format!("{}.{:02}", wte.hundredths() / 100, wte.hundredths() % 100))
}

pub(super) fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A value that the record leaves out is not one to forget.
pub(super) fn replace(held: &mut Option<String>, sent: &str) {
    if !sent.is_empty() {
        *held = Some(sent.to_owned());
    }
}
