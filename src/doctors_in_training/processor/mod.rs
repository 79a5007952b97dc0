//! How an APP file is taken in: whom each record concerns, which posts wait, what becomes of each record.

mod earlier;
mod held;
mod load;
mod notices;
mod repeated;

pub use load::{Input, Judged, judge};
pub use notices::{About, raise_duplicates, record_key, shown};
pub use repeated::repeats;

use serde_json::{Value, json};

use super::files::app::{AppRecord, Column};
use super::store;
use crate::file_exchange::processor::{Counts, Pass, Processor, RecordLine, RecordOutcome, Work, Working};
use crate::file_exchange::stream::Records;
use crate::positions::dpn;
use crate::tenancy::{Vpd, VpdTx};

/// The processor of APP files.
pub struct Applicants;

/// More records than this for one post in one file, and the post waits for an operator.
pub const MOST_FOR_ONE_POST: u32 = 40;

/// Special category data, which no page shows: ethnic origin, disability, orientation, belief.
const NEVER_SHOWN: &[usize] = &[
    Column::EthnicOrigin as usize,
    Column::Disability as usize,
    Column::SexualOrientation as usize,
    Column::ReligiousBelief as usize,
];

/// What makes two records records for one post.
pub(super) fn post_key(record: &AppRecord) -> String {
    let number: String = record[Column::DeaneryNumber].chars().filter(|c| !c.is_control()).collect();
    dpn::key(&number)
}

impl Processor for Applicants {
    fn prepare<'a>(&'a self, work: &'a Work<'a>, records: &'a mut Records) -> Working<'a, ()> {
        Box::pin(held::find_and_hold(work, records))
    }

    fn route<'a>(&'a self, work: &'a Work<'a>, slice: &'a [RecordLine]) -> Working<'a, Vec<Vec<Vpd>>> {
        Box::pin(async move {
            let keys: Vec<[String; 3]> = slice.iter().map(|line| route_keys(&AppRecord::parse(&line.text))).collect();
            let column = |at: usize| {
                let mut values: Vec<String> =
                    keys.iter().map(|key| key[at].clone()).filter(|key| !key.is_empty()).collect();
                values.sort_unstable();
                values.dedup();
                values
            };
            let mut tx = work.app.db.system().await?;
            let directory = store::directory(&mut tx, &column(0), &column(1), &column(2), work.today).await?;
            tx.commit().await?;
            Ok(keys.iter().map(|[id, number, dpn]| directory.employers(id, number, dpn)).collect())
        })
    }

    fn load<'a>(
        &'a self,
        work: &'a Work<'a>,
        tx: &'a mut VpdTx,
        records: &'a [(&'a RecordLine, bool)],
    ) -> Working<'a, Vec<RecordOutcome>> {
        Box::pin(load::load(work, tx, records))
    }

    fn finish<'a>(&'a self, work: &'a Work<'a>, tx: &'a mut VpdTx, counts: &'a Counts) -> Working<'a, Value> {
        Box::pin(async move {
            if *work.pass == Pass::First && counts.held > 0 {
                held::tell_employer(work, tx).await?;
            }
            if let Pass::Discarded { dpn_key, reason, .. } = work.pass {
                held::tell_discarded(work, tx, dpn_key, reason).await?;
            }
            held::close_for_operators(work).await?;
            Ok(json!({}))
        })
    }

    fn reply_type(&self) -> Option<&'static str> {
        Some("APC")
    }

    fn hidden_columns(&self, _record_type: &str) -> &'static [usize] {
        NEVER_SHOWN
    }
}

/// Position id, position number and DPN, where they stand, whatever else is wrong with the record.
fn route_keys(record: &AppRecord) -> [String; 3] {
    let clean = |column| record[column].chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    [clean(Column::PositionId), clean(Column::PositionNumber), post_key(record)]
}
