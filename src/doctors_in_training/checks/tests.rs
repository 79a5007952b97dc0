use super::*;

const GOOD: &str = "APP~1~904-DiT1~20260506~9041003~29040003~KSS/R9A01/024/STR/004~Davies~Yusuf~~Dr.~~19900705~M~TX958941B~dr9779858@nhs.example~~07700 900858~2 Example Street~~~Northmoor~~ZZ99 3VZ~GB~A~GB~~~~~~~General Medical Council~9779858~~~~~20260805~20270803~1.00~~~~~~ST3";

fn lists() -> CodeLists {
    CodeLists::default()
        .with(List::Title, ["Mr.", "Mrs.", "Miss", "Ms.", "Mx.", "Dr.", "Prof."])
        .with(List::EthnicOrigin, ["A", "B", "Z"])
        .with(List::Disability, ["01", "02", "30", "XX"])
        .with(List::Country, ["GB", "IE", "AF"])
}

fn position() -> Position {
    Position {
        number: "29040003".to_owned(),
        deanery_number: Some("KSS/R9A01/024/STR/004".to_owned()),
        active_from: "2019-08-07".parse().unwrap(),
        active_to: None,
        is_deleted: false,
        takes_applicants: true,
    }
}

fn judge_at(record: &AppRecord, position: Option<&Position>, today: &str) -> Checked {
    let position = position.map_or(PositionFacts::Unknown, PositionFacts::Known);
    check(record, Surroundings { position, lists: &lists(), today: today.parse().unwrap(), was_utf8: true })
}

fn judge(record: &AppRecord) -> Checked {
    judge_at(record, Some(&position()), "2026-05-06")
}

fn with(changes: &[(Column, &str)]) -> AppRecord {
    let mut record = AppRecord::parse(GOOD);
    for (column, value) in changes {
        record.set(*column, *value);
    }
    record
}

/// Severity and code of every message: `ERROR A001`.
fn said(checked: &Checked) -> Vec<String> {
    checked.messages().iter().map(|m| format!("{} {}", m.severity.as_str(), m.code)).collect()
}

fn texts(checked: &Checked) -> Vec<&str> {
    checked.messages().iter().map(|m| m.text.as_str()).collect()
}

#[test]
fn a_sound_record_becomes_an_application() {
    let Checked::Sound(application, messages) = judge(&AppRecord::parse(GOOD)) else { panic!("not sound") };
    assert_eq!(messages, []);
    assert_eq!(application.hire_on.to_string(), "2026-08-05");
    assert_eq!(application.wte.unwrap().hundredths(), 100);
    assert_eq!(application.person.gmc_number.unwrap().as_str(), "9779858");
    assert_eq!(application.person.equality.ethnic_origin, "A");
}

