//! A change as the deanery told it, and where it stands.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::access::Right;
use crate::notifications::MessageType;
use crate::notifications::store::handed_key;
use crate::rotation::model::Named;
use crate::ui::dates;

/// New dates wait so many days for their applicant.
pub const PENDING_DAYS: u64 = 3;

/// What the deanery changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Withdrawal,
    Replacement,
    Dates,
    NewPost,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Withdrawal, Self::Dates, Self::NewPost, Self::Replacement];

    pub fn code(self) -> &'static str {
        match self {
            Self::Withdrawal => "withdrawal",
            Self::Replacement => "replacement",
            Self::Dates => "dates",
            Self::NewPost => "new_post",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub fn message_type(self) -> MessageType {
        match self {
            Self::Withdrawal => MessageType::DitWdraw,
            Self::Replacement => MessageType::DitReplace,
            Self::Dates => MessageType::DitDates,
            Self::NewPost => MessageType::DitNewpost,
        }
    }

    pub fn item_kind(self) -> &'static str {
        match self {
            Self::Withdrawal => "dit_wdraw",
            Self::Replacement => "dit_replace",
            Self::Dates => "dit_dates",
            Self::NewPost => "dit_newpost",
        }
    }

    /// Who is told.
    pub fn told(self) -> &'static [Right] {
        match self {
            Self::NewPost => &[Right::MedicalStaffingOfficer, Right::LocalWorkstructuresAdministration],
            Self::Withdrawal | Self::Replacement | Self::Dates => &[Right::MedicalStaffingOfficer],
        }
    }

    /// Whose URP acting on it needs.
    pub fn acted_upon_by(self) -> Right {
        match self {
            Self::NewPost => Right::LocalWorkstructuresAdministration,
            Self::Withdrawal | Self::Replacement | Self::Dates => Right::RecruitmentAndApplicantEnrolment,
        }
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Withdrawal => "Withdrawn",
            Self::Replacement => "Replacement",
            Self::Dates => "Dates changed",
            Self::NewPost => "New training post",
        }
    }

    /// The title of the notification, with its specialty.
    pub fn title(self, specialty: Option<&str>) -> String {
        let specialty = specialty.map(str::trim).filter(|text| !text.is_empty()).unwrap_or("No specialty supplied");
        let title = match self {
            Self::Withdrawal => "Medical Training - Applicant(s) Withdrawn",
            Self::Replacement => "Medical Training - Replacement Applicant",
            Self::Dates => "Medical Training - Change to Project Hire/End Date Notification",
            Self::NewPost => "Medical Training - New Training Post Created by LETB",
        };
        format!("{title} ({specialty})")
    }
}

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    /// Waits for its applicant.
    Pending,
    Applied,
    Dismissed,
    /// The deanery said something later about the same doctor and post.
    Superseded,
    /// The applicant did not come in time; the change is there to read.
    Expired,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Pending, Self::Applied, Self::Dismissed, Self::Superseded, Self::Expired];

    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Dismissed => "dismissed",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Text and colour of its tag, from the one map of the product.
    pub fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => ("Action needed", "red"),
            Self::Pending => ("Waiting", "yellow"),
            Self::Applied => ("Done", "plain"),
            Self::Dismissed => ("Declined", "grey"),
            Self::Superseded => ("Done", "plain"),
            Self::Expired => ("Information", "grey"),
        }
    }
}

/// A change as a record tells it, before it is known here.
#[derive(Clone, Debug)]
pub struct Told {
    pub kind: Kind,
    pub record_no: i32,
    pub unannounced: bool,
    /// As received.
    pub dpn: String,
    pub dpn_key: String,
    pub specialty: Option<String>,
    pub site: Option<String>,
    pub host_or_lead: Option<String>,
    pub occupation_code: Option<String>,
    pub who: Named,
    pub hire_on: Option<NaiveDate>,
    pub end_on: Option<NaiveDate>,
    pub reason_code: Option<String>,
    pub current_place: Option<String>,
}

/// A change as it is kept.
#[derive(Clone, Debug)]
pub struct Change {
    pub change_id: Uuid,
    pub kind: Kind,
    pub state: State,
    pub file_id: Uuid,
    pub file_name: Option<String>,
    pub record_no: i32,
    pub unannounced: bool,
    pub dpn: String,
    pub dpn_key: String,
    pub body_code: String,
    pub specialty: Option<String>,
    pub site: Option<String>,
    pub host_or_lead: Option<String>,
    pub occupation_code: Option<String>,
    pub who: Named,
    pub hire_on: Option<NaiveDate>,
    pub end_on: Option<NaiveDate>,
    pub reason_code: Option<String>,
    pub current_place: Option<String>,
    pub person_id: Option<String>,
    pub application_id: Option<Uuid>,
    pub position_id: Option<String>,
    pub pending_until: Option<NaiveDate>,
    pub before: Value,
    pub received_on: NaiveDate,
    pub received_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
}

