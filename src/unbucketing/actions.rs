//! What can be made to happen to a shared position.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::store::{self, Occupant};
use crate::access::Caller;
use crate::applicants::store as applicants;
use crate::audit::{self, Event, Subject};
use crate::people::store as people;
use crate::positions;
use crate::positions::actions::{ChangeError, UndoError};
use crate::positions::dpn;
use crate::positions::model::{Draft, Source};
use crate::tenancy::VpdTx;
use crate::ui::dates;

/// A new position, and who moves to it.
#[derive(Clone, Debug)]
pub struct Made {
    pub dpn: String,
    pub position_id: String,
    pub position_number: String,
    pub names: Vec<String>,
}

/// What came of it, or would.
#[derive(Debug)]
pub struct Split {
    pub id: Uuid,
    pub made: Vec<Made>,
    /// Who stays on the shared position.
    pub stays: Vec<String>,
}

/// Why nothing is split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    #[error("no such position")]
    NotFound,
    /// Nobody was given a number.
    #[error("nobody moves")]
    NobodyMoves,
    /// Somebody who is to move does not hold the position on that day: why.
    #[error("{0}")]
    NotThen(String),
    /// A number cannot be given: which, and why.
    #[error("{1}")]
    Refused(String, String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Makes a position for each number, and moves those who were given it. Rolled back, it is the dry run.
pub async fn split(
    tx: &mut VpdTx,
    by: &Caller,
    position_id: &str,
    given: &BTreeMap<String, String>,
    from: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Split, SplitError> {
    positions::store::lock(tx).await?;
    let shared = positions::store::find(tx, position_id, from).await?.ok_or(SplitError::NotFound)?;
    let occupants = store::occupants(tx, position_id, from, &[]).await?;
    if let Some(why) = not_then(tx, position_id, given, from, &occupants).await? {
        return Err(SplitError::NotThen(why));
    }
    let own = shared.dpn.as_deref().map(dpn::key).unwrap_or_default();
    let mut groups: BTreeMap<String, (String, Vec<&Occupant>)> = BTreeMap::new();
    let mut stays = Vec::new();
    for occupant in &occupants {
        let typed = given.get(&occupant.id).map(String::as_str).unwrap_or_default();
        match dpn::key(typed) {
            key if key.is_empty() || key == own => stays.push(occupant.name.clone()),
            key => groups.entry(key).or_insert_with(|| (typed.to_owned(), Vec::new())).1.push(occupant),
        }
    }
    if groups.is_empty() {
        return Err(SplitError::NobodyMoves);
    }
    let [organisation_id, pay_scale, staff_group] = store::pattern(tx, position_id, from).await?.unwrap_or_default();
    let parts: Vec<&str> = shared.name.split('|').collect();
    let part = |at: usize| parts.get(at).map_or(String::new(), |part| (*part).to_owned());
    let id = Uuid::now_v7();
    // Each person once, however many assignments and applications move.
    let movers: BTreeSet<&str> =
        groups.values().flat_map(|(_, all)| all.iter().map(|one| one.person_id.as_str())).collect();
    let mut before = BTreeMap::new();
    for person in &movers {
        before.insert((*person).to_owned(), people::snapshot(tx, person).await?);
    }
    let (mut made, mut applications) = (Vec::new(), Vec::new());
    for (typed, movers) in groups.values() {
        let wanted = Draft {
            title: shared.title().to_owned(),
            occupation_code: part(2),
            area: part(3),
            staff_group: staff_group.clone(),
            job_role: shared.job_role.clone(),
            pay_scale: pay_scale.clone(),
            organisation_id: organisation_id.clone(),
            workplace_code: shared.workplace_code.clone(),
            position_type: Some("Single".to_owned()),
            budgeted_fte: Some("1.00".to_owned()),
            effective_from: from,
            dpn: Some(typed.clone()),
            managing_body: shared.managing_body.clone(),
            host_or_lead: shared.host_or_lead,
            out_of_hours: shared.out_of_hours.clone(),
            rota_pattern: shared.rota_pattern.clone(),
            prospective_cover: shared.prospective_cover.clone(),
            confirmed: true,
            ..Draft::default()
        };
        let drafted = match positions::actions::draft(tx, &by.actor(), &wanted, Source::Unbucket(id), now).await {
            Ok(drafted) => drafted,
            Err(ChangeError::Refused(why)) => {
                let said: Vec<String> = why.into_iter().map(|refusal| refusal.text).collect();
                return Err(SplitError::Refused(typed.clone(), said.join(". ")));
            }
            Err(ChangeError::Database(error)) => return Err(error.into()),
            Err(error) => return Err(SplitError::Refused(typed.clone(), error.to_string())),
        };
        for mover in movers {
            match mover.id.parse::<Uuid>() {
                Ok(application) if mover.is_applicant => {
                    let was = applicants::place(tx, application).await?;
                    let to = [drafted.position_id.as_str(), &drafted.position_number, typed];
                    applicants::move_application(tx, application, to, now).await?;
                    let is = applicants::place(tx, application).await?;
                    applications.push(json!({ "id": application, "before": was, "after": is }));
                }
                _ => people::move_assignment(tx, &mover.id, position_id, &drafted.position_id, from).await?,
            }
        }
        made.push(Made {
            dpn: typed.clone(),
            position_id: drafted.position_id,
            position_number: drafted.position_number,
            names: movers.iter().map(|mover| mover.name.clone()).collect(),
        });
    }
    let mut moved = Vec::new();
    for (person, was) in before {
        let is = people::snapshot(tx, &person).await?;
        moved.push(json!({ "person": person, "before": was, "after": is }));
    }
    store::insert(tx, id, position_id, &json!({ "people": moved, "applications": applications }), &by.name, now)
        .await?;
    let detail = json!({ "unbucketing": id, "positions": made.iter().map(|one| &one.position_id).collect::<Vec<_>>() });
    audit::record(tx, &by.actor(), Event::PositionSplit, Subject::new("position", position_id), detail, now).await?;
    Ok(Split { id, made, stays })
}

/// Why somebody who was given a number does not hold the position on the day from which they move.
async fn not_then(
    tx: &mut VpdTx,
    position_id: &str,
    given: &BTreeMap<String, String>,
    from: NaiveDate,
    occupants: &[Occupant],
) -> sqlx::Result<Option<String>> {
    let is_missing = |(id, typed): &(&String, &String)| {
        !typed.trim().is_empty() && !occupants.iter().any(|occupant| occupant.id == **id)
    };
    let missing: Vec<String> = given.iter().filter(is_missing).map(|(id, _)| id.clone()).collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let known = store::occupants(tx, position_id, from, &missing).await?;
    let latest = known.iter().filter(|one| missing.contains(&one.id)).max_by_key(|one| one.starts_on);
    Ok(Some(match latest {
        Some(one) if one.starts_on > from => {
            format!(
                "{} holds the position since {}. Enter that day or a later one",
                one.name,
                dates::day(one.starts_on)
            )
        }
        Some(one) => {
            format!("{} does not hold the position on that day. Enter a day on which all who move do", one.name)
        }
        None => "Not all of these people are on the position on that day any more. Open this page again".to_owned(),
    }))
}

/// Takes it back: people and applications to where they were, and the new positions away; gives the shared position.
pub async fn undo(
    tx: &mut VpdTx,
    by: &Caller,
    id: Uuid,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<String, UndoError> {
    positions::store::lock(tx).await?;
    let (position_id, moved, undone) = store::lock(tx, id).await?.ok_or(UndoError::NotFound)?;
    if let Some(by) = undone {
        return Err(UndoError::Already { by });
    }
    let followed = what_followed(tx, &moved).await?;
    let list = |name: &str| moved[name].as_array().cloned().unwrap_or_default();
    if !followed.is_empty() {
        return Err(UndoError::Followed(followed));
    }
    for one in list("people") {
        people::restore(tx, one["person"].as_str().unwrap_or_default(), &one["before"], today, now).await?;
    }
    for one in list("applications") {
        let text = |name: &str| one["before"][name].as_str().unwrap_or_default().to_owned();
        let to = [text("position_id"), text("position_number"), text("dpn")];
        applicants::move_application(tx, of(&one), [&to[0], &to[1], &to[2]], now).await?;
    }
    positions::actions::undo_all(tx, &by.actor(), Source::Unbucket(id), now).await?;
    store::save_undone(tx, id, &by.name, now).await?;
    let about = Subject::new("position", &position_id);
    audit::record(tx, &by.actor(), Event::PositionSplitUndone, about, json!({ "unbucketing": id }), now).await?;
    Ok(position_id)
}

/// Why it cannot be taken back any more, in sentences.
pub async fn why_it_stays(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Vec<String>> {
    match store::lock(tx, id).await? {
        Some((_, moved, None)) => what_followed(tx, &moved).await,
        _ => Ok(Vec::new()),
    }
}

/// What has happened since to those who were moved, in sentences.
async fn what_followed(tx: &mut VpdTx, moved: &Value) -> sqlx::Result<Vec<String>> {
    let list = |name: &str| moved[name].as_array().cloned().unwrap_or_default();
    let mut followed = Vec::new();
    for one in list("people") {
        let person = one["person"].as_str().unwrap_or_default();
        if !people::is_same(&people::snapshot(tx, person).await?, &one["after"]) {
            followed.push(format!("The record of person {person} was changed since"));
        }
    }
    for one in list("applications") {
        let is = applicants::place(tx, of(&one)).await?.unwrap_or(Value::Null);
        if is != one["after"] {
            followed.push("An application that was moved was changed since".to_owned());
        }
    }
    Ok(followed)
}

fn of(moved: &Value) -> Uuid {
    moved["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default()
}