#[test]
fn file_13_file_14_file_15_each_column_is_held_to_its_rule() {
    use Column::*;
    let long = "x".repeat(151);
    let cases: &[(Column, &str, &[&str])] = &[
        (LastName, "", &["ERROR A001"]),
        (LastName, " \t ", &["ERROR A001"]),
        (FirstName, "", &["ERROR A001"]),
        (LastName, &long, &["ERROR A018"]),
        (Town, "Llanfairpwllgwyngyllgogerychwyrndrobwll", &["ERROR A018"]),
        (EffectiveDate, "", &["ERROR A001"]),
        (EffectiveDate, "20260230", &["ERROR A001"]),
        (VacancyId, "one", &["WARNING A006"]),
        (VacancyId, "", &[]),
        (DateOfBirth, "", &["ERROR A001"]),
        (DateOfBirth, "19801332", &["ERROR A009"]),
        (DateOfBirth, "20260230", &["ERROR A009"]),
        (DateOfBirth, "00000000", &["ERROR A009"]),
        (DateOfBirth, "99991231", &["ERROR A009"]),
        (DateOfBirth, "900705", &["ERROR A009"]),
        (DateOfBirth, "1990-07-05", &["ERROR A009"]),
        (DateOfBirth, "20260507", &["ERROR A009"]),
        (DateOfBirth, "20140101", &["ERROR A009"]),
        (DateOfBirth, "19270101", &["ERROR A009"]),
        (DateOfBirth, "20090805", &[]),
        (DateOfBirth, "20090806", &["ERROR A009"]),
        (DateOfBirth, "19450806", &[]),
        (DateOfBirth, "19450805", &["ERROR A009"]),
        (ProjectedHireDate, "", &["ERROR A001"]),
        (ProjectedHireDate, "20260230", &["ERROR A010"]),
        (ProjectedHireDate, "99991231", &["ERROR A010", "ERROR A011"]),
        (ProjectedHireDate, "20260505", &["ERROR A010"]),
        (ProjectedHireDate, "20260506", &["WARNING LATE"]),
        (ProjectedHireDate, "20260507", &["WARNING LATE"]),
        (ProjectedHireDate, "20260508", &[]),
        (ProjectedHireDate, "20260805", &[]),
        (ProjectedHireDate, "20260806", &["WARNING EARLY"]),
        (ProjectedHireDate, "20261104", &["WARNING EARLY"]),
        (ProjectedHireDate, "20261105", &["ERROR A010"]),
        (ProjectedEndDate, "20260804", &["ERROR A011"]),
        (ProjectedEndDate, "20260805", &[]),
        (ProjectedEndDate, "20260231", &["WARNING A006"]),
        (ProjectedEndDate, "99991231", &[]),
        (ProjectedEndDate, "", &[]),
        (Title, "Wizard", &["WARNING A006"]),
        (Title, "DR", &[]),
        (Title, "", &[]),
        (Gender, "X", &["WARNING A006"]),
        (Gender, "m", &[]),
        (NiNumber, "", &["WARNING A007"]),
        (NiNumber, "tx 95 89 41 b", &[]),
        (NiNumber, "QQ123456C", &["WARNING A007"]),
        (NiNumber, "TN123456A", &["WARNING A007"]),
        (NiNumber, "AO123456A", &["WARNING A007"]),
        (NiNumber, "TX958941", &["WARNING A007"]),
        (NiNumber, "11 a1 11 11", &["WARNING A007"]),
        (Postcode, "12345", &["WARNING A006"]),
        (Country, "gb", &[]),
        (Country, "XQ", &["WARNING A006"]),
        (EthnicOrigin, "99", &["WARNING A006"]),
        (Disability, "NO", &["WARNING A006"]),
        (Disability, "30", &[]),
        (Wte, "0", &["WARNING A006"]),
        (Wte, "1.5", &["WARNING A006"]),
        (Wte, "0.60", &[]),
        (Expiry1, "soon", &["WARNING A006"]),
        (RegNo1, "912345", &["ERROR A008"]),
        (RegNo1, "91234567", &["ERROR A008"]),
        (RegNo1, "91 2345", &["ERROR A008"]),
        (RegNo1, "C234567", &["ERROR A008"]),
        (RegNo1, "9999978", &["ERROR A017"]),
        (RegNo1, "UNKNOWN", &[]),
        (RegNo1, "N/A", &[]),
        (RegNo1, "", &[]),
        (ProfBody1, "", &[]),
        (ProfBody1, "gmc", &[]),
        (PositionId, "", &["ERROR A001"]),
        (PositionNumber, "", &["ERROR A001"]),
        (PositionNumber, "29040004", &["ERROR A004"]),
        (PositionNumber, "029040003", &["ERROR A004"]),
        (DeaneryNumber, "", &["ERROR A001"]),
        (DeaneryNumber, " kss/r9a01/024/str/004 ", &[]),
        (DeaneryNumber, "KSS/R9A01/024/STR/999", &["ERROR A005"]),
        (DeaneryNumber, "KSS/R9A01/024/STR/004/AAAAAAAAAAAA", &["ERROR A018"]),
        (LastName, "Dav\u{7}ies", &["WARNING A016"]),
        (LastName, "D'Ávila-O\u{2019}Brien", &[]),
    ];
    for (column, value, expected) in cases {
        let checked = judge(&with(&[(*column, value)]));
        assert_eq!(said(&checked), *expected, "{} {value:?}: {:?}", column.name(), texts(&checked));
        let names_field = |m: &Message| m.text.contains(column.name()) || m.code == Code::A011;
        assert!(checked.messages().iter().all(names_field), "{} {:?}", column.name(), texts(&checked));
    }
}

#[test]
fn another_body_s_number_is_not_a_gmc_number() {
    let dentist = with(&[(Column::ProfBody1, "General Dental Council"), (Column::RegNo1, "12345")]);
    let Checked::Sound(application, messages) = judge(&dentist) else { panic!("not sound") };
    assert_eq!((messages.len(), application.person.gmc_number), (0, None));
    assert_eq!(application.person.other_registration.unwrap().number, "12345");
    let second = with(&[
        (Column::ProfBody1, "General Dental Council"),
        (Column::RegNo1, "12345"),
        (Column::ProfBody2, "GMC"),
        (Column::RegNo2, "9779858"),
    ]);
    let Checked::Sound(application, _) = judge(&second) else { panic!("not sound") };
    assert_eq!(application.person.gmc_number.unwrap().as_str(), "9779858");
}

