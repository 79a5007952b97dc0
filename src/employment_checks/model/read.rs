use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Entry, FieldRule, Kind, Standard, Status, fields_of};
use crate::people::values::GmcNumber;
use crate::ui::dates::parse_day;

/// What is wrong with one field, as the sentence that its sender reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub key: &'static str,
    pub value: String,
    pub problem: String,
}

fn fault(key: &'static str, value: &str, problem: impl Into<String>) -> Fault {
    Fault { key, value: value.to_owned(), problem: problem.into() }
}

/// Whether a text is a date in the one form in which entries and the API have it.
pub fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<NaiveDate>().is_ok()
}

/// Reads what somebody says of a check; gives every fault, not the first alone. Keys that the standard does not have are not looked at.
pub fn read(
    standard: Standard,
    status: Status,
    said: &BTreeMap<String, String>,
    today: NaiveDate,
) -> Result<Entry, Vec<Fault>> {
    let (mut entry, mut faults) = (Entry::new(), Vec::new());
    for rule in fields_of(standard) {
        let value = said.get(rule.key).map(|value| value.trim()).unwrap_or_default();
        if value.is_empty() {
            continue;
        }
        match read_field(rule, value) {
            Ok(value) => {
                entry.insert(rule.key.to_owned(), value);
            }
            Err(problem) => faults.push(fault(rule.key, value, problem)),
        }
    }
    let was_refused = |faults: &[Fault], key: &str| faults.iter().any(|fault| fault.key == key);
    let mut need = |key: &'static str, sentence: &str| {
        if !entry.contains_key(key) && !was_refused(&faults, key) {
            faults.push(fault(key, "", sentence));
        }
    };
    if status.is_cleared() {
        need("cleared_on", "Enter the day on which the check was found clear");
        need("checked_by", "Enter who made the check");
        match standard {
            Standard::CriminalRecord => {
                need("dbs_type", "Choose the type of DBS check");
                need("certificate_number", "Enter the 12 digits of the DBS certificate");
                need("issued_on", "Enter the day on which the DBS certificate was issued");
                need("workforce", "Choose the workforce that the DBS check is for");
            }
            Standard::Registration => {
                need("body", "Enter the professional body");
                need("registration_number", "Enter the registration number");
            }
            Standard::RightToWork => need("identity_verified", "Say whether the identity was verified"),
            Standard::Identity | Standard::References | Standard::WorkHealth => {}
        }
    }
    if standard != Standard::WorkHealth {
        match status {
            Status::ClearWithConditions => need("note", "Enter what the conditions are"),
            Status::Failed => need("note", "Enter why the check failed"),
            Status::NotRequired => need("note", "Enter why the check is not required"),
            Status::NotStarted | Status::InProgress | Status::Received | Status::Clear => {}
        }
    }
    if matches!(status, Status::Received) {
        need("received_on", "Enter the day on which it was received");
    }
    faults.extend(disagreements(standard, status, &entry, today));
    if faults.is_empty() { Ok(entry) } else { Err(faults) }
}

/// A GMC number on a registration check that is not the doctor's own; one that was found to be wrong is recorded as failed.
pub fn number_of_another(status: Status, said: &BTreeMap<String, String>, own: Option<&str>) -> Option<Fault> {
    let text = |key: &str| said.get(key).map(|value| value.trim()).unwrap_or_default();
    let own = own.filter(|own| is_gmc(text("body")) && status != Status::Failed && !own.is_empty())?;
    let number = GmcNumber::read(text("registration_number")).ok().flatten()?;
    (number.as_str() != own).then(|| {
        let sentence = format!(
            "{} is not this doctor's GMC number, which is {own}. Check whose registration it is",
            number.as_str()
        );
        fault("registration_number", number.as_str(), sentence)
    })
}

/// Whether a professional body is the General Medical Council, however it is written.
fn is_gmc(body: &str) -> bool {
    let letters: String = body.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    ["gmc", "generalmedicalcouncil", "thegmc", "thegeneralmedicalcouncil"].contains(&letters.as_str())
}

