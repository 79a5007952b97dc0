//! What a set of applicant records makes of the people and applications that are known: decided in memory, record by
//! record in their order, then saved in sets. No SQL, no clock.

mod apply;
mod values;

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::Value;
use uuid::Uuid;

use super::matching::{Basis, Candidate, Explanation, Identity, Kind};
use super::model::{PersonDetails, ReceivedApplication};
use super::status::Status;
use crate::people::applicants::{EqualityRow, Known, Search};
use crate::people::values::{name_key, ni_match_key};

/// An application as the database holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    pub application_id: Uuid,
    pub person_id: String,
    pub position_id: String,
    pub position_number: String,
    pub dpn: String,
    pub managing_body: Option<String>,
    pub hire_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
    pub status: Status,
    pub applicant_number: String,
    pub assignment_id: String,
    pub vacancy_ref: Option<String>,
    pub wte: Option<String>,
    pub grade: Option<String>,
    pub training_number: Option<String>,
    pub received: Value,
    pub digest: Vec<u8>,
    pub record_no: Option<i32>,
}

/// One sound record, ready to be applied.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub record_no: i32,
    pub application: ReceivedApplication,
    /// The managing body that sends it.
    pub managing_body: Option<String>,
    /// Of what the record says: the same again is unchanged.
    pub digest: Vec<u8>,
}

/// Who the applicant was to this employer when the record came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    New,
    Existing(Kind),
}

/// What the record did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Created,
    Updated,
    Unchanged,
}

/// Somebody who may be the same as the person just added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleDuplicate {
    pub person_id: String,
    pub explanation: Explanation,
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    pub record_no: i32,
    pub person_id: String,
    pub application_id: Uuid,
    pub applicant_number: String,
    pub assignment_id: String,
    pub standing: Standing,
    pub change: Change,
    /// How the person was found; none for a new one.
    pub found: Option<(Basis, Explanation)>,
    pub possible: Vec<PossibleDuplicate>,
    /// The person has a live application for the position with another hire date.
    pub is_second: bool,
    /// Names of the columns whose value differs from the one held: last and first name.
    pub renamed: Vec<&'static str>,
    pub ni_suffix_differs: bool,
    /// An earlier application for the same post and day was withdrawn or ended.
    pub follows: Option<Uuid>,
    pub changes: Value,
}

/// The doctor was hired into this very post already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyHired {
    pub record_no: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saving {
    Clean,
    New,
    Changed,
}

struct Person {
    known: Known,
    saving: Saving,
}

struct Held {
    application: Application,
    saving: Saving,
}

/// The people and applications that a set of records may touch.
#[derive(Default)]
pub struct Plan {
    people: Vec<Person>,
    by_id: HashMap<String, usize>,
    by_gmc: HashMap<String, Vec<usize>>,
    by_ni: HashMap<String, Vec<usize>>,
    by_name: HashMap<(String, String, NaiveDate), Vec<usize>>,
    applications: Vec<Held>,
    by_post: HashMap<(String, String), Vec<usize>>,
    equality: Vec<EqualityRow>,
}

/// Where the numbers and ids of what is new come from.
pub trait Numbers {
    /// A number that ESR has not given yet.
    fn number(&mut self) -> String;
    /// An id of ours.
    fn id(&mut self) -> Uuid;
}

/// What people are looked for by, for a set of records.
pub fn search(incoming: &[Incoming]) -> Search {
    let mut search = Search::default();
    for record in incoming {
        let who = identity_of(&record.application.person);
        search.gmc_numbers.extend(who.gmc_number);
        search.ni_keys.extend(who.ni_eight);
        search.last_name_keys.push(who.last_name_key);
        search.first_name_keys.push(who.first_name_key);
        search.births.push(record.application.person.born_on);
    }
    search
}

/// What an applicant is compared by.
pub fn identity_of(person: &PersonDetails) -> Identity {
    Identity {
        gmc_number: person.gmc_number.as_ref().map(|number| number.as_str().to_owned()),
        ni_eight: person.ni_number.as_ref().map(|number| number.first_eight().to_owned()),
        born_on: Some(person.born_on),
        last_name_key: name_key(&person.last_name),
        first_name_key: name_key(&person.first_name),
    }
}

