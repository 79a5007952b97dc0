use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;

use super::day;
use crate::access::Authorised;
use crate::access::permissions::{ChangePositions, KeepEmployerContact, SeePeople, SeePositions};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::lead_and_host::store as lead_and_host;
use crate::positions::actions::what_followed;
use crate::positions::model::{ChangeId, Source};
use crate::positions::quality::{self, Fault, Line};
use crate::positions::store;
use crate::positions::views::{ShowPage, latest};
use crate::ui::{self, ErrorSummary};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShowQuery {
    on: String,
}

/// One position as on a day, with its history and its changes.
pub async fn show(
    app: Data<App>,
    who: Authorised<SeePositions>,
    id: Path<String>,
    query: Query<ShowQuery>,
) -> PageResult {
    let (on, day) = day(&app, &query.on);
    let mut tx = who.begin(&app.db).await?;
    let position = store::find(&mut tx, &id, day).await?.ok_or(PageError::NotFound)?;
    let versions = store::versions(&mut tx, &id).await?;
    let changes = store::history(&mut tx, &id).await?;
    let splits = store::splits(&mut tx, &id).await?;
    let last = latest(&changes).filter(|last| Source::undone_at(&last.source, last.source_id).is_none());
    let followed = match last.filter(|_| who.may::<ChangePositions>()) {
        Some(last) => what_followed(&mut tx, &[ChangeId(last.change_id)]).await?,
        None => Vec::new(),
    };
    let around = store::around(&mut tx, &[]).await?;
    let line = Line::of(&position);
    let mut faults = quality::faults(&line, &around);
    let bearers = store::count_bearers(&mut tx, &[line.key()], day).await?;
    if line.has_dpn() && bearers.get(&line.key()).is_some_and(|count| *count > 1) {
        faults.insert(0, Fault::Duplicate);
    }
    // Who holds it is about people: for those who may see them.
    let holders = match who.may::<SeePeople>() {
        true => Some(store::holders(&mut tx, &id, day).await?),
        false => None,
    };
    let others = match line.has_dpn() {
        true => lead_and_host::others(&mut tx, &[line.key()], day).await?.remove(&line.key()).unwrap_or_default(),
        false => Vec::new(),
    };
    let sent = store::last_sent(&mut tx, std::slice::from_ref(&*id)).await?.remove(&*id);
    let refusal = store::last_refusal(&mut tx, &id).await?;
    tx.commit().await?;
    let errors = ErrorSummary::of([&on]);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let may_change = who.may::<ChangePositions>() && position.deleted_at.is_none();
    let page = ShowPage {
        layout: who.layout(),
        errors,
        position,
        versions,
        holders,
        others,
        changes,
        followed,
        splits,
        faults,
        may_change,
        sent,
        refusal,
        may_keep_contact: who.may::<KeepEmployerContact>(),
        on,
        day,
    };
    Ok(ui::page(status, &page))
}
