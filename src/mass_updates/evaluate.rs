use std::collections::HashMap;

use chrono::NaiveDate;

use super::model::{self, COLUMNS, Rejected};
use super::store;
use crate::positions::actions::{Book, ChangeError, Judged, PEOPLE, REPLACES};
use crate::positions::dpn;
use crate::positions::model::{ChangeField, PositionChange, Set};
use crate::tenancy::VpdTx;

/// What would become of a row.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Its place among the changes, and what should be known of it.
    Change(usize, Vec<String>),
    Unchanged,
    /// Each thing that is wrong.
    Rejected(Vec<Rejected>),
}

/// What would become of each row, and the changes to be made. The dry run and the real one are both this.
pub struct Evaluated {
    pub outcomes: Vec<Outcome>,
    pub judged: Vec<Judged>,
}

/// Judges every row: first by itself, then beside the other rows, then by what is known of the positions.
pub async fn evaluate(
    tx: &mut VpdTx,
    rows: &[Vec<String>],
    row_numbers: &[i32],
    today: NaiveDate,
) -> sqlx::Result<Evaluated> {
    let vpd = tx.vpd().to_string();
    let read: Vec<Result<model::Asked, Vec<Rejected>>> =
        rows.iter().map(|cells| model::read(cells, &vpd, today)).collect();
    let numbers: Vec<&str> = read.iter().flatten().map(|asked| asked.position_number.as_str()).collect();
    let ids = store::ids_of(tx, &numbers).await?;
    let twice_position = repeated(
        read.iter()
            .zip(row_numbers)
            .filter_map(|(asked, row)| Some((asked.as_ref().ok()?.position_number.clone(), *row))),
    );

    let mut outcomes: Vec<Outcome> = Vec::with_capacity(rows.len());
    let mut changes: Vec<(usize, PositionChange)> = Vec::new();
    for (at, row) in read.into_iter().enumerate() {
        let mut reject = |code, message: String| {
            outcomes.push(Outcome::Rejected(vec![Rejected::new("position_number", code, message)]));
        };
        let asked = match row {
            Ok(asked) => asked,
            Err(rejected) => {
                outcomes.push(Outcome::Rejected(rejected));
                continue;
            }
        };
        let number = &asked.position_number;
        match ids.get(number.as_str()).map(Vec::as_slice) {
            _ if twice_position.contains_key(number) => {
                let others = others(&twice_position[number], row_numbers[at]);
                reject("M006", format!("Position {number} stands in {others} too: none of these rows is done"));
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
    let twice = repeated(changes.iter().filter_map(|(at, change)| Some((number_of(change)?, row_numbers[*at]))));
    changes.retain(|(at, change)| {
        let Some(all) = number_of(change).and_then(|key| twice.get(&key)) else { return true };
        let others = others(all, row_numbers[*at]);
        let text = format!("This Deanery Post Number stands in {others} too: none of these rows is done");
        outcomes[*at] = Outcome::Rejected(vec![Rejected::new("deanery_post_number", "M007", text)]);
        false
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
                    if let Some(rejected) = ended_under_somebody(&change, &one, today) {
                        outcomes[at] = Outcome::Rejected(vec![rejected]);
                        continue;
                    }
                    // That a number is replaced is what the row asks for; who waits for it is to be known.
                    let told = one.warnings.iter().filter(|warning| warning.code != REPLACES);
                    let said = told.map(|warning| warning.text.clone()).collect();
                    book.take(&one);
                    outcomes[at] = Outcome::Change(judged.len(), said);
                    judged.push(one);
                }
                Err(ChangeError::NothingChanges) => outcomes[at] = Outcome::Unchanged,
                Err(ChangeError::Refused(refusals)) => {
                    let each = refusals.iter().map(|one| Rejected::new(column_of(one.field), one.code, &one.text));
                    outcomes[at] = Outcome::Rejected(each.collect());
                    if refusals.iter().all(|refusal| refusal.code == "DUPLICATE") {
                        again.push((at, change));
                    }
                }
                Err(ChangeError::Database(error)) => return Err(error),
                Err(error) => outcomes[at] = Outcome::Rejected(vec![Rejected::new("", "M010", error.to_string())]),
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

/// What stands more than once, each with its rows.
fn repeated(all: impl Iterator<Item = (String, i32)>) -> HashMap<String, Vec<i32>> {
    let mut rows: HashMap<String, Vec<i32>> = HashMap::new();
    all.for_each(|(one, row)| rows.entry(one).or_default().push(row));
    rows.retain(|_, rows| rows.len() > 1);
    rows
}

/// `row 5`, `rows 5, 7 and more`: the others of those rows.
fn others(rows: &[i32], own: i32) -> String {
    let others: Vec<String> = rows.iter().filter(|row| **row != own).map(i32::to_string).collect();
    match others.as_slice() {
        [one] => format!("row {one}"),
        some if some.len() > 5 => format!("rows {} and more", some[..5].join(", ")),
        some => format!("rows {}", some.join(", ")),
    }
}

/// An end in the past under somebody who holds the position: that is looked at on the position's own page, and not done among many.
fn ended_under_somebody(change: &PositionChange, judged: &Judged, today: NaiveDate) -> Option<Rejected> {
    let Set::To(Some(end)) = change.end_on else { return None };
    let people = judged.warnings.iter().find(|warning| warning.code == PEOPLE)?;
    (end < today).then(|| {
        let text = format!("{}. To end it on a day that is past all the same, end it on its own page", people.text);
        Rejected::new("effective_from", "M012", text)
    })
}

/// The template's column for a part of a position.
fn column_of(field: ChangeField) -> &'static str {
    match field {
        ChangeField::EndOn => "effective_from",
        ChangeField::Position | ChangeField::PositionNumber => "position_number",
        field => COLUMNS.into_iter().find(|column| *column == field.name()).unwrap_or_default(),
    }
}
