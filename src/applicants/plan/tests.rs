use super::*;
use crate::applicants::model::{Address, Equality, NextOfKin};

struct Counting(u32);

impl Numbers for Counting {
    fn number(&mut self) -> String {
        self.0 += 1;
        (900_000_000 + self.0).to_string()
    }

    fn id(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(u128::from(self.0))
    }
}

fn record(no: i32, gmc: &str, ni: &str, last: &str, first: &str, position: &str, hire: &str) -> Incoming {
    let application = ReceivedApplication {
        vacancy_ref_number: String::new(),
        effective_on: "2026-05-06".parse().unwrap(),
        position_id: position.to_owned(),
        position_number: position.to_owned(),
        deanery_number: "KSS/R9A01/024/STR/004".to_owned(),
        hire_on: hire.parse().unwrap(),
        end_on: None,
        wte: None,
        grade: "ST3".to_owned(),
        person: PersonDetails {
            last_name: last.to_owned(),
            first_name: first.to_owned(),
            middle_names: String::new(),
            title: "Dr.".to_owned(),
            previous_last_name: String::new(),
            born_on: "1990-07-05".parse().unwrap(),
            gender: "F".to_owned(),
            ni_number: ni.parse().ok(),
            gmc_number: crate::people::values::GmcNumber::read(gmc).unwrap(),
            gmc_expires_on: None,
            other_registration: None,
            national_training_number: String::new(),
            nationality: "GB".to_owned(),
            country_of_birth: String::new(),
            marital_status: String::new(),
            email: String::new(),
            home_phone: String::new(),
            mobile_phone: String::new(),
            address: Address::default(),
            next_of_kin: NextOfKin::default(),
            equality: Equality { ethnic_origin: "A".to_owned(), ..Equality::default() },
        },
    };
    let digest = format!("{gmc}{ni}{last}{first}{position}{hire}").into_bytes();
    Incoming { record_no: no, application, managing_body: Some("KSS".to_owned()), digest }
}

fn employee() -> Known {
    let mut known = values::new_person(
        &record(0, "", "TX958941B", "Davies", "Yusuf", "1", "2026-08-05").application.person,
        &mut Counting(500),
    );
    known.person_id = "9045002".to_owned();
    known.system_type = "EMP".to_owned();
    known.applicant_number = None;
    known
}

const DAY: &str = "2026-08-05";

#[test]
fn a_second_record_of_the_same_file_finds_the_person_whom_the_first_added() {
    let mut plan = Plan::default();
    let numbers = &mut Counting(0);
    let first = plan.apply(&record(1, "9000001", "", "Davies", "Ann", "1", DAY), numbers).unwrap();
    let second = plan.apply(&record(2, "9000001", "", "Davies", "Ann", "2", DAY), numbers).unwrap();
    assert_eq!((first.standing, second.standing), (Standing::New, Standing::Existing(Kind::Applicant)));
    assert_eq!(first.person_id, second.person_id);
    assert_eq!(first.applicant_number, second.applicant_number);
    assert_ne!(first.assignment_id, second.assignment_id);
    assert_eq!((plan.new_people().len(), plan.new_applications().len(), plan.changed_people().len()), (1, 2, 0));
}

#[test]
fn the_same_again_changes_nothing_and_another_value_is_an_update() {
    let numbers = &mut Counting(0);
    let mut before = Plan::default();
    let sent = record(1, "9000001", "", "Davies", "Ann", "1", DAY);
    before.apply(&sent, numbers).unwrap();
    let known = || before.new_people().into_iter().cloned().collect();
    let held = || before.new_applications().into_iter().cloned().collect();

    let mut again = Plan::new(known(), held());
    assert_eq!(again.apply(&sent, numbers).unwrap().change, Change::Unchanged);
    assert!(
        again.changed_people().is_empty() && again.changed_applications().is_empty() && again.equality().is_empty()
    );

    let mut changed = sent.clone();
    changed.application.end_on = "2027-08-03".parse().ok();
    changed.digest = b"other".to_vec();
    let mut later = Plan::new(known(), held());
    let receipt = later.apply(&changed, numbers).unwrap();
    assert_eq!((receipt.change, receipt.renamed.len()), (Change::Updated, 0));
    assert_eq!(receipt.changes["end date"], serde_json::json!([null, "2027-08-03"]));
    assert_eq!(
        (later.changed_people().len(), later.changed_applications().len(), later.new_applications().len()),
        (0, 1, 0)
    );

    let mut other_day = Plan::new(known(), held());
    let receipt = other_day.apply(&record(1, "9000001", "", "Davies", "Ann", "1", "2026-08-06"), numbers).unwrap();
    assert_eq!((receipt.change, receipt.is_second), (Change::Created, true));
}

