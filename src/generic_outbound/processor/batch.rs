use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::super::files::{Kind, Stored};
use super::rows;
use crate::file_exchange::processor::Work;
use crate::organisations::store as organisations;
use crate::people::applicants;
use crate::people::store as people;
use crate::positions::actions as positions;
use crate::tenancy::VpdTx;

/// Records that say nothing about one another, so that each table takes all of its own in one statement.
#[derive(Default)]
pub struct Batch<'r, 'a> {
    stored: HashMap<Kind, Vec<(usize, &'r Stored<'a>)>>,
    deleted: HashMap<Kind, Vec<(usize, &'a str)>>,
    keys: HashSet<(Kind, &'a str, Option<NaiveDate>)>,
    touched: HashSet<(Kind, &'a str)>,
    deleted_ids: HashSet<(Kind, &'a str)>,
}

impl<'r, 'a> Batch<'r, 'a> {
    /// Whether a record of the same id and start, or a delete that could concern it, stands before this one.
    pub fn conflicts_with(&self, stored: &Stored<'a>) -> bool {
        let key = (stored.kind, stored.id(), stored.effective_from());
        // Deleting a person takes much along: what follows waits.
        let person_went = !stored_apart(stored.kind) && self.deleted.contains_key(&Kind::Person);
        self.keys.contains(&key) || self.deleted_ids.contains(&(stored.kind, stored.id())) || person_went
    }

    /// Whether a record of this id stands before its delete.
    pub fn conflicts_with_delete(&self, kind: Kind, id: &'a str) -> bool {
        self.touched.contains(&(kind, id))
            || (kind == Kind::Person && self.stored.keys().any(|kind| !stored_apart(*kind)))
    }

    pub fn add(&mut self, at: usize, stored: &'r Stored<'a>) {
        self.keys.insert((stored.kind, stored.id(), stored.effective_from()));
        self.touched.insert((stored.kind, stored.id()));
        self.stored.entry(stored.kind).or_default().push((at, stored));
    }

    pub fn delete(&mut self, at: usize, kind: Kind, id: &'a str) {
        // The same delete twice: the second finds nothing to delete.
        if self.deleted_ids.insert((kind, id)) {
            self.deleted.entry(kind).or_default().push((at, id));
        }
    }

    /// Saves and deletes; gives the places of the records that changed something.
    pub async fn save(self, tx: &mut VpdTx, work: &Work<'_>) -> sqlx::Result<Vec<usize>> {
        let mut changed = Vec::new();
        // A hire or a leaving that is being taken back compares first and writes then: neither comes between the other's two steps.
        let concerns_people = |kind: &Kind| matches!(kind, Kind::Person | Kind::Assignment);
        if self.stored.keys().chain(self.deleted.keys()).any(concerns_people) {
            applicants::lock_applicants(tx).await?;
        }
        for (kind, _, _) in Kind::ALL {
            if let Some(records) = self.stored.get(&kind) {
                let stored: Vec<&Stored<'_>> = records.iter().map(|(_, stored)| *stored).collect();
                let new = save(tx, work, kind, &stored).await?;
                let is_new = |stored: &Stored<'_>| new.contains(&(stored.id().to_owned(), stored.effective_from()));
                changed.extend(records.iter().filter(|(_, stored)| is_new(stored)).map(|(at, _)| *at));
            }
            if let Some(records) = self.deleted.get(&kind) {
                let ids: Vec<&str> = records.iter().map(|(_, id)| *id).collect();
                let gone = delete(tx, work, kind, &ids).await?;
                changed.extend(records.iter().filter(|(_, id)| gone.contains(*id)).map(|(at, _)| *at));
            }
        }
        Ok(changed)
    }
}

/// What a person's delete record does not take along.
fn stored_apart(kind: Kind) -> bool {
    matches!(kind, Kind::Organisation | Kind::Location | Kind::Position | Kind::Vehicle)
}

type Changed = HashSet<(String, Option<NaiveDate>)>;

fn dated(changed: HashSet<(String, NaiveDate)>) -> Changed {
    changed.into_iter().map(|(id, from)| (id, Some(from))).collect()
}

async fn save(tx: &mut VpdTx, work: &Work<'_>, kind: Kind, stored: &[&Stored<'_>]) -> sqlx::Result<Changed> {
    Ok(match kind {
        Kind::Organisation => dated(organisations::save(tx, &rows::organisations(stored)).await?),
        Kind::Location => {
            let changed = organisations::save_locations(tx, &rows::locations(stored)).await?;
            changed.into_iter().map(|id| (id, None)).collect()
        }
        Kind::Position => dated(positions::load(tx, &rows::positions(stored)).await?),
        Kind::Person => dated(people::save_persons(tx, &rows::persons(stored), work.today, work.now).await?),
        Kind::Assignment => dated(people::save_assignments(tx, &rows::assignments(stored)).await?),
        Kind::Phone => dated(people::save_phones(tx, &rows::phones(stored)).await?),
        Kind::Address => dated(people::save_addresses(tx, &rows::addresses(stored)).await?),
        Kind::Costing => dated(people::save_costings(tx, &rows::costings(stored)).await?),
        Kind::Vehicle => Changed::new(),
    })
}

async fn delete(tx: &mut VpdTx, work: &Work<'_>, kind: Kind, ids: &[&str]) -> sqlx::Result<HashSet<String>> {
    match kind {
        Kind::Organisation => organisations::delete(tx, ids).await,
        Kind::Location => organisations::delete_locations(tx, ids).await,
        Kind::Position => positions::delete(tx, ids, work.today, work.now).await,
        Kind::Person => people::delete_persons(tx, ids, work.now).await,
        Kind::Assignment => people::delete_assignments(tx, ids).await,
        Kind::Phone => people::delete_phones(tx, ids).await,
        Kind::Address => people::delete_addresses(tx, ids).await,
        Kind::Costing => people::delete_costings(tx, ids).await,
        Kind::Vehicle => Ok(HashSet::new()),
    }
}
