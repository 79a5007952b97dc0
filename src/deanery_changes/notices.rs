//! The items that changes are raised as: what each body conveys, in our own words.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::model::{Kind, Told, path, subject_key};
use super::store::{Post, Standing};
use crate::access::Right;
use crate::notifications::store::own_key;
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft};
use crate::rotation::model::Named;
use crate::tenancy::VpdTx;
use crate::ui::dates;

/// The words for a doctor who is not known here by any number.
pub const NUMBER_UNAVAILABLE: &str = "Number Unavailable - Person has been removed from the position and does not have a GMC record in this \
                                      VPD, so unable to identify Applicant/Employee Number";

/// The words beside the number of a doctor who is known.
pub const REMOVED: &str = "Person has been removed from the position in ESR";

/// The kinds of item of a withdrawal: of an applicant, and of somebody employed.
pub const WITHDRAWN: &str = "dit_wdraw";
pub const LEAVER: &str = "dit_leaver";
/// Title and sentence of the item about an applicant whom the deanery withdrew.
pub const WITHDRAWN_APPLICANT: (&str, &str) =
    ("Withdrawn by the deanery", "Withdrawn from the placement: take the steps to withdraw the applicant record.");
/// Title and sentence of the item about a withdrawn doctor who is employed.
pub const WITHDRAWN_EMPLOYEE: (&str, &str) = (
    "End the employment",
    "Withdrawn from the placement. This doctor is employed here already, so nothing ends by itself.",
);

/// The file that told a change.
#[derive(Clone, Debug)]
pub struct FromFile {
    pub file_id: Uuid,
    pub file_name: String,
    pub body_code: String,
    pub today: NaiveDate,
}

/// A change that is to be raised, with whom and what it is about.
#[derive(Clone, Debug)]
pub struct Raised<'a> {
    pub change_id: Uuid,
    pub told: &'a Told,
    pub standing: Option<&'a Standing>,
    pub post: Option<&'a Post>,
    /// Why it is for information: the applicant did not come in time.
    pub not_found: Option<&'a str>,
}

impl Raised<'_> {
    /// Whether the doctor holds the post as an employee, so that no application can be withdrawn.
    pub fn is_of_somebody_employed(&self) -> bool {
        self.standing.is_some_and(Standing::is_employed_at_post)
    }
}

/// `3: Other`, and for a code that the list lacks `7: Unknown reason`.
pub fn withdrawal_reason(code: Option<&str>, labels: &HashMap<String, String>) -> String {
    match code {
        None => String::new(),
        Some(code) => format!("{code}: {}", labels.get(code).map_or("Unknown reason", String::as_str)),
    }
}

/// The number under which a withdrawn doctor is known here, in the words of the source.
pub fn number_text(standing: Option<&Standing>) -> String {
    let number = standing.and_then(|found| {
        let (who, employed) = (&found.who, found.who.is_employed());
        let first = if employed { &who.employee_number } else { &who.applicant_number };
        first.clone().or_else(|| who.applicant_number.clone()).or_else(|| who.employee_number.clone())
    });
    match number {
        Some(number) => format!("{number} {REMOVED}"),
        None => NUMBER_UNAVAILABLE.to_owned(),
    }
}

fn status_words(standing: Option<&Standing>) -> String {
    let Some(found) = standing else { return String::new() };
    let employed = if found.who.is_employed() { "Employee" } else { "Applicant" };
    match found.who.user_type.as_deref().filter(|_| found.who.is_employed()) {
        Some(kind) => kind.to_owned(),
        None => employed.to_owned(),
    }
}

fn text(value: Option<&str>) -> &str {
    value.unwrap_or_default()
}

