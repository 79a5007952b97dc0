//! Failures of earlier files that a record of this one answers.

use std::collections::HashMap;

use super::load::Judged;
use super::repeated::answers;
use super::{notices, post_key};
use crate::audit::Actor;
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::doctors_in_training::messages::Code;
use crate::file_exchange::failed_records::{self, Settled, Settlement};
use crate::file_exchange::processor::{ProcessingError, Work};
use crate::notifications;
use crate::tenancy::VpdTx;

/// Settles every failed record of an earlier file that is answered here, and closes its item with the reason.
pub(super) async fn settle(work: &Work<'_>, tx: &mut VpdTx, judged: &[Judged]) -> Result<(), ProcessingError> {
    // A record that an earlier one of the file repeats answers nothing that the earlier one does not.
    let answering: Vec<&Judged> =
        judged.iter().filter(|one| one.messages.iter().all(|m| m.code != Code::A012 && m.code != Code::A022)).collect();
    let dpns: Vec<String> = answering.iter().map(|one| post_key(&one.record)).filter(|key| !key.is_empty()).collect();
    let ids: Vec<String> = answering.iter().map(|one| one.record[Column::PositionId].trim().to_owned()).collect();
    if answering.is_empty() {
        return Ok(());
    }
    // By what a post is named, so that many failures do not meet many records one by one.
    let mut by_post: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, one) in answering.iter().enumerate() {
        for name in names_of_post(&one.record) {
            by_post.entry(name).or_default().push(at);
        }
    }
    let by = Actor::File(work.file.name.text.clone());
    for failed in failed_records::list_unsettled(tx, work.file.file_id, &dpns, &ids).await? {
        let was = AppRecord::parse(&failed.raw);
        let mut places: Vec<usize> =
            names_of_post(&was).iter().filter_map(|name| by_post.get(name)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let mut found = places.iter().map(|at| answering[*at]).filter(|one| answers(&was, &one.record));
        // One that loaded rather than one that failed again.
        let Some(answer) = found.clone().find(|one| one.receipt.is_some()).or_else(|| found.next()) else { continue };
        let place = format!("{}, record {}", work.file.name.text, answer.no);
        let (by_what, note) = match &answer.receipt {
            Some(_) => (Settlement::LoadedLater, format!("The deanery sent it again in {place}, and it loaded.")),
            None => (
                Settlement::FailedAgain,
                format!("The deanery sent it again in {place}, and it failed again: go on from there."),
            ),
        };
        let became = answer.receipt.as_ref().map(|receipt| (receipt.person_id.as_str(), receipt.application_id));
        let settled =
            Settled { file_id: failed.file_id, record_no: failed.record_no, by: by_what, note: &note, became };
        if failed_records::settle(tx, &settled, work.now).await? {
            let key = notices::record_key(failed.file_id, failed.record_no);
            notifications::close(tx, &key, &note, &by, work.now).await?;
        }
    }
    Ok(())
}

/// By which texts a record names its post: id, number and DPN, each under a letter of its own.
fn names_of_post(record: &AppRecord) -> Vec<String> {
    let texts = [
        ('i', record[Column::PositionId].trim().to_owned()),
        ('n', record[Column::PositionNumber].trim().to_owned()),
        ('d', post_key(record)),
    ];
    texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(kind, text)| format!("{kind}{text}")).collect()
}