fn read_field(rule: &FieldRule, value: &str) -> Result<String, String> {
    let name = rule.label;
    let is_longer = |limit: usize| value.chars().count() > limit;
    match rule.kind {
        Kind::Text(limit) | Kind::Note(limit) if is_longer(limit) => {
            Err(format!("{name} must be {limit} characters or fewer"))
        }
        Kind::Text(_) if value.chars().any(char::is_control) => Err(format!("{name} must be one line of text")),
        Kind::Text(_) | Kind::Note(_) => Ok(value.to_owned()),
        Kind::Digits(count) => match value.len() == count && value.bytes().all(|b| b.is_ascii_digit()) {
            true => Ok(value.to_owned()),
            false => Err(format!("{name} must be {count} digits")),
        },
        Kind::Date => {
            let day = parse_day(value).filter(|day| (1900..=2200).contains(&chrono::Datelike::year(day)));
            day.map(|day| day.to_string()).ok_or_else(|| format!("{name} must be a real date, such as 6/5/2026"))
        }
        Kind::YesNo => match value {
            "yes" | "no" => Ok(value.to_owned()),
            _ => Err(format!("{name} must be yes or no")),
        },
        Kind::OneOf(choices) => match choices.contains(&value) {
            true => Ok(value.to_owned()),
            false => Err(format!("{name} must be one of: {}", choices.join(", "))),
        },
    }
}

