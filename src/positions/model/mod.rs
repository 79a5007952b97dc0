//! What a position says over a stretch of time, and what becomes of its stretches when somebody changes it. No SQL, no HTTP, no clock.

mod change;
mod plan;

pub use change::{ChangeField, Draft, PositionChange, Set};
pub use plan::{PlanError, plan};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dpn;

/// Whether the employer pays the doctors of a post or only has them at work: no file says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum HostOrLead {
    Host,
    Lead,
}

impl HostOrLead {
    pub fn code(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Lead => "lead",
        }
    }

    /// As ESR's list of values has it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Host => "Host Employer",
            Self::Lead => "Lead Employer",
        }
    }

    /// Reads the code or ESR's own words, as forms and spreadsheets bring them.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "host" | "host employer" => Some(Self::Host),
            "lead" | "lead employer" => Some(Self::Lead),
            _ => None,
        }
    }
}

/// What may be changed of a position, as it stands over one stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub position_number: String,
    pub name: String,
    pub job_role: Option<String>,
    pub workplace_code: Option<String>,
    pub hiring_status: Option<String>,
    pub position_type: Option<String>,
    pub budgeted_fte: Option<String>,
    pub dpn: Option<String>,
    pub managing_body: Option<String>,
    pub host_or_lead: Option<HostOrLead>,
    pub out_of_hours: Option<String>,
    pub rota_pattern: Option<String>,
    pub prospective_cover: Option<String>,
    /// The start of the stretch that this one was cut from, which a file brought.
    pub split_of: Option<NaiveDate>,
}

impl Stretch {
    /// What is compared of its Deanery Post Number.
    pub fn dpn_key(&self) -> Option<String> {
        self.dpn.as_deref().map(dpn::key).filter(|key| !key.is_empty())
    }

    /// Whether any day is left of it: a position that is ended early keeps its later stretches without a day.
    pub fn is_empty(&self) -> bool {
        self.effective_to.is_some_and(|to| to < self.effective_from)
    }

    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|to| to >= day)
    }

    /// Whether it and these days have a day in common.
    pub fn overlaps(&self, from: NaiveDate, to: Option<NaiveDate>) -> bool {
        !self.is_empty()
            && to.is_none_or(|to| self.effective_from <= to)
            && self.effective_to.is_none_or(|end| end >= from)
    }

    /// The title out of the name's parts.
    pub fn title(&self) -> &str {
        title(&self.name)
    }
}

/// The title out of the parts of a position's name: `S.H.O. - ENT`.
pub fn title(name: &str) -> &str {
    name.split('|').nth(1).map(str::trim).filter(|title| !title.is_empty()).unwrap_or(name)
}

/// A change that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChangeId(pub Uuid);

/// What a change came from, by which many are undone together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Page,
    MassUpdate(Uuid),
    Item(Uuid),
    DeaneryList(Uuid),
    Unbucket(Uuid),
    DpnReport(Uuid),
}

impl Source {
    pub fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::MassUpdate(_) => "mass_update",
            Self::Item(_) => "item",
            Self::DeaneryList(_) => "deanery_list",
            Self::Unbucket(_) => "unbucket",
            Self::DpnReport(_) => "dpn_report",
        }
    }

    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::Page => None,
            Self::MassUpdate(id)
            | Self::Item(id)
            | Self::DeaneryList(id)
            | Self::Unbucket(id)
            | Self::DpnReport(id) => Some(id),
        }
    }

    /// Where a change of this source is undone, if not by itself: address, the words of the link, and why.
    pub fn undone_at(code: &str, id: Option<Uuid>) -> Option<(String, &'static str, &'static str)> {
        let id = id?;
        match code {
            "item" => Some((
                format!("/positions/new-posts/{id}"),
                "Open the notification",
                "This was done from a notification of the deanery, and is undone there",
            )),
            "unbucket" => Some((
                format!("/positions/unbucketed/{id}"),
                "See how it was split",
                "This came of splitting a shared position, and is undone with it",
            )),
            _ => None,
        }
    }

    /// The source of a stored code, as a sentence ends with it: `by mass update`.
    pub fn words(code: &str) -> &'static str {
        match code {
            "mass_update" => "by mass update",
            "item" => "from a notification",
            "deanery_list" => "from the deanery's list",
            "unbucket" => "when a shared position was split",
            "dpn_report" => "from the DPN report",
            _ => "on the position's page",
        }
    }
}
