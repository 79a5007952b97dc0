use super::super::files::{FOREIGN_POSITION, Fault, Kind, Record, Stored, parse};
use super::super::notices;
use super::batch::Batch;
use crate::file_exchange::processor::{
    Message, MessageKind, Outcome, ProcessingError, RecordLine, RecordOutcome, Work,
};
use crate::positions;
use crate::tenancy::VpdTx;

/// What is said of a line that was not UTF-8.
const WINDOWS_1252: &str = "A016";

/// Loads a slice's records in their order, as many at a time as say nothing about one another.
pub async fn records(
    work: &Work<'_>,
    tx: &mut VpdTx,
    records: &[(&RecordLine, bool)],
) -> Result<Vec<RecordOutcome>, ProcessingError> {
    let parsed: Vec<Result<Record<'_>, Fault>> = records.iter().map(|(line, _)| parse(&line.text)).collect();
    let claimed = claimed_elsewhere(tx, &parsed).await?;
    let mut outcomes: Vec<RecordOutcome> = Vec::with_capacity(records.len());
    let mut batch = Batch::default();
    let mut foreign = 0;
    for (at, ((line, _), record)) in records.iter().zip(&parsed).enumerate() {
        let mut outcome = match record {
            Err(fault) => failed(fault),
            Ok(Record::Vehicle) => RecordOutcome::new(Outcome::Skipped),
            Ok(Record::Delete(kind, id)) => {
                if batch.conflicts_with_delete(*kind, id) {
                    flush(work, tx, &mut batch, &mut outcomes).await?;
                }
                batch.delete(at, *kind, id);
                describe(RecordOutcome::new(Outcome::Unchanged), *kind, id, None)
            }
            Ok(Record::Stored(stored)) if stored.kind == Kind::Position && claimed.contains(stored.id()) => {
                foreign += 1;
                let text = format!(
                    "PositionId {} belongs to another employing organisation. Record rejected; the operators are told.",
                    stored.id()
                );
                failed(&Fault { code: FOREIGN_POSITION, text })
            }
            Ok(Record::Stored(stored)) => {
                if batch.conflicts_with(stored) {
                    flush(work, tx, &mut batch, &mut outcomes).await?;
                }
                batch.add(at, stored);
                let mut outcome = RecordOutcome::new(Outcome::Unchanged);
                for warning in &stored.warnings {
                    outcome = outcome.say(MessageKind::Warning, warning.code, &warning.text);
                }
                describe(outcome, stored.kind, stored.id(), Some(stored))
            }
        };
        if line.was_windows_1252 {
            outcome.messages.push(Message {
                kind: MessageKind::Warning,
                code: WINDOWS_1252.to_owned(),
                text: "The line is not UTF-8 and was read as Windows-1252. Check names with accents.".to_owned(),
            });
        }
        outcomes.push(outcome);
    }
    flush(work, tx, &mut batch, &mut outcomes).await?;
    if foreign > 0 {
        notices::tell_of_claims(tx, work, foreign).await?;
    }
    Ok(outcomes)
}

async fn claimed_elsewhere(
    tx: &mut VpdTx,
    parsed: &[Result<Record<'_>, Fault>],
) -> sqlx::Result<std::collections::HashSet<String>> {
    let ids: Vec<&str> = parsed
        .iter()
        .filter_map(|record| match record {
            Ok(Record::Stored(stored)) if stored.kind == Kind::Position => Some(stored.id()),
            _ => None,
        })
        .collect();
    if ids.is_empty() { Ok(Default::default()) } else { positions::store::claimed_elsewhere(tx, &ids).await }
}

async fn flush(
    work: &Work<'_>,
    tx: &mut VpdTx,
    batch: &mut Batch<'_, '_>,
    outcomes: &mut [RecordOutcome],
) -> Result<(), ProcessingError> {
    for at in std::mem::take(batch).save(tx, work).await? {
        outcomes[at].outcome = Outcome::Loaded;
    }
    Ok(())
}

fn failed(fault: &Fault) -> RecordOutcome {
    RecordOutcome::new(Outcome::Failed).say(MessageKind::Error, fault.code, &fault.text)
}

/// What the list of records shows, and where it links to.
fn describe(mut outcome: RecordOutcome, kind: Kind, id: &str, stored: Option<&Stored<'_>>) -> RecordOutcome {
    let owned = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    match (kind, stored) {
        (Kind::Person, Some(person)) => {
            outcome.summary = Some(format!("{}, {}", person.get(6), person.get(7)));
            outcome.person_id = owned(id);
        }
        (Kind::Person, None) => outcome.person_id = owned(id),
        (Kind::Position, Some(position)) => {
            outcome.summary = owned(position.get(5));
            outcome.position_id = owned(id);
            outcome.dpn = owned(position.get(19));
        }
        (Kind::Position, None) => outcome.position_id = owned(id),
        (Kind::Assignment, Some(assignment)) => {
            outcome.summary = owned(assignment.get(7));
            outcome.person_id = owned(assignment.get(1));
            outcome.position_id = owned(assignment.get(28));
        }
        (Kind::Phone | Kind::Address | Kind::Costing, Some(stored)) => outcome.person_id = owned(stored.get(1)),
        (Kind::Organisation, Some(organisation)) => outcome.summary = owned(organisation.get(2)),
        (Kind::Location, Some(location)) => outcome.summary = owned(location.get(3)),
        (Kind::Vehicle, _) => {}
        (
            Kind::Organisation | Kind::Location | Kind::Assignment | Kind::Phone | Kind::Address | Kind::Costing,
            None,
        ) => {
            outcome.summary = Some(id.to_owned());
        }
    }
    outcome
}
