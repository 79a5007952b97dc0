use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::access::Caller;
use crate::applicants::actions::{hire_key, settle_starts};
use crate::applicants::status::Status;
use crate::audit::{self, Event, Subject};
use crate::deanery_changes::actions as deanery;
use crate::deanery_changes::model::Change;
use crate::deanery_changes::store as changes;
use crate::hiring::model::{Faults, Ground, Terms};
use crate::hiring::store::{self, Applicant, Hire};
use crate::notifications;
use crate::people::applicants as people;
use crate::people::store::{self as employment, Assignment, NewAssignment};
use crate::positions::store as positions;
use crate::tenancy::VpdTx;
use crate::ui::dates::london_day;

/// Why nobody was hired.
#[derive(Debug, thiserror::Error)]
pub enum HireError {
    #[error("no such application")]
    NotFound,
    /// The application stands elsewhere than a hire begins: most often somebody was first.
    #[error("The application is “{}”, and a hire begins from “{}”", .0.label(), Status::OfferAccepted.label())]
    NotReady(Status),
    /// What followed the hire that was to be corrected.
    #[error(
        "The person's record has changed since the hire, so it cannot be corrected here. Change the record itself."
    )]
    Followed,
    #[error("the hire cannot be made so")]
    Faulty(Faults),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What a hire would rest on, and what it would change.
pub struct Plan {
    pub applicant: Applicant,
    pub ground: Ground,
    pub types: Vec<String>,
    pub position: Option<positions::Position>,
    /// What the doctor holds here on the day.
    pub held: Vec<Assignment>,
    /// Who else holds the position on the day.
    pub holders: Vec<positions::Holder>,
    /// The hire from this application that stands.
    pub standing: Option<Hire>,
    /// The hire that is put right.
    pub earlier: Option<Hire>,
    /// What waits about a withdrawal of the doctor from the post.
    pub withdrawals: Vec<Change>,
}

/// Reads everything that a hire on a day depends on. `corrects` names the hire that it puts right.
pub async fn plan(
    tx: &mut VpdTx,
    application_id: Uuid,
    on: Option<NaiveDate>,
    corrects: Option<Uuid>,
    today: NaiveDate,
) -> Result<Plan, HireError> {
    let applicant = store::applicant(tx, application_id).await?.ok_or(HireError::NotFound)?;
    let status: Status = applicant.status.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let standing = store::live_hire_of(tx, application_id).await?;
    let earlier = standing.clone().filter(|hire| Some(hire.hire_id) == corrects);
    let on = on.unwrap_or(applicant.hire_on);
    let position = positions::find(tx, &applicant.position_id, on).await?;
    // Whether a host employs is said of the position from a day on, and holds for the placement, whatever day is asked for.
    let placed = positions::find(tx, &applicant.position_id, applicant.hire_on).await?;
    let host_or_lead = [&position, &placed].into_iter().flatten().find_map(|position| position.host_or_lead);
    let held = employment::assignments(tx, &applicant.person_id, on).await?;
    let ours = earlier.as_ref().map(|hire| hire.assignment_id.clone());
    let held = held.into_iter().filter(|one| Some(&one.assignment_id) != ours.as_ref()).collect();
    let mut holders = positions::holders(tx, &applicant.position_id, on).await?;
    holders.retain(|holder| holder.person_id != applicant.person_id);
    let ground = Ground {
        status,
        // In a rehearsal the clock runs ahead of the business date.
        received_on: london_day(applicant.received_at).min(today),
        projected_on: applicant.hire_on,
        ends_on: applicant.end_on,
        position_is_active: position.as_ref().is_some_and(|position| position.is_active_on(on)),
        left_on: store::left_on(tx, &applicant.person_id).await?,
        host_or_lead,
        is_correction: earlier.is_some(),
    };
    let withdrawals = changes::list_withdrawals_of(tx, application_id, &applicant.person_id).await?;
    let types = store::person_types(tx).await?;
    Ok(Plan { applicant, ground, types, position, held, holders, standing, earlier, withdrawals })
}

