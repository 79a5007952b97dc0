use super::Standard::{self, *};

/// What a field of a check may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of at most so many characters.
    Text(usize),
    /// Several lines of at most so many characters.
    Note(usize),
    Date,
    /// Exactly so many digits.
    Digits(usize),
    /// `yes` or `no`.
    YesNo,
    OneOf(&'static [&'static str]),
}

/// A field of a check: one table for the form, the API and the rules.
#[derive(Debug)]
pub struct FieldRule {
    /// As it is stored.
    pub key: &'static str,
    /// As the API writes it.
    pub json: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: Kind,
    /// The standards that have it.
    pub standards: &'static [Standard],
}

/// All but the work health assessment, of which only the outcome stands here.
const OPEN: &[Standard] = &[Identity, Registration, References, RightToWork, CriminalRecord];
const NAMED_BY: &[Standard] = &[Identity, Registration, References, RightToWork, WorkHealth, CriminalRecord];
const DBS: &[Standard] = &[CriminalRecord];
const WORK: &[Standard] = &[RightToWork];
const BODY: &[Standard] = &[Registration];

const fn rule(
    key: &'static str,
    json: &'static str,
    label: &'static str,
    hint: &'static str,
    kind: Kind,
    standards: &'static [Standard],
) -> FieldRule {
    FieldRule { key, json, label, hint, kind, standards }
}

/// In the order of the form.
pub const FIELDS: &[FieldRule] = &[
    rule("requested_on", "requestedOn", "Requested on", "", Kind::Date, NAMED_BY),
    rule("received_on", "receivedOn", "Received on", "", Kind::Date, NAMED_BY),
    rule("cleared_on", "clearedOn", "Cleared on", "Needed when the check is clear", Kind::Date, NAMED_BY),
    rule(
        "checked_by",
        "checkedBy",
        "Checked by",
        "A person, or the identity service provider, such as Yoti Ltd",
        Kind::Text(100),
        NAMED_BY,
    ),
    rule(
        "evidence_ref",
        "evidenceRef",
        "Evidence reference",
        "Where the evidence is filed; not the evidence itself",
        Kind::Text(100),
        OPEN,
    ),
    rule("dbs_type", "dbsType", "Type of DBS check", "", Kind::OneOf(DBS_TYPES), DBS),
    rule("certificate_number", "certificateNumber", "Certificate number", "12 digits", Kind::Digits(12), DBS),
    rule("issued_on", "issuedOn", "Issued on", "", Kind::Date, DBS),
    rule("workforce", "workforce", "Workforce", "", Kind::OneOf(&["Child", "Adult", "Child and Adult"]), DBS),
    rule("adults_barred_list", "adultsBarredListChecked", "Adults' barred list checked", "", Kind::YesNo, DBS),
    rule("children_barred_list", "childrenBarredListChecked", "Children's barred list checked", "", Kind::YesNo, DBS),
    rule("information_disclosed", "informationDisclosed", "Information disclosed", "", Kind::YesNo, DBS),
    rule(
        "registered_body_number",
        "registeredBodyNumber",
        "Registered body number",
        "11 digits",
        Kind::Digits(11),
        DBS,
    ),
    rule("registered_body_name", "registeredBodyName", "Registered body name", "", Kind::Text(100), DBS),
    rule("legal_names", "legalNames", "Legal names on the document", "", Kind::Text(200), WORK),
    rule("date_of_birth", "dateOfBirth", "Date of birth on the document", "", Kind::Date, WORK),
    rule("identity_verified", "identityVerified", "Identity verified", "", Kind::YesNo, WORK),
    rule(
        "gpg45_profile",
        "gpg45Profile",
        "GPG45 profile",
        "Where a service provider checked, such as H1A",
        Kind::Text(10),
        WORK,
    ),
    rule("body", "body", "Professional body", "", Kind::Text(100), BODY),
    rule("registration_number", "registrationNumber", "Registration number", "", Kind::Text(30), BODY),
    rule("registered_on", "registeredOn", "Registered on", "", Kind::Date, BODY),
    rule("revalidation_on", "revalidationOn", "Revalidation due on", "", Kind::Date, BODY),
    rule("register_checked_on", "registerCheckedOn", "Register checked on", "", Kind::Date, BODY),
    rule(
        "expires_on",
        "expiresOn",
        "Expires on",
        "The last day on which the check holds, where it has one: a visa's end, a registration's expiry",
        Kind::Date,
        OPEN,
    ),
    rule(
        "note",
        "note",
        "Conditions or reason",
        "What the conditions are, why the check failed, or why none is needed",
        Kind::Note(2_000),
        OPEN,
    ),
];

const DBS_TYPES: &[&str] = &["Basic check", "Standard check", "Enhanced check", "Enhanced with barred list(s) check"];

/// The fields that a standard has, in the order of the form.
pub fn fields_of(standard: Standard) -> impl Iterator<Item = &'static FieldRule> {
    FIELDS.iter().filter(move |rule| rule.standards.contains(&standard))
}
