//! What can be made to happen to items: each takes many, so that a bulk action and a button are the same thing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::item::{Deed, Refusal, State, Verdict, Who};
use super::store;
use super::store::decide::{self, HistoryEntry, Locked};
use crate::access::{self, Caller, Right};
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::VpdTx;

/// The longest note, in characters.
pub const NOTE_LIMIT: usize = 4_000;

/// What became of each item.
#[derive(Debug, Default)]
pub struct Results {
    pub changed: Vec<Uuid>,
    /// So already, by the same person.
    pub already: Vec<Uuid>,
    /// How a sentence names the item, and why nothing happened to it.
    pub refused: Vec<(String, Refusal)>,
}

/// Why an action as a whole does not happen.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// An item is not there for this caller, or is another organisation's: the two look alike, and nothing is done.
    #[error("no such item")]
    NotFound,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The codes of the roles whose items a caller sees.
pub fn roles_of(caller: &Caller) -> Vec<String> {
    caller.rights.iter().map(|right| right.code().to_owned()).collect()
}

/// Does one thing to many items; each is judged on its own, and all that happens, happens in this transaction.
pub async fn act(
    tx: &mut VpdTx,
    by: &Caller,
    items: &[Uuid],
    deed: &Deed,
    now: DateTime<Utc>,
) -> Result<Results, ActError> {
    let mut wanted = items.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let locked = decide::lock(tx, &wanted, &roles_of(by)).await?;
    if locked.len() != wanted.len() || locked.is_empty() {
        return Err(ActError::NotFound);
    }
    let mut results = Results::default();
    let unfit = match deed {
        Deed::Reassign { to, .. } => roles_not_held(tx, to, &locked).await?,
        Deed::Claim | Deed::TakeOver { .. } | Deed::Release | Deed::Done => BTreeSet::new(),
    };
    for item in &locked {
        let verdict = match deed {
            Deed::Reassign { to, .. } if unfit.contains(&item.role) => {
                Verdict::Refused(Refusal::NotAHolder { name: to.name.clone() })
            }
            _ => item.state.verdict(deed, by.user_id, &item.kind, item.version, now),
        };
        match verdict {
            Verdict::Happens => results.changed.push(item.item_id),
            Verdict::Already => results.already.push(item.item_id),
            Verdict::Refused(refusal) => results.refused.push((item.label.clone(), refusal)),
        }
    }
    if results.changed.is_empty() {
        return Ok(results);
    }
    let changed = &results.changed;
    let (event, what, note) = match deed {
        Deed::Claim => (Event::ItemClaimed, "claimed", lapsed_note(&locked, by.user_id)),
        Deed::TakeOver { .. } => (Event::ItemClaimed, "taken over", None),
        Deed::Release => (Event::ItemReleased, "released", None),
        Deed::Reassign { to, .. } => (Event::ItemReassigned, "reassigned", Some(format!("To {}", to.name))),
        Deed::Done => (Event::ItemDone, "done", None),
    };
    let entry = HistoryEntry { actor: &by.name, user_id: Some(by.user_id), what, note: note.as_deref() };
    decide::insert_events(tx, changed, entry, now).await?;
    match deed {
        Deed::Claim | Deed::TakeOver { .. } => decide::save_claimed(tx, changed, by.user_id, now).await?,
        Deed::Reassign { to, .. } => decide::save_claimed(tx, changed, to.user_id, now).await?,
        Deed::Release => decide::save_open(tx, changed).await?,
        Deed::Done => decide::save_done(tx, changed, by.user_id, now).await?,
    }
    tell_who_handed_over(tx, by, changed, deed, now).await?;
    record(tx, &by.actor(), event, changed, now).await?;
    Ok(results)
}

/// Where an item is the copy of one that was handed over, the other says whose the copy is now; put back, it is where it was before.
async fn tell_who_handed_over(
    tx: &mut VpdTx,
    by: &Caller,
    changed: &[Uuid],
    deed: &Deed,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let has_it = match deed {
        Deed::Claim | Deed::TakeOver { .. } => &by.name,
        Deed::Reassign { to, .. } => &to.name,
        Deed::Release => {
            let why = format!("{} put it back: it is with those who handed it over", by.name);
            return store::give_back(tx, changed, &why, &by.name, Some(by.user_id), now).await;
        }
        Deed::Done => return Ok(()),
    };
    say_who_has_it(tx, by, changed, has_it, now).await
}

/// Says of the items of which these are handed copies who has them now.
async fn say_who_has_it(
    tx: &mut VpdTx,
    by: &Caller,
    copies: &[Uuid],
    has_it: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let note = format!("{has_it} has it now");
    let entry = HistoryEntry { actor: &by.name, user_id: Some(by.user_id), what: "handed over", note: Some(&note) };
    store::save_handed_to(tx, copies, has_it, entry, now).await
}

