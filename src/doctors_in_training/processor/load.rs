use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use super::repeated::Seen;
use super::{earlier, held, notices, post_key};
use crate::applicants::actions::{NotReceived, Pair, Source, receive};
use crate::applicants::matching::Kind;
use crate::applicants::plan::{Change, Incoming, Receipt, Standing};
use crate::audit::Actor;
use crate::deanery_changes::actions::meet;
use crate::doctors_in_training::checks::{Checked, PositionFacts, Surroundings, check, read_date};
use crate::doctors_in_training::files::apc::ApcRow;
use crate::doctors_in_training::files::app::{AppRecord, Column, LAYOUT};
use crate::doctors_in_training::messages::{Code, Message, Severity};
use crate::doctors_in_training::store::{self, Positions};
use crate::file_exchange::failed_records;
use crate::file_exchange::processor::{MessageKind, Outcome, Pass, ProcessingError, RecordLine, RecordOutcome, Work};
use crate::people::values::mask_ni;
use crate::tenancy::VpdTx;

/// One record to be judged.
pub struct Input {
    pub no: i32,
    pub record: AppRecord,
    pub was_utf8: bool,
    /// The earlier record of the file that says the same.
    pub same_as: Option<i32>,
}

/// What became of one record.
pub struct Judged {
    pub no: i32,
    pub record: AppRecord,
    pub messages: Vec<Message>,
    /// What it became; none when it failed.
    pub receipt: Option<Receipt>,
    /// Pairs of persons that it brought up, to be settled.
    pub pairs: Vec<Pair>,
}

