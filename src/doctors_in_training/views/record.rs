use askama::Template;

use crate::doctors_in_training::files::app::{AppRecord, Column, LAYOUT};
use crate::file_exchange::failed_records::FailedRecord;
use crate::people::values::mask_ni;
use crate::reference::store::WhomToAsk;
use crate::ui::{ErrorSummary, Field, Layout, dates};

#[derive(Template)]
#[template(path = "doctors/record.html")]
pub struct RecordPage {
    pub layout: Layout,
    pub failed: FailedRecord,
    pub contact: Option<WhomToAsk>,
    pub may_put_right: bool,
    pub may_enter: bool,
    pub errors: ErrorSummary,
    pub reason: Field,
    /// Where the reader came from, to go on from there.
    pub then: String,
}

/// Special category data, which no page shows.
const NEVER_SHOWN: [Column; 4] =
    [Column::EthnicOrigin, Column::Disability, Column::SexualOrientation, Column::ReligiousBelief];

impl RecordPage {
    pub fn new(
        layout: Layout,
        failed: FailedRecord,
        contact: Option<WhomToAsk>,
        rights: (bool, bool),
        reason: Field,
        then: String,
    ) -> Self {
        let errors = ErrorSummary::of([&reason]);
        Self { layout, failed, contact, may_put_right: rights.0, may_enter: rights.1, errors, reason, then }
    }

    pub fn title(&self) -> String {
        match &self.failed.summary {
            Some(name) => format!("Failed application: {name}"),
            None => format!("Failed application: record {}", self.failed.record_no),
        }
    }

    pub fn path(&self) -> String {
        format!("/doctors/records/{}/{}", self.failed.file_id, self.failed.record_no)
    }

    /// Type and text of each message.
    pub fn messages(&self) -> Vec<(&str, &str)> {
        let all = self.failed.messages.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().map(|m| (m["type"].as_str().unwrap_or_default(), m["text"].as_str().unwrap_or_default())).collect()
    }

    /// What the deanery sent, column by column; empty ones left out.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let record = AppRecord::parse(&self.failed.raw);
        let filled = LAYOUT.iter().filter(|rule| !record[rule.column].trim().is_empty());
        filled
            .map(|rule| {
                let value = match rule.column {
                    Column::NiNumber => mask_ni(&record[rule.column]),
                    column if NEVER_SHOWN.contains(&column) => "Kept, and not shown".to_owned(),
                    column => record[column].to_owned(),
                };
                (rule.name, value)
            })
            .collect()
    }

    pub fn settled(&self) -> Option<String> {
        let at = self.failed.settled_at?;
        Some(format!("Put right on {}. {}", dates::at(at), self.failed.settled_note.as_deref().unwrap_or_default()))
    }

    pub fn asked(&self) -> Option<String> {
        let at = self.failed.asked_at?;
        let who = self.failed.asked_by.as_deref().unwrap_or("Somebody");
        Some(format!(
            "{who} asked the deanery on {} to send it again. It waits for the file that answers.",
            dates::at(at)
        ))
    }

    pub fn enter_href(&self) -> String {
        format!("/doctors/new?file={}&record={}", self.failed.file_id, self.failed.record_no)
    }
}
