use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::model::{self, Rejected};
use super::store;
use crate::positions::actions::{Book, ChangeError, Judged, REPLACES};
use crate::positions::dpn;
use crate::positions::model::{PositionChange, Set};
use crate::tenancy::VpdTx;

/// What would become of a row.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Its place among the changes, and what should be known of it.
    Change(usize, Vec<String>),
    Unchanged,
    Rejected(Rejected),
}

/// What would become of each row, and the changes to be made. The dry run and the real one are both this.
pub struct Evaluated {
    pub outcomes: Vec<Outcome>,
    pub judged: Vec<Judged>,
}

/// Judges every row: first by itself, then beside the other rows, then by what is known of the positions.
pub async fn evaluate(tx: &mut VpdTx, rows: &[Vec<String>], today: NaiveDate) -> sqlx::Result<Evaluated> {
    let vpd = tx.vpd().to_string();
    let read: Vec<Result<model::Asked, Rejected>> = rows.iter().map(|cells| model::read(cells, &vpd, today)).collect();
    let numbers: Vec<&str> = read.iter().flatten().map(|asked| asked.position_number.as_str()).collect();
    let ids = store::ids_of(tx, &numbers).await?;
    let twice_position = repeated(read.iter().flatten().map(|asked| asked.position_number.clone()));

    let mut outcomes: Vec<Outcome> = Vec::with_capacity(rows.len());
    let mut changes: Vec<(usize, PositionChange)> = Vec::new();
    for (at, row) in read.into_iter().enumerate() {
        let mut reject = |code, message: String| outcomes.push(Outcome::Rejected(Rejected::new(code, message)));
        let asked = match row {
            Ok(asked) => asked,
            Err(rejected) => {
                outcomes.push(Outcome::Rejected(rejected));
                continue;
            }
        };
        let number = &asked.position_number;
        match ids.get(number.as_str()).map(Vec::as_slice) {
            _ if twice_position.contains(number) => {
                reject(
                    "M006",
                    format!("Position {number} stands in the file more than once: none of these rows is done"),
                );
            }
            None | Some([]) => reject("M008", format!("{number} is not the number of a position of yours")),
            Some([id]) => {
                changes.push((at, PositionChange { position_id: id.clone(), ..asked.change }));
                outcomes.push(Outcome::Unchanged);
            }
            Some(_) => {
                reject("M009", format!("{number} is the number of several positions: change it on the position's page"))
            }
        }
    }
    let wanted: Vec<PositionChange> = changes.iter().map(|(_, change)| change.clone()).collect();
    let mut book = Book::open(tx, &wanted).await?;
    // A row that says what is so already gives its number to nobody: the template has every number, those on two positions twice.
    changes.retain(|(_, change)| !matches!(book.judge(change), Err(ChangeError::NothingChanges)));
    let twice = repeated(changes.iter().filter_map(|(_, change)| number_of(change)));
    changes.retain(|(at, change)| {
        let is_twice = number_of(change).is_some_and(|key| twice.contains(&key));
        if is_twice {
            let text = "This Deanery Post Number stands in the file more than once: none of these rows is done";
            outcomes[*at] = Outcome::Rejected(Rejected::new("M007", text));
        }
        !is_twice
    });
    let mut judged = Vec::new();
    // A number that another row frees is free: such a row is asked again after the others, until nothing more comes of it.
    let mut waiting = changes;
    loop {
        let before = waiting.len();
        let mut again = Vec::new();
        for (at, change) in waiting {
            match book.judge(&change) {
                Ok(one) => {
                    // That a number is replaced is what the row asks for; who waits for it is to be known.
                    let told = one.warnings.iter().filter(|warning| warning.code != REPLACES);
                    let said = told.map(|warning| warning.text.clone()).collect();
                    book.take(&one);
                    outcomes[at] = Outcome::Change(judged.len(), said);
                    judged.push(one);
                }
                Err(ChangeError::NothingChanges) => outcomes[at] = Outcome::Unchanged,
                Err(ChangeError::Refused(refusals)) => {
                    let code = refusals.first().map_or("M010", |refusal| refusal.code);
                    let said: Vec<&str> = refusals.iter().map(|refusal| refusal.text.as_str()).collect();
                    outcomes[at] = Outcome::Rejected(Rejected::new(code, said.join(". ")));
                    if refusals.iter().all(|refusal| refusal.code == "DUPLICATE") {
                        again.push((at, change));
                    }
                }
                Err(ChangeError::Database(error)) => return Err(error),
                Err(error) => outcomes[at] = Outcome::Rejected(Rejected::new("M010", error.to_string())),
            }
        }
        if again.is_empty() || again.len() == before {
            break;
        }
        waiting = again;
    }
    Ok(Evaluated { outcomes, judged })
}

/// What is compared of the number that a change gives.
fn number_of(change: &PositionChange) -> Option<String> {
    match &change.dpn {
        Set::To(Some(typed)) => Some(dpn::key(typed)),
        _ => None,
    }
}

fn repeated(all: impl Iterator<Item = String>) -> HashSet<String> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(one, _)| one).collect()
}