/// What two fields say against each other, or against the calendar.
fn disagreements(standard: Standard, status: Status, entry: &Entry, today: NaiveDate) -> Vec<Fault> {
    let day = |key: &str| entry.get(key).and_then(|text| text.parse::<NaiveDate>().ok());
    let mut faults = Vec::new();
    let past = [
        "requested_on",
        "received_on",
        "cleared_on",
        "issued_on",
        "registered_on",
        "register_checked_on",
        "date_of_birth",
    ];
    for rule in fields_of(standard).filter(|rule| past.contains(&rule.key)) {
        if day(rule.key).is_some_and(|on| on > today) {
            faults.push(fault(rule.key, &entry[rule.key], format!("{} must not be in the future", rule.label)));
        }
    }
    for (later, earlier, sentence) in [
        ("received_on", "requested_on", "Received on must not be before requested on"),
        ("cleared_on", "received_on", "Cleared on must not be before received on"),
        ("cleared_on", "requested_on", "Cleared on must not be before requested on"),
        ("expires_on", "cleared_on", "Expires on must not be before cleared on"),
        ("expires_on", "registered_on", "Expires on must not be before registered on"),
    ] {
        if let (Some(end), Some(begin)) = (day(later), day(earlier))
            && end < begin
            && !faults.iter().any(|fault| fault.key == later)
        {
            let key = fields_of(standard).find(|rule| rule.key == later).map_or(later, |rule| rule.key);
            faults.push(fault(key, &entry[later], sentence));
        }
    }
    if entry.get("body").is_some_and(|body| is_gmc(body))
        && let Some(number) = entry.get("registration_number")
        && !matches!(GmcNumber::read(number), Ok(Some(_)))
    {
        faults.push(fault("registration_number", number, "A GMC number must be 7 digits"));
    }
    let barred = ["adults_barred_list", "children_barred_list"];
    for key in barred {
        let said_yes = entry.get(key).is_some_and(|said| said == "yes");
        if said_yes && entry.get("dbs_type").is_some_and(|kind| kind != "Enhanced with barred list(s) check") {
            faults.push(fault(key, "yes", "Only an enhanced check with barred list(s) looks at a barred list"));
        }
    }
    let verified = entry.get("identity_verified").map(String::as_str);
    if standard == Standard::RightToWork && status.is_cleared() && verified == Some("no") {
        let sentence = "The right to work is not clear while the identity is not verified";
        faults.push(fault("identity_verified", "no", sentence));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
        fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn keys(standard: Standard, status: Status, fields: &[(&str, &str)]) -> Vec<&'static str> {
        let today = "2026-05-06".parse().unwrap();
        read(standard, status, &said(fields), today).err().unwrap_or_default().iter().map(|fault| fault.key).collect()
    }

    #[test]
    fn what_each_state_needs() {
        use Standard::*;
        use Status::*;
        let cleared = [("cleared_on", "2026-05-05"), ("checked_by", "Amara Obi")];
        assert_eq!(keys(Identity, Clear, &[]), ["cleared_on", "checked_by"]);
        assert_eq!(keys(Identity, Clear, &cleared), [""; 0]);
        assert_eq!(keys(Identity, ClearWithConditions, &cleared), ["note"]);
        assert_eq!(
            keys(WorkHealth, ClearWithConditions, &cleared),
            [""; 0],
            "what the conditions are is no business of ours"
        );
        assert_eq!(keys(References, Failed, &[]), ["note"]);
        assert_eq!(keys(References, NotRequired, &[]), ["note"]);
        assert_eq!(keys(References, Received, &[]), ["received_on"]);
        assert_eq!(keys(CriminalRecord, Clear, &cleared), ["dbs_type", "certificate_number", "issued_on", "workforce"]);
        assert_eq!(keys(Registration, Clear, &cleared), ["body", "registration_number"]);
        assert_eq!(keys(RightToWork, Clear, &cleared), ["identity_verified"]);
        assert_eq!(keys(RightToWork, InProgress, &[]), [""; 0]);
    }

    #[test]
    fn a_gmc_number_is_the_doctors_own() {
        let number = |body: &str, number: &str, status: Status, own: Option<&str>| {
            number_of_another(status, &said(&[("body", body), ("registration_number", number)]), own).is_some()
        };
        assert!(number("GMC", "1234567", Status::Clear, Some("9779858")));
        assert!(number("General Medical Council", " 1234567 ", Status::InProgress, Some("9779858")));
        assert!(number("G.M.C.", "1234567", Status::Clear, Some("9779858")));
        assert!(!number("GMC", "9779858", Status::Clear, Some("9779858")));
        assert!(!number("GMC", "1234567", Status::Failed, Some("9779858")), "what was found is recorded");
        assert!(!number("GMC", "1234567", Status::Clear, None), "nothing to compare with");
        assert!(!number("NMC", "1234567", Status::Clear, Some("9779858")));
    }

    #[test]
    fn what_a_field_may_hold() {
        use Standard::*;
        for (standard, key, bad) in [
            (CriminalRecord, "certificate_number", "00123456789"),
            (CriminalRecord, "certificate_number", "0012345678X1"),
            (CriminalRecord, "dbs_type", "Enhanced"),
            (CriminalRecord, "registered_body_number", "1"),
            (Identity, "requested_on", "31/2/2026"),
            (Identity, "requested_on", "2026-05-07"),
            (Identity, "checked_by", "a\nb"),
            (RightToWork, "identity_verified", "maybe"),
        ] {
            assert_eq!(keys(standard, Status::InProgress, &[(key, bad)]), [key], "{bad}");
        }
        let order = [("requested_on", "2026-05-02"), ("received_on", "2026-05-01")];
        assert_eq!(keys(Identity, Status::InProgress, &order), ["received_on"]);
        let gmc = [("body", "GMC"), ("registration_number", "12345")];
        assert_eq!(keys(Registration, Status::InProgress, &gmc), ["registration_number"]);
        let barred = [("dbs_type", "Basic check"), ("adults_barred_list", "yes")];
        assert_eq!(keys(CriminalRecord, Status::InProgress, &barred), ["adults_barred_list"]);
        let note = [("note", "high blood pressure"), ("evidence_ref", "OH/1")];
        let read = read(WorkHealth, Status::InProgress, &said(&note), "2026-05-06".parse().unwrap());
        assert_eq!(read.unwrap(), Entry::new(), "health information is never kept");
    }
}
