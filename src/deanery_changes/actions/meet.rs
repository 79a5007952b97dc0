use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::receive::Around;
use crate::audit::{self, Actor, Event, Subject};
use crate::deanery_changes::model::{Change, State};
use crate::deanery_changes::notices::{self, FromFile, Raised};
use crate::deanery_changes::store::{self, Standing};
use crate::tenancy::VpdTx;

fn file_of(change: &Change, today: NaiveDate) -> FromFile {
    FromFile {
        file_id: change.file_id,
        file_name: change.file_name.clone().unwrap_or_default(),
        body_code: change.body_code.clone(),
        today,
    }
}

/// Applicants for these posts have come: new dates that waited for one of them are raised now.
pub async fn meet(
    tx: &mut VpdTx,
    dpn_keys: &[String],
    by: &Actor,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for change_id in store::list_waiting_for(tx, dpn_keys).await? {
        raise_if_found(tx, change_id, by, today, now).await?;
    }
    Ok(())
}

async fn raise_if_found(
    tx: &mut VpdTx,
    change_id: Uuid,
    by: &Actor,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let Some(change) = store::lock(tx, change_id).await?.filter(|change| change.state == State::Pending) else {
        return Ok(());
    };
    let told = change.told();
    let around = Around::read(tx, std::slice::from_ref(&told), today).await?;
    let Some(standing) = around.standing(&told).filter(Standing::is_at_post) else { return Ok(()) };
    let post = around.posts.get(&told.dpn_key);
    let position_id = post.map(|post| post.position_id.as_str());
    store::save_found(tx, change_id, Some(&standing.who.person_id), standing.who.application_id, position_id).await?;
    if standing.has_dates(told.hire_on, told.end_on) {
        // The applicant came with the new dates.
        return store::decide(tx, change_id, State::Superseded, by.name(), None, &json!({}), now).await;
    }
    store::save_open(tx, change_id).await?;
    let raised = Raised { change_id, told: &told, standing: Some(&standing), post, not_found: None };
    notices::raise(tx, &file_of(&change, today), &[raised], &around.labels, now).await
}

/// New dates that have waited three days for their applicant are shown for information; gives how many.
pub async fn expire(tx: &mut VpdTx, today: NaiveDate, now: DateTime<Utc>) -> sqlx::Result<usize> {
    let due = store::list_pending_due(tx, today).await?;
    for change_id in &due {
        raise_if_found(tx, *change_id, &Actor::Schedule("changes that wait"), today, now).await?;
        let Some(change) = store::lock(tx, *change_id).await?.filter(|change| change.state == State::Pending) else {
            continue;
        };
        store::decide(tx, *change_id, State::Expired, "No applicant", None, &json!({}), now).await?;
        let told = change.told();
        let around = Around::read(tx, std::slice::from_ref(&told), today).await?;
        let why =
            "No person of that GMC number or name applies for or holds the post, three days after the file (N003).";
        let raised = Raised {
            change_id: *change_id,
            told: &told,
            standing: None,
            post: around.posts.get(&told.dpn_key),
            not_found: Some(why),
        };
        notices::raise(tx, &file_of(&change, today), &[raised], &around.labels, now).await?;
    }
    if !due.is_empty() {
        let by = Actor::Schedule("changes that wait");
        let about = Subject::new("deanery_changes", due.len());
        audit::record(tx, &by, Event::DeaneryChangeExpired, about, json!({ "changes": due }), now).await?;
    }
    Ok(due.len())
}
