use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::super::processor::{
    MessageKind, Outcome, ProcessingError, Processor, RecordLine, RecordOutcome, Work, Working,
};
use super::super::results;
use super::is_isolated;
use crate::tenancy::Vpd;

/// How many records one transaction holds at most.
const MOST: usize = 5_000;

/// A record at which the program itself failed.
const PROGRAM_FAULT: &str = "X001";

/// Routes a slice and applies each employer's part of it.
pub async fn apply(processor: &dyn Processor, work: &Work<'_>, slice: &[RecordLine]) -> Result<(), ProcessingError> {
    let routes = route(processor, work, slice).await?;
    let mut parts: BTreeMap<&Vpd, Vec<(&RecordLine, bool)>> = BTreeMap::new();
    let nowhere = Vpd::operations();
    for (line, vpds) in slice.iter().zip(&routes) {
        if vpds.is_empty() {
            parts.entry(&nowhere).or_default().push((line, true));
        }
        for (at, vpd) in vpds.iter().enumerate() {
            parts.entry(vpd).or_default().push((line, at == 0));
        }
    }
    for (vpd, records) in parts {
        for some in records.chunks(MOST) {
            apply_to(processor, work, vpd, some).await?;
        }
    }
    Ok(())
}

async fn route(
    processor: &dyn Processor,
    work: &Work<'_>,
    slice: &[RecordLine],
) -> Result<Vec<Vec<Vpd>>, ProcessingError> {
    match AssertUnwindSafe(processor.route(work, slice)).catch_unwind().await {
        Ok(routes) => routes,
        Err(_) if slice.len() == 1 => Ok(vec![Vec::new()]),
        Err(_) => {
            let mut routes = Vec::with_capacity(slice.len());
            for line in slice {
                routes.append(&mut Box::pin(route(processor, work, std::slice::from_ref(line))).await?);
            }
            Ok(routes)
        }
    }
}

/// Applies one employer's records in one transaction. A record that breaks it is found by halving, and costs only itself.
pub fn apply_to<'a>(
    processor: &'a dyn Processor,
    work: &'a Work<'a>,
    vpd: &'a Vpd,
    records: &'a [(&'a RecordLine, bool)],
) -> Working<'a, ()> {
    Box::pin(async move {
        let failed = match try_apply(processor, work, vpd, records).await {
            Ok(()) => return Ok(()),
            Err(error) if is_isolated(&error) => error,
            Err(error) => return Err(error),
        };
        match records {
            [] => Err(failed),
            [(line, counts_here)] => {
                tracing::error!(file.id = %work.file.file_id, record = line.no, error = %failed, "a record could not be processed");
                mark(work, vpd, line, *counts_here).await
            }
            _ => {
                let (first, second) = records.split_at(records.len() / 2);
                apply_to(processor, work, vpd, first).await?;
                apply_to(processor, work, vpd, second).await
            }
        }
    })
}

async fn try_apply(
    processor: &dyn Processor,
    work: &Work<'_>,
    vpd: &Vpd,
    records: &[(&RecordLine, bool)],
) -> Result<(), ProcessingError> {
    let (Some((first, _)), Some((last, _))) = (records.first(), records.last()) else { return Ok(()) };
    let mut tx = work.app.db.vpd(vpd).await?;
    results::lock(&mut tx, work.file.file_id).await?;
    let waits = results::waiting(&mut tx, work.file.file_id, work.pass, first.no, last.no).await?;
    let waiting: Vec<(&RecordLine, bool)> = records.iter().filter(|(line, _)| waits(line.no)).copied().collect();
    if waiting.is_empty() {
        return Ok(tx.rollback().await?);
    }
    let loaded = AssertUnwindSafe(processor.load(work, &mut tx, &waiting)).catch_unwind().await;
    let outcomes =
        loaded.map_err(|_| ProcessingError::Other("the program stopped at a fault of its own".to_owned()))??;
    if outcomes.len() != waiting.len() {
        return Err(ProcessingError::Other("not every record got an outcome".to_owned()));
    }
    let settled: Vec<results::Settled<'_>> =
        waiting.into_iter().zip(outcomes).map(|((line, here), outcome)| (line, here, outcome)).collect();
    results::write(&mut tx, work.file.file_id, work.pass, &settled).await?;
    Ok(tx.commit().await?)
}

async fn mark(work: &Work<'_>, vpd: &Vpd, line: &RecordLine, counts_here: bool) -> Result<(), ProcessingError> {
    let text = "The portal could not process this record because of a fault of its own. Tell the operators; the other records are not affected.";
    let outcome = RecordOutcome::new(Outcome::Failed).say(MessageKind::Error, PROGRAM_FAULT, text);
    let mut tx = work.app.db.vpd(vpd).await?;
    results::write(&mut tx, work.file.file_id, work.pass, &[(line, counts_here, outcome)]).await?;
    Ok(tx.commit().await?)
}
