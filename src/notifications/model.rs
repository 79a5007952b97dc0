use chrono::NaiveDate;
use serde_json::Value;
use uuid::Uuid;

use crate::access::Right;

/// One of the four causes of a notification (Operational Alignment: Recruitment).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    SystemToPerson,
    SystemToRole,
    EmployeeOrManager,
    ProfessionalUser,
}

impl Cause {
    pub const ALL: &'static [Self] =
        &[Self::SystemToPerson, Self::SystemToRole, Self::EmployeeOrManager, Self::ProfessionalUser];

    pub fn code(self) -> &'static str {
        match self {
            Self::SystemToPerson => "system_to_person",
            Self::SystemToRole => "system_to_role",
            Self::EmployeeOrManager => "employee_or_manager",
            Self::ProfessionalUser => "professional_user",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::SystemToPerson => "System, to an employee or manager",
            Self::SystemToRole => "System, to a role holder",
            Self::EmployeeOrManager => "An employee's or manager's action",
            Self::ProfessionalUser => "A professional user's action",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|cause| cause.code() == code)
    }
}

/// Types of message, by the keys of the notifications catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// Deanery Applicant Notification.
    DitApp,
    /// Medical rotation: the grid was told anew.
    DitMedrot,
    /// Applicants withdrawn by the deanery.
    DitWdraw,
    /// Projected hire or end dates changed by the deanery.
    DitDates,
    /// A training post created by the deanery.
    DitNewpost,
    /// Another applicant in place of one.
    DitReplace,
    /// Deanery - Jnr. Doctor Starter(s).
    DitStarter,
    /// An interface file that needs somebody: refused, held, late, a gap, many failures.
    DitFile,
    /// A fault of data that files brought: a claimed position, a record that belongs to nobody.
    DataQuality,
    /// Nobody holds a right that work waits for.
    RoleGap,
    /// What the DPN report counted in the night.
    DpnQuality,
    /// A mass update of positions is finished.
    MassUpdateDone,
    /// A request to the operators, such as to go live.
    Request,
    /// The operators' answer to a request.
    RequestAnswered,
}

impl MessageType {
    pub const ALL: &'static [Self] = &[
        Self::DitApp,
        Self::DitWdraw,
        Self::DitDates,
        Self::DitNewpost,
        Self::DitReplace,
        Self::DitMedrot,
        Self::DitStarter,
        Self::DitFile,
        Self::DataQuality,
        Self::RoleGap,
        Self::DpnQuality,
        Self::MassUpdateDone,
        Self::Request,
        Self::RequestAnswered,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::DitApp => "DIT-APP",
            Self::DitMedrot => "DIT-MEDROT",
            Self::DitWdraw => "DIT-WDRAW",
            Self::DitDates => "DIT-DATES",
            Self::DitNewpost => "DIT-NEWPOST",
            Self::DitReplace => "DIT-REPLACE",
            Self::DitStarter => "DIT-STARTER",
            Self::DitFile => "DIT-FILE",
            Self::DataQuality => "DATA-QUALITY",
            Self::RoleGap => "ROLE-GAP",
            Self::DpnQuality => "DPN-DQ",
            Self::MassUpdateDone => "MU-DONE",
            Self::Request => "REQUEST",
            Self::RequestAnswered => "REQ-ANSWER",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::DitApp => "Deanery Applicant Notification",
            Self::DitMedrot => "Medical rotation",
            Self::DitWdraw => "Applicants withdrawn",
            Self::DitDates => "Change to hire or end date",
            Self::DitNewpost => "New training post",
            Self::DitReplace => "Replacement applicant",
            Self::DitStarter => "Deanery - Jnr. Doctor Starter(s)",
            Self::DitFile => "Interface file",
            Self::DataQuality => "Data quality",
            Self::RoleGap => "Role without a holder",
            Self::DpnQuality => "DPN report",
            Self::MassUpdateDone => "Mass update",
            Self::Request => "Request to Support",
            Self::RequestAnswered => "Answer to a request",
        }
    }

    pub fn cause(self) -> Cause {
        match self {
            Self::DitApp
            | Self::DitMedrot
            | Self::DitWdraw
            | Self::DitDates
            | Self::DitNewpost
            | Self::DitReplace
            | Self::DitStarter
            | Self::DitFile
            | Self::DataQuality
            | Self::RoleGap
            | Self::DpnQuality => Cause::SystemToRole,
            Self::MassUpdateDone | Self::Request | Self::RequestAnswered => Cause::ProfessionalUser,
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// Whether an item asks for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemClass {
    Action,
    Information,
}

impl ItemClass {
    pub fn code(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Information => "information",
        }
    }
}

/// A message to be raised; of the same `dedupe_key` there is one in each organisation, and items are added to it.
#[derive(Clone, Debug)]
pub struct MessageDraft {
    pub kind: MessageType,
    pub title: String,
    pub dedupe_key: String,
    pub file: Option<(Uuid, String)>,
    pub body_code: Option<String>,
    pub dated_on: NaiveDate,
}

/// One thing to do, to be added to a message.
#[derive(Clone, Debug)]
pub struct ItemDraft {
    /// What kind of thing: `dit_app_failed`, `dit_app_loaded`, `dit_app_duplicate`, `held_post`, `file`, `own_file`, `role_gap`, `data_quality`.
    pub kind: &'static str,
    pub role: Right,
    pub class: ItemClass,
    /// Names the fact, such as `record:<file>:<number>`; at most one item of a message has it.
    pub subject_key: String,
    pub title: String,
    pub person_name: Option<String>,
    pub gmc_number: Option<String>,
    pub dpn: Option<String>,
    pub position_id: Option<String>,
    pub position_number: Option<String>,
    pub position_name: Option<String>,
    pub takes_effect_on: Option<NaiveDate>,
    pub person_id: Option<String>,
    pub application_id: Option<Uuid>,
    pub file_id: Option<Uuid>,
    pub record_no: Option<i32>,
    /// A path of ours where it is acted upon.
    pub link: Option<String>,
    /// What the message's table shows of it, such as `{"messages": [{"type": "ERROR", "text": "…"}]}`.
    pub facts: Value,
}

impl ItemDraft {
    /// An item with only what every item has.
    pub fn new(
        kind: &'static str,
        role: Right,
        class: ItemClass,
        subject_key: impl Into<String>,
        title: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            role,
            class,
            subject_key: subject_key.into(),
            title: title.into(),
            person_name: None,
            gmc_number: None,
            dpn: None,
            position_id: None,
            position_number: None,
            position_name: None,
            takes_effect_on: None,
            person_id: None,
            application_id: None,
            file_id: None,
            record_no: None,
            link: None,
            facts: Value::Object(serde_json::Map::new()),
        }
    }
}
