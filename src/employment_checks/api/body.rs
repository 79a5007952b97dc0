use std::collections::BTreeMap;
use std::fmt;

use actix_web::http::StatusCode;
use chrono::NaiveDate;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::employment_checks::model::{Check, Checks, FIELDS, Kind, Standard, Status, fields_of, is_day};
use crate::employment_checks::store::Applicant;
use crate::error::{ApiError, FieldProblem};

/// One applicant with the state of each check.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicantBody {
    pub application_id: Uuid,
    #[schema(example = "900000001")]
    pub applicant_number: String,
    pub last_name: String,
    pub first_name: String,
    #[schema(example = "9779858")]
    pub gmc_number: Option<String>,
    #[schema(example = "KSS/R9A01/024/STR/004")]
    pub deanery_post_number: String,
    pub position_number: String,
    /// The projected hire date.
    pub starts_on: NaiveDate,
    /// Where the application stands, such as OFFERED_POST_CONDITIONAL.
    pub application_status: String,
    /// By standard.
    pub checks: BTreeMap<String, String>,
}

impl ApplicantBody {
    pub fn of(one: Applicant, checks: &Checks) -> Self {
        let states = checks.0.iter().map(|check| (check.standard.code().to_owned(), check.status.wire()));
        Self {
            application_id: one.application_id,
            applicant_number: one.applicant_number,
            last_name: one.last_name,
            first_name: one.first_name,
            gmc_number: one.gmc_number,
            deanery_post_number: one.dpn,
            position_number: one.position_number,
            starts_on: one.hire_on,
            application_status: one.status.to_uppercase(),
            checks: states.collect(),
        }
    }
}

/// A page of applicants.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApplicantPage {
    pub applications: Vec<ApplicantBody>,
    /// What the next page is asked for by, as `after`; null on the last.
    pub next: Option<String>,
}

/// A check as it stands: the same fields that are set, with the standard and the version.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckBody {
    #[schema(example = "right-to-work")]
    pub standard: String,
    /// 0 until something is said of it; as an ETag in If-Match.
    pub version: i32,
    #[serde(flatten)]
    pub check: SetCheck,
}

/// What is said of a check. Fields that a standard does not have are refused; the work health assessment has an outcome, dates and who
/// made it, and nothing about health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(example = json!({ "status": "CLEAR", "requestedOn": "2026-04-20", "clearedOn": "2026-05-01", "checkedBy": "Yoti Ltd",
    "identityVerified": true, "gpg45Profile": "H1A", "expiresOn": "2028-09-30" }))]
pub struct SetCheck {
    /// NOT_STARTED, IN_PROGRESS, RECEIVED, CLEAR, CLEAR_WITH_CONDITIONS, FAILED or NOT_REQUIRED.
    #[schema(example = "CLEAR")]
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_on: Option<NaiveDate>,
    /// Needed when the status is CLEAR or CLEAR_WITH_CONDITIONS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared_on: Option<NaiveDate>,
    /// A person or an identity service provider; needed when the status is CLEAR or CLEAR_WITH_CONDITIONS.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub checked_by: Option<String>,
    /// Where the evidence is filed; not the evidence itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub evidence_ref: Option<String>,
    /// The last day on which the check holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// Conditions or reason; needed when CLEAR_WITH_CONDITIONS, FAILED or NOT_REQUIRED.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// criminal-record: Basic check, Standard check, Enhanced check or Enhanced with barred list(s) check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dbs_type: Option<String>,
    /// criminal-record: 12 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_number: Option<String>,
    /// criminal-record: when the certificate was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<NaiveDate>,
    /// criminal-record: Child, Adult, or Child and Adult.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workforce: Option<String>,
    /// criminal-record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adults_barred_list_checked: Option<bool>,
    /// criminal-record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children_barred_list_checked: Option<bool>,
    /// criminal-record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub information_disclosed: Option<bool>,
    /// criminal-record: 11 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_body_number: Option<String>,
    /// criminal-record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub registered_body_name: Option<String>,
    /// right-to-work: the names on the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub legal_names: Option<String>,
    /// right-to-work: the birth date on the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// right-to-work: needed when clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_verified: Option<bool>,
    /// right-to-work: where an identity service provider checked, such as H1A.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10)]
    pub gpg45_profile: Option<String>,
    /// registration: such as General Medical Council.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub body: Option<String>,
    /// registration: 7 digits where the body is the GMC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 30)]
    pub registration_number: Option<String>,
    /// registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_on: Option<NaiveDate>,
    /// registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revalidation_on: Option<NaiveDate>,
    /// registration: when the register was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_checked_on: Option<NaiveDate>,
}