#[test]
fn every_fault_is_told_but_none_that_follows_from_another() {
    let several = with(&[(Column::LastName, ""), (Column::RegNo1, "1"), (Column::Disability, "NO")]);
    assert_eq!(said(&judge(&several)), ["ERROR A001", "ERROR A008"]);
    // An unknown position has no number, no DPN and no dates to differ from.
    let unknown = with(&[(Column::PositionId, "999999999"), (Column::DeaneryNumber, "KSS/X")]);
    let checked = judge_at(&unknown, None, "2026-05-06");
    assert_eq!(said(&checked), ["ERROR A002"]);
    assert!(texts(&checked)[0].contains("999999999"));
    // Without a hire date nobody has an age on it.
    let no_hire = with(&[(Column::ProjectedHireDate, "soon"), (Column::DateOfBirth, "20140101")]);
    assert_eq!(said(&judge(&no_hire)), ["ERROR A010"]);
}

#[test]
fn positions_must_be_active_on_the_hire_date() {
    let on = |change: fn(&mut Position)| {
        let mut changed = position();
        change(&mut changed);
        judge_at(&AppRecord::parse(GOOD), Some(&changed), "2026-05-06")
    };
    assert_eq!(said(&on(|p| p.active_to = "2026-08-04".parse().ok())), ["ERROR A003"]);
    assert_eq!(said(&on(|p| p.active_to = "2026-08-05".parse().ok())), [""; 0]);
    assert_eq!(said(&on(|p| p.active_from = "2026-08-06".parse().unwrap())), ["ERROR A003"]);
    assert_eq!(said(&on(|p| p.is_deleted = true)), ["ERROR A003"]);
    assert_eq!(said(&on(|p| p.takes_applicants = false)), ["ERROR A014"]);
    let renumbered = on(|p| p.deanery_number = Some("KSS/R9A01/024/STR/999".to_owned()));
    assert_eq!(said(&renumbered), ["ERROR A005"]);
    let text = texts(&renumbered)[0];
    assert!(text.contains("KSS/R9A01/024/STR/004") && text.contains("KSS/R9A01/024/STR/999"), "{text}");
    assert_eq!(said(&on(|p| p.deanery_number = None)), ["ERROR A005"]);
}

#[test]
fn a_wrong_number_of_columns_is_the_only_thing_said() {
    for line in [
        GOOD.rsplit_once('~').unwrap().0.to_owned(),
        format!("{GOOD}~"),
        GOOD.replace("~Davies~", "~Dav~ies~"),
        GOOD.replace("APP~1~", "NOT~1~"),
        "APP".to_owned(),
        String::new(),
    ] {
        assert_eq!(said(&judge(&AppRecord::parse(&line))), ["ERROR A015"], "{line}");
    }
}

#[test]
fn the_words_are_those_of_the_sources_where_they_give_them() {
    let words = |column, value| texts(&judge(&with(&[(column, value)])))[0].to_owned();
    assert_eq!(words(Column::LastName, ""), "Mandatory item LAST_NAME not supplied. Application rejected.");
    assert_eq!(
        words(Column::Disability, "NO"),
        "Value for DISABILITY does not exist in ESR. The value NO will be ignored."
    );
}

#[test]
fn what_is_ignored_is_not_taken_over() {
    let odd = with(&[
        (Column::Title, "Wizard"),
        (Column::Disability, "NO"),
        (Column::NiNumber, "QQ123456C"),
        (Column::Wte, "7"),
        (Column::LastName, "Da\u{1}v\u{7f}ies"),
    ]);
    let Checked::Sound(application, _) = judge(&odd) else { panic!("not sound") };
    let person = application.person;
    assert_eq!((person.title, person.equality.disability, person.ni_number), (String::new(), String::new(), None));
    assert_eq!((application.wte, person.last_name), (None, "Davies".to_owned()));
}

#[test]
fn a_line_that_was_not_utf8_is_read_and_said_to_be_so() {
    let record = with(&[(Column::LastName, "Münchhausen")]);
    let position = position();
    let around = Surroundings {
        position: PositionFacts::Known(&position),
        lists: &lists(),
        today: "2026-05-06".parse().unwrap(),
        was_utf8: false,
    };
    let checked = check(&record, around);
    assert_eq!(said(&checked), ["WARNING A016"]);
    assert!(texts(&checked)[0].contains("LAST_NAME Münchhausen"), "{:?}", texts(&checked));
}

proptest::proptest! {
    /// Whatever a line holds, it is judged: sound, or faulty with at least one error.
    #[test]
    fn nothing_that_a_line_can_hold_stops_the_reading(line in "\\PC{0,400}", column in 0usize..48, value in ".*") {
        let mut mutated = AppRecord::parse(GOOD);
        mutated.set(LAYOUT[column].column, value.replace('~', ""));
        for record in [AppRecord::parse(&line), mutated] {
            if let Checked::Faulty(messages) = judge(&record) {
                proptest::prop_assert!(messages.iter().all(|m| m.severity == Severity::Error) && !messages.is_empty());
            }
        }
    }
}