/// Label and value of everything that the body of the notification says of one change.
pub fn details(raised: &Raised<'_>, labels: &HashMap<String, String>) -> Vec<(&'static str, String)> {
    let told = raised.told;
    let named = |who: &Named| {
        vec![
            ("Last name", text(who.last_name.as_deref()).to_owned()),
            ("First name", text(who.first_name.as_deref()).to_owned()),
            ("GMC number supplied by LETB", text(who.gmc_number.as_deref()).to_owned()),
        ]
    };
    let mut rows = Vec::new();
    match told.kind {
        Kind::Withdrawal => {
            rows.extend(named(&told.who));
            rows.push(("Employee/Applicant Number", number_text(raised.standing)));
            rows.push(("Employee status", status_words(raised.standing)));
            rows.push(("Withdrawal reason", withdrawal_reason(told.reason_code.as_deref(), labels)));
        }
        Kind::Dates => {
            rows.extend(named(&told.who));
            rows.push(("New projected hire date", told.hire_on.map(dates::day).unwrap_or_default()));
            rows.push(("New projected end date", told.end_on.map(dates::day).unwrap_or_default()));
        }
        Kind::Replacement => {
            rows.extend(named(&told.who));
            rows.push(("Current placement", text(told.current_place.as_deref()).to_owned()));
            rows.push(("Projected hire date", told.hire_on.map(dates::day).unwrap_or_default()));
        }
        Kind::NewPost => {
            rows.push(("Training Post Number", told.dpn.clone()));
            rows.push(("Site or location", text(told.site.as_deref()).to_owned()));
            rows.push(("Specialty", text(told.specialty.as_deref()).to_owned()));
            rows.push(("Effective date", String::new()));
        }
    }
    rows
}

/// The position as the body of a withdrawal shows it.
pub fn position_details(told: &Told, post: Option<&Post>) -> Vec<(&'static str, String)> {
    let of = |get: fn(&Post) -> Option<String>| post.and_then(get).unwrap_or_default();
    vec![
        ("ESR Position ID", of(|post| Some(post.position_id.clone()))),
        ("Training Post Number", told.dpn.clone()),
        ("Managing LETB", of(|post| post.managing_body.clone())),
        ("Position title", of(|post| Some(post.name.clone()))),
        ("Occupation code", told.occupation_code.clone().unwrap_or_else(|| of(|post| post.occupation_code.clone()))),
        ("Job", of(|post| post.job_role.clone())),
        ("Host/Lead status", text(told.host_or_lead.as_deref()).to_owned()),
        ("Organisation", of(|post| post.organisation.clone())),
        ("Lead Trust", of(|post| post.lead_trust.clone())),
        ("Location", of(|post| post.location.clone())),
    ]
}

/// What changes by new dates: field, now, new.
pub fn comparison(told: &Told, standing: Option<&Standing>) -> Vec<[String; 3]> {
    let said = |day: Option<NaiveDate>| day.map(dates::day).unwrap_or_default();
    let now =
        standing.map(|found| (found.who.hire_on, found.who.end_on.or(found.who.contract_end_on))).unwrap_or_default();
    vec![
        ["Projected hire date".to_owned(), said(now.0), said(told.hire_on)],
        ["Projected end date".to_owned(), said(now.1), said(told.end_on)],
    ]
}

fn sentence(raised: &Raised<'_>) -> String {
    let told = raised.told;
    let employed = raised.is_of_somebody_employed();
    let both = match (told.hire_on, told.end_on) {
        (Some(hire), Some(end)) => format!("hire date {} and end date {}", dates::day(hire), dates::day(end)),
        (Some(hire), None) => format!("hire date {}; no end date was given", dates::day(hire)),
        (None, Some(end)) => format!("end date {}; no hire date was given", dates::day(end)),
        (None, None) => "no date was given".to_owned(),
    };
    match told.kind {
        Kind::Withdrawal if employed => WITHDRAWN_EMPLOYEE.1.to_owned(),
        Kind::Withdrawal if raised.standing.is_none() => {
            format!("Withdrawn from the placement. {NUMBER_UNAVAILABLE}.")
        }
        Kind::Withdrawal => WITHDRAWN_APPLICANT.1.to_owned(),
        Kind::Dates if told.unannounced => {
            let said = [("hire date", told.hire_on), ("end date", told.end_on)];
            let both = said.into_iter().find_map(|(name, day)| day.map(|day| format!("{name} {}", dates::day(day))));
            let both = both.unwrap_or_default();
            format!("Dates changed without notice: the rotation grid says {both}, and the deanery sent no change of dates.")
        }
        Kind::Dates => match raised.not_found {
            Some(why) => format!("New {both}. {why}"),
            None => format!("New {both}."),
        },
        Kind::Replacement => format!("Placed in this post in place of another, {both}."),
        Kind::NewPost => {
            "A training post that no position here carries. Ask the deanery for the details, then draft the position or link one.".to_owned()
        }
    }
}