/// Takes back what the caller did at one moment, so that each item is whose it was; what somebody has touched since stays, and is said.
pub async fn undo(tx: &mut VpdTx, by: &Caller, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Results, ActError> {
    let touched = decide::done_at(tx, by.user_id, at).await?;
    let ids: Vec<Uuid> = touched.iter().map(|(id, _)| *id).collect();
    let locked = decide::lock(tx, &ids, &roles_of(by)).await?;
    if locked.is_empty() {
        return Err(ActError::NotFound);
    }
    // Asked again under the lock: another may have been quicker between the two statements.
    let touched = decide::done_at(tx, by.user_id, at).await?;
    let mut results = Results::default();
    for item in &locked {
        let latest = touched.iter().any(|(id, latest)| *id == item.item_id && *latest);
        if latest && !matches!(item.state, State::ClosedBySystem { .. } | State::Expired) {
            results.changed.push(item.item_id);
        } else {
            results.refused.push((item.label.clone(), standing(item, now)));
        }
    }
    if !results.changed.is_empty() {
        decide::save_as_before(tx, &results.changed, (by.user_id, at)).await?;
        let entry = HistoryEntry { actor: &by.name, user_id: Some(by.user_id), what: "undone", note: None };
        decide::insert_events(tx, &results.changed, entry, now).await?;
        for (item, name) in decide::holders(tx, &results.changed).await? {
            say_who_has_it(tx, by, &[item], &name, now).await?;
        }
        record(tx, &by.actor(), Event::ItemUndone, &results.changed, now).await?;
    }
    Ok(results)
}

/// Opens one decided item again.
pub async fn reopen(tx: &mut VpdTx, by: &Caller, item: Uuid, now: DateTime<Utc>) -> Result<Results, ActError> {
    let locked = decide::lock(tx, &[item], &roles_of(by)).await?;
    let [locked] = &locked[..] else { return Err(ActError::NotFound) };
    let mut results = Results::default();
    match &locked.state {
        State::Done { .. } => {
            results.changed.push(item);
            decide::save_open(tx, &results.changed).await?;
            let entry = HistoryEntry { actor: &by.name, user_id: Some(by.user_id), what: "undone", note: None };
            decide::insert_events(tx, &results.changed, entry, now).await?;
            record(tx, &by.actor(), Event::ItemUndone, &results.changed, now).await?;
        }
        State::Open => results.already.push(item),
        _ => results.refused.push((locked.label.clone(), standing(locked, now))),
    }
    Ok(results)
}

/// Adds a note to the history of an item, whoever has it.
pub async fn note(tx: &mut VpdTx, by: &Caller, item: Uuid, text: &str, now: DateTime<Utc>) -> Result<(), ActError> {
    let locked = decide::lock(tx, &[item], &roles_of(by)).await?;
    if locked.is_empty() {
        return Err(ActError::NotFound);
    }
    let entry = HistoryEntry { actor: &by.name, user_id: Some(by.user_id), what: "noted", note: Some(text) };
    decide::insert_events(tx, &[item], entry, now).await?;
    // The note's words stay with the item: the trail holds that there is one.
    record(tx, &by.actor(), Event::ItemNoted, &[item], now).await?;
    Ok(())
}

/// Of the roles of these items, those that somebody does not hold.
async fn roles_not_held(tx: &mut VpdTx, who: &Who, items: &[Locked]) -> sqlx::Result<BTreeSet<String>> {
    let mut roles: BTreeSet<String> = items.iter().map(|item| item.role.clone()).collect();
    for right in roles.clone().iter().filter_map(|code| Right::from_code(code)) {
        if access::store::holders(tx, right).await?.iter().any(|(id, _, _)| *id == who.user_id) {
            roles.remove(right.code());
        }
    }
    Ok(roles)
}

/// Says in the history that an earlier claim had lapsed, where there was one.
fn lapsed_note(locked: &[Locked], me: Uuid) -> Option<String> {
    match locked {
        [Locked { state: State::Claimed { by, .. }, .. }] if by.user_id != me => {
            Some(format!("The claim of {} had lapsed after 24 hours", by.name))
        }
        _ => None,
    }
}

/// The state as a reason for not undoing.
fn standing(item: &Locked, now: DateTime<Utc>) -> Refusal {
    match item.state.at(now) {
        State::Claimed { by, at } => Refusal::Taken { by: by.name.clone(), at: *at },
        State::Done { by, at } => Refusal::Decided { by: by.name.clone(), at: *at },
        State::ClosedBySystem { reason, .. } => Refusal::Closed { reason: reason.clone() },
        State::Expired => Refusal::Expired,
        State::Open => Refusal::Closed { reason: "it is open already".to_owned() },
    }
}

async fn record(tx: &mut VpdTx, by: &Actor, event: Event, items: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<()> {
    let (about, detail) = match items {
        [one] => (Subject::new("item", one), json!({})),
        many => (Subject::new("items", many.len()), json!({ "items": many })),
    };
    audit::record(tx, by, event, about, detail, now).await
}
