use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::audit::Actor;
use crate::positions::actions::{Book, ChangeError, Judged};
use crate::positions::model::{PositionChange, Set, Source, Stretch};
use crate::positions::store;
use crate::tenancy::VpdTx;

/// What becomes of a position that is not to keep the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It loses the number, and what goes with it.
    Clear,
    /// Its last day is the day before.
    End,
}

/// How the positions of one number are to be settled.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The number as it is to be written.
    pub dpn: String,
    /// The position that keeps the number, or gets it.
    pub keep: String,
    pub from: NaiveDate,
    pub others: Vec<(String, Deed)>,
}

/// What comes of it: each position's change, or what is wrong with it.
#[derive(Debug)]
pub struct Settled {
    pub judged: Vec<Judged>,
    pub refused: Vec<(String, String)>,
    /// By which all of it is undone; none for a dry run.
    pub id: Option<Uuid>,
}

/// Settles a number: the same code is the dry run, which makes nothing.
pub async fn settle(
    tx: &mut VpdTx,
    by: &Actor,
    settlement: &Settlement,
    apply: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<Settled> {
    store::lock(tx).await?;
    let (stretches, _) = store::stretches(tx, &[settlement.keep.as_str()]).await?;
    let on_the_day = |all: &Vec<Stretch>| all.iter().rev().find(|stretch| stretch.holds_on(settlement.from)).cloned();
    let keeps = stretches.get(&settlement.keep).and_then(on_the_day);
    let bears = keeps.as_ref().is_some_and(|stretch| stretch.dpn.as_deref() == Some(settlement.dpn.as_str()));

    let day = settlement.from;
    let mut changes: Vec<PositionChange> = Vec::new();
    for (id, deed) in &settlement.others {
        let change = PositionChange { confirmed: true, ..PositionChange::new(id, day) };
        changes.push(match deed {
            Deed::Clear => PositionChange {
                dpn: Set::To(None),
                managing_body: Set::To(None),
                host_or_lead: Set::To(None),
                ..change
            },
            Deed::End => PositionChange { end_on: Set::To(day.pred_opt()), ..change },
        });
    }
    if !bears {
        let body = settlement.dpn.split('/').next().map(|body| body.trim().to_uppercase());
        let without = keeps.is_some_and(|stretch| stretch.managing_body.is_none());
        changes.push(PositionChange {
            dpn: Set::To(Some(settlement.dpn.clone())),
            managing_body: if without { Set::To(body) } else { Set::Leave },
            confirmed: true,
            ..PositionChange::new(&settlement.keep, day)
        });
    }
    let mut book = Book::open(tx, &changes).await?;
    let mut settled = Settled { judged: Vec::new(), refused: Vec::new(), id: None };
    for change in &changes {
        match book.judge(change) {
            Ok(judged) => {
                book.take(&judged);
                settled.judged.push(judged);
            }
            Err(ChangeError::NothingChanges) => {}
            Err(ChangeError::Refused(refusals)) => {
                let said: Vec<String> = refusals.into_iter().map(|refusal| refusal.text).collect();
                settled.refused.push((change.position_id.clone(), said.join(". ")));
            }
            Err(ChangeError::Database(error)) => return Err(error),
            Err(error) => settled.refused.push((change.position_id.clone(), error.to_string())),
        }
    }
    if apply && settled.refused.is_empty() && !settled.judged.is_empty() {
        let id = Uuid::now_v7();
        Book::save(tx, by, &settled.judged, Source::DpnReport(id), now).await?;
        settled.id = Some(id);
    }
    Ok(settled)
}
