use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{RecordError, lock_waiting};
use crate::access::Caller;
use crate::audit::{self, Event, Subject};
use crate::doctors_in_training::emails::{AskAgainHtml, AskAgainText};
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::doctors_in_training::processor::record_key;
use crate::email::{self, Draft, Purpose};
use crate::file_exchange::failed_records::{self, FailedRecord};
use crate::notifications::{self, store::Annotation};
use crate::reference::store::whom_to_ask;
use crate::tenancy::VpdTx;
use crate::ui::dates;

/// Why the deanery was not asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("No address is known for {0}. Ask national operations to add a contact of this managing body.")]
    NoContact(String),
    #[error("{0}")]
    AskedAlready(String),
    #[error("the mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

impl From<sqlx::Error> for AskError {
    fn from(error: sqlx::Error) -> Self {
        Self::Record(error.into())
    }
}

/// Asks the managing body, by mail to its contact, to send a record again; the record waits for the file that answers.
pub async fn ask_again(
    tx: &mut VpdTx,
    by: &Caller,
    file_id: Uuid,
    record_no: i32,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), AskError> {
    let failed = lock_waiting(tx, file_id, record_no).await?;
    if let (Some(at), Some(who)) = (failed.asked_at, &failed.asked_by)
        && dates::london_day(at) == dates::london_day(now)
    {
        return Err(AskError::AskedAlready(format!(
            "{who} asked the deanery {}. It waits for the next file.",
            dates::at(at)
        )));
    }
    let body = failed.sender.clone().unwrap_or_default();
    let contact = whom_to_ask(tx, &body, today).await?.ok_or_else(|| AskError::NoContact(body.clone()))?;
    let mail = mail(by, &failed);
    let draft = Draft {
        user_id: None,
        to_name: contact.body_name,
        to_address: contact.address,
        purpose: Purpose::AskAgain,
        subject: format!("Please send record {record_no} of {} again", failed.file_name),
        text: mail.render()?,
        html: AskAgainHtml { mail: &mail }.render()?,
        sealed_link: None,
    };
    email::queue(tx, draft, now).await?;
    failed_records::save_asked(tx, file_id, record_no, &by.name, now).await?;
    let note = format!("Mail to {body}: please send record {record_no} of {} again", failed.file_name);
    let text = format!(
        "{} asked the deanery on {} to send it again. It waits for the file that answers.",
        by.name,
        dates::at(now)
    );
    let annotation = Annotation { what: "asked", note: &note, facts: json!({ "text": text }) };
    notifications::store::annotate(
        tx,
        &record_key(file_id, record_no),
        &annotation,
        &by.actor(),
        Some(by.user_id),
        now,
    )
    .await?;
    let detail = json!({ "file": failed.file_name, "record": record_no, "body": body });
    let about = Subject::new("file_record", format!("{file_id}/{record_no}"));
    audit::record(tx, &by.actor(), Event::RecordAskedAgain, about, detail, now).await?;
    Ok(())
}

/// What the mail says: file, record, DPN and message; never a birth date, a National Insurance number or a name.
fn mail(by: &Caller, failed: &FailedRecord) -> AskAgainText {
    let record = AppRecord::parse(&failed.raw);
    AskAgainText {
        organisation: format!("{} {}", by.vpd, by.vpd_name),
        file_name: failed.file_name.clone(),
        record_no: failed.record_no,
        vacancy_ref: record[Column::VacancyRefNumber].trim().to_owned(),
        deanery_number: record[Column::DeaneryNumber].trim().to_owned(),
        position_number: record[Column::PositionNumber].trim().to_owned(),
        messages: said(&failed.messages),
    }
}

/// The errors of a record, without those values of a person that a mail does not carry.
fn said(messages: &Value) -> Vec<String> {
    // Only what says where the record belongs and when it starts is repeated; every other value is the person's.
    const OF_THE_POST: [&str; 6] = [
        "POSITION_ID",
        "POSITION_NUMBER",
        "DEANERY_NUMBER",
        "PROJECTED_HIRE_DATE",
        "PROJECTED_END_DATE",
        "RECORD_TYPE",
    ];
    let all = messages.as_array().map(Vec::as_slice).unwrap_or_default();
    let errors = all.iter().filter(|message| message["type"] == "ERROR");
    errors
        .filter_map(|message| {
            let text = message["text"].as_str()?;
            let code = message["code"].as_str().unwrap_or_default();
            // "Mandatory item LAST_NAME not supplied" names a column and no value.
            let field = text.split_whitespace().find(|word| {
                word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            });
            let is_harmless = matches!(code, "A001" | "A012" | "A013" | "A014" | "A015")
                || field.is_some_and(|field| OF_THE_POST.contains(&field));
            Some(match field {
                _ if is_harmless => text.to_owned(),
                Some(field) => format!("{field} cannot be accepted as it stands in the file ({code})."),
                None => format!("A value cannot be accepted as it stands in the file ({code})."),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_repeats_no_value_of_a_person() {
        let messages = json!([
            { "type": "ERROR", "code": "A009", "text": "DATE_OF_BIRTH 19801332 is not a date, which is written YYYYMMDD." },
            { "type": "ERROR", "code": "A001", "text": "Mandatory item LAST_NAME not supplied. Application rejected." },
            { "type": "ERROR", "code": "A018", "text": "LAST_NAME has 151 characters and may have 150: Davies" },
            { "type": "ERROR", "code": "A002", "text": "POSITION_ID 999 is not the id of a position in ESR." },
            { "type": "WARNING", "code": "A007", "text": "NI_NUMBER QQ123456C ..." },
        ]);
        assert_eq!(
            said(&messages),
            [
                "DATE_OF_BIRTH cannot be accepted as it stands in the file (A009).",
                "Mandatory item LAST_NAME not supplied. Application rejected.",
                "LAST_NAME cannot be accepted as it stands in the file (A018).",
                "POSITION_ID 999 is not the id of a position in ESR.",
            ]
        );
    }
}