/// What a person who is known is compared by.
pub fn identity_of_known(known: &Known) -> Identity {
    Identity {
        gmc_number: known.gmc_number.clone(),
        ni_eight: known.ni_number.as_deref().and_then(ni_match_key),
        born_on: known.date_of_birth,
        last_name_key: name_key(&known.last_name),
        first_name_key: name_key(&known.first_name),
    }
}

/// What somebody is by ESR's system person type.
pub fn kind_of(system_type: &str) -> Kind {
    match system_type {
        "EMP" | "EMP_APL" => Kind::Employee,
        "EX_EMP" | "EX_EMP_APL" => Kind::ExEmployee,
        _ => Kind::Applicant,
    }
}

impl Plan {
    /// Begins with everybody who may be meant, and their applications.
    pub fn new(people: Vec<Known>, applications: Vec<Application>) -> Self {
        let mut plan = Self::default();
        for known in people {
            plan.add_person(known, Saving::Clean);
        }
        for application in applications {
            plan.add_application(application, Saving::Clean);
        }
        plan
    }

    fn add_person(&mut self, known: Known, saving: Saving) -> usize {
        let index = self.people.len();
        self.by_id.insert(known.person_id.clone(), index);
        self.people.push(Person { known, saving });
        self.find_by(index);
        index
    }

    /// Lets a person be found by today's values; those of before go on finding them too.
    fn find_by(&mut self, index: usize) {
        let who = identity_of_known(&self.people[index].known);
        let add = |list: &mut Vec<usize>| {
            if !list.contains(&index) {
                list.push(index);
            }
        };
        if let Some(gmc) = who.gmc_number {
            add(self.by_gmc.entry(gmc).or_default());
        }
        if let Some(ni) = who.ni_eight {
            add(self.by_ni.entry(ni).or_default());
        }
        if let Some(born_on) = who.born_on {
            add(self.by_name.entry((who.last_name_key, who.first_name_key, born_on)).or_default());
        }
    }

    fn add_application(&mut self, application: Application, saving: Saving) {
        let key = (application.person_id.clone(), application.position_id.clone());
        self.by_post.entry(key).or_default().push(self.applications.len());
        self.applications.push(Held { application, saving });
    }

    fn candidates(&self, who: &Identity, born_on: NaiveDate) -> Vec<Candidate<String>> {
        let mut found: Vec<usize> = Vec::new();
        let by_gmc = who.gmc_number.as_ref().and_then(|gmc| self.by_gmc.get(gmc));
        let by_ni = who.ni_eight.as_ref().and_then(|ni| self.by_ni.get(ni));
        let by_name = self.by_name.get(&(who.last_name_key.clone(), who.first_name_key.clone(), born_on));
        for index in [by_gmc, by_ni, by_name].into_iter().flatten().flatten() {
            if !found.contains(index) {
                found.push(*index);
            }
        }
        let candidates = found.into_iter().map(|index| {
            let known = &self.people[index].known;
            // Whoever was merged away is found by what was known of them, and is the person who was kept.
            let kept = known.merged_into.as_ref().and_then(|id| self.by_id.get(id)).copied().unwrap_or(index);
            let kept = &self.people[kept].known;
            Candidate {
                id: kept.person_id.clone(),
                kind: kind_of(&kept.system_type),
                identity: identity_of_known(known),
            }
        });
        candidates.collect()
    }

    pub fn new_people(&self) -> Vec<&Known> {
        self.people_to_save(Saving::New)
    }

    pub fn changed_people(&self) -> Vec<&Known> {
        self.people_to_save(Saving::Changed)
    }

    fn people_to_save(&self, saving: Saving) -> Vec<&Known> {
        self.people.iter().filter(|person| person.saving == saving).map(|person| &person.known).collect()
    }

    pub fn new_applications(&self) -> Vec<&Application> {
        self.applications_to_save(Saving::New)
    }

    pub fn changed_applications(&self) -> Vec<&Application> {
        self.applications_to_save(Saving::Changed)
    }

    fn applications_to_save(&self, saving: Saving) -> Vec<&Application> {
        self.applications.iter().filter(|held| held.saving == saving).map(|held| &held.application).collect()
    }

    pub fn equality(&self) -> &[EqualityRow] {
        &self.equality
    }
}

#[cfg(test)]
mod tests;
