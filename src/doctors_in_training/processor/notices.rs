//! The Deanery Applicant Notification: a message for each file and employer, an item for each doctor.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::load::Judged;
use crate::access::Right;
use crate::applicants::actions::duplicate_key;
use crate::applicants::plan::Change;
use crate::doctors_in_training::checks::{is_gmc, read_date};
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::doctors_in_training::messages::Message;
use crate::doctors_in_training::store::Positions;
use crate::file_exchange::processor::{ProcessingError, Work};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::VpdTx;

/// Names the fact that a record failed, to its item.
pub fn record_key(file_id: Uuid, record_no: i32) -> String {
    format!("record:{file_id}:{record_no}")
}

/// The page on which a failed record is put right.
pub fn record_link(file_id: Uuid, record_no: i32) -> String {
    format!("/doctors/records/{file_id}/{record_no}")
}

/// `Davies, Yusuf`, as far as the record gives it.
pub(super) fn person_name(record: &AppRecord) -> Option<String> {
    let clean = |column| record[column].chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    let names = [clean(Column::LastName), clean(Column::FirstName)];
    let given: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    (!given.is_empty()).then(|| given.join(", "))
}

/// What a message is about: a file, or what somebody entered by hand on a day.
#[derive(Clone, Debug)]
pub struct About {
    pub file: Option<(Uuid, String)>,
    pub body_code: Option<String>,
    pub today: NaiveDate,
}

impl About {
    pub(super) fn file(work: &Work<'_>) -> Self {
        Self {
            file: Some((work.file.file_id, work.file.name.text.clone())),
            body_code: Some(work.file.name.sender.clone()),
            today: work.today,
        }
    }

    /// The message to which items belong; an employer has one for each file.
    pub(super) fn message(&self) -> MessageDraft {
        MessageDraft {
            kind: MessageType::DitApp,
            title: "Deanery Applicant Notification".to_owned(),
            dedupe_key: match &self.file {
                Some((file_id, _)) => format!("dit-app:{file_id}"),
                None => format!("dit-app:by-hand:{}", self.today),
            },
            file: self.file.clone(),
            body_code: self.body_code.clone(),
            dated_on: self.today,
        }
    }
}

/// Raises what there is to do and to know about these records.
pub(super) async fn raise(
    work: &Work<'_>,
    tx: &mut VpdTx,
    judged: &[Judged],
    positions: &Positions,
) -> Result<(), ProcessingError> {
    if tx.vpd().is_operations() {
        return raise_for_operators(work, tx, judged).await;
    }
    let about = About::file(work);
    let mut items = Vec::new();
    for one in judged {
        match &one.receipt {
            None => items.push(failed(work, one, positions)),
            // The same again changes nothing, in the inbox too.
            Some(receipt) if receipt.change == Change::Unchanged => {}
            Some(_) => items.extend(loaded(&about, one, positions)),
        }
    }
    if !items.is_empty() {
        notifications::raise(tx, &about.message(), &items, work.now).await?;
    }
    Ok(())
}

/// Raises what somebody has to settle about a record that was applied on its own.
pub async fn raise_duplicates(
    tx: &mut VpdTx,
    about: &About,
    judged: &Judged,
    positions: &Positions,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let items: Vec<ItemDraft> =
        loaded(about, judged, positions).into_iter().filter(|item| item.kind == "dit_app_duplicate").collect();
    if !items.is_empty() {
        notifications::raise(tx, &about.message(), &items, now).await?;
    }
    Ok(())
}

