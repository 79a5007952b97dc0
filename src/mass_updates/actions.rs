//! What can be made to happen to a mass update.

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::London;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::evaluate::{Evaluated, Outcome, evaluate};
use super::model::{self, Rejected};
use super::store::{self, Row};
use crate::access::Right;
use crate::audit::{self, Actor, Event, Subject};
use crate::jobs::{self, Failure, Work};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::positions;
use crate::positions::actions::{Book, Judged, UndoError};
use crate::positions::model::Source;
use crate::positions::views::differences;
use crate::spreadsheets::Table;
use crate::tenancy::VpdTx;

/// Applies an update that waited for the night.
pub const RUN: &str = "mass_updates.run";

/// Why nothing is done.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("no such mass update")]
    NotFound,
    /// It is in another state than this needs: which, in words.
    #[error("{0}")]
    NotNow(String),
    #[error("something followed")]
    Followed(Vec<String>),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Keeps a file and checks each of its rows; nothing of it is done.
pub async fn check(
    tx: &mut VpdTx,
    by: &Actor,
    by_name: &str,
    file_name: &str,
    table: &Table,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    let number = store::insert(tx, id, file_name, &table.warnings, by_name, now).await?;
    let cells: Vec<Vec<String>> = table.rows.iter().map(|row| model::in_order(table, &row.cells)).collect();
    let numbers: Vec<i32> = table.rows.iter().map(|row| i32::try_from(row.number).unwrap_or(i32::MAX)).collect();
    let evaluated = evaluate(tx, &cells, &numbers, today).await?;
    store::save_rows(tx, id, &rows(&numbers, &cells, &evaluated, "pending")).await?;
    let detail = json!({ "number": number, "file": file_name, "rows": cells.len() });
    audit::record(tx, by, Event::MassUpdateChecked, Subject::new("mass_update", id), detail, now).await?;
    Ok(id)
}

fn rows(numbers: &[i32], cells: &[Vec<String>], evaluated: &Evaluated, done: &str) -> Vec<Row> {
    let each = numbers.iter().zip(cells).zip(&evaluated.outcomes);
    each.map(|((row_no, cells), outcome)| {
        let row = Row {
            row_no: *row_no,
            cells: cells.clone(),
            state: done.to_owned(),
            code: String::new(),
            message: String::new(),
            differences: json!([]),
            faults: json!([]),
        };
        match outcome {
            Outcome::Change(at, warnings) => {
                Row { message: warnings.join(". "), differences: shown(&evaluated.judged[*at]), ..row }
            }
            Outcome::Unchanged => {
                let message = "Everything is so already".to_owned();
                Row { state: "skipped_no_change".to_owned(), message, ..row }
            }
            Outcome::Rejected(why) => Row {
                state: "rejected".to_owned(),
                code: why.first().map(|one| one.code.clone()).unwrap_or_default(),
                message: why.iter().map(|one| one.message.as_str()).collect::<Vec<_>>().join(". "),
                faults: why.iter().map(|one| fault(one, cells)).collect(),
                ..row
            },
        }
    })
    .collect()
}

fn fault(one: &Rejected, cells: &[String]) -> serde_json::Value {
    json!({ "column": one.column, "value": model::value(cells, one.column), "code": one.code, "text": one.message })
}

fn shown(judged: &Judged) -> serde_json::Value {
    let all = differences(&judged.before, &judged.after, judged.effective_from);
    all.into_iter().map(|one| json!({ "field": one.label, "before": one.before, "after": one.after })).collect()
}

/// Tonight at ten, in London.
pub fn tonight(now: DateTime<Utc>) -> DateTime<Utc> {
    let local = now.with_timezone(&London);
    let at = |day: NaiveDate| day.and_hms_opt(22, 0, 0).and_then(|at| London.from_local_datetime(&at).earliest());
    let today = at(local.date_naive()).filter(|at| *at > local);
    let next = local.date_naive().succ_opt().and_then(at);
    today.or(next).map_or(now + TimeDelta::hours(8), |at| at.with_timezone(&Utc))
}

/// Has an update wait for the night.
pub async fn wait(tx: &mut VpdTx, by: &Actor, id: Uuid, now: DateTime<Utc>) -> Result<DateTime<Utc>, UpdateError> {
    expect(tx, id, &["checked"]).await?;
    let at = tonight(now);
    store::save_state(tx, id, "waiting", Some(at), None, None).await?;
    let dedupe = id.to_string();
    jobs::enqueue_at(tx, RUN, &Payload { update: id, username: by.name().to_owned() }, Some(&dedupe), at).await?;
    audit::record(tx, by, Event::MassUpdateQueued, Subject::new("mass_update", id), json!({ "at": at }), now).await?;
    Ok(at)
}

/// Takes an update that waits, or was only checked, out of the way.
pub async fn cancel(tx: &mut VpdTx, by: &Actor, id: Uuid, now: DateTime<Utc>) -> Result<(), UpdateError> {
    expect(tx, id, &["checked", "waiting"]).await?;
    store::save_state(tx, id, "cancelled", None, None, None).await?;
    audit::record(tx, by, Event::MassUpdateCancelled, Subject::new("mass_update", id), json!({}), now).await?;
    Ok(())
}