/// Checks records of one employer and applies the sound ones: the same for a file, for another try and for a form.
pub async fn judge(
    tx: &mut VpdTx,
    inputs: Vec<Input>,
    source: &Source,
    managing_body: Option<&str>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<(Vec<Judged>, Positions)> {
    let lists = store::code_lists(tx).await?;
    let mut ids: Vec<String> = inputs.iter().map(|input| input.record[Column::PositionId].trim().to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    let positions = store::positions(tx, &ids).await?;

    let mut judged = Vec::with_capacity(inputs.len());
    let mut incoming = Vec::new();
    for input in inputs {
        let hire_on = read_date(input.record[Column::ProjectedHireDate].trim());
        let position = positions.on(input.record[Column::PositionId].trim(), hire_on);
        let around = Surroundings {
            position: position.as_ref().map_or(PositionFacts::Unknown, PositionFacts::Known),
            lists: &lists,
            today,
            was_utf8: input.was_utf8,
        };
        let mut messages = match check(&input.record, around) {
            Checked::Faulty(messages) => messages,
            Checked::Sound(application, messages) => {
                if input.same_as.is_none() {
                    incoming.push(Incoming {
                        record_no: input.no,
                        application: *application,
                        managing_body: managing_body.map(str::to_owned),
                        digest: digest(&input.record),
                    });
                }
                messages
            }
        };
        if let Some(first) = input.same_as {
            messages.retain(|message| message.severity == Severity::Error);
            messages.insert(0, repeated(&input.record, first));
        }
        judged.push(Judged { no: input.no, record: input.record, messages, receipt: None, pairs: Vec::new() });
    }

    let (receipts, pairs) = receive(tx, source, &incoming, now).await?;
    let mut pairs_of: HashMap<i32, Vec<Pair>> = HashMap::new();
    for pair in pairs {
        pairs_of.entry(pair.record_no).or_default().push(pair);
    }
    let mut receipts = receipts.into_iter().peekable();
    for one in &mut judged {
        let is_next = receipts.peek().is_some_and(|next| number_of(next) == one.no);
        match receipts.next_if(|_| is_next) {
            None => {}
            Some(Err(NotReceived::AlreadyHired { .. })) => one.messages = vec![already_hired(&one.record)],
            Some(Err(NotReceived::Repeats { first, .. })) => one.messages = vec![repeated(&one.record, first)],
            Some(Ok(receipt)) => {
                one.messages.extend(warnings(&one.record, &receipt));
                one.messages.push(standing(receipt.standing));
                one.pairs = pairs_of.remove(&one.no).unwrap_or_default();
                one.receipt = Some(receipt);
            }
        }
    }
    Ok((judged, positions))
}

fn number_of(receipt: &Result<Receipt, NotReceived>) -> i32 {
    match receipt {
        Ok(receipt) => receipt.record_no,
        Err(why) => why.record_no(),
    }
}

/// What a record says, without its place in the file and the day on which it was written.
fn digest(record: &AppRecord) -> Vec<u8> {
    let mut hasher = Sha256::new();
    for rule in &LAYOUT {
        if rule.column != Column::VacancyId && rule.column != Column::EffectiveDate {
            hasher.update(record[rule.column].trim().as_bytes());
            hasher.update(b"~");
        }
    }
    hasher.finalize().to_vec()
}

fn repeated(record: &AppRecord, first: i32) -> Message {
    let text = format!(
        "POSITION_ID {} and PROJECTED_HIRE_DATE {} are those of record {first} of this file for the same applicant; that one counts.",
        record[Column::PositionId].trim(),
        record[Column::ProjectedHireDate].trim(),
    );
    Message::error(Code::A012, Column::PositionId, text)
}

fn already_hired(record: &AppRecord) -> Message {
    let text = format!(
        "The applicant has been hired into POSITION_ID {} from the application of PROJECTED_HIRE_DATE {} already.",
        record[Column::PositionId].trim(),
        record[Column::ProjectedHireDate].trim(),
    );
    Message::error(Code::A013, Column::PositionId, text)
}

fn warnings(record: &AppRecord, receipt: &Receipt) -> Vec<Message> {
    let mut messages = Vec::new();
    if !receipt.renamed.is_empty() {
        let value = |name: &&str| {
            let column = if *name == "LAST_NAME" { Column::LastName } else { Column::FirstName };
            format!("{name} {}", record[column].trim())
        };
        let named = receipt.renamed.iter().map(value).collect::<Vec<_>>().join(" and ");
        let what = match receipt.standing {
            Standing::Existing(Kind::Employee | Kind::ExEmployee) => "the employee's record keeps its own",
            Standing::New | Standing::Existing(Kind::Applicant) => "the old name is kept as previous",
        };
        let verb = if receipt.renamed.len() == 1 { "differs" } else { "differ" };
        messages.push(Message::warning(
            Code::A020,
            Column::LastName,
            format!("{named} {verb} from the name held; {what}."),
        ));
    }
    if receipt.ni_suffix_differs {
        let value = record[Column::NiNumber].trim();
        let say = |value: &str| format!("NI_NUMBER {value} differs from the one held in its last letter.");
        let mut message = Message::warning(Code::A007, Column::NiNumber, say(value));
        message.masked = Some(say(&mask_ni(value)));
        messages.push(message);
    }
    if receipt.is_second {
        let text = format!(
            "PROJECTED_HIRE_DATE {} is not that of the application which this applicant has for POSITION_ID {} already; this is a second one.",
            record[Column::ProjectedHireDate].trim(),
            record[Column::PositionId].trim(),
        );
        messages.push(Message::warning(Code::A019, Column::ProjectedHireDate, text));
    }
    if !receipt.possible.is_empty() {
        messages.push(Message::warning(
            Code::A021,
            None,
            format!("Possible duplicate person {}", receipt.possible.len()),
        ));
    }
    messages
}

fn standing(standing: Standing) -> Message {
    match standing {
        Standing::New => Message::info(Code::I001, "Application is from a NEW Applicant"),
        Standing::Existing(Kind::Employee) => Message::info(Code::I002, "Application is from an EXISTING Employee"),
        Standing::Existing(Kind::ExEmployee) => Message::info(Code::I003, "Application is from an EX-EMPLOYEE"),
        Standing::Existing(Kind::Applicant) => Message::info(Code::I004, "Application is from an EXISTING Applicant"),
    }
}

/// Takes in the records of one employer.
pub(super) async fn load(
    work: &Work<'_>,
    tx: &mut VpdTx,
    records: &[(&RecordLine, bool)],
) -> Result<Vec<RecordOutcome>, ProcessingError> {
    let held = match work.pass {
        Pass::First => store::held_posts(tx, work.file.file_id).await?,
        Pass::Released { .. } | Pass::Discarded { .. } => HashSet::new(),
    };
    let parsed: Vec<AppRecord> = records.iter().map(|(line, _)| AppRecord::parse(&line.text)).collect();
    let source = Source { origin: "deanery", file_id: Some(work.file.file_id), actor: work.file.name.text.clone() };

    let is_held = |record: &AppRecord| held.contains(&post_key(record));
    let mut judged = if let Pass::Discarded { reason, .. } = work.pass {
        let discard = |(line, record): (&(&RecordLine, bool), &AppRecord)| Judged {
            no: line.0.no,
            record: record.clone(),
            messages: vec![Message::error(Code::A022, Column::DeaneryNumber, reason.clone())],
            receipt: None,
            pairs: Vec::new(),
        };
        (records.iter().zip(&parsed).map(discard).collect(), Positions::default())
    } else {
        let mut seen = earlier_of_file(work, tx, records, &parsed).await?;
        let inputs =
            records.iter().zip(&parsed).filter(|(_, record)| !is_held(record)).map(|((line, _), record)| Input {
                no: line.no,
                record: record.clone(),
                was_utf8: !line.was_windows_1252,
                same_as: seen.add(line.no, record),
            });
        let inputs = inputs.collect();
        judge(tx, inputs, &source, Some(&work.file.name.sender), work.today, work.now).await?
    };

    earlier::settle(work, tx, &judged.0).await?;
    // Of a post that was discarded one item tells, when all its records are through.
    if !matches!(work.pass, Pass::Discarded { .. }) {
        notices::raise(work, tx, &judged.0, &judged.1).await?;
    }
    meet_changes(work, tx, &judged.0).await?;
    if let Pass::Released { dpn_key, .. } | Pass::Discarded { dpn_key, .. } = work.pass {
        held::close(work, tx, dpn_key).await?;
    }

    let mut judged = judged.0.drain(..).peekable();
    let outcomes = records.iter().zip(&parsed).map(|((line, counts_here), record)| {
        match judged.next_if(|one| one.no == line.no) {
            Some(one) => outcome(&one, *counts_here),
            None => waiting(line, record),
        }
    });
    Ok(outcomes.collect())
}

/// New dates that came before their applicant are raised when the applicant is here.
async fn meet_changes(work: &Work<'_>, tx: &mut VpdTx, judged: &[Judged]) -> sqlx::Result<()> {
    let mut posts: Vec<String> =
        judged.iter().filter(|one| one.receipt.is_some()).map(|one| post_key(&one.record)).collect();
    posts.sort_unstable();
    posts.dedup();
    if posts.is_empty() || tx.vpd().is_operations() {
        return Ok(());
    }
    let by = Actor::File(work.file.name.text.clone());
    meet(tx, &posts, &by, work.today, work.now).await
}

/// Failed records of this file that other slices brought: where one says the same as one of these, it counts all the same. Those that
/// loaded are found by their applications.
async fn earlier_of_file(
    work: &Work<'_>,
    tx: &mut VpdTx,
    records: &[(&RecordLine, bool)],
    parsed: &[AppRecord],
) -> sqlx::Result<Seen> {
    let mut seen = Seen::default();
    let Some(first) = records.iter().map(|(line, _)| line.no).min() else { return Ok(seen) };
    if first > 1 {
        let ids: Vec<String> = parsed.iter().map(|record| record[Column::PositionId].trim().to_owned()).collect();
        for (no, raw) in failed_records::list_failed_of_file(tx, work.file.file_id, first, &ids).await? {
            seen.add(no, &AppRecord::parse(&raw));
        }
    }
    Ok(seen)
}

fn described(record: &AppRecord, outcome: Outcome) -> RecordOutcome {
    let mut described = RecordOutcome::new(outcome);
    described.summary = notices::person_name(record);
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    described.position_id = given(&record[Column::PositionId]);
    described.dpn = given(&post_key(record));
    described
}

/// A record of a post that waits for an operator.
fn waiting(line: &RecordLine, record: &AppRecord) -> RecordOutcome {
    let mut held = described(record, Outcome::Held);
    if line.was_windows_1252 {
        // Kept for the day on which the post is released.
        held = held.say(
            MessageKind::Warning,
            Code::A016.as_str(),
            "The record was not UTF-8 and was read as Windows-1252.",
        );
    }
    held
}

fn outcome(judged: &Judged, counts_here: bool) -> RecordOutcome {
    let kind = match &judged.receipt {
        None => Outcome::Failed,
        Some(receipt) if receipt.change == Change::Unchanged => Outcome::Unchanged,
        Some(_) => Outcome::Loaded,
    };
    let mut outcome = described(&judged.record, kind);
    for message in &judged.messages {
        outcome = outcome.say(kind_of(message.severity), message.code.as_str(), message.shown());
    }
    if let Some(receipt) = &judged.receipt {
        outcome.person_id = Some(receipt.person_id.clone());
        outcome.application_id = Some(receipt.application_id);
    }
    if counts_here {
        outcome.replies = replies(judged);
    }
    outcome
}

fn kind_of(severity: Severity) -> MessageKind {
    match severity {
        Severity::Error => MessageKind::Error,
        Severity::Warning => MessageKind::Warning,
        Severity::Info => MessageKind::Info,
    }
}

/// The rows of the reply, one a message; what the sender wrote is echoed as it stands.
fn replies(judged: &Judged) -> Vec<String> {
    let record = &judged.record;
    let rows = judged.messages.iter().map(|message| {
        let row = ApcRow {
            record_no: i64::from(judged.no),
            vacancy_ref_number: &record[Column::VacancyRefNumber],
            position_id: &record[Column::PositionId],
            position_number: &record[Column::PositionNumber],
            deanery_number: &record[Column::DeaneryNumber],
            is_loaded: judged.receipt.is_some(),
            severity: message.severity,
            text: &message.text,
            given: judged.receipt.as_ref().map(|r| (r.applicant_number.as_str(), r.assignment_id.as_str())),
        };
        row.to_line()
    });
    rows.collect()
}
