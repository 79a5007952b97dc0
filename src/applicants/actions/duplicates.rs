use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::Caller;
use crate::applicants::matching::{Feature, Kind, compare};
use crate::applicants::plan::{Application, identity_of_known, kind_of};
use crate::applicants::status::Status;
use crate::applicants::store::{self, EventRow, Merge, PairRow};
use crate::audit::{self, Event, Subject};
use crate::notifications;
use crate::people::applicants::{self as people, Known};
use crate::people::values::mask_ni;
use crate::tenancy::VpdTx;

/// Why a pair was not settled, or a merge not undone.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    #[error("no such pair")]
    NotFound,
    #[error("{0}")]
    Decided(String),
    #[error(
        "Both are employees in ESR, which has to merge them itself. Here they can only be found not to be the same person."
    )]
    BothEmployees,
    #[error("Choose which record is kept")]
    NeitherOfThem,
    /// Numbers or birth dates differ: to be confirmed for the record that is kept.
    #[error("the two differ")]
    Differ(Vec<Difference>),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What tells two persons apart and differs in two records: what is kept of it, and what is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub label: &'static str,
    pub kept: String,
    pub lost: String,
}

/// What differs in numbers and birth date; where one of the two says nothing, nothing differs.
fn differences(kept: &Known, gone: &Known) -> Vec<Difference> {
    let differed = compare(&identity_of_known(kept), &identity_of_known(gone)).differed;
    let of = |feature, label, value: fn(&Known) -> String| {
        let differs = differed.contains(&feature);
        differs.then(|| Difference { label, kept: value(kept), lost: value(gone) })
    };
    let all = [
        of(Feature::GmcNumber, "GMC number", |who| who.gmc_number.clone().unwrap_or_default()),
        of(Feature::NiNumber, "National Insurance number", |who| {
            who.ni_number.as_deref().map(mask_ni).unwrap_or_default()
        }),
        of(Feature::BirthDate, "Date of birth", |who| who.date_of_birth.map(crate::ui::dates::day).unwrap_or_default()),
    ];
    all.into_iter().flatten().collect()
}

/// Names a pair of persons who may be one, to its item.
pub fn duplicate_key(duplicate_id: Uuid) -> String {
    format!("duplicate:{duplicate_id}")
}

async fn lock_open(tx: &mut VpdTx, duplicate_id: Uuid) -> Result<PairRow, SettleError> {
    people::lock_applicants(tx).await?;
    let pair = store::lock_pair(tx, duplicate_id).await?.ok_or(SettleError::NotFound)?;
    if pair.state == "open" {
        return Ok(pair);
    }
    let what = if pair.state == "same" { "the same person" } else { "two persons" };
    let who = pair.decided_by.as_deref().unwrap_or("Somebody");
    let when = pair.decided_at.map(crate::ui::dates::at).unwrap_or_default();
    Err(SettleError::Decided(format!("{who} decided on {when} that they are {what}.")))
}

/// Remembers that two people are two; nobody is asked about them again.
pub async fn found_different(
    tx: &mut VpdTx,
    by: &Caller,
    duplicate_id: Uuid,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), SettleError> {
    let pair = lock_open(tx, duplicate_id).await?;
    let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
    store::save_pair(tx, duplicate_id, "different", Some(&by.name), reason, Some(now)).await?;
    let note = format!("{} found that they are not the same person.", by.name);
    notifications::close(tx, &duplicate_key(duplicate_id), &note, &by.actor(), now).await?;
    let detail = json!({ "persons": [pair.person_a, pair.person_b], "reason": reason });
    audit::record(tx, &by.actor(), Event::DuplicateDismissed, Subject::new("duplicate", duplicate_id), detail, now)
        .await?;
    Ok(())
}

