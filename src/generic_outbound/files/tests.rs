use std::collections::BTreeMap;

use super::*;
use crate::file_exchange::lines::{LineSplitter, decode};

fn sample(vpd: &str) -> Vec<String> {
    let path = format!(
        "{}/tests/fixtures/doctors-in-training/GO_{vpd}_EXP_GOF_20260505_00000001.DAT",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(path).unwrap();
    let mut lines = Vec::new();
    let mut splitter = LineSplitter::default();
    splitter.feed(&bytes, |line| lines.push(decode(line.bytes).0.into_owned()));
    splitter.finish(|line| lines.push(decode(line.bytes).0.into_owned()));
    lines
}

/// A line of the layout's columns with these values, the rest empty.
fn line(kind: Kind, values: &[(usize, &str)]) -> String {
    let mut fields = vec![""; kind.columns().len() + 1];
    fields[0] = kind.record_type();
    for (at, value) in values {
        fields[*at] = value;
    }
    fields.join("~")
}

const PERSON: &[(usize, &str)] = &[(1, "0012345"), (2, "20240101"), (3, "47121231"), (6, "Núñez"), (13, "19900229")];

#[test]
fn column_counts_are_those_of_the_layout() {
    let counts: Vec<_> = Kind::ALL.iter().map(|(kind, name, _)| (*name, kind.columns().len() + 1)).collect();
    assert_eq!(
        counts,
        [
            ("ORA", 15),
            ("LCA", 22),
            ("POA", 24),
            ("PRA", 44),
            ("ASA", 50),
            ("PHA", 8),
            ("ADA", 16),
            ("COA", 16),
            ("VHA", 1)
        ]
    );
}

#[test]
fn every_record_of_the_samples_is_read() {
    for (vpd, records) in [("904", 250), ("917", 239), ("931", 163)] {
        let lines = sample(vpd);
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for text in &lines[1..lines.len() - 1] {
            let Record::Stored(stored) = parse(text).unwrap_or_else(|fault| panic!("{text}: {}", fault.text)) else {
                panic!("{text}")
            };
            assert!(stored.warnings.is_empty(), "{text}");
            assert_eq!(stored.effective_from().is_none(), stored.kind == Kind::Location);
            *kinds.entry(stored.kind.record_type()).or_default() += 1;
        }
        assert_eq!(kinds.values().sum::<usize>(), records, "{vpd} {kinds:?}");
    }
}

#[test]
fn text_stays_text() {
    let text =
        line(Kind::Person, &[(1, "0012345"), (2, "20240101"), (4, "00018668"), (6, " Núñez\t"), (13, "19900228")]);
    let Record::Stored(person) = parse(&text).unwrap() else { panic!() };
    assert_eq!((person.id(), person.get(4), person.get(6)), ("0012345", "00018668", " Núñez\t"));
    assert_eq!(
        person.json(&[13]),
        r#"{"EffectiveStartDate":"20240101","EmployeeNumber":"00018668","LastName":" Núñez\t","PersonId":"0012345"}"#
    );
}

#[test]
fn file_13_and_14_what_is_wrong_is_named() {
    let with = |changes: &[(usize, &str)]| {
        let mut values = vec![(1, "12345"), (2, "20240101"), (13, "19900228")];
        values.extend(changes);
        line(Kind::Person, &values)
    };
    let cases = [
        (with(&[(1, "")]), MISSING, "Mandatory item PersonId not supplied. Record rejected."),
        (with(&[(1, "12A45")]), UNREADABLE, "PersonId “12A45” is not a number of up to 15 digits. Record rejected."),
        (
            with(&[(1, "1234567890123456")]),
            UNREADABLE,
            "PersonId “1234567890123456” is not a number of up to 15 digits. Record rejected.",
        ),
        (with(&[(2, "")]), MISSING, "Mandatory item EffectiveStartDate not supplied. Record rejected."),
        (
            with(&[(2, "20260230")]),
            UNREADABLE,
            "EffectiveStartDate “20260230” is not a date (YYYYMMDD). Record rejected.",
        ),
        (with(&[(13, "")]), MISSING, "Mandatory item DateOfBirth not supplied. Record rejected."),
        (with(&[(13, "900228")]), UNREADABLE, "DateOfBirth “900228” is not a date (YYYYMMDD). Record rejected."),
        (format!("{}~", with(&[])), COLUMNS, "PRA has 45 columns; 44 are expected. Record rejected."),
        ("PRA~1".to_owned(), COLUMNS, "PRA has 2 columns; 44 are expected. Record rejected."),
        ("PRD".to_owned(), COLUMNS, "PRD has 1 columns; 2 are expected. Record rejected."),
        ("PRD~1~2".to_owned(), COLUMNS, "PRD has 3 columns; 2 are expected. Record rejected."),
        ("PRD~".to_owned(), MISSING, "Mandatory item PRD id not supplied. Record rejected."),
        (
            "XXX~1".to_owned(),
            UNKNOWN_TYPE,
            "Record type “XXX” is not one of the Generic Outbound file. Record rejected.",
        ),
        (
            "TRL~1".to_owned(),
            UNKNOWN_TYPE,
            "Record type “TRL” is not one of the Generic Outbound file. Record rejected.",
        ),
        (String::new(), UNKNOWN_TYPE, "Record type “” is not one of the Generic Outbound file. Record rejected."),
    ];
    for (text, code, reason) in cases {
        assert_eq!(parse(&text), Err(Fault { code, text: reason.to_owned() }), "{text}");
    }
    let long = "x".repeat(301);
    assert_eq!(parse(&with(&[(6, &long)])).unwrap_err().code, TOO_LONG);
}

#[test]
fn an_optional_date_that_cannot_be_read_is_left_empty_with_a_warning() {
    let text = line(Kind::Person, &[(1, "1"), (2, "20240101"), (3, "20260230"), (13, "19900228"), (16, "2019-08-07")]);
    let Record::Stored(person) = parse(&text).unwrap() else { panic!() };
    assert_eq!((person.end(3), person.get(16)), (None, ""));
    let said: Vec<_> = person.warnings.iter().map(|fault| (fault.code, &*fault.text)).collect();
    assert_eq!(
        said,
        [
            (DATE_IGNORED, "EffectiveEndDate “20260230” is not a date (YYYYMMDD). The value will be ignored."),
            (DATE_IGNORED, "HireDate “2019-08-07” is not a date (YYYYMMDD). The value will be ignored."),
        ]
    );
}

#[test]
fn deletes_and_vehicles() {
    assert_eq!(parse("PRD~0012").unwrap(), Record::Delete(Kind::Person, "0012"));
    assert_eq!(parse("COD~77").unwrap(), Record::Delete(Kind::Costing, "77"));
    assert_eq!(parse("VHA~1~anything~at all").unwrap(), Record::Vehicle);
    assert_eq!(parse("VHD~1").unwrap(), Record::Vehicle);
}

#[test]
fn a_digest_tells_the_same_from_the_changed() {
    let text = line(Kind::Person, PERSON);
    // 29 February 1990 was no day.
    assert_eq!(parse(&text).unwrap_err().code, UNREADABLE);
    let of = |changes: &[(usize, &str)]| {
        let mut values = vec![(1, "1"), (2, "20240101"), (13, "19900228")];
        values.extend(changes);
        let text = line(Kind::Person, &values);
        let Record::Stored(person) = parse(&text).unwrap() else { panic!() };
        person.digest()
    };
    assert_eq!(of(&[]), of(&[]));
    assert_ne!(of(&[(5, "a")]), of(&[(6, "a")]));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 2_000, ..Default::default() })]
    /// FILE-19 at a hundredth.
    #[test]
    fn file_19_no_line_panics(which in 0usize..9, edits in proptest::collection::vec((0usize..50, "\\PC{0,6}"), 0..6), tail in "[~A-Zé\t]{0,4}") {
        let kind = Kind::ALL[which].0;
        let mut fields: Vec<String> = vec!["20240101".to_owned(); kind.columns().len() + 1];
        fields[0] = kind.record_type().to_owned();
        for (at, value) in edits {
            let at = at % fields.len();
            fields[at] = value;
        }
        let text = fields.join("~") + &tail;
        if let Ok(Record::Stored(stored)) = parse(&text) {
            let _ = (stored.digest(), stored.json(&[]), stored.id(), stored.effective_from());
        }
    }
}
