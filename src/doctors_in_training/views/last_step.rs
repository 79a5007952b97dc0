use uuid::Uuid;

use crate::applicants::actions::{LastStep, last_step};
use crate::applicants::status::Status;
use crate::applicants::store::History;
use crate::deanery_changes::model::{Change, Kind, State};
use crate::ui::dates;

/// Where an application's last step is taken back, and what it was.
pub struct StepBack {
    pub event_id: Uuid,
    /// Who took the step, when and why.
    pub words: String,
    /// The page of what the deanery changed, where that is where it is taken back.
    pub there: Option<String>,
}

impl StepBack {
    /// Out of the history of one application and what the deanery changed about its doctor.
    pub fn of(application_id: Uuid, histories: &[History], changes: &[Change]) -> Option<Self> {
        let ours: Vec<&History> = histories.iter().filter(|event| event.application_id == application_id).collect();
        let step = last_step(&ours)?;
        let there = settled_by(application_id, &step, changes).map(Change::path);
        Some(Self { event_id: step.event_id, words: words(&step), there })
    }
}

/// The deanery's withdrawal by which an application was withdrawn: taken back there, it waits for a decision again.
pub fn settled_by<'a>(application_id: Uuid, step: &LastStep, changes: &'a [Change]) -> Option<&'a Change> {
    let is_it = |change: &&Change| {
        change.kind == Kind::Withdrawal
            && change.state == State::Applied
            && change.application_id == Some(application_id)
    };
    changes.iter().filter(|_| step.to == Status::Withdrawn).find(is_it)
}

fn words(step: &LastStep) -> String {
    let why = step.reason.as_deref().map(|reason| format!(" Reason: {reason}")).unwrap_or_default();
    let did = match step.to {
        Status::Withdrawn => "withdrew the application".to_owned(),
        Status::Terminated => "ended the application".to_owned(),
        other => format!("made this “{}”", other.label()),
    };
    format!("{} {did} on {}.{why}", step.by, dates::at(step.at))
}