impl CheckBody {
    pub fn of(check: &Check) -> Self {
        let mut fields = Map::new();
        fields.insert("status".to_owned(), Value::String(check.status.wire()));
        for rule in fields_of(check.standard) {
            let value = match (check.field(rule.key), rule.kind) {
                ("", _) => continue,
                (value, Kind::YesNo) => Value::Bool(value == "yes"),
                (value, _) => Value::String(value.to_owned()),
            };
            fields.insert(rule.json.to_owned(), value);
        }
        let said = serde_json::from_value(Value::Object(fields)).unwrap_or_default();
        Self { standard: check.standard.code().to_owned(), version: check.version, check: said }
    }
}

/// An object whose names come once each: of two values of one name nobody can say which was meant.
struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Object, A::Error> {
                let mut map = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if map.insert(name.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("the field {name:?} comes twice")));
                    }
                }
                Ok(Object(map))
            }
        }
        input.deserialize_map(Once)
    }
}

/// What is wrong with the fields of a body that could be read.
pub fn unprocessable(errors: Vec<FieldProblem>) -> ApiError {
    let detail = "Correct the fields listed under errors and send the request again. Nothing was changed.";
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "The check cannot be taken", detail).with_errors(errors)
}

/// Reads a body: the status, and the fields by the keys of the model. Every fault is told, not the first alone.
pub fn parse(standard: Standard, bytes: &[u8]) -> Result<(Status, BTreeMap<String, String>), ApiError> {
    let Object(mut sent) = serde_json::from_slice(bytes).map_err(|error| {
        let detail = format!("The body is not one JSON object in UTF-8 without a byte order mark: {error}.");
        ApiError::new(StatusCode::BAD_REQUEST, "The body cannot be read", detail)
    })?;
    let (mut fields, mut errors) = (BTreeMap::new(), Vec::new());
    let mut refuse = |field: &str, value: &Value, problem: String| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = value.chars().take(200).collect();
        errors.push(FieldProblem { field: field.to_owned(), value, problem });
    };
    let codes = || Status::ALL.iter().map(|status| status.wire()).collect::<Vec<_>>().join(", ");
    let status = match sent.remove("status") {
        None => {
            refuse("status", &Value::String(String::new()), format!("Send one of {}", codes()));
            Status::NotStarted
        }
        Some(value) => {
            let known = Status::ALL.iter().find(|status| value.as_str() == Some(&status.wire()));
            if known.is_none() {
                refuse("status", &value, format!("Send one of {}", codes()));
            }
            known.copied().unwrap_or(Status::NotStarted)
        }
    };
    for (name, value) in &sent {
        let Some(rule) = FIELDS.iter().find(|rule| rule.json == name) else {
            let name: String = name.chars().take(100).collect();
            refuse(&name, value, "This is not a field of a check. Leave it out".to_owned());
            continue;
        };
        if !rule.standards.contains(&standard) {
            refuse(name, value, format!("The check {} does not have this field. Leave it out", standard.code()));
            continue;
        }
        match (rule.kind, value) {
            (_, Value::Null) => {}
            (Kind::YesNo, Value::Bool(said)) => {
                fields.insert(rule.key.to_owned(), if *said { "yes" } else { "no" }.to_owned());
            }
            (Kind::YesNo, _) => refuse(name, value, "Send true or false".to_owned()),
            (Kind::Date, Value::String(text)) if !is_day(text) => {
                refuse(name, value, "Send a real date as YYYY-MM-DD, such as 2026-05-06".to_owned());
            }
            (_, Value::String(text)) if text.contains('\0') => {
                refuse(name, value, "Send text without the character U+0000".to_owned());
            }
            (_, Value::String(text)) => {
                fields.insert(rule.key.to_owned(), text.clone());
            }
            _ => refuse(name, value, "Send text in quotation marks, or leave it out".to_owned()),
        }
    }
    if errors.is_empty() { Ok((status, fields)) } else { Err(unprocessable(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_body_has_exactly_the_fields_of_the_table() {
        let all = Value::Object(
            FIELDS
                .iter()
                .map(|rule| {
                    let value = match rule.kind {
                        Kind::YesNo => Value::Bool(true),
                        Kind::Date => Value::String("2026-05-06".to_owned()),
                        _ => Value::String("x".to_owned()),
                    };
                    (rule.json.to_owned(), value)
                })
                .collect(),
        );
        let body: SetCheck = serde_json::from_value(all.clone()).unwrap();
        let Value::Object(mut back) = serde_json::to_value(&body).unwrap() else { panic!("an object") };
        back.remove("status");
        assert_eq!(Value::Object(back), all);
    }
}
