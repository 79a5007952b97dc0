//! What the exchange asks of the Generic Outbound interface.

mod absent;
mod batch;
mod load;
mod register;
mod rows;

use serde_json::{Value, json};

use crate::file_exchange::processor::{Counts, Processor, RecordLine, RecordOutcome, Work, Working};
use crate::file_exchange::stream::Records;
use crate::tenancy::{Vpd, VpdTx};

/// Loads organisations, positions and staff: everything in a file belongs to the employer of its name.
pub struct GenericOutbound;

impl Processor for GenericOutbound {
    fn prepare<'a>(&'a self, work: &'a Work<'a>, records: &'a mut Records) -> Working<'a, ()> {
        Box::pin(register::unless_known(work, records))
    }

    fn route<'a>(&'a self, work: &'a Work<'a>, slice: &'a [RecordLine]) -> Working<'a, Vec<Vec<Vpd>>> {
        let vpd = employer(work);
        Box::pin(async move { Ok(vec![vec![vpd?]; slice.len()]) })
    }

    fn load<'a>(
        &'a self,
        work: &'a Work<'a>,
        tx: &'a mut VpdTx,
        records: &'a [(&'a RecordLine, bool)],
    ) -> Working<'a, Vec<RecordOutcome>> {
        Box::pin(load::records(work, tx, records))
    }

    fn finish<'a>(&'a self, work: &'a Work<'a>, tx: &'a mut VpdTx, _counts: &'a Counts) -> Working<'a, Value> {
        Box::pin(async move {
            if !work.file.name.is_full_generic_outbound() {
                return Ok(json!({}));
            }
            // Absence ends nothing; the file's page says how much was absent.
            Ok(json!({ "absent": absent::count(tx, work.file.file_id).await? }))
        })
    }

    fn hidden_columns(&self, record_type: &str) -> &'static [usize] {
        match record_type {
            "PRA" => super::files::layouts::SPECIAL_CATEGORIES,
            _ => &[],
        }
    }
}

fn employer(work: &Work<'_>) -> Result<Vpd, crate::file_exchange::processor::ProcessingError> {
    work.file.name.sender.parse().map_err(|error: crate::tenancy::NotAVpd| {
        crate::file_exchange::processor::ProcessingError::Other(error.to_string())
    })
}
