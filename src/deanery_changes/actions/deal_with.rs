use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::access::Caller;
use crate::audit::{self, Event, Subject};
use crate::deanery_changes::model::{Kind, State, change_of, subject_keys};
use crate::deanery_changes::store;
use crate::notifications;
use crate::notifications::store::decide;
use crate::tenancy::VpdTx;

/// Why a change stays decided although its item was opened again.
pub const SAID_SINCE: &str = "the deanery has said something newer about this since";

/// A replacement that an item is about.
struct Found {
    item: Uuid,
    change: Uuid,
    /// An item of it was marked as done.
    is_dealt_with: bool,
}

/// The replacements that items are about; items of other kinds are decided by their own buttons.
pub struct Replacements(Vec<Found>);

/// Finds the replacements of items, and keeps others from deciding them until this transaction ends: before the items are locked, as every
/// other decision about a change does.
pub async fn lock_replacements(tx: &mut VpdTx, items: &[Uuid]) -> sqlx::Result<Replacements> {
    let about = decide::subjects(tx, items, Kind::Replacement.item_kind()).await?;
    let about: Vec<(Uuid, Uuid)> = about.iter().filter_map(|(item, fact)| Some((*item, change_of(fact)?))).collect();
    let changes: Vec<Uuid> = about.iter().map(|(_, change)| *change).collect();
    let states = if changes.is_empty() { HashMap::new() } else { store::lock_all(tx, &changes).await? };
    let found = about.into_iter().map(|(item, change)| Found {
        item,
        change,
        is_dealt_with: states.get(&change) == Some(&State::Applied),
    });
    Ok(Replacements(found.collect()))
}

impl Replacements {
    /// Somebody marked these items as done: their replacements are dealt with.
    pub async fn deal_with(&self, tx: &mut VpdTx, by: &Caller, items: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<()> {
        let changes: Vec<Uuid> = self.0.iter().filter(|one| items.contains(&one.item)).map(|one| one.change).collect();
        let settled = store::save_dealt_with(tx, &changes, &by.name, now).await?;
        if settled.is_empty() {
            return Ok(());
        }
        let note = format!("{} marked it as done.", by.name);
        notifications::close_many(tx, &facts(&settled), &note, &by.actor(), now).await?;
        record(tx, by, Event::DeaneryChangeApplied, &settled, now).await
    }

    /// Somebody opened these items again: their replacements wait again, but for those of which the deanery said something newer. Gives the
    /// items of those; they are closed.
    pub async fn take_up_again(
        &self,
        tx: &mut VpdTx,
        by: &Caller,
        items: &[Uuid],
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Uuid>> {
        let dealt_with = self.0.iter().filter(|one| one.is_dealt_with && items.contains(&one.item));
        let dealt_with: Vec<Uuid> = dealt_with.map(|one| one.change).collect();
        let outdone = store::list_outdone(tx, &dealt_with).await?;
        let free: Vec<Uuid> = dealt_with.into_iter().filter(|change| !outdone.contains(change)).collect();
        let opened = store::save_all_open(tx, &free).await?;
        if !opened.is_empty() {
            let why = format!("{} took back what was done.", by.name);
            notifications::store::reopen_done(tx, &facts(&opened), &why, &by.actor(), now).await?;
            record(tx, by, Event::DeaneryChangeUndone, &opened, now).await?;
        }
        notifications::close_many(tx, &facts(&outdone), SAID_SINCE, &by.actor(), now).await?;
        Ok(self.0.iter().filter(|one| outdone.contains(&one.change)).map(|one| one.item).collect())
    }
}

fn facts(changes: &[Uuid]) -> Vec<String> {
    changes.iter().flat_map(|change| subject_keys(*change)).collect()
}

async fn record(tx: &mut VpdTx, by: &Caller, event: Event, changes: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<()> {
    let kind = Kind::Replacement.code();
    let (about, detail) = match changes {
        [one] => (Subject::new("deanery_change", one), json!({ "kind": kind })),
        many => (Subject::new("deanery_changes", many.len()), json!({ "kind": kind, "changes": many })),
    };
    audit::record(tx, &by.actor(), event, about, detail, now).await
}
