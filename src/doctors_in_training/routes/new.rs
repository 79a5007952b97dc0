use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::permissions::EnterApplicants;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::doctors_in_training::actions::{self, EnterError, RecordError};
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::doctors_in_training::messages::{Code, Message, Severity};
use crate::doctors_in_training::store;
use crate::doctors_in_training::views::{NewPage, columns, plain, read_form, values_of};
use crate::error::{PageError, PageResult};
use crate::file_exchange::failed_records;
use crate::tenancy::VpdTx;
use crate::ui::{self, Choice, Flash};

/// The failed record that an entry puts right, if it puts one right.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    file: Option<Uuid>,
    record: Option<i32>,
}

type Failed = Option<(Uuid, i32, String)>;

pub async fn form(app: Data<App>, who: Authorised<EnterApplicants>, asked: Query<Asked>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let (failed, base) = base(&mut tx, asked.file.zip(asked.record)).await?;
    let titles = titles(&mut tx).await?;
    tx.commit().await?;
    let kept = ni_number(&base);
    let page = NewPage::new(who.layout(), &values_of(&base), &titles, &[], named(failed), kept.as_deref());
    Ok(ui::page(StatusCode::OK, &page))
}

pub async fn enter(
    app: Data<App>,
    who: Authorised<EnterApplicants>,
    Form(fields): Form<BTreeMap<String, String>>,
) -> PageResult {
    let place =
        fields.get("file").and_then(|id| id.parse().ok()).zip(fields.get("record").and_then(|no| no.parse().ok()));
    let mut tx = who.begin(&app.db).await?;
    let (failed, base) = base(&mut tx, place).await?;
    let kept = ni_number(&base);
    let (values, mut record) = read_form(&fields, base);
    let misplaced = complete(&mut tx, &mut record, app.today()).await?;
    let entry = (record, &columns()[..]);
    match actions::enter_by_hand(&mut tx, who.caller(), entry, place, app.today(), app.now()).await {
        Ok(entered) => {
            tx.commit().await?;
            let mut flash = Flash::success("The application is entered");
            let said = entered.messages.iter().filter(|message| message.severity != Severity::Error);
            flash.details = said.map(|message| plain(message.shown())).collect();
            who.flash(&flash);
            Ok(ui::see_other(format!("/doctors/{}", entered.person_id)))
        }
        Err(EnterError::Faulty(mut faults)) => {
            tx.rollback().await?;
            if let Some(fault) = misplaced {
                // Without its position nothing is known of the post's number either, which may be left empty.
                let follows = |fault: &Message| match fault.column {
                    Some(Column::PositionId | Column::PositionNumber) => true,
                    Some(Column::DeaneryNumber) => fault.code == Code::A001,
                    _ => false,
                };
                faults.retain(|fault| !follows(fault));
                faults.insert(0, fault);
            }
            let mut tx = who.begin(&app.db).await?;
            let titles = titles(&mut tx).await?;
            tx.commit().await?;
            let page = NewPage::new(who.layout(), &values, &titles, &faults, named(failed), kept.as_deref());
            Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(EnterError::Record(RecordError::NotFound)) => Err(PageError::NotFound),
        Err(EnterError::Record(RecordError::Settled(text))) => Err(PageError::Conflict(text)),
        Err(EnterError::Record(RecordError::Database(error))) => Err(error.into()),
    }
}

/// The record that the form starts from: what the deanery sent, or nothing.
async fn base(tx: &mut VpdTx, place: Option<(Uuid, i32)>) -> Result<(Failed, AppRecord), PageError> {
    let Some((file_id, record_no)) = place else { return Ok((None, AppRecord::blank())) };
    let failed = failed_records::find(tx, file_id, record_no).await?.ok_or(PageError::NotFound)?;
    let sent = AppRecord::parse(&failed.raw);
    // A line with the wrong number of columns cannot be told apart: only what it begins with is taken over.
    let mut base = AppRecord::blank();
    let trusted = if sent.is_complete() { Column::Grade } else { Column::DeaneryNumber };
    for rule in crate::doctors_in_training::files::app::LAYOUT.iter().filter(|rule| rule.column <= trusted) {
        base.set(rule.column, sent[rule.column].trim());
    }
    base.set(Column::RecordType, "APP");
    let name = format!("record {record_no} of {}", failed.file_name);
    Ok((Some((file_id, record_no, name)), base))
}

/// The National Insurance number that the record has.
fn ni_number(record: &AppRecord) -> Option<String> {
    Some(record[Column::NiNumber].to_owned()).filter(|number| !number.is_empty())
}

fn named(failed: Failed) -> Option<(String, i32, String)> {
    failed.map(|(file_id, record_no, name)| (file_id.to_string(), record_no, name))
}

/// Fills in what a person does not type: the position's id, its DPN where none was typed, the day, the register of doctors.
async fn complete(tx: &mut VpdTx, record: &mut AppRecord, today: chrono::NaiveDate) -> sqlx::Result<Option<Message>> {
    record.set(Column::EffectiveDate, today.format("%Y%m%d").to_string());
    let has_number = !record[Column::RegNo1].is_empty();
    record.set(Column::ProfBody1, if has_number { "General Medical Council" } else { "" });
    if record[Column::Country].is_empty() && !record[Column::Postcode].is_empty() {
        record.set(Column::Country, "GB");
    }
    let number = record[Column::PositionNumber].to_owned();
    // Nobody's id: a position that is not found is a fault beside the others.
    record.set(Column::PositionId, "0");
    if number.is_empty() {
        return Ok(Some(Message::error(
            Code::A001,
            Column::PositionNumber,
            "Mandatory item POSITION_NUMBER not supplied. Application rejected.",
        )));
    }
    let Some((position_id, dpn)) = store::position_of_number(tx, &number, today).await? else {
        let text = format!("{number} is not the number of a position of yours");
        return Ok(Some(Message::error(Code::A002, Column::PositionNumber, text)));
    };
    record.set(Column::PositionId, position_id);
    if record[Column::DeaneryNumber].is_empty() {
        record.set(Column::DeaneryNumber, dpn.unwrap_or_default());
    }
    Ok(None)
}

async fn titles(tx: &mut VpdTx) -> sqlx::Result<Vec<Choice>> {
    let mut choices = vec![Choice::new("", "Not given")];
    choices.extend(store::titles(tx).await?.into_iter().map(|label| Choice::new(label.clone(), label)));
    Ok(choices)
}
