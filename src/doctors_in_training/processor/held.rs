//! Posts with more records in one file than is believable: they wait for an operator, in every employer they touch.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::notices::About;
use super::{MOST_FOR_ONE_POST, post_key};
use crate::access::Right;
use crate::audit::Actor;
use crate::doctors_in_training::files::app::AppRecord;
use crate::doctors_in_training::messages::Code;
use crate::file_exchange::posts;
use crate::file_exchange::processor::{Pass, ProcessingError, Work};
use crate::file_exchange::stream::Records;
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{Vpd, VpdTx};
use crate::ui;

/// How many records are read at a time.
const SLICE: usize = 5_000;

/// Names the fact that a post of a file waits, to every item about it.
pub fn subject_key(file_id: Uuid, dpn_key: &str) -> String {
    format!("held:{file_id}:{dpn_key}")
}

/// Counts the records of each post over the whole file, all employers and faulty ones too, and holds the posts that have too many.
pub(super) async fn find_and_hold(work: &Work<'_>, records: &mut Records) -> Result<(), ProcessingError> {
    // As many entries as there are posts, not as there are records.
    let mut counts: HashMap<String, u32> = HashMap::new();
    loop {
        let slice = records.next(SLICE).await?;
        if slice.is_empty() {
            break;
        }
        for line in slice {
            let key = post_key(&AppRecord::parse(&line.text));
            if !key.is_empty() {
                *counts.entry(key).or_default() += 1;
            }
        }
    }
    let mut held: Vec<(String, u32)> = counts.into_iter().filter(|(_, count)| *count > MOST_FOR_ONE_POST).collect();
    if held.is_empty() {
        return Ok(());
    }
    held.sort();
    let new = posts::hold(work.app, work.file.file_id, &held).await?;
    if new > 0 {
        tracing::warn!(file.id = %work.file.file_id, posts = held.len(), "posts with too many records are held");
    }
    tell_operators(work, &held).await
}

async fn tell_operators(work: &Work<'_>, held: &[(String, u32)]) -> Result<(), ProcessingError> {
    let mut tx = work.app.db.vpd(&Vpd::operations()).await?;
    let file = work.file;
    let items: Vec<ItemDraft> = held
        .iter()
        .map(|(dpn, count)| {
            let title = format!("{count} records for one post wait for you");
            let mut item =
                ItemDraft::new("held_post", Right::SysAdmin, ItemClass::Action, subject_key(file.file_id, dpn), title);
            item.dpn = Some(dpn.clone());
            item.file_id = Some(file.file_id);
            item.link = Some(format!("/interfaces/files/{}", file.file_id));
            item.facts = json!({ "records": count, "most": MOST_FOR_ONE_POST });
            item
        })
        .collect();
    let message = MessageDraft {
        kind: MessageType::DitFile,
        title: format!("DiT interface file {} holds posts", file.name.text),
        dedupe_key: format!("held-posts:{}", file.file_id),
        file: Some((file.file_id, file.name.text.clone())),
        body_code: Some(file.name.sender.clone()),
        dated_on: work.today,
    };
    notifications::raise(&mut tx, &message, &items, work.now).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells an employer how many of its records wait, one item a post.
pub(super) async fn tell_employer(work: &Work<'_>, tx: &mut VpdTx) -> Result<(), ProcessingError> {
    let vpd = tx.vpd().as_str().to_owned();
    if tx.vpd().is_operations() {
        return Ok(());
    }
    let file = work.file;
    let posts = sqlx::query!(
        r#"select r.dpn as "dpn!", count(*) as "count!" from file_records r
            where r.vpd = $1 and r.file_id = $2 and r.outcome = 'held' and r.dpn is not null group by r.dpn order by r.dpn"#,
        vpd,
        file.file_id
    )
    .fetch_all(&mut **tx)
    .await?;
    let items: Vec<ItemDraft> = posts
        .into_iter()
        .map(|post| {
            let title = format!("{} applications for one post wait for national operations", post.count);
            let mut item = ItemDraft::new(
                "held_post",
                Right::MedicalStaffingOfficer,
                ItemClass::Action,
                subject_key(file.file_id, &post.dpn),
                title,
            );
            item.dpn = Some(post.dpn);
            item.file_id = Some(file.file_id);
            item.link = Some(format!("/interfaces/files/{}", file.file_id));
            item.facts = json!({ "records": post.count, "most": MOST_FOR_ONE_POST });
            item
        })
        .collect();
    notifications::raise(tx, &About::file(work).message(), &items, work.now).await?;
    Ok(())
}

/// Tells an employer once what became of its records of a post that an operator discarded: how many, and why.
pub(super) async fn tell_discarded(
    work: &Work<'_>,
    tx: &mut VpdTx,
    dpn_key: &str,
    reason: &str,
) -> Result<(), ProcessingError> {
    if tx.vpd().is_operations() {
        return Ok(());
    }
    let (vpd, file) = (tx.vpd().as_str().to_owned(), work.file);
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from file_records
            where vpd = $1 and file_id = $2 and outcome = 'failed' and dpn = $3 and $4 = any(codes)"#,
        vpd,
        file.file_id,
        dpn_key,
        Code::A022.as_str()
    )
    .fetch_one(&mut **tx)
    .await?;
    if count == 0 {
        return Ok(());
    }
    let title = format!("{} for one post discarded", ui::count(count, "application", "applications"));
    let key = format!("discarded:{}:{dpn_key}", file.file_id);
    let mut item = ItemDraft::new("post_discarded", Right::MedicalStaffingOfficer, ItemClass::Information, key, title);
    item.dpn = Some(dpn_key.to_owned());
    item.file_id = Some(file.file_id);
    let post: String = url::form_urlencoded::byte_serialize(dpn_key.as_bytes()).collect();
    item.link = Some(format!("/interfaces/files/{}?post={post}#records", file.file_id));
    let text = format!("National operations gave the reason “{reason}”. The deanery is told the same.");
    item.facts = json!({ "records": count, "text": text });
    notifications::raise(tx, &About::file(work).message(), &[item], work.now).await?;
    Ok(())
}

/// Closes an employer's item about a post that an operator has decided.
pub(super) async fn close(work: &Work<'_>, tx: &mut VpdTx, dpn_key: &str) -> Result<(), ProcessingError> {
    let by = Actor::File(work.file.name.text.clone());
    let key = subject_key(work.file.file_id, dpn_key);
    notifications::close(tx, &key, &decided(work.pass), &by, work.now).await?;
    Ok(())
}

/// Closes the operators' item about the post that this pass is about.
pub(super) async fn close_for_operators(work: &Work<'_>) -> Result<(), ProcessingError> {
    let (Pass::Released { dpn_key, .. } | Pass::Discarded { dpn_key, .. }) = work.pass else { return Ok(()) };
    let mut tx = work.app.db.vpd(&Vpd::operations()).await?;
    close(work, &mut tx, dpn_key).await?;
    tx.commit().await?;
    Ok(())
}

fn decided(pass: &Pass) -> String {
    match pass {
        Pass::Discarded { reason, .. } => format!("National operations discarded the records: {reason}"),
        Pass::Released { .. } | Pass::First => {
            "National operations released the post, and its records were taken in.".to_owned()
        }
    }
}
