use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{ChangeError, applied, lock_open};
use crate::access::Caller;
use crate::deanery_changes::model::{Change, Kind};
use crate::deanery_changes::store;
use crate::positions::actions::{self as positions, ChangeError as PositionError};
use crate::positions::model::{Draft, PositionChange, Set, Source};
use crate::tenancy::VpdTx;

/// Why a new post has no position yet.
#[derive(Debug, thiserror::Error)]
pub enum NewPostError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The rules of positions: refused at a field, or to be confirmed.
    #[error(transparent)]
    Position(PositionError),
}

impl From<sqlx::Error> for NewPostError {
    fn from(error: sqlx::Error) -> Self {
        Self::Change(error.into())
    }
}

/// A draft as the Deanery Post Number and the notification suggest it; whoever drafts it may change every value.
pub fn suggest(change: &Change, today: NaiveDate) -> Draft {
    let parts: Vec<&str> = change.dpn.trim().split('/').collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default().trim();
    let grade = part(3).to_uppercase();
    let role = match grade.as_str() {
        "FY1" | "F1" => "Foundation Year 1",
        "FY2" | "F2" => "Foundation Year 2",
        "DCT" => "Dental Core Trainee",
        "DFT" | "FD" => "Foundation Dentist",
        _ => "Specialty Registrar",
    };
    let occupation = change.occupation_code.clone().filter(|code| !code.trim().is_empty());
    Draft {
        title: role.to_owned(),
        occupation_code: occupation.unwrap_or_else(|| part(2).to_owned()),
        area: change.specialty.clone().unwrap_or_else(|| part(2).to_owned()),
        staff_group: Some("Medical and Dental".to_owned()),
        job_role: Some(role.to_owned()),
        workplace_code: Some(part(1).to_owned()).filter(|site| !site.is_empty()),
        budgeted_fte: Some("1.00".to_owned()),
        effective_from: today,
        dpn: Some(change.dpn.trim().to_owned()),
        managing_body: Some(part(0).to_owned())
            .filter(|body| body.len() == 3)
            .or_else(|| Some(change.body_code.clone())),
        host_or_lead: change.host_or_lead.as_deref().and_then(crate::positions::model::HostOrLead::parse),
        ..Draft::default()
    }
}

/// Drafts the position of a new post; gives its id.
pub async fn draft_post(
    tx: &mut VpdTx,
    by: &Caller,
    change_id: Uuid,
    draft: &Draft,
    now: DateTime<Utc>,
) -> Result<String, NewPostError> {
    let change = lock_open(tx, change_id, Kind::NewPost).await?;
    let drafted = positions::draft(tx, &by.actor(), draft, Source::Item(change_id), now).await.map_err(of_position)?;
    let note = format!("{} drafted position {}.", by.name, drafted.position_number);
    done(tx, by, &change, &drafted.position_id, drafted.change.0, &note, now).await?;
    Ok(drafted.position_id)
}

/// Gives the new post's number to a position that exists; gives its id.
pub async fn link_post(
    tx: &mut VpdTx,
    by: &Caller,
    change_id: Uuid,
    position_id: &str,
    (from, confirmed): (NaiveDate, bool),
    now: DateTime<Utc>,
) -> Result<String, NewPostError> {
    let change = lock_open(tx, change_id, Kind::NewPost).await?;
    let suggested = suggest(&change, from);
    let linking = PositionChange {
        dpn: Set::To(suggested.dpn),
        managing_body: Set::To(suggested.managing_body),
        confirmed,
        ..PositionChange::new(position_id, from)
    };
    let made = positions::change(tx, &by.actor(), &linking, Source::Item(change_id), now).await.map_err(of_position)?;
    let note = format!("{} linked it to the position with id {position_id}.", by.name);
    done(tx, by, &change, position_id, made.0, &note, now).await?;
    Ok(position_id.to_owned())
}

fn of_position(error: PositionError) -> NewPostError {
    match error {
        PositionError::Database(error) => error.into(),
        other => NewPostError::Position(other),
    }
}

async fn done(
    tx: &mut VpdTx,
    by: &Caller,
    change: &Change,
    position_id: &str,
    made: Uuid,
    note: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    store::save_found(tx, change.change_id, None, None, Some(position_id)).await?;
    let before = json!({ "position_change": made });
    applied(tx, by, change, before, note.to_owned(), now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deanery_changes::model::State;
    use crate::rotation::model::Named;

    #[test]
    fn a_draft_is_suggested_by_the_parts_of_the_number() {
        let change = Change {
            change_id: Uuid::nil(),
            kind: Kind::NewPost,
            state: State::Open,
            file_id: Uuid::nil(),
            file_name: None,
            record_no: 17,
            unannounced: false,
            dpn: "KSS/R9A01/052/FY2/301".to_owned(),
            dpn_key: "KSS/R9A01/052/FY2/301".to_owned(),
            body_code: "LDN".to_owned(),
            specialty: Some("Anaesthetics".to_owned()),
            site: None,
            host_or_lead: Some("Host Employer".to_owned()),
            occupation_code: None,
            who: Named::default(),
            hire_on: None,
            end_on: None,
            reason_code: None,
            current_place: None,
            person_id: None,
            application_id: None,
            position_id: None,
            pending_until: None,
            before: json!({}),
            received_on: NaiveDate::default(),
            received_at: DateTime::default(),
            decided_by: None,
            decided_at: None,
            reason: None,
        };
        let draft = suggest(&change, "2026-05-06".parse().unwrap());
        assert_eq!(
            (draft.title.as_str(), draft.occupation_code.as_str(), draft.area.as_str()),
            ("Foundation Year 2", "052", "Anaesthetics")
        );
        assert_eq!((draft.workplace_code.as_deref(), draft.managing_body.as_deref()), (Some("R9A01"), Some("KSS")));
        assert!(draft.host_or_lead.is_some() && draft.dpn.as_deref() == Some("KSS/R9A01/052/FY2/301"));
    }
}