/// Makes one person of two: applications, and what only the other record knows, go to the one who is kept. It can be undone.
pub async fn merge(
    tx: &mut VpdTx,
    by: &Caller,
    duplicate_id: Uuid,
    (keep, confirmed): (&str, bool),
    reason: &str,
    now: DateTime<Utc>,
) -> Result<String, SettleError> {
    let pair = lock_open(tx, duplicate_id).await?;
    let other = match keep {
        keep if keep == pair.person_a => pair.person_b.clone(),
        keep if keep == pair.person_b => pair.person_a.clone(),
        _ => return Err(SettleError::NeitherOfThem),
    };
    let mut kept = people::find(tx, keep).await?.ok_or(SettleError::NotFound)?;
    let gone = people::find(tx, &other).await?.ok_or(SettleError::NotFound)?;
    if kept.merged_into.is_some() || gone.merged_into.is_some() {
        return Err(SettleError::Decided("One of the two was merged into another person meanwhile.".to_owned()));
    }
    let is_staff = |known: &Known| kind_of(&known.system_type) != Kind::Applicant;
    // ESR's own record of an employee stays; what the deanery sent goes to it.
    if is_staff(&gone) {
        return Err(if is_staff(&kept) { SettleError::BothEmployees } else { SettleError::NeitherOfThem });
    }
    let differ = differences(&kept, &gone);
    if !differ.is_empty() && !confirmed {
        return Err(SettleError::Differ(differ));
    }
    let filled = fill(&mut kept, &gone);
    people::save_applicants(tx, &[&kept], now).await?;
    people::save_merged_into(tx, std::slice::from_ref(&gone.person_id), Some(&kept.person_id), now).await?;
    let through = people::list_merged_into(tx, &gone.person_id).await?;
    people::save_merged_into(tx, &through, Some(&kept.person_id), now).await?;

    let (moved, ended) = move_applications(tx, by, &kept, &gone, now).await?;
    let merge = Merge {
        merge_id: Uuid::now_v7(),
        kept: kept.person_id.clone(),
        merged: gone.person_id.clone(),
        moved: json!({ "applications": moved, "ended": ended, "filled": filled, "through": through, "duplicate": duplicate_id }),
        by: by.name.clone(),
        at: now,
        reason: Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
        undone_by: None,
        undone_at: None,
    };
    store::insert_merge(tx, &merge).await?;
    store::save_pair(tx, duplicate_id, "same", Some(&by.name), merge.reason.as_deref(), Some(now)).await?;
    let note = format!("{} found that they are the same person; the records are merged.", by.name);
    notifications::close(tx, &duplicate_key(duplicate_id), &note, &by.actor(), now).await?;
    let detail = json!({ "merge": merge.merge_id, "kept": merge.kept, "merged": merge.merged, "moved": merge.moved });
    audit::record(tx, &by.actor(), Event::PersonsMerged, Subject::new("person", &merge.kept), detail, now).await?;
    Ok(merge.kept)
}

/// The values that go over where only the other record has them, by the names that a merge keeps.
fn texts_of(who: &mut Known) -> [(&'static str, &mut Option<String>); 11] {
    [
        ("gmc_number", &mut who.gmc_number),
        ("ni_number", &mut who.ni_number),
        ("applicant_number", &mut who.applicant_number),
        ("title", &mut who.title),
        ("middle_names", &mut who.middle_names),
        ("previous_last_name", &mut who.previous_last_name),
        ("gender", &mut who.gender),
        ("email", &mut who.email),
        ("home_phone", &mut who.home_phone),
        ("mobile_phone", &mut who.mobile_phone),
        ("nationality", &mut who.nationality),
    ]
}

/// Takes over what only the other record knows, and says what that was.
fn fill(kept: &mut Known, gone: &Known) -> Vec<&'static str> {
    let mut filled = Vec::new();
    let mut gone = gone.clone();
    if kept.date_of_birth.is_none() && gone.date_of_birth.is_some() {
        kept.date_of_birth = gone.date_of_birth;
        filled.push("date_of_birth");
    }
    for ((name, held), (_, other)) in texts_of(kept).into_iter().zip(texts_of(&mut gone)) {
        if held.is_none() && other.is_some() {
            held.clone_from(other);
            filled.push(name);
        }
    }
    filled
}

/// Gives back what was taken over; what a later record gave stays.
fn unfill(kept: &mut Known, gone: &Known, filled: &[String]) {
    let is_filled = |name: &str| filled.iter().any(|one| one == name);
    let mut gone = gone.clone();
    if is_filled("date_of_birth") && kept.date_of_birth == gone.date_of_birth {
        kept.date_of_birth = None;
    }
    for ((name, held), (_, other)) in texts_of(kept).into_iter().zip(texts_of(&mut gone)) {
        if is_filled(name) && held == other {
            *held = None;
        }
    }
}

/// Gives the applications to the person who is kept; one that this person has already, for the same post and day, ends.
async fn move_applications(
    tx: &mut VpdTx,
    by: &Caller,
    kept: &Known,
    gone: &Known,
    now: DateTime<Utc>,
) -> sqlx::Result<(Vec<Uuid>, Value)> {
    let all = store::list_by_people(tx, &[kept.person_id.clone(), gone.person_id.clone()]).await?;
    let (theirs, ours): (Vec<Application>, Vec<Application>) =
        all.into_iter().partition(|a| a.person_id == gone.person_id);
    let mut ended = Vec::new();
    let mut events = Vec::new();
    for application in &theirs {
        let is_same = |other: &&Application| {
            other.position_id == application.position_id
                && other.hire_on == application.hire_on
                && other.status.is_live()
        };
        let mut to_status = None;
        if application.status.is_live() && ours.iter().any(|other| is_same(&other)) {
            let reason = "The same application of the person with whom this record was merged goes on.";
            store::save_status(tx, application.application_id, Status::Terminated, Some(reason), now).await?;
            ended.push(json!([application.application_id, application.status.code()]));
            to_status = Some(Status::Terminated.code());
        }
        events.push(EventRow {
            application_id: application.application_id,
            what: "person_merged",
            from_status: to_status.map(|_| application.status.code()),
            to_status,
            reason: None,
            file_id: None,
            record_no: None,
            changes: json!({ "person": [gone.person_id, kept.person_id] }),
        });
    }
    let moved: Vec<Uuid> = theirs.iter().map(|application| application.application_id).collect();
    store::save_person(tx, &moved, &kept.person_id, now).await?;
    store::insert_events(tx, &events, &by.name, now).await?;
    Ok((moved, Value::Array(ended)))
}