/// Hires a doctor from an accepted application: the person, an assignment on the position, the application's status. With `ends_held`
/// what the doctor holds here ends the day before, but for what began on that day.
#[expect(clippy::too_many_arguments, reason = "an action names all that it depends on")]
pub async fn hire(
    tx: &mut VpdTx,
    by: &Caller,
    application_id: Uuid,
    terms: &Terms,
    ends_held: bool,
    corrects: Option<Uuid>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Hire, HireError> {
    people::lock_applicants(tx).await?;
    // Changes before applications, as who decides about a change locks them.
    let withdrawn = store::applicant(tx, application_id).await?.ok_or(HireError::NotFound)?.person_id;
    changes::list_withdrawals_of(tx, application_id, &withdrawn).await?;
    crate::applicants::store::lock_status(tx, application_id).await?.ok_or(HireError::NotFound)?;
    let asked = plan(tx, application_id, Some(terms.hired_on), corrects, today).await?;
    if !asked.ground.is_ready() {
        return Err(HireError::NotReady(asked.ground.status));
    }
    let faults = asked.ground.faults(terms, &asked.types, today);
    if !faults.is_empty() {
        return Err(HireError::Faulty(faults));
    }
    let reason = Some(terms.reason.trim()).filter(|reason| !reason.is_empty());
    if let Some(earlier) = &asked.earlier {
        let found = employment::snapshot(tx, &earlier.person_id).await?;
        if !employment::is_same(&found, &earlier.after) {
            return Err(HireError::Followed);
        }
        employment::restore(tx, &earlier.person_id, &earlier.before, today, now).await?;
        store::take_hire_back(tx, earlier.hire_id, &by.name, reason, now).await?;
    }
    // A correction begins again from what stood before.
    let applicant = store::applicant(tx, application_id).await?.ok_or(HireError::NotFound)?;
    let position = asked.position.as_ref().ok_or(HireError::NotFound)?;
    let before = employment::snapshot(tx, &applicant.person_id).await?;
    let last_before = terms.hired_on.checked_sub_days(Days::new(1)).unwrap_or(terms.hired_on);
    if ends_held {
        employment::end_held(tx, &applicant.person_id, last_before).await?;
    }
    let goes_on = asked.held.iter().any(|one| !ends_held || !is_ended_by(one, terms.hired_on));
    let number = match &applicant.employee_number {
        Some(number) => number.clone(),
        None => people::next_numbers(tx, 1).await?.pop().unwrap_or_default(),
    };
    // What the person is on the day, which may be another than today: somebody may have left by then.
    let versions = employment::versions(tx, &applicant.person_id).await?;
    let then = versions.iter().rfind(|version| version.effective_from <= terms.hired_on);
    let system_type = then.map_or(applicant.system_type.as_str(), |version| version.field("SystemPersonType"));
    let user_type = then.map_or(applicant.user_type.as_deref(), |version| Some(version.field("UserPersonType")));
    let is_employed = matches!(system_type, "EMP" | "EMP_APL");
    if !is_employed || user_type != Some(terms.person_type.as_str()) {
        let begins = terms.hired_on.format("%Y%m%d").to_string();
        let mut changes = Map::new();
        for (name, value) in [
            ("SystemPersonType", json!("EMP")),
            ("UserPersonType", json!(terms.person_type)),
            ("EmployeeNumber", json!(number)),
            ("ActualTerminationDate", Value::Null),
            ("TerminationReason", Value::Null),
        ] {
            changes.insert(name.to_owned(), value);
        }
        if !is_employed {
            changes.insert("HireDate".to_owned(), json!(begins));
        }
        employment::begin_version(tx, &applicant.person_id, terms.hired_on, &changes, today, now).await?;
    }
    let known = assignment_ids(&before).len();
    let suffixed = if known == 0 { number.clone() } else { format!("{number}-{}", known + 1) };
    let new = NewAssignment {
        assignment_id: &applicant.assignment_id,
        person_id: &applicant.person_id,
        from: terms.hired_on,
        assignment_number: &suffixed,
        position_id: &applicant.position_id,
        position_name: &position.name,
        organisation_id: position.organisation_id.as_deref(),
        fte: applicant.wte.as_deref(),
        grade: applicant.grade.as_deref(),
        job_name: position.job_role.as_deref(),
        is_primary: !goes_on,
        contract_end_on: applicant.end_on,
    };
    employment::insert_assignment(tx, &new).await?;
    if asked.earlier.is_none() {
        let step = (Status::OfferAccepted, Status::Hired);
        store::save_status(tx, application_id, step, reason, &by.name, now).await?;
    }
    let hire = Hire {
        hire_id: Uuid::now_v7(),
        application_id,
        person_id: applicant.person_id.clone(),
        assignment_id: applicant.assignment_id.clone(),
        position_id: applicant.position_id.clone(),
        hired_on: terms.hired_on,
        person_type: terms.person_type.clone(),
        reason: reason.map(str::to_owned),
        corrects: asked.earlier.as_ref().map(|earlier| earlier.hire_id),
        after: employment::snapshot(tx, &applicant.person_id).await?,
        before,
        by: by.name.clone(),
        at: now,
        taken_back_at: None,
    };
    store::insert_hire(tx, &hire).await?;
    let event = if asked.earlier.is_some() { Event::HireCorrected } else { Event::DoctorHired };
    let detail = json!({ "hire": hire.hire_id, "application": application_id, "on": terms.hired_on, "person_type": terms.person_type,
                         "position": hire.position_id, "assignment": hire.assignment_id, "reason": reason, "ended_held": ends_held });
    audit::record(tx, &by.actor(), event, Subject::new("person", &hire.person_id), detail, now).await?;
    let closing = format!("{} hired the doctor", by.name);
    notifications::close(tx, &hire_key(application_id), &closing, &by.actor(), now).await?;
    deanery::hired(tx, by, &asked.withdrawals, application_id, &hire.person_id, now).await?;
    settle_starts(tx, applicant.hire_on, &by.actor(), now).await?;
    Ok(hire)
}

/// Whether what is held on the day of a hire can end the day before: it began by then.
pub fn is_ended_by(held: &Assignment, hired_on: NaiveDate) -> bool {
    held.began_on < hired_on
}

fn assignment_ids(snapshot: &Value) -> std::collections::BTreeSet<&str> {
    snapshot["assignments"].as_array().into_iter().flatten().filter_map(|one| one["assignment_id"].as_str()).collect()
}
