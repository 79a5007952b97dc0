//! How one record changes the people and applications of a plan.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::values::{Renaming, given, new_person, received, replace, wte_text};
use super::{
    AlreadyHired, Application, Change, Incoming, Numbers, Plan, PossibleDuplicate, Receipt, Saving, Standing,
    identity_of, kind_of,
};
use crate::applicants::matching::{self, Kind, Match};
use crate::applicants::model::PersonDetails;
use crate::applicants::status::Status;
use crate::people::applicants::EqualityRow;
use crate::people::values::name_key;

impl Plan {
    /// Applies one record.
    pub fn apply(&mut self, record: &Incoming, numbers: &mut impl Numbers) -> Result<Receipt, AlreadyHired> {
        let person = &record.application.person;
        let who = identity_of(person);
        match matching::find(&who, &self.candidates(&who, person.born_on)) {
            Match::Existing(found) => {
                let index = self.by_id[&found.id];
                let mut receipt = self.receive(record, index, numbers)?;
                receipt.standing = Standing::Existing(found.kind);
                receipt.found = Some((found.basis, found.explanation));
                Ok(receipt)
            }
            Match::New { possible } => {
                let index = self.add_person(new_person(person, numbers), Saving::New);
                self.keep_equality(index, person);
                let mut receipt = self.receive(record, index, numbers)?;
                let mut seen = Vec::new();
                for other in possible {
                    // Somebody and whoever was merged into them are one.
                    if !seen.contains(&other.id) {
                        seen.push(other.id.clone());
                        receipt
                            .possible
                            .push(PossibleDuplicate { person_id: other.id, explanation: other.explanation });
                    }
                }
                Ok(receipt)
            }
        }
    }

    fn receive(
        &mut self,
        record: &Incoming,
        index: usize,
        numbers: &mut impl Numbers,
    ) -> Result<Receipt, AlreadyHired> {
        let wanted = &record.application;
        let key = (self.people[index].known.person_id.clone(), wanted.position_id.clone());
        let here = self.by_post.get(&key).cloned().unwrap_or_default();
        let same_day = |at: &&usize| self.applications[**at].application.hire_on == wanted.hire_on;
        let is_live = |at: &&usize| self.applications[**at].application.status.is_live();
        let same = here.iter().filter(same_day).find(is_live).copied();
        let follows = here
            .iter()
            .filter(same_day)
            .find(|at| !is_live(at))
            .map(|at| self.applications[*at].application.application_id);
        let is_second =
            here.iter().filter(is_live).any(|at| self.applications[*at].application.hire_on != wanted.hire_on);

        if let Some(at) = same {
            if self.applications[at].application.status == Status::Hired {
                return Err(AlreadyHired { record_no: record.record_no });
            }
            if self.applications[at].application.digest == record.digest {
                return Ok(self.receipt(record, at, Change::Unchanged, Renaming::default(), Value::Null));
            }
            let renaming = self.update_person(index, &wanted.person, numbers);
            let changes = self.update_application(at, record);
            return Ok(self.receipt(record, at, Change::Updated, renaming, changes));
        }

        let renaming = if self.people[index].saving == Saving::New {
            Renaming::default()
        } else {
            self.update_person(index, &wanted.person, numbers)
        };
        let at = self.applications.len();
        let application = self.new_application(index, record, numbers);
        self.add_application(application, Saving::New);
        let mut receipt = self.receipt(record, at, Change::Created, renaming, Value::Null);
        receipt.is_second = is_second;
        receipt.follows = follows;
        Ok(receipt)
    }

    fn receipt(&self, record: &Incoming, at: usize, change: Change, renaming: Renaming, changes: Value) -> Receipt {
        let application = &self.applications[at].application;
        Receipt {
            record_no: record.record_no,
            person_id: application.person_id.clone(),
            application_id: application.application_id,
            applicant_number: application.applicant_number.clone(),
            assignment_id: application.assignment_id.clone(),
            standing: Standing::New,
            change,
            found: None,
            possible: Vec::new(),
            is_second: false,
            renamed: renaming.columns,
            ni_suffix_differs: renaming.ni_suffix_differs,
            follows: None,
            changes,
        }
    }

