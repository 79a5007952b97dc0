//! RTC: the deanery's reply to our positions, each record shown, each refusal an item for whoever keeps the positions.

use serde_json::json;

use super::files::rtc;
use super::store;
use crate::access::Right;
use crate::audit::Actor;
use crate::file_exchange::Processor;
use crate::file_exchange::processor::{MessageKind, Outcome, RecordLine, RecordOutcome, Work, Working};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{Vpd, VpdTx};

/// Reads the replies to positions.
pub struct PositionReplies;

/// Names the refusal of a position, to its item: a later success closes it.
fn refusal_key(position_id: &str) -> String {
    format!("position-refused:{position_id}")
}

impl Processor for PositionReplies {
    fn route<'a>(&'a self, work: &'a Work<'a>, slice: &'a [RecordLine]) -> Working<'a, Vec<Vec<Vpd>>> {
        Box::pin(async move {
            let ids: Vec<String> =
                slice.iter().map(|line| line.text.split('~').nth(3).unwrap_or_default().trim().to_owned()).collect();
            let mut tx = work.app.db.system().await?;
            let owners = store::owners(&mut tx, &ids).await?;
            tx.commit().await?;
            Ok(ids.iter().map(|id| vec![owners.get(id).cloned().unwrap_or_else(Vpd::operations)]).collect())
        })
    }

    fn load<'a>(
        &'a self,
        work: &'a Work<'a>,
        tx: &'a mut VpdTx,
        records: &'a [(&'a RecordLine, bool)],
    ) -> Working<'a, Vec<RecordOutcome>> {
        Box::pin(async move {
            let (mut outcomes, mut items, mut mended) = (Vec::new(), Vec::new(), Vec::new());
            for (line, _) in records {
                let outcome = match rtc::parse(&line.text) {
                    Err(problem) => RecordOutcome::new(Outcome::Failed).say(MessageKind::Error, "A015", problem),
                    Ok(reply) => {
                        let kind = if reply.is_success { MessageKind::Info } else { MessageKind::Error };
                        let text = match (reply.text.trim(), reply.is_success) {
                            ("", true) => "The deanery took the record.".to_owned(),
                            ("", false) => "The deanery refused the record and gave no reason.".to_owned(),
                            (text, _) => text.to_owned(),
                        };
                        if reply.is_success {
                            mended.push(refusal_key(&reply.position_id));
                        } else {
                            items.push(item(&reply, &text));
                        }
                        let outcome = if reply.is_success { Outcome::Loaded } else { Outcome::Failed };
                        let mut outcome = RecordOutcome::new(outcome).say(kind, reply.code.clone(), text);
                        outcome.summary = Some(format!("{} of position {}", reply.record_type, reply.position_id));
                        outcome.position_id = Some(reply.position_id);
                        outcome.dpn = Some(reply.dpn);
                        outcome
                    }
                };
                outcomes.push(match line.was_windows_1252 {
                    true => outcome.say(
                        MessageKind::Warning,
                        "A016",
                        "The record was not UTF-8 and was read as Windows-1252.",
                    ),
                    false => outcome,
                });
            }
            let by = Actor::File(work.file.name.text.clone());
            notifications::close_many(tx, &mended, "The deanery took the position", &by, work.now).await?;
            if !items.is_empty() {
                let message = MessageDraft {
                    kind: MessageType::DataQuality,
                    title: format!("The deanery refused positions: {}", work.file.name.text),
                    dedupe_key: format!("rtc:{}", work.file.file_id),
                    file: Some((work.file.file_id, work.file.name.text.clone())),
                    body_code: Some(work.file.name.sender.clone()),
                    dated_on: work.today,
                };
                notifications::raise(tx, &message, &items, work.now).await?;
            }
            Ok(outcomes)
        })
    }
}

fn item(reply: &rtc::Reply, text: &str) -> ItemDraft {
    let role = Right::LocalWorkstructuresAdministration;
    let title = format!("The deanery refused position {}", reply.position_id);
    let mut item = ItemDraft::new("data_quality", role, ItemClass::Action, refusal_key(&reply.position_id), title);
    item.dpn = Some(reply.dpn.clone());
    item.position_id = Some(reply.position_id.clone());
    item.link = Some(format!("/positions/{}", reply.position_id));
    item.facts = json!({ "text": format!("{} {text}", reply.code).trim() });
    item
}
