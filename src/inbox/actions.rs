//! What a person does to items, with what follows from it in the feature that raised them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::Caller;
use crate::deanery_changes::actions::{self as changes, Replacements, SAID_SINCE};
use crate::notifications::actions::{self, ActError, Results};
use crate::notifications::item::{Deed, Refusal};
use crate::notifications::store::decide;
use crate::tenancy::VpdTx;

/// Does one thing to many items; a replacement whose item is done is dealt with.
pub async fn act(
    tx: &mut VpdTx,
    by: &Caller,
    items: &[Uuid],
    deed: &Deed,
    now: DateTime<Utc>,
) -> Result<Results, ActError> {
    if *deed != Deed::Done {
        return actions::act(tx, by, items, deed, now).await;
    }
    let replacements = changes::lock_replacements(tx, items).await?;
    let results = actions::act(tx, by, items, deed, now).await?;
    replacements.deal_with(tx, by, &results.changed, now).await?;
    Ok(results)
}

/// Takes back what the caller did at one moment; a replacement whose item is open again waits again.
pub async fn undo(tx: &mut VpdTx, by: &Caller, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Results, ActError> {
    let touched: Vec<Uuid> = decide::done_at(tx, by.user_id, at).await?.into_iter().map(|(item, _)| item).collect();
    let replacements = changes::lock_replacements(tx, &touched).await?;
    let results = actions::undo(tx, by, at, now).await?;
    take_up_again(tx, by, &replacements, results, now).await
}

/// Opens one decided item again, and a replacement with it.
pub async fn reopen(tx: &mut VpdTx, by: &Caller, item: Uuid, now: DateTime<Utc>) -> Result<Results, ActError> {
    let replacements = changes::lock_replacements(tx, &[item]).await?;
    let results = actions::reopen(tx, by, item, now).await?;
    take_up_again(tx, by, &replacements, results, now).await
}

async fn take_up_again(
    tx: &mut VpdTx,
    by: &Caller,
    replacements: &Replacements,
    mut results: Results,
    now: DateTime<Utc>,
) -> Result<Results, ActError> {
    let outdone = replacements.take_up_again(tx, by, &results.changed, now).await?;
    results.changed.retain(|item| !outdone.contains(item));
    let refusal = || ("A replacement".to_owned(), Refusal::Closed { reason: SAID_SINCE.to_owned() });
    results.refused.extend(outdone.iter().map(|_| refusal()));
    Ok(results)
}