fn item(file: &FromFile, raised: &Raised<'_>, role: Right, labels: &HashMap<String, String>) -> ItemDraft {
    let told = raised.told;
    let class = if raised.not_found.is_some() { ItemClass::Information } else { ItemClass::Action };
    let key = match role {
        Right::MedicalStaffingOfficer => subject_key(raised.change_id),
        other => own_key(&subject_key(raised.change_id), other),
    };
    let employed = raised.is_of_somebody_employed();
    let title = match told.kind {
        Kind::Withdrawal if employed => WITHDRAWN_EMPLOYEE.0,
        Kind::Withdrawal => WITHDRAWN_APPLICANT.0,
        Kind::Dates if told.unannounced => "Dates changed without notice",
        Kind::Dates => "Projected dates changed",
        Kind::Replacement => "Replacement applicant",
        Kind::NewPost => "New training post",
    };
    // Somebody who is employed is never withdrawn by a button here: ending an employment is a task of its own.
    let kind = if told.kind == Kind::Withdrawal && employed { LEAVER } else { told.kind.item_kind() };
    let mut item = ItemDraft::new(kind, role, class, key, title);
    let name = told.who.in_list();
    item.person_name = (!name.is_empty()).then_some(name);
    item.gmc_number = told.who.gmc_number.clone();
    item.dpn = Some(told.dpn.clone());
    item.position_id = raised.post.map(|post| post.position_id.clone());
    item.position_number = raised.post.map(|post| post.position_number.clone());
    item.position_name = raised.post.map(Post::title).or_else(|| told.specialty.clone());
    item.takes_effect_on = match told.kind {
        Kind::Withdrawal => raised.standing.and_then(|found| found.who.hire_on),
        Kind::Dates => told.hire_on.or(told.end_on),
        Kind::Replacement => told.hire_on,
        Kind::NewPost => None,
    };
    item.person_id = raised.standing.map(|found| found.who.person_id.clone());
    item.application_id = raised.standing.and_then(|found| found.who.application_id);
    item.file_id = Some(file.file_id);
    item.record_no = Some(told.record_no);
    item.link = Some(path(told.kind, raised.change_id));
    let mut facts = json!({ "text": sentence(raised), "details": details(raised, labels) });
    match told.kind {
        Kind::Withdrawal => facts["position"] = json!(position_details(told, raised.post)),
        Kind::Dates => facts["compare"] = json!(comparison(told, raised.standing)),
        Kind::Replacement | Kind::NewPost => {}
    }
    item.facts = facts;
    item
}

/// Raises changes: one message for each kind and specialty of the file, an item for each change and role.
pub async fn raise(
    tx: &mut VpdTx,
    file: &FromFile,
    raised: &[Raised<'_>],
    labels: &HashMap<String, String>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut messages: BTreeMap<(&'static str, String), (MessageDraft, Vec<ItemDraft>)> = BTreeMap::new();
    for one in raised {
        let kind = one.told.kind;
        let specialty = one.told.specialty.clone().unwrap_or_default();
        let entry = messages.entry((kind.code(), specialty.to_lowercase())).or_insert_with(|| {
            let message = MessageDraft {
                kind: kind.message_type(),
                title: kind.title(one.told.specialty.as_deref()),
                dedupe_key: format!("{}:{}:{}", kind.item_kind(), file.file_id, specialty.to_lowercase()),
                file: Some((file.file_id, file.file_name.clone())),
                body_code: Some(file.body_code.clone()),
                dated_on: file.today,
            };
            (message, Vec::new())
        });
        entry.1.extend(kind.told().iter().map(|role| item(file, one, *role, labels)));
    }
    for (message, items) in messages.into_values() {
        notifications::raise(tx, &message, &items, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawal_reason_is_shown_with_its_label_or_as_unknown() {
        let labels = HashMap::from([("3".to_owned(), "Other".to_owned())]);
        for (code, shown) in [(Some("3"), "3: Other"), (Some("7"), "7: Unknown reason"), (None, "")] {
            assert_eq!(withdrawal_reason(code, &labels), shown);
        }
    }
}
