use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{ChangeError, decided_words};
use crate::access::{self, Caller};
use crate::audit::{self, Event, Subject};
use crate::deanery_changes::model::{Change, State, subject_key};
use crate::deanery_changes::store;
use crate::notifications::{self, store::Annotation};
use crate::tenancy::VpdTx;

/// Gives a change to a colleague who has the URP that acting on it needs: it is in that colleague's inbox too, as claimed by her or him.
pub async fn hand_over(
    tx: &mut VpdTx,
    by: &Caller,
    change_id: Uuid,
    to: Uuid,
    now: DateTime<Utc>,
) -> Result<(Change, String), ChangeError> {
    let change = store::lock(tx, change_id).await?.ok_or(ChangeError::NotFound)?;
    if change.state != State::Open {
        return Err(ChangeError::Decided(decided_words(&change)));
    }
    let right = change.kind.acted_upon_by();
    let holders = access::store::holders(tx, right).await?;
    let Some((user_id, _, name)) = holders.into_iter().find(|(user, ..)| *user == to) else {
        return Err(ChangeError::NotPossible(format!(
            "That person does not hold {} here any more. Choose somebody else.",
            right.label()
        )));
    };
    let key = subject_key(change_id);
    // Where those who have the URP have an item of it already, that one becomes the colleague's: two of one fact help nobody.
    if notifications::store::give(tx, &key, right, user_id, now).await? {
        let note = format!("{} handed it to {name}", by.name);
        let annotation = Annotation { what: "reassigned", note: &note, facts: json!({}) };
        let own = notifications::store::own_key(&key, right);
        notifications::store::annotate(tx, &own, &annotation, &by.actor(), Some(by.user_id), now).await?;
    } else {
        notifications::store::hand_over(tx, &key, right, user_id, now).await?;
    }
    let note = format!("Handed to {name}, who has the {} URP", right.label());
    let annotation = Annotation { what: "handed over", note: &note, facts: json!({ "handed_to": name }) };
    notifications::store::annotate(tx, &key, &annotation, &by.actor(), Some(by.user_id), now).await?;
    let detail = json!({ "kind": change.kind.code(), "dpn": change.dpn, "to": user_id });
    let about = Subject::new("deanery_change", change_id);
    audit::record(tx, &by.actor(), Event::ItemReassigned, about, detail, now).await?;
    Ok((change, name))
}
