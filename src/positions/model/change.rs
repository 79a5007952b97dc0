use chrono::NaiveDate;

use super::HostOrLead;

/// A value that a change leaves as it is, or sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Set<T> {
    #[default]
    Leave,
    To(T),
}

impl<T: Clone> Set<T> {
    /// The value after the change.
    pub fn of(&self, current: &T) -> T {
        match self {
            Self::Leave => current.clone(),
            Self::To(value) => value.clone(),
        }
    }

    pub fn is_set(&self) -> bool {
        matches!(self, Self::To(_))
    }
}

/// What somebody wants a position to say from a day on. `To(None)` clears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionChange {
    pub position_id: String,
    pub effective_from: NaiveDate,
    pub name: Set<String>,
    pub job_role: Set<Option<String>>,
    pub workplace_code: Set<Option<String>>,
    pub hiring_status: Set<Option<String>>,
    pub position_type: Set<Option<String>>,
    pub budgeted_fte: Set<Option<String>>,
    pub dpn: Set<Option<String>>,
    pub managing_body: Set<Option<String>>,
    pub host_or_lead: Set<Option<HostOrLead>>,
    pub out_of_hours: Set<Option<String>>,
    pub rota_pattern: Set<Option<String>>,
    pub prospective_cover: Set<Option<String>>,
    /// The position's last day; `To(None)` opens it again.
    pub end_on: Set<Option<NaiveDate>>,
    /// The fingerprint of the position as the caller saw it, where somebody looked at it before.
    pub seen: Option<String>,
    /// Whether what only warns was seen and is wanted all the same.
    pub confirmed: bool,
}

impl PositionChange {
    /// A change of nothing yet.
    pub fn new(position_id: impl Into<String>, effective_from: NaiveDate) -> Self {
        Self {
            position_id: position_id.into(),
            effective_from,
            name: Set::Leave,
            job_role: Set::Leave,
            workplace_code: Set::Leave,
            hiring_status: Set::Leave,
            position_type: Set::Leave,
            budgeted_fte: Set::Leave,
            dpn: Set::Leave,
            managing_body: Set::Leave,
            host_or_lead: Set::Leave,
            out_of_hours: Set::Leave,
            rota_pattern: Set::Leave,
            prospective_cover: Set::Leave,
            end_on: Set::Leave,
            seen: None,
            confirmed: false,
        }
    }
}

/// A position that is not in ESR yet: its id and, where none is given, its number are ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub position_number: Option<String>,
    pub title: String,
    pub occupation_code: String,
    /// The area of work, which is the specialty in words.
    pub area: String,
    pub staff_group: Option<String>,
    pub job_role: Option<String>,
    pub pay_scale: Option<String>,
    pub organisation_id: Option<String>,
    pub workplace_code: Option<String>,
    pub position_type: Option<String>,
    pub budgeted_fte: Option<String>,
    pub effective_from: NaiveDate,
    pub end_on: Option<NaiveDate>,
    pub dpn: Option<String>,
    pub managing_body: Option<String>,
    pub host_or_lead: Option<HostOrLead>,
    pub out_of_hours: Option<String>,
    pub rota_pattern: Option<String>,
    pub prospective_cover: Option<String>,
    pub confirmed: bool,
}

/// The part of a form, or the column of a spreadsheet, that a refusal or a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeField {
    Position,
    EffectiveFrom,
    Name,
    Dpn,
    ManagingBody,
    HostOrLead,
    EndOn,
    BudgetedFte,
    PositionNumber,
    Other,
}

impl ChangeField {
    /// Its name in forms and spreadsheets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::EffectiveFrom => "effective_from",
            Self::Name => "name",
            Self::Dpn => "deanery_post_number",
            Self::ManagingBody => "managing_deanery_body",
            Self::HostOrLead => "host_lead_status",
            Self::EndOn => "end_on",
            Self::BudgetedFte => "budgeted_fte",
            Self::PositionNumber => "position_number",
            Self::Other => "note",
        }
    }
}
