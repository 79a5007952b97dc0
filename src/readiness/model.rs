//! What must be so before going live, and where a request stands. No SQL, no HTTP, no clock.

use chrono::NaiveDate;

/// A step of the checklist, with who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    EsrLead,
    Colleagues,
    DeaneryOffice,
    Materials,
    Positions,
    Request,
}

impl Step {
    pub const ALL: [Self; 6] =
        [Self::EsrLead, Self::Colleagues, Self::DeaneryOffice, Self::Materials, Self::Positions, Self::Request];

    pub fn code(self) -> &'static str {
        match self {
            Self::EsrLead => "esr_lead",
            Self::Colleagues => "colleagues",
            Self::DeaneryOffice => "deanery_office",
            Self::Materials => "materials",
            Self::Positions => "positions",
            Self::Request => "request",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::EsrLead => "ESR Lead engaged",
            Self::Colleagues => "Workforce, HR, Recruitment and Medical Staffing engaged",
            Self::DeaneryOffice => "The deanery's local office engaged",
            Self::Materials => "Support materials read",
            Self::Positions => "Positions maintained",
            Self::Request => "Request to go live raised",
        }
    }
}

/// A condition of going live, as it stands.
#[derive(Clone, Debug)]
pub struct Condition {
    pub title: &'static str,
    pub is_met: bool,
    /// Without it there is no go-live.
    pub is_needed: bool,
    /// What was counted.
    pub evidence: String,
    /// Where it is put right, and in what words.
    pub mend: Option<(String, &'static str)>,
}

/// Whether every condition that is needed is met.
pub fn is_go(conditions: &[Condition]) -> bool {
    conditions.iter().all(|condition| condition.is_met || !condition.is_needed)
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Sent,
    InDiscussion,
    Answered,
    Done,
    Refused,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Sent, Self::InDiscussion, Self::Answered, Self::Done, Self::Refused];

    pub fn code(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::InDiscussion => "in_discussion",
            Self::Answered => "answered",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Sent => ("Sent", "blue"),
            Self::InDiscussion => ("In discussion", "yellow"),
            Self::Answered => ("Answered", "white"),
            Self::Done => ("Done", "green"),
            Self::Refused => ("Declined", "grey"),
        }
    }

    /// Whether anything more can be said on it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::InDiscussion | Self::Answered)
    }

    /// What it becomes when the employer replies.
    pub fn replied(self) -> Self {
        if self.is_open() { Self::InDiscussion } else { self }
    }
}

/// The kinds of file that an approving e-mail is kept as.
pub fn is_an_email(name: &str) -> bool {
    let name = name.to_lowercase();
    [".eml", ".msg", ".pdf"].iter().any(|end| name.ends_with(end))
}

/// What a person answered, before it is known to be complete.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub required_by: Option<NaiveDate>,
    pub unbucketed: Option<bool>,
    pub unique_dpns: Option<bool>,
}

/// `yes` and `no` of a form; anything else is no answer.
pub fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_on_a_closed_request() {
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(state));
            assert_eq!(state.replied() == State::InDiscussion, state.is_open());
        }
        assert!(is_an_email("Approval.EML") && !is_an_email("approval.html"));
    }
}
