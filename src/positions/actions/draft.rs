use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::book::Judged;
use super::checks;
use super::{Book, ChangeError, Refusal};
use crate::audit::{self, Actor, Event, Subject};
use crate::positions::claims;
use crate::positions::model::{ChangeField, ChangeId, Draft, PositionChange, Set, Source, Stretch};
use crate::positions::store;
use crate::tenancy::VpdTx;

/// A position that was drafted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    pub change: ChangeId,
    pub position_id: String,
    pub position_number: String,
}

/// Makes a position that ESR does not have yet, under an id of ours, by the same rules as a change of one.
pub async fn draft(
    tx: &mut VpdTx,
    by: &Actor,
    draft: &Draft,
    source: Source,
    now: DateTime<Utc>,
) -> Result<Drafted, ChangeError> {
    store::lock(tx).await?;
    let position_id = store::next_position_id(tx).await?;
    let number = draft.position_number.clone().map(|number| number.trim().to_owned());
    let position_number = number.filter(|number| !number.is_empty()).unwrap_or_else(|| position_id.clone());
    let stretch = stretch(draft, &position_number);
    let values = values(draft, &stretch, &position_id);
    let book = Book::open(tx, std::slice::from_ref(&values)).await?;
    let around = store::around(tx, &stretch.dpn_key().into_iter().collect::<Vec<_>>()).await?;

    let mut refusals = checks::refusals(&values, &around);
    let wrong_number = position_number.len() > 10 || !position_number.bytes().all(|b| b.is_ascii_digit());
    let taken = !wrong_number && store::number_is_taken(tx, &position_number).await?;
    if wrong_number || taken {
        let text =
            if taken { "There is a position with this number already" } else { "Enter a number of at most 10 digits" };
        refusals.push(Refusal {
            field: ChangeField::PositionNumber,
            code: "NUMBER",
            text: text.to_owned(),
            holder: None,
        });
    }
    if draft.end_on.is_some_and(|end| end < draft.effective_from) {
        let text = "The last day must be the first day or later".to_owned();
        refusals.push(Refusal { field: ChangeField::EndOn, code: "DATE", text, holder: None });
    }
    let after = vec![stretch];
    refusals.extend(book.shared(&position_id, &[], &after));
    if !refusals.is_empty() {
        return Err(ChangeError::Refused(refusals));
    }
    let warnings = checks::warnings(&values, &[], &after, &around);
    if !draft.confirmed && !warnings.is_empty() {
        return Err(ChangeError::Unconfirmed(warnings));
    }
    let judged = Judged {
        position_id: position_id.clone(),
        effective_from: draft.effective_from,
        before: Vec::new(),
        after,
        warnings,
    };
    store::insert_draft(tx, &position_id, draft, &judged.after[0]).await?;
    let change = ChangeId(Uuid::now_v7());
    store::keep_changes(tx, &[change], std::slice::from_ref(&judged), source, by, now).await?;
    claims::queue(tx, claims::changed(&[], &judged.after)).await?;
    let detail =
        json!({ "change": change.0, "from": draft.effective_from, "source": source.code(), "after": judged.after[0] });
    audit::record(tx, by, Event::PositionDrafted, Subject::new("position", &position_id), detail, now).await?;
    Ok(Drafted { change, position_id, position_number })
}

fn stretch(draft: &Draft, position_number: &str) -> Stretch {
    let part = |text: &str| text.trim().replace('|', "/");
    Stretch {
        effective_from: draft.effective_from,
        effective_to: draft.end_on,
        position_number: position_number.to_owned(),
        name: format!(
            "{position_number}|{}|{}|{}",
            part(&draft.title),
            part(&draft.occupation_code),
            part(&draft.area)
        ),
        job_role: draft.job_role.clone(),
        workplace_code: draft.workplace_code.clone(),
        hiring_status: Some("Open".to_owned()),
        position_type: draft.position_type.clone().or_else(|| Some("Single".to_owned())),
        budgeted_fte: draft.budgeted_fte.clone(),
        dpn: draft.dpn.clone().filter(|dpn| !dpn.is_empty()),
        managing_body: draft.managing_body.clone().filter(|body| !body.is_empty()),
        host_or_lead: draft.host_or_lead,
        out_of_hours: draft.out_of_hours.clone(),
        rota_pattern: draft.rota_pattern.clone(),
        prospective_cover: draft.prospective_cover.clone(),
        split_of: None,
    }
}

/// The values of a draft, as the rules are asked about those of a change.
fn values(draft: &Draft, stretch: &Stretch, position_id: &str) -> PositionChange {
    PositionChange {
        name: Set::To(stretch.name.clone()),
        job_role: Set::To(stretch.job_role.clone()),
        workplace_code: Set::To(stretch.workplace_code.clone()),
        position_type: Set::To(stretch.position_type.clone()),
        budgeted_fte: Set::To(stretch.budgeted_fte.clone()),
        dpn: Set::To(stretch.dpn.clone()),
        managing_body: Set::To(stretch.managing_body.clone()),
        ..PositionChange::new(position_id, draft.effective_from)
    }
}
