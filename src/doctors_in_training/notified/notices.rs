//! What a notification file raises beside its changes: the rotation, dates that moved without notice, records that nobody can read.

use serde_json::{Value, json};

use super::check::Said;
use super::post_key;
use crate::access::Right;
use crate::deanery_changes::actions::receive;
use crate::deanery_changes::model::{Kind, Told};
use crate::deanery_changes::notices::FromFile;
use crate::doctors_in_training::files::dnc::NotRecord;
use crate::file_exchange::processor::{MessageKind, ProcessingError, Work};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::rotation::store as grids;
use crate::tenancy::VpdTx;
use crate::ui;

/// What the source says of holders who are left blank.
pub const BLANK_HOLDERS: &str = "A blank current or next holder may or may not mean a vacancy: ask the deanery's lead.";

fn message(work: &Work<'_>, kind: MessageType, title: String, key: &str) -> MessageDraft {
    MessageDraft {
        kind,
        title,
        dedupe_key: format!("{key}:{}", work.file.file_id),
        file: Some((work.file.file_id, work.file.name.text.clone())),
        body_code: Some(work.file.name.sender.clone()),
        dated_on: work.today,
    }
}

/// One Medical Rotation Notification for each body, run and employer, with the grid as it stands after it.
pub(super) async fn raise_rotation(work: &Work<'_>, tx: &mut VpdTx) -> Result<(), ProcessingError> {
    let Some(counts) = grids::counts(tx, work.file.file_id).await? else { return Ok(()) };
    if counts.changed == 0 && counts.gone == 0 {
        return Ok(());
    }
    let body = &work.file.name.sender;
    let key = format!("medrot:{}", work.file.file_id);
    let title =
        format!("The {body} grid: {}", ui::count(counts.changed, "row is new or changed", "rows are new or changed"));
    let mut item = ItemDraft::new("dit_medrot", Right::MedicalStaffingOfficer, ItemClass::Action, key, title);
    item.file_id = Some(work.file.file_id);
    item.link = Some(format!("/rotation/grid?view=changed&grid={}", counts.grid_no));
    let gone = match counts.gone {
        0 => String::new(),
        gone => format!(" {} gone from it.", ui::count(gone, "row has", "rows have")),
    };
    item.facts = json!({ "text": format!(
        "The grid of {body} has {}, {} with no next holder.{gone} {BLANK_HOLDERS}",
        ui::count(counts.rows, "row", "rows"),
        ui::number(counts.without_next)
    ) });
    let title = "Medical Training - Medical Rotation Notification".to_owned();
    notifications::raise(tx, &message(work, MessageType::DitMedrot, title, "dit-medrot"), &[item], work.now).await?;
    // The grid of an earlier run has nothing left to say.
    let earlier = grids::earlier_files(tx, work.file.file_id).await?;
    let keys: Vec<String> = earlier.iter().map(|file| format!("medrot:{file}")).collect();
    let by = crate::audit::Actor::File(work.file.name.text.clone());
    let note = format!("A later grid came with {}.", work.file.name.text);
    notifications::close_many(tx, &keys, &note, &by, work.now).await?;
    Ok(())
}

/// Dates in the grid that no change of dates announced: a hint each, to be applied like any other.
pub(super) async fn raise_moved(work: &Work<'_>, tx: &mut VpdTx) -> Result<(), ProcessingError> {
    let moved = grids::moved(tx, work.file.file_id).await?;
    let told: Vec<Told> = moved
        .into_iter()
        .map(|moved| Told {
            kind: Kind::Dates,
            record_no: moved.record_no,
            unannounced: true,
            dpn: moved.dpn,
            dpn_key: moved.dpn_key,
            specialty: moved.specialty,
            site: None,
            host_or_lead: None,
            occupation_code: None,
            who: moved.who,
            hire_on: moved.hire_on,
            end_on: moved.end_on,
            reason_code: None,
            current_place: None,
        })
        .collect();
    let file = FromFile {
        file_id: work.file.file_id,
        file_name: work.file.name.text.clone(),
        body_code: work.file.name.sender.clone(),
        today: work.today,
    };
    receive(tx, &file, &told, work.now).await?;
    Ok(())
}

/// Records that could not be read, so that nothing is lost: an unknown title code is the deanery's to mend and is told to it alone.
pub(super) async fn raise_unreadable<'a>(
    work: &Work<'_>,
    tx: &mut VpdTx,
    records: impl Iterator<Item = (i32, &'a NotRecord<'a>, &'a [Said])>,
) -> Result<(), ProcessingError> {
    let mut items = Vec::new();
    for (no, record, said) in records {
        let errors: Vec<&Said> = said.iter().filter(|one| one.kind == MessageKind::Error).collect();
        if errors.is_empty() || errors.iter().any(|one| one.code == "N002") {
            continue;
        }
        let key = format!("notification:{}:{no}", work.file.file_id);
        let title = format!("Notification {no} from the deanery could not be read");
        let mut item = ItemDraft::new("data_quality", Right::MedicalStaffingOfficer, ItemClass::Action, key, title);
        item.dpn = Some(post_key(record)).filter(|key| !key.is_empty());
        item.file_id = Some(work.file.file_id);
        item.record_no = Some(no);
        item.link = Some(format!("/interfaces/files/{}", work.file.file_id));
        let messages: Vec<Value> =
            errors.iter().map(|one| json!({ "type": "ERROR", "code": one.code, "text": one.text })).collect();
        item.facts =
            json!({ "messages": messages, "text": "The deanery was told. Ask it to send the notification again." });
        items.push(item);
    }
    if !items.is_empty() {
        let title = format!("Notifications in {} that could not be read", work.file.name.text);
        let message = message(work, MessageType::DataQuality, title, "dit-unreadable");
        notifications::raise(tx, &message, &items, work.now).await?;
    }
    Ok(())
}

/// A notification for which no employer was found is for operators, who see its post and nobody's name.
pub(super) async fn raise_for_operators(
    work: &Work<'_>,
    tx: &mut VpdTx,
    failed: &[(i32, String, &str)],
) -> Result<(), ProcessingError> {
    let items: Vec<ItemDraft> = failed
        .iter()
        .map(|(no, dpn, code)| {
            let key = format!("notification:{}:{no}", work.file.file_id);
            let title = format!("Notification {no} names a post that no employer here has");
            let mut item = ItemDraft::new("data_quality", Right::SysAdmin, ItemClass::Action, key, title);
            item.dpn = Some(dpn.chars().take(60).collect()).filter(|dpn: &String| !dpn.is_empty());
            item.file_id = Some(work.file.file_id);
            item.record_no = Some(*no);
            item.link = Some(format!("/interfaces/files/{}", work.file.file_id));
            item.facts = json!({ "codes": [{ "type": "ERROR", "code": code, "field": "DEANERY_POST_NUMBER" }] });
            item
        })
        .collect();
    if !items.is_empty() {
        let title = format!("Notifications in {} for posts that no employer here has", work.file.name.text);
        let message = message(work, MessageType::DataQuality, title, "dit-unknown");
        notifications::raise(tx, &message, &items, work.now).await?;
    }
    Ok(())
}