fn item_of(
    about: &About,
    one: &Judged,
    positions: &Positions,
    kind: &'static str,
    class: ItemClass,
    key: String,
    title: String,
) -> ItemDraft {
    let record = &one.record;
    let given = |column: Column| {
        let text = record[column].trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let mut item = ItemDraft::new(kind, Right::MedicalStaffingOfficer, class, key, title);
    item.person_name = person_name(record);
    item.gmc_number = is_gmc(record[Column::ProfBody1].trim(), record[Column::RegNo1].trim())
        .then(|| given(Column::RegNo1))
        .flatten();
    item.dpn = given(Column::DeaneryNumber);
    item.position_id = given(Column::PositionId);
    item.position_number = given(Column::PositionNumber);
    item.position_name = positions.title(record[Column::PositionId].trim());
    item.takes_effect_on = read_date(record[Column::ProjectedHireDate].trim());
    item.file_id = about.file.as_ref().map(|(file_id, _)| *file_id);
    item.record_no = about.file.is_some().then_some(one.no);
    item.facts = json!({ "vacancy_ref": given(Column::VacancyRefNumber), "messages": shown(&one.messages) });
    item
}

/// What pages say of a record: type, code and text of each message.
pub fn shown(messages: &[Message]) -> Vec<Value> {
    let say = |m: &Message| json!({ "type": m.severity.as_str(), "code": m.code.as_str(), "text": m.shown() });
    messages.iter().map(say).collect()
}

fn failed(work: &Work<'_>, one: &Judged, positions: &Positions) -> ItemDraft {
    let key = record_key(work.file.file_id, one.no);
    let title = "Application failed to load".to_owned();
    let mut item = item_of(&About::file(work), one, positions, "dit_app_failed", ItemClass::Action, key, title);
    item.link = Some(record_link(work.file.file_id, one.no));
    item
}

fn loaded(about: &About, one: &Judged, positions: &Positions) -> Vec<ItemDraft> {
    let Some(receipt) = &one.receipt else { return Vec::new() };
    let title = match receipt.change {
        Change::Created => "Application created",
        Change::Updated | Change::Unchanged => "Application updated",
    };
    let key = format!("application:{}", receipt.application_id);
    let mut item = item_of(about, one, positions, "dit_app_loaded", ItemClass::Information, key, title.to_owned());
    item.person_id = Some(receipt.person_id.clone());
    item.application_id = Some(receipt.application_id);
    item.link = Some(format!("/doctors/{}", receipt.person_id));
    item.facts["applicant_number"] = json!(receipt.applicant_number);
    let mut items = vec![item];
    for pair in &one.pairs {
        let key = duplicate_key(pair.duplicate_id);
        let title = "Possible duplicate person".to_owned();
        let mut item = item_of(about, one, positions, "dit_app_duplicate", ItemClass::Action, key, title);
        item.person_id = Some(receipt.person_id.clone());
        item.application_id = Some(receipt.application_id);
        item.link = Some(format!("/doctors/duplicates/{}", pair.duplicate_id));
        items.push(item);
    }
    items
}

/// A record for which no employer was found is for operators, who see its post and codes but nobody's name.
async fn raise_for_operators(work: &Work<'_>, tx: &mut VpdTx, judged: &[Judged]) -> Result<(), ProcessingError> {
    let items: Vec<ItemDraft> = judged
        .iter()
        .map(|one| {
            let key = record_key(work.file.file_id, one.no);
            let title = format!("Record {} names a post that no employer here has", one.no);
            let mut item = ItemDraft::new("data_quality", Right::SysAdmin, ItemClass::Action, key, title);
            let given = |column: Column| {
                let text: String = one.record[column].trim().chars().take(60).collect();
                (!text.is_empty()).then_some(text)
            };
            item.dpn = given(Column::DeaneryNumber);
            item.position_id = given(Column::PositionId);
            item.position_number = given(Column::PositionNumber);
            item.file_id = Some(work.file.file_id);
            item.record_no = Some(one.no);
            item.link = Some(format!("/interfaces/files/{}", work.file.file_id));
            let codes: Vec<Value> = one
                .messages
                .iter()
                .map(|m| json!({ "type": m.severity.as_str(), "code": m.code.as_str(), "field": m.column.map(Column::name) }))
                .collect();
            item.facts = json!({ "codes": codes });
            item
        })
        .collect();
    if items.is_empty() {
        return Ok(());
    }
    let message = MessageDraft {
        kind: MessageType::DataQuality,
        title: format!("Applicants in {} for posts that no employer here has", work.file.name.text),
        ..About::file(work).message()
    };
    notifications::raise(tx, &message, &items, work.now).await?;
    Ok(())
}
