use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::applicants::matching::Basis;
use crate::applicants::plan::{Change, Incoming, Numbers, Plan, Receipt, search};
use crate::applicants::store::{self, Duplicate, EventRow, Origin};
use crate::file_exchange::failed_records;
use crate::people::applicants as people;
use crate::tenancy::VpdTx;

/// Where a set of records comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// `deanery` or `by_hand`.
    pub origin: &'static str,
    pub file_id: Option<Uuid>,
    /// The name under which histories show it: the file's, or the user's.
    pub actor: String,
}

/// Numbers taken from the sequence ahead, as many as the records can need at most.
struct Taken(Vec<String>);

impl Numbers for Taken {
    fn number(&mut self) -> String {
        self.0.pop().expect("three numbers a record were taken, and a record uses three at most")
    }

    fn id(&mut self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Why a sound record was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReceived {
    /// The doctor was hired from this very application.
    AlreadyHired { record_no: i32 },
    /// An earlier record of the file is for the same person, position and hire date.
    Repeats { record_no: i32, first: i32 },
}

impl NotReceived {
    pub fn record_no(self) -> i32 {
        match self {
            Self::AlreadyHired { record_no } | Self::Repeats { record_no, .. } => record_no,
        }
    }
}

type Receipts = Vec<Result<Receipt, NotReceived>>;

/// Plans the records against what is known now, without those that repeat an earlier one.
async fn decide(
    tx: &mut VpdTx,
    incoming: &[Incoming],
    repeated: &HashMap<i32, i32>,
    numbers: &mut Taken,
) -> sqlx::Result<(Plan, Receipts)> {
    let known = people::list_candidates(tx, &search(incoming)).await?;
    let ids: Vec<String> = known.iter().map(|who| who.person_id.clone()).collect();
    let held = if ids.is_empty() { Vec::new() } else { store::list_by_people(tx, &ids).await? };
    let mut plan = Plan::new(known, held);
    let receipts = incoming.iter().map(|record| match repeated.get(&record.record_no) {
        Some(first) => Err(NotReceived::Repeats { record_no: record.record_no, first: *first }),
        None => plan.apply(record, numbers).map_err(|hired| NotReceived::AlreadyHired { record_no: hired.record_no }),
    });
    let receipts = receipts.collect();
    Ok((plan, receipts))
}

/// Records for which an earlier slice of the same file brought the application already: by record, the one that counts.
async fn repetitions(tx: &mut VpdTx, file_id: Uuid, receipts: &Receipts) -> sqlx::Result<HashMap<i32, i32>> {
    let known = receipts.iter().flatten().filter(|receipt| receipt.change != Change::Created);
    let by_application: HashMap<Uuid, i32> = known.map(|receipt| (receipt.application_id, receipt.record_no)).collect();
    let Some(first) = receipts.iter().flatten().map(|receipt| receipt.record_no).min() else {
        return Ok(HashMap::new());
    };
    if by_application.is_empty() || first <= 1 {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = by_application.keys().copied().collect();
    let earlier = failed_records::list_applications_of_file(tx, file_id, first, &ids).await?;
    Ok(earlier.into_iter().map(|(application, record_no)| (by_application[&application], record_no)).collect())
}

/// What was found of people who may be the same as one just added: the pair that is to be settled.
#[derive(Clone, Debug)]
pub struct Pair {
    pub record_no: i32,
    pub duplicate_id: Uuid,
}

/// Applies checked records of one employer in their order, in sets. Gives what became of each, and the new pairs of
/// persons that somebody has to settle.
pub async fn receive(
    tx: &mut VpdTx,
    source: &Source,
    incoming: &[Incoming],
    now: DateTime<Utc>,
) -> sqlx::Result<(Vec<Result<Receipt, NotReceived>>, Vec<Pair>)> {
    if incoming.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    people::lock_applicants(tx).await?;
    let mut numbers = Taken(people::next_numbers(tx, incoming.len() * 3).await?);
    // Popped from the end: the first record gets the lowest.
    numbers.0.reverse();
    let mut repeated: HashMap<i32, i32> = HashMap::new();
    let (mut plan, mut receipts) = decide(tx, incoming, &repeated, &mut numbers).await?;
    if let Some(file_id) = source.file_id {
        repeated = repetitions(tx, file_id, &receipts).await?;
        if !repeated.is_empty() {
            numbers = Taken(people::next_numbers(tx, incoming.len() * 3).await?);
            numbers.0.reverse();
            (plan, receipts) = decide(tx, incoming, &repeated, &mut numbers).await?;
        }
    }

    people::insert_applicants(tx, &plan.new_people(), source.origin, now).await?;
    people::save_applicants(tx, &plan.changed_people(), now).await?;
    people::save_equality(tx, plan.equality(), now).await?;
    let origin = Origin { code: source.origin, file_id: source.file_id };
    store::insert_applications(tx, &plan.new_applications(), origin, now).await?;
    store::save_applications(tx, &plan.changed_applications(), origin, now).await?;
    let happened = receipts.iter().flatten();
    let events: Vec<EventRow> = happened.clone().filter_map(|receipt| event(source, receipt)).collect();
    store::insert_events(tx, &events, &source.actor, now).await?;

    let mut pairs = Vec::new();
    let mut duplicates = Vec::new();
    for receipt in happened {
        for other in &receipt.possible {
            let duplicate_id = Uuid::now_v7();
            pairs.push(Pair { record_no: receipt.record_no, duplicate_id });
            duplicates.push(Duplicate {
                duplicate_id,
                person_a: receipt.person_id.clone(),
                person_b: other.person_id.clone(),
                explanation: other.explanation.clone(),
            });
        }
    }
    let new: HashSet<Uuid> = store::insert_duplicates(tx, &duplicates, now).await?.into_iter().collect();
    pairs.retain(|pair| new.contains(&pair.duplicate_id));
    Ok((receipts, pairs))
}

fn event(source: &Source, receipt: &Receipt) -> Option<EventRow> {
    let what = match receipt.change {
        Change::Created => "received",
        Change::Updated => "updated",
        Change::Unchanged => return None,
    };
    let mut changes = match &receipt.changes {
        Value::Object(map) => map.clone(),
        _ => serde_json::Map::new(),
    };
    if let Some((basis, explanation)) = &receipt.found {
        let names =
            |features: &[crate::applicants::matching::Feature]| features.iter().map(|f| f.as_str()).collect::<Vec<_>>();
        let basis = match basis {
            Basis::GmcNumber => "gmc_number",
            Basis::NiNumber => "ni_number",
        };
        changes.insert(
            "matched".to_owned(),
            json!({ "basis": basis, "agreed": names(&explanation.agreed), "differed": names(&explanation.differed),
                    "missing": names(&explanation.missing) }),
        );
    }
    if let Some(earlier) = receipt.follows {
        changes.insert("follows".to_owned(), json!(earlier));
    }
    Some(EventRow {
        application_id: receipt.application_id,
        what,
        from_status: None,
        to_status: (receipt.change == Change::Created).then_some("preferred_applicant"),
        reason: None,
        file_id: source.file_id,
        record_no: Some(receipt.record_no),
        changes: Value::Object(changes),
    })
}
