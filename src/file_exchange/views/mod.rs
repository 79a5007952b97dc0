//! Pages about interface files: what they are given, and how they phrase it.

mod expected;
mod list;
mod show;

use actix_web::http::StatusCode;
use askama::Template;

pub use expected::{ExpectedPage, ExpectedPages};
pub use list::{Chosen, ListPage, TodayPage};
pub use show::{Records, ShowPage};

use super::name::Interface;
use super::read::{FileRow, HeldPost};
use super::records::Record;
use crate::error::PageResult;
use crate::tenancy::Vpd;
use crate::ui::{self, Choice, ErrorSummary, Field, Layout};

/// Answers with a page.
pub fn shown(status: StatusCode, page: impl Template) -> PageResult {
    Ok(ui::page(status, &page))
}

/// A state in the words of the page, with the colour of its tag.
pub fn state_tag(state: &str, fail: i32) -> (&'static str, &'static str) {
    match state {
        "receiving" | "received" | "validating" => ("Being received", "blue"),
        "queued" => ("Waiting its turn", "blue"),
        "processing" => ("Being processed", "blue"),
        "processed" => ("Processed", "green"),
        "processed_with_errors" => ("Processed, some failed", "orange"),
        "confirmed" if fail > 0 => ("Confirmed, some failed", "orange"),
        "confirmed" => ("Confirmed", "green"),
        "refused" => ("Refused", "red"),
        "held_for_order" => ("Held: out of order", "orange"),
        "held" => ("Kept, not processed", "grey"),
        "failed" => ("Stopped", "solid"),
        "duplicate" => ("Duplicate", "grey"),
        "sent" => ("Sent", "green"),
        _ => ("Unknown", "grey"),
    }
}

/// The states behind a choice of the list's filter.
pub fn states_of(choice: &str) -> Vec<String> {
    let states: &[&str] = match choice {
        "working" => &["received", "validating", "queued", "processing"],
        "processed" => &["processed", "processed_with_errors", "confirmed", "sent"],
        "refused" => &["refused"],
        "duplicate" => &["duplicate"],
        "waiting" => &["held_for_order", "held", "failed"],
        _ => &[],
    };
    states.iter().map(|state| (*state).to_owned()).collect()
}

fn interface_label(code: &str) -> &str {
    Interface::from_code(code).map_or("Unknown", Interface::label)
}

/// An outcome in the words of the page, with the colour of its tag.
fn outcome_tag(outcome: &str) -> (&'static str, &'static str) {
    match outcome {
        "loaded" => ("Loaded", "green"),
        "unchanged" => ("Unchanged", "grey"),
        "failed" => ("Failed", "red"),
        "held" => ("Held", "orange"),
        "skipped" => ("Not stored", "grey"),
        _ => ("Unknown", "grey"),
    }
}

/// The way back to a file's page.
fn crumbs(file: &FileRow, query: &str) -> Vec<(String, String)> {
    vec![
        ("/".to_owned(), "Home".to_owned()),
        ("/interfaces".to_owned(), "Files".to_owned()),
        (format!("/interfaces/files/{}{query}", file.file_id), file.file_name.clone()),
    ]
}

#[derive(Template)]
#[template(path = "interfaces/upload.html")]
pub struct UploadPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub file: Field,
    /// The number that a file must bear, for those who may upload their own only.
    pub own: Option<String>,
}

impl UploadPage {
    fn hint(&self) -> String {
        match &self.own {
            Some(vpd) => format!(
                "A Generic Outbound or learning file of your own organisation, such as GO_{vpd}_EXP_GOF_20260505_00000001.DAT. At most 200 MB."
            ),
            None => "Any interface file, under the name that its sender gave it. At most 200 MB.".to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "interfaces/decide.html")]
pub struct DecidePage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub file: FileRow,
    pub post: Option<HeldPost>,
    pub decision: Field,
    pub reason: Field,
}

impl DecidePage {
    pub fn of_file(layout: Layout, file: FileRow, decision: Field, reason: Field) -> Self {
        Self { layout, errors: ErrorSummary::of([&decision, &reason]), file, post: None, decision, reason }
    }

    pub fn of_post(layout: Layout, file: FileRow, post: HeldPost, decision: Field, reason: Field) -> Self {
        Self { layout, errors: ErrorSummary::of([&decision, &reason]), file, post: Some(post), decision, reason }
    }

    fn heading(&self) -> String {
        match &self.post {
            Some(post) => format!("Decide about {} records for one post", post.records),
            None if self.file.state == "held" => "Decide about a file that was kept".to_owned(),
            None => "Decide about a file that is out of order".to_owned(),
        }
    }

    fn crumbs(&self) -> Vec<(String, String)> {
        crumbs(&self.file, "")
    }

    fn action(&self) -> String {
        match &self.post {
            Some(post) => format!("/interfaces/held-posts/{}", post.held_post_id),
            None => format!("/interfaces/files/{}/decide", self.file.file_id),
        }
    }

    fn choices(&self) -> [Choice; 2] {
        let (release, discard) = match &self.post {
            Some(_) => (
                "The records are processed now, by the rules of today. A further reply tells the deanery what became of each.",
                "Each record fails with your reason. A further reply tells the deanery so. Nothing is applied.",
            ),
            None => (
                "The file is processed now. Its records may be older than what was loaded since.",
                "Nothing of the file is taken. Its name is free again.",
            ),
        };
        [Choice::new("release", "Release").hint(release), Choice::new("discard", "Discard").hint(discard)]
    }
}

#[derive(Template)]
#[template(path = "interfaces/download.html")]
pub struct DownloadPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub file: FileRow,
    /// The employers that it speaks of, each with how many rows.
    pub concerned: Vec<(Vpd, i64)>,
    pub reason: Field,
}

impl DownloadPage {
    fn crumbs(&self) -> Vec<(String, String)> {
        crumbs(&self.file, "")
    }

    /// `904 and 931`: the employers that will be told.
    fn told(&self) -> String {
        let told: Vec<&str> =
            self.concerned.iter().filter(|(vpd, _)| !vpd.is_operations()).map(|(vpd, _)| vpd.as_str()).collect();
        match told.as_slice() {
            [] => String::new(),
            [only] => format!("organisation {only}"),
            [first @ .., last] => format!("organisations {} and {last}", first.join(", ")),
        }
    }
}

#[derive(Template)]
#[template(path = "interfaces/record.html")]
pub struct RecordPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub file: FileRow,
    pub vpd: String,
    pub number: i32,
    pub reason: Field,
    /// The record and its line, once a reason was given.
    pub content: Option<(Record, String)>,
}

impl RecordPage {
    fn crumbs(&self) -> Vec<(String, String)> {
        crumbs(&self.file, &format!("?vpd={}", self.vpd))
    }

    fn heading(&self) -> String {
        format!("Record {} of {}", self.number, self.file.file_name)
    }
}
