//! What each interface tells the exchange: how its records find their employers, and what becomes of them.
//!
//! The exchange streams the stored file in slices of up to 5,000 records, asks where each belongs, calls [`Processor::load`] for each
//! employer in one transaction, and writes the outcomes, counts and reply rows in the same transaction. Records that have an outcome
//! are never handed over again, so a file whose processing was cut off goes on where it stopped.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::name::{FileName, Interface};
use super::stream::Records;
use crate::app::App;
use crate::tenancy::{Vpd, VpdTx};

/// What a call of a [`Processor`] gives back.
pub type Working<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProcessingError>> + Send + 'a>>;

/// Why processing stopped; the exchange tries again, then gives the file up as FAILED and tells operators.
#[derive(Debug, thiserror::Error)]
pub enum ProcessingError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("{0}")]
    Other(String),
}

/// A taken file, as processors see it.
#[derive(Clone, Debug)]
pub struct InterfaceFile {
    pub file_id: Uuid,
    pub name: FileName,
    pub records: i32,
    pub received_at: DateTime<Utc>,
}

/// Why the records are handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pass {
    /// The file is processed for the first time.
    First,
    /// An operator released a held post: its records, by today's rules.
    Released { dpn_key: String, round: i32 },
    /// An operator discarded a held post: each of its records fails with this reason.
    Discarded { dpn_key: String, round: i32, reason: String },
}

/// What a processor is given with every call.
pub struct Work<'a> {
    pub app: &'a App,
    pub file: &'a InterfaceFile,
    pub pass: &'a Pass,
    /// The business date.
    pub today: NaiveDate,
    /// The instant at which this pass or slice began.
    pub now: DateTime<Utc>,
}

/// One data record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLine {
    /// Counted from 1, without the header.
    pub no: i32,
    pub text: String,
    /// The line was not UTF-8 and was read as Windows-1252: its record gets a warning that says so.
    pub was_windows_1252: bool,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Loaded,
    Unchanged,
    Failed,
    Held,
    /// Counted, and by its nature not stored: a vehicle.
    Skipped,
}

impl Outcome {
    pub fn code(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Skipped => "skipped",
        }
    }
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MessageKind {
    Error,
    Warning,
    Info,
}

/// What is said of a record, on its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    #[serde(rename = "type")]
    pub kind: MessageKind,
    pub code: String,
    pub text: String,
}

/// What became of a record, what is said of it, and what it became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOutcome {
    pub outcome: Outcome,
    pub messages: Vec<Message>,
    /// Who or what it is about, for lists: `Davies, Yusuf`.
    pub summary: Option<String>,
    pub person_id: Option<String>,
    pub position_id: Option<String>,
    pub application_id: Option<Uuid>,
    pub dpn: Option<String>,
    /// Lines of the reply file, without their line ends; none while a record is held.
    pub replies: Vec<String>,
}

impl RecordOutcome {
    /// An outcome about which nothing is said.
    pub fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            messages: Vec::new(),
            summary: None,
            person_id: None,
            position_id: None,
            application_id: None,
            dpn: None,
            replies: Vec::new(),
        }
    }

    /// Adds a message.
    pub fn say(mut self, kind: MessageKind, code: impl Into<String>, text: impl Into<String>) -> Self {
        self.messages.push(Message { kind, code: code.into(), text: text.into() });
        self
    }

    pub(super) fn is_warned(&self) -> bool {
        self.messages.iter().any(|message| message.kind == MessageKind::Warning)
    }
}

/// Counts of a file, or of one employer's part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub records: i32,
    pub success: i32,
    /// Of the successes, those that changed nothing.
    pub unchanged: i32,
    pub fail: i32,
    pub held: i32,
    /// Records with at least one warning.
    pub warned: i32,
}

/// What one interface does with its files.
pub trait Processor: Send + Sync {
    /// Looks at the whole file before any record is applied, such as to find posts that are to be held. Run again after a restart.
    fn prepare<'a>(&'a self, _work: &'a Work<'a>, _records: &'a mut Records) -> Working<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Says for each record which employers it concerns: the first is the one it counts for. `Vpd::operations()` where none is found.
    fn route<'a>(&'a self, work: &'a Work<'a>, slice: &'a [RecordLine]) -> Working<'a, Vec<Vec<Vpd>>>;

    /// Applies records of one employer, all in this transaction; gives one outcome for each, in their order.
    ///
    /// Where a record concerns several employers, `counts_here` is false for all but the first: whether the others answer too is the
    /// interface's to say.
    fn load<'a>(
        &'a self,
        work: &'a Work<'a>,
        tx: &'a mut VpdTx,
        records: &'a [(&'a RecordLine, bool)],
    ) -> Working<'a, Vec<RecordOutcome>>;

    /// Employers that the file concerns although it may have no record for them: a full file says something by what it leaves out.
    fn concerns<'a>(&'a self, _work: &'a Work<'a>) -> Working<'a, Vec<Vpd>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// What is done once for each employer when all its records are through: notices, counts of what was absent. Gives details to keep
    /// with the counts. Runs in one transaction with the mark that says it was done.
    fn finish<'a>(
        &'a self,
        _work: &'a Work<'a>,
        _tx: &'a mut VpdTx,
        _counts: &'a Counts,
    ) -> Working<'a, serde_json::Value> {
        Box::pin(std::future::ready(Ok(serde_json::json!({}))))
    }

    /// How many records are read and routed at once: the more, the fewer transactions for a file that goes from employer to employer.
    fn slice(&self) -> usize {
        5_000
    }

    /// The type of the file that answers this one (`APC`), if one does.
    fn reply_type(&self) -> Option<&'static str> {
        None
    }

    /// Columns (the record type is 0) that no page shows, such as ethnic origin, by the record's type.
    fn hidden_columns(&self, _record_type: &str) -> &'static [usize] {
        &[]
    }
}

/// Which processor reads the files of which interface; a file of any other is kept and held.
#[derive(Clone, Default)]
pub struct Processors(HashMap<Interface, Arc<dyn Processor>>);

impl Processors {
    pub fn on(mut self, interface: Interface, processor: impl Processor + 'static) -> Self {
        self.0.insert(interface, Arc::new(processor));
        self
    }

    pub fn get(&self, interface: Interface) -> Option<&Arc<dyn Processor>> {
        self.0.get(&interface)
    }
}
