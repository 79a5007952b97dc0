//! How a DNC or DNF file is taken in: whom each notification concerns, what it changes, what the deanery is told.

mod check;
mod load;
mod notices;

use serde_json::{Value, json};

use super::files::dnc::{Column, NotRecord, Title};
use crate::file_exchange::processor::{
    Counts, Pass, ProcessingError, Processor, RecordLine, RecordOutcome, Work, Working,
};
use crate::positions::dpn;
use crate::rotation;
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// The processor of notification files.
pub struct Notifications;

/// A full snapshot says by what it leaves out that it has gone.
fn is_full(work: &Work<'_>) -> bool {
    work.file.name.file_type == "DNF"
}

/// What the grid knows of this file.
fn grid<'a>(work: &'a Work<'_>) -> rotation::store::Grid<'a> {
    rotation::store::Grid {
        file_id: work.file.file_id,
        file_name: &work.file.name.text,
        body_code: &work.file.name.sender,
        sequence: work.file.name.sequence,
        is_full: is_full(work),
        told_at: work.now,
        told_on: work.today,
    }
}

/// The Deanery Post Number as it is compared.
pub(super) fn post_key(record: &NotRecord<'_>) -> String {
    dpn::key(&record.given(Column::DeaneryPostNumber).unwrap_or_default())
}

impl Processor for Notifications {
    fn route<'a>(&'a self, work: &'a Work<'a>, slice: &'a [RecordLine]) -> Working<'a, Vec<Vec<Vpd>>> {
        Box::pin(async move {
            let asked: Vec<(bool, String)> = slice
                .iter()
                .map(|line| {
                    let record = NotRecord::parse(&line.text);
                    (record.title() == Some(Title::NewPost), post_key(&record))
                })
                .collect();
            let mut tx = work.app.db.system().await?;
            let routes = load::Routes::read(&mut tx, &asked, work.today).await?;
            tx.commit().await?;
            Ok(asked.iter().map(|(is_new, key)| routes.employers(*is_new, key)).collect())
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

    fn concerns<'a>(&'a self, work: &'a Work<'a>) -> Working<'a, Vec<Vpd>> {
        Box::pin(async move {
            if !is_full(work) {
                return Ok(Vec::new());
            }
            let mut tx = work.app.db.system().await?;
            let told = told_before(&mut tx, &work.file.name.sender).await?;
            tx.commit().await?;
            Ok(told)
        })
    }

    fn finish<'a>(&'a self, work: &'a Work<'a>, tx: &'a mut VpdTx, _: &'a Counts) -> Working<'a, Value> {
        Box::pin(async move {
            if *work.pass != Pass::First || tx.vpd().is_operations() {
                return Ok(json!({}));
            }
            let gone = if is_full(work) { rotation::store::end_unnamed(tx, &grid(work)).await? } else { 0 };
            notices::raise_moved(work, tx).await?;
            notices::raise_rotation(work, tx).await?;
            Ok(json!({ "rows_gone": gone }))
        })
    }

    /// Few columns, and an employer's part of a file is small.
    fn slice(&self) -> usize {
        20_000
    }

    fn reply_type(&self) -> Option<&'static str> {
        Some("DCC")
    }
}

/// The employers whom this body's notifications concerned before.
async fn told_before(tx: &mut SystemTx, body: &str) -> Result<Vec<Vpd>, ProcessingError> {
    let employers = sqlx::query_scalar!(
        r#"select distinct v.vpd as "vpd: Vpd" from file_vpds v join interface_files f on f.file_id = v.file_id
            where f.interface = 'notifications' and f.sender = $1 and v.vpd <> '0' order by 1"#,
        body
    );
    Ok(employers.fetch_all(&mut **tx).await?)
}