    fn new_application(&mut self, index: usize, record: &Incoming, numbers: &mut impl Numbers) -> Application {
        let wanted = &record.application;
        let person = &mut self.people[index];
        if person.known.applicant_number.is_none() {
            person.known.applicant_number = Some(numbers.number());
            if person.saving == Saving::Clean {
                person.saving = Saving::Changed;
            }
        }
        Application {
            application_id: numbers.id(),
            person_id: person.known.person_id.clone(),
            position_id: wanted.position_id.clone(),
            position_number: wanted.position_number.clone(),
            dpn: wanted.deanery_number.clone(),
            managing_body: record.managing_body.clone(),
            hire_on: wanted.hire_on,
            end_on: wanted.end_on,
            status: Status::PreferredApplicant,
            applicant_number: person.known.applicant_number.clone().unwrap_or_default(),
            assignment_id: numbers.number(),
            vacancy_ref: given(&wanted.vacancy_ref_number),
            wte: wte_text(wanted),
            grade: given(&wanted.grade),
            training_number: given(&wanted.person.national_training_number),
            received: received(wanted),
            digest: record.digest.clone(),
            record_no: Some(record.record_no),
        }
    }

    fn update_application(&mut self, at: usize, record: &Incoming) -> Value {
        let wanted = &record.application;
        let held = &mut self.applications[at];
        let application = &mut held.application;
        let mut changes = Map::new();
        let mut note = |name: &str, before: Option<String>, after: Option<String>| {
            if before != after {
                changes.insert(name.to_owned(), json!([before, after]));
            }
        };
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        let (wte, grade, vacancy_ref) = (wte_text(wanted), given(&wanted.grade), given(&wanted.vacancy_ref_number));
        note("end date", day(application.end_on), day(wanted.end_on));
        note("whole-time equivalent", application.wte.clone(), wte.clone());
        note("grade", application.grade.clone(), grade.clone());
        note("vacancy reference", application.vacancy_ref.clone(), vacancy_ref.clone());
        application.end_on = wanted.end_on;
        application.wte = wte;
        application.grade = grade;
        application.vacancy_ref = vacancy_ref;
        application.training_number = given(&wanted.person.national_training_number);
        application.dpn = wanted.deanery_number.clone();
        application.received = received(wanted);
        application.digest = record.digest.clone();
        application.record_no = Some(record.record_no);
        if held.saving == Saving::Clean {
            held.saving = Saving::Changed;
        }
        Value::Object(changes)
    }

    /// Takes over what the deanery says of somebody who is known. An employee's record is ESR's own: it only gains a GMC number.
    fn update_person(&mut self, index: usize, person: &PersonDetails, numbers: &mut impl Numbers) -> Renaming {
        let known = &self.people[index].known;
        let mut changed = known.clone();
        let mut renaming = Renaming::of(known, person);
        let is_staff = match kind_of(&known.system_type) {
            Kind::Employee | Kind::ExEmployee => true,
            Kind::Applicant => false,
        };
        if changed.gmc_number.is_none() {
            changed.gmc_number = person.gmc_number.as_ref().map(|number| number.as_str().to_owned());
        }
        if changed.applicant_number.is_none() {
            changed.applicant_number = Some(numbers.number());
        }
        if !is_staff {
            if name_key(&person.last_name) != name_key(&known.last_name) {
                changed.previous_last_name = Some(known.last_name.clone());
            } else {
                replace(&mut changed.previous_last_name, &person.previous_last_name);
            }
            changed.last_name.clone_from(&person.last_name);
            changed.first_name.clone_from(&person.first_name);
            changed.date_of_birth = Some(person.born_on);
            replace(&mut changed.middle_names, &person.middle_names);
            replace(&mut changed.title, &person.title);
            replace(&mut changed.gender, &person.gender);
            replace(&mut changed.ni_number, person.ni_number.as_ref().map_or("", |number| number.as_str()));
            replace(&mut changed.email, &person.email);
            replace(&mut changed.home_phone, &person.home_phone);
            replace(&mut changed.mobile_phone, &person.mobile_phone);
            replace(&mut changed.nationality, &person.nationality);
            self.keep_equality(index, person);
        }
        renaming.ni_suffix_differs &= person.ni_number.is_some();
        if changed != self.people[index].known {
            let entry = &mut self.people[index];
            entry.known = changed;
            if entry.saving == Saving::Clean {
                entry.saving = Saving::Changed;
            }
            self.find_by(index);
        }
        renaming
    }

    fn keep_equality(&mut self, index: usize, person: &PersonDetails) {
        let row = EqualityRow {
            person_id: self.people[index].known.person_id.clone(),
            ethnic_origin: given(&person.equality.ethnic_origin),
            disability: given(&person.equality.disability),
            sexual_orientation: given(&person.equality.sexual_orientation),
            religious_belief: given(&person.equality.religious_belief),
            marital_status: given(&person.marital_status),
            country_of_birth: given(&person.country_of_birth),
        };
        // One row a person in one statement: the later record of a file has the last word.
        self.equality.retain(|other| other.person_id != row.person_id);
        self.equality.push(row);
    }
}