impl Change {
    /// Names the fact to its items.
    pub fn subject_key(&self) -> String {
        subject_key(self.change_id)
    }

    /// The decision about an employment that settled it.
    pub fn settled_by_leaving(&self) -> Option<Uuid> {
        self.before["leaving"].as_str().and_then(|id| Uuid::parse_str(id).ok())
    }

    /// The hire and the end date as they were before it was applied.
    pub fn dates_before(&self) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
        let day = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
        let (application, assignment) = (self.before.get("application"), self.before.get("assignment"));
        if self.state != State::Applied || application.or(assignment).is_none() {
            return None;
        }
        let of = |held: Option<&Value>, name: &str| held.and_then(|held| day(&held[name]));
        Some((of(application, "hire_on"), of(assignment, "end_on").or_else(|| of(application, "end_on"))))
    }

    /// The dates that the deanery gives, as a sentence; nothing for what gives none.
    pub fn said(&self) -> String {
        let day = |day: Option<NaiveDate>| day.map(dates::day);
        match (self.kind, day(self.hire_on), day(self.end_on)) {
            (Kind::Dates, Some(hire), Some(end)) => format!("New hire date {hire}, new end date {end}."),
            (Kind::Dates, Some(hire), None) => format!("New hire date {hire}."),
            (Kind::Dates, None, Some(end)) => format!("New end date {end}."),
            (Kind::Replacement, Some(hire), _) => format!("To start on {hire}."),
            _ => String::new(),
        }
    }

    /// Every item about the change, those handed over and those of another role too.
    pub fn subject_keys(&self) -> Vec<String> {
        subject_keys(self.change_id)
    }

    /// The change as it was told.
    pub fn told(&self) -> Told {
        Told {
            kind: self.kind,
            record_no: self.record_no,
            unannounced: self.unannounced,
            dpn: self.dpn.clone(),
            dpn_key: self.dpn_key.clone(),
            specialty: self.specialty.clone(),
            site: self.site.clone(),
            host_or_lead: self.host_or_lead.clone(),
            occupation_code: self.occupation_code.clone(),
            who: self.who.clone(),
            hire_on: self.hire_on,
            end_on: self.end_on,
            reason_code: self.reason_code.clone(),
            current_place: self.current_place.clone(),
        }
    }

    /// `Davies, Yusuf`.
    pub fn name_in_list(&self) -> String {
        self.who.in_list()
    }

    /// `Yusuf Davies`.
    pub fn name(&self) -> String {
        [&self.who.first_name, &self.who.last_name].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")
    }

    /// Its page.
    pub fn path(&self) -> String {
        path(self.kind, self.change_id)
    }
}

/// The page of a change; a new post's can be opened by those who keep positions, and names nobody.
pub fn path(kind: Kind, change_id: Uuid) -> String {
    match kind {
        Kind::NewPost => format!("/positions/new-posts/{change_id}"),
        Kind::Withdrawal | Kind::Replacement | Kind::Dates => format!("/doctors/changes/{change_id}"),
    }
}

pub fn subject_key(change_id: Uuid) -> String {
    format!("deanery-change:{change_id}")
}

pub fn subject_keys(change_id: Uuid) -> Vec<String> {
    let key = subject_key(change_id);
    vec![format!("{key}:local_workstructures_administration"), handed_key(&key), key]
}

/// The change that an item is about, by the name of its fact.
pub fn change_of(subject: &str) -> Option<Uuid> {
    subject.strip_prefix("deanery-change:")?.split(':').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_those_of_the_catalogue() {
        for (kind, specialty, title) in [
            (Kind::Withdrawal, None, "Medical Training - Applicant(s) Withdrawn (No specialty supplied)"),
            (
                Kind::Dates,
                Some("Paediatrics"),
                "Medical Training - Change to Project Hire/End Date Notification (Paediatrics)",
            ),
            (Kind::NewPost, Some(" "), "Medical Training - New Training Post Created by LETB (No specialty supplied)"),
            (Kind::Replacement, Some("Urology"), "Medical Training - Replacement Applicant (Urology)"),
        ] {
            assert_eq!(kind.title(specialty), title);
        }
    }

    #[test]
    fn every_item_of_a_change_names_it() {
        let id = Uuid::from_u128(7);
        assert!(subject_keys(id).iter().all(|key| change_of(key) == Some(id)));
        assert_eq!(change_of("record:7"), None);
    }

    #[test]
    fn codes_read_back() {
        assert!(Kind::ALL.iter().all(|kind| Kind::from_code(kind.code()) == Some(*kind)));
        assert!(State::ALL.iter().all(|state| State::from_code(state.code()) == Some(*state)));
    }
}