#[test]
fn a_new_name_is_taken_over_and_the_old_one_kept() {
    let numbers = &mut Counting(0);
    let mut before = Plan::default();
    before.apply(&record(1, "9000001", "", "Davies", "Ann", "1", DAY), numbers).unwrap();
    let mut plan = Plan::new(before.new_people().into_iter().cloned().collect(), Vec::new());
    let receipt = plan.apply(&record(1, "9000001", "", "Evans", "Ann", "2", DAY), numbers).unwrap();
    assert_eq!(receipt.renamed, ["LAST_NAME"]);
    let [known] = plan.changed_people()[..] else { panic!("not one changed") };
    assert_eq!((known.last_name.as_str(), known.previous_last_name.as_deref()), ("Evans", Some("Davies")));
    // Another spelling of the same name is no new name.
    let receipt = plan.apply(&record(3, "9000001", "", "EVANS", "Ann", "3", DAY), numbers).unwrap();
    assert!(receipt.renamed.is_empty());
}

#[test]
fn an_employee_only_gains_numbers() {
    let numbers = &mut Counting(0);
    let mut plan = Plan::new(vec![employee()], Vec::new());
    let receipt = plan.apply(&record(1, "9000001", "TX958941A", "Davies", "Jo", "1", DAY), numbers).unwrap();
    assert_eq!(receipt.standing, Standing::Existing(Kind::Employee));
    assert_eq!((receipt.renamed.as_slice(), receipt.ni_suffix_differs), (["FIRST_NAME"].as_slice(), true));
    let [known] = plan.changed_people()[..] else { panic!("not one changed") };
    assert_eq!((known.first_name.as_str(), known.ni_number.as_deref()), ("Yusuf", Some("TX958941B")));
    assert_eq!(known.gmc_number.as_deref(), Some("9000001"));
    assert!(known.applicant_number.is_some() && plan.equality().is_empty());
}

#[test]
fn two_with_one_name_and_birth_date_are_two_and_somebody_is_asked() {
    let numbers = &mut Counting(0);
    let mut plan = Plan::new(vec![employee()], Vec::new());
    let receipt = plan.apply(&record(1, "9000001", "AB123456C", "Davies", "Yusuf", "1", DAY), numbers).unwrap();
    assert_eq!(receipt.standing, Standing::New);
    assert_eq!(receipt.possible.len(), 1);
    assert_eq!(receipt.possible[0].person_id, "9045002");
}

#[test]
fn whoever_was_merged_away_is_the_person_who_was_kept() {
    let numbers = &mut Counting(0);
    let mut merged = employee();
    merged.person_id = "900000007".to_owned();
    merged.gmc_number = Some("9000001".to_owned());
    merged.merged_into = Some("9045002".to_owned());
    let mut kept = employee();
    kept.last_name = "Other".to_owned();
    kept.ni_number = None;
    let mut plan = Plan::new(vec![merged, kept], Vec::new());
    let receipt = plan.apply(&record(1, "9000001", "", "Davies", "Yusuf", "1", DAY), numbers).unwrap();
    assert_eq!(receipt.person_id, "9045002");
    assert_eq!(receipt.standing, Standing::Existing(Kind::Employee));
}

#[test]
fn hired_is_final_and_withdrawn_makes_room_for_another() {
    let numbers = &mut Counting(0);
    let mut before = Plan::default();
    let sent = record(1, "9000001", "", "Davies", "Ann", "1", DAY);
    let first = before.apply(&sent, numbers).unwrap();
    let with_status = |status| {
        let mut held: Vec<Application> = before.new_applications().into_iter().cloned().collect();
        held[0].status = status;
        Plan::new(before.new_people().into_iter().cloned().collect(), held)
    };
    assert_eq!(with_status(Status::Hired).apply(&sent, numbers), Err(AlreadyHired { record_no: 1 }));
    let receipt = with_status(Status::Withdrawn).apply(&sent, numbers).unwrap();
    assert_eq!(
        (receipt.change, receipt.follows, receipt.is_second),
        (Change::Created, Some(first.application_id), false)
    );
}