async fn expect(tx: &mut VpdTx, id: Uuid, states: &[&str]) -> Result<store::Update, UpdateError> {
    let update = store::lock(tx, id).await?.ok_or(UpdateError::NotFound)?;
    if states.contains(&update.state.as_str()) {
        return Ok(update);
    }
    Err(UpdateError::NotNow(match update.state.as_str() {
        "applied" => "This mass update is done already.".to_owned(),
        "waiting" => "This mass update waits for the night already.".to_owned(),
        "cancelled" => "This mass update was cancelled.".to_owned(),
        "undone" => format!("This mass update was undone by {}.", update.undone_by.unwrap_or_default()),
        _ => "This mass update has not been done.".to_owned(),
    }))
}

/// Does every row that can be done, as things are now; gives how many were done and how many were not.
pub async fn apply(
    tx: &mut VpdTx,
    by: &Actor,
    id: Uuid,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(usize, usize), UpdateError> {
    positions::store::lock(tx).await?;
    let update = expect(tx, id, &["checked", "waiting"]).await?;
    let kept = store::rows(tx, id).await?;
    let cells: Vec<Vec<String>> = kept.iter().map(|row| row.cells.clone()).collect();
    let numbers: Vec<i32> = kept.iter().map(|row| row.row_no).collect();
    let evaluated = evaluate(tx, &cells, &numbers, today).await?;
    Book::save(tx, by, &evaluated.judged, Source::MassUpdate(id), now).await?;
    let rows = rows(&numbers, &cells, &evaluated, "applied");
    let bad = rows.iter().filter(|row| row.state == "rejected").count();
    store::save_rows(tx, id, &rows).await?;
    store::save_state(tx, id, "applied", None, Some(now), None).await?;
    let done = evaluated.judged.len();
    let detail = json!({ "applied": done, "rejected": bad });
    audit::record(tx, by, Event::MassUpdateApplied, Subject::new("mass_update", id), detail, now).await?;
    let title = format!("Mass update {} finished: {done} done, {bad} rejected", update.number);
    let mut item = ItemDraft::new(
        "mass_update",
        Right::LocalWorkstructuresAdministration,
        ItemClass::Information,
        format!("mass-update:{id}"),
        &title,
    );
    item.link = Some(format!("/positions/mass-update/{id}"));
    item.facts = json!({ "text": format!("{} by {}.", update.file_name, update.made_by) });
    let message = MessageDraft {
        kind: MessageType::MassUpdateDone,
        title,
        dedupe_key: format!("mass-update:{id}"),
        file: None,
        body_code: None,
        dated_on: today,
    };
    notifications::raise(tx, &message, &[item], now).await?;
    Ok((done, bad))
}

/// Takes a whole update back while nothing followed; gives how many positions are as they were.
pub async fn undo(tx: &mut VpdTx, by: &Actor, id: Uuid, now: DateTime<Utc>) -> Result<usize, UpdateError> {
    positions::store::lock(tx).await?;
    expect(tx, id, &["applied"]).await?;
    let undone = match positions::actions::undo_all(tx, by, Source::MassUpdate(id), now).await {
        Ok(undone) => undone,
        Err(UndoError::NotFound | UndoError::Already { .. }) => {
            return Err(UpdateError::NotNow("Nothing of this mass update stands any more.".to_owned()));
        }
        Err(UndoError::Followed(why)) => return Err(UpdateError::Followed(why)),
        Err(UndoError::Database(error)) => return Err(error.into()),
    };
    store::save_state(tx, id, "undone", None, None, Some((by.name(), now))).await?;
    audit::record(
        tx,
        by,
        Event::MassUpdateUndone,
        Subject::new("mass_update", id),
        json!({ "positions": undone }),
        now,
    )
    .await?;
    Ok(undone)
}

#[derive(Deserialize, Serialize)]
struct Payload {
    update: Uuid,
    username: String,
}

/// Applies an update whose night has come; one that was cancelled since is left alone.
pub async fn run(work: Work) -> Result<(), Failure> {
    let payload: Payload = work.payload()?;
    let mut tx = work.begin().await?;
    let by = Actor::Schedule("mass_update");
    tracing::info!(update.id = %payload.update, asked_by = payload.username, "a mass update runs");
    match apply(&mut tx, &by, payload.update, work.app.today(), work.app.now()).await {
        Ok(_) => tx.commit().await.map_err(Failure::from),
        Err(UpdateError::NotNow(_) | UpdateError::NotFound | UpdateError::Followed(_)) => Ok(()),
        Err(UpdateError::Database(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tonight_is_the_next_ten_oclock_in_london() {
        for (now, at) in [
            ("2026-05-06T08:00:00Z", "2026-05-06T21:00:00Z"),
            ("2026-05-06T21:00:00Z", "2026-05-07T21:00:00Z"),
            ("2026-12-06T21:30:00Z", "2026-12-06T22:00:00Z"),
        ] {
            assert_eq!(tonight(now.parse().unwrap()), at.parse::<DateTime<Utc>>().unwrap(), "{now}");
        }
    }
}