/// Takes a merge back: what went over goes back, and the pair waits to be settled again.
pub async fn undo_merge(
    tx: &mut VpdTx,
    by: &Caller,
    merge_id: Uuid,
    now: DateTime<Utc>,
) -> Result<String, SettleError> {
    people::lock_applicants(tx).await?;
    let merge = store::lock_merge(tx, merge_id).await?.ok_or(SettleError::NotFound)?;
    if let (Some(who), Some(at)) = (&merge.undone_by, merge.undone_at) {
        return Err(SettleError::Decided(format!("{who} undid this merge on {}.", crate::ui::dates::at(at))));
    }
    let mut kept = people::find(tx, &merge.kept).await?.ok_or(SettleError::NotFound)?;
    let gone = people::find(tx, &merge.merged).await?.ok_or(SettleError::NotFound)?;
    if kept.merged_into.is_some() {
        return Err(SettleError::Decided("This person was merged into another meanwhile: undo that first.".to_owned()));
    }
    unfill(&mut kept, &gone, &texts(&merge.moved["filled"]));
    people::save_applicants(tx, &[&kept], now).await?;
    people::save_merged_into(tx, std::slice::from_ref(&gone.person_id), None, now).await?;
    people::save_merged_into(tx, &texts(&merge.moved["through"]), Some(&gone.person_id), now).await?;
    let moved = ids(&merge.moved["applications"]);
    store::save_person(tx, &moved, &gone.person_id, now).await?;
    let event = |application_id: Uuid, to_status: Option<Status>| EventRow {
        application_id,
        what: "merge_undone",
        from_status: None,
        to_status: to_status.map(Status::code),
        reason: None,
        file_id: None,
        record_no: None,
        changes: json!({ "person": [kept.person_id, gone.person_id] }),
    };
    let mut events: Vec<EventRow> = moved.iter().map(|id| event(*id, None)).collect();
    for pair in merge.moved["ended"].as_array().into_iter().flatten() {
        let (Some(id), Some(status)) = (as_id(&pair[0]), pair[1].as_str().and_then(|code| code.parse::<Status>().ok()))
        else {
            continue;
        };
        store::save_status(tx, id, status, None, now).await?;
        events.push(event(id, Some(status)));
    }
    store::insert_events(tx, &events, &by.name, now).await?;
    store::save_undone(tx, merge_id, &by.name, now).await?;
    if let Some(duplicate_id) = as_id(&merge.moved["duplicate"]) {
        store::save_pair(tx, duplicate_id, "open", None, None, None).await?;
        let why = format!("{} undid the merge.", by.name);
        notifications::store::reopen(tx, &duplicate_key(duplicate_id), &why, &by.actor(), now).await?;
    }
    let detail = json!({ "merge": merge_id, "kept": merge.kept, "merged": merge.merged });
    audit::record(tx, &by.actor(), Event::MergeUndone, Subject::new("person", &merge.kept), detail, now).await?;
    Ok(merge.kept)
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn as_id(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| text.parse().ok())
}

fn ids(list: &Value) -> Vec<Uuid> {
    list.as_array().into_iter().flatten().filter_map(as_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(email: Option<&str>, mobile: Option<&str>) -> Known {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Known {
            person_id: "1".into(),
            system_type: "APL".into(),
            applicant_number: None,
            title: None,
            last_name: "Oakley".into(),
            first_name: "Sam".into(),
            middle_names: None,
            previous_last_name: None,
            date_of_birth: None,
            gender: None,
            ni_number: None,
            gmc_number: None,
            email: text(email),
            home_phone: None,
            mobile_phone: text(mobile),
            nationality: None,
            merged_into: None,
        }
    }

    #[test]
    fn what_only_the_other_record_knows_goes_over_and_comes_back() {
        let was = known(Some("sam@trust.example"), None);
        let other = known(Some("other@trust.example"), Some("07700 900001"));
        let mut kept = was.clone();
        let filled = fill(&mut kept, &other);
        assert_eq!(filled, ["mobile_phone"]);
        assert_eq!(
            (kept.email.as_deref(), kept.mobile_phone.as_deref()),
            (Some("sam@trust.example"), Some("07700 900001"))
        );
        let filled: Vec<String> = filled.into_iter().map(str::to_owned).collect();
        unfill(&mut kept, &other, &filled);
        assert_eq!(kept, was);
    }
}
