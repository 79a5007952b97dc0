use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::checks::{self, Around};
use super::lost;
use super::{ChangeError, Held, Refusal, Warning, fingerprint};
use crate::audit::{self, Actor, Event, Subject};
use crate::positions::claims;
use crate::positions::dpn;
use crate::positions::model::{ChangeField, ChangeId, PlanError, PositionChange, Set, Source, Stretch, plan};
use crate::positions::store;
use crate::tenancy::VpdTx;
use crate::ui::dates;

/// What is known while changes are judged: the positions, who bears which number, the lists. A change that was judged can be taken over,
/// so that the next one is judged as if it were made.
pub struct Book {
    positions: HashMap<String, Vec<Stretch>>,
    deleted: HashSet<String>,
    /// Who bears a number in this organisation, by what is compared of it.
    bearers: HashMap<String, Vec<Held>>,
    around: Around,
    /// Who holds a position and who starts on it, after the days that changes are about.
    people: HashMap<(String, NaiveDate), (i64, i64)>,
}

/// A change that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub position_id: String,
    pub effective_from: NaiveDate,
    pub before: Vec<Stretch>,
    pub after: Vec<Stretch>,
    pub warnings: Vec<Warning>,
}

impl Judged {
    /// The stretch of the day on which the change takes effect, before and after it.
    pub fn on_the_day(&self) -> (Option<&Stretch>, Option<&Stretch>) {
        let at = |all: &'_ [Stretch]| all.iter().rposition(|stretch| stretch.effective_from <= self.effective_from);
        let before = at(&self.before).or(self.before.len().checked_sub(1)).map(|at| &self.before[at]);
        (before, at(&self.after).or(self.after.len().checked_sub(1)).map(|at| &self.after[at]))
    }
}

impl Book {
    /// Reads what these changes need.
    pub async fn open(tx: &mut VpdTx, changes: &[PositionChange]) -> sqlx::Result<Self> {
        let ids: Vec<&str> = changes.iter().map(|change| change.position_id.as_str()).collect();
        let mut keys: Vec<String> = changes
            .iter()
            .filter_map(|change| match &change.dpn {
                Set::To(Some(typed)) => Some(dpn::key(typed)).filter(|key| !key.is_empty()),
                _ => None,
            })
            .collect();
        let (positions, deleted) = store::stretches(tx, &ids).await?;
        // Who is opened again, or becomes Host or Lead, may meet another under the number that it bears already.
        keys.extend(positions.values().flatten().filter_map(Stretch::dpn_key));
        keys.sort();
        keys.dedup();
        let counted = |change: &PositionChange| Some((change.position_id.clone(), lost::counted_after(change)?));
        let (touched, days): (Vec<String>, Vec<NaiveDate>) = changes.iter().filter_map(counted).unzip();
        Ok(Self {
            people: store::people_after(tx, &touched, &days).await?,
            deleted,
            bearers: store::bearers(tx, &keys).await?,
            around: store::around(tx, &keys).await?,
            positions,
        })
    }

    /// The stretches of a position, as they stand with all that was taken over.
    pub fn stretches(&self, position_id: &str) -> Option<&[Stretch]> {
        self.positions.get(position_id).map(Vec::as_slice)
    }

    /// Says whether a change can be made, and what somebody should know before.
    pub fn judge(&self, change: &PositionChange) -> Result<Judged, ChangeError> {
        let Some(before) = self.positions.get(&change.position_id) else { return Err(ChangeError::NotFound) };
        if change.seen.as_ref().is_some_and(|seen| *seen != fingerprint(before)) {
            return Err(ChangeError::ChangedMeanwhile);
        }
        if self.deleted.contains(&change.position_id) {
            return Err(refused(
                ChangeField::Position,
                "DELETED",
                "ESR deleted this position: it cannot be changed here",
            ));
        }
        let after = match plan(before, change) {
            Ok(after) => after,
            Err(PlanError::NothingChanges) => return Err(ChangeError::NothingChanges),
            Err(error) => return Err(misplaced(&error)),
        };
        let mut refusals = checks::refusals(change, &self.around);
        refusals.extend(self.shared(&change.position_id, before, &after));
        refusals.extend(self.claimed(before, &after));
        if !refusals.is_empty() {
            return Err(ChangeError::Refused(refusals));
        }
        let mut warnings = checks::warnings(change, before, &after, &self.around);
        let people = lost::counted_after(change).and_then(|day| self.people.get(&(change.position_id.clone(), day)));
        if let Some(warning) = lost::lost(change, before, &after, people.copied().unwrap_or_default()) {
            warnings.insert(0, warning);
        }
        Ok(Judged {
            position_id: change.position_id.clone(),
            effective_from: change.effective_from,
            before: before.clone(),
            after,
            warnings,
        })
    }

    /// The other position of this organisation that bears a number which a position would come to bear on the same days.
    pub(super) fn shared(&self, position_id: &str, before: &[Stretch], after: &[Stretch]) -> Option<Refusal> {
        after.iter().filter(|stretch| !stretch.is_empty()).find_map(|stretch| {
            let key = stretch.dpn_key()?;
            let new = |held: &&Held| {
                held.position_id != position_id
                    && stretch.overlaps(held.from, held.to)
                    // A number that both bore before is the report's to settle, not this change's.
                    && !before.iter().any(|old| old.dpn_key().as_ref() == Some(&key) && old.overlaps(held.from, held.to))
            };
            let held = self.bearers.get(&key)?.iter().find(new)?;
            Some(Refusal {
                field: ChangeField::Dpn,
                code: "DUPLICATE",
                text: format!("This Deanery Post Number is used by {} {}", held.position_number, held.title),
                holder: Some(held.clone()),
            })
        })
    }

    /// A number that another employer's position bears on the same days, taken without saying who is lead and who is host: what the deanery
    /// says of that post's doctors would come here from now on (Streamlined Doctors in Training Interface: a post has one lead and one host).
    fn claimed(&self, before: &[Stretch], after: &[Stretch]) -> Option<Refusal> {
        after.iter().filter(|stretch| !stretch.is_empty() && stretch.host_or_lead.is_none()).find_map(|stretch| {
            let key = stretch.dpn_key()?;
            if before.iter().any(|old| old.dpn_key().as_ref() == Some(&key)) {
                return None;
            }
            let other = self.around.elsewhere.get(&key)?.iter().find(|other| stretch.overlaps(other.from, other.to))?;
            Some(Refusal {
                field: ChangeField::HostOrLead,
                code: "PAIR",
                text: format!(
                    "Organisation {} has a position with this Deanery Post Number. Say whether you are its host or its lead employer, or correct the number",
                    other.vpd
                ),
                holder: None,
            })
        })
    }

    /// Goes on as if the change were made.
    pub fn take(&mut self, judged: &Judged) {
        let keys = judged.before.iter().chain(&judged.after).filter_map(Stretch::dpn_key);
        for key in keys.collect::<HashSet<String>>() {
            if let Some(bearers) = self.bearers.get_mut(&key) {
                bearers.retain(|held| held.position_id != judged.position_id);
            }
        }
        for stretch in judged.after.iter().filter(|stretch| !stretch.is_empty()) {
            if let Some(bearers) = stretch.dpn_key().and_then(|key| self.bearers.get_mut(&key)) {
                bearers.push(held(&judged.position_id, stretch));
            }
        }
        self.positions.insert(judged.position_id.clone(), judged.after.clone());
    }

    /// Makes changes that were judged; of many there is one row in the trail, and each has its own among the changes.
    pub async fn save(
        tx: &mut VpdTx,
        by: &Actor,
        judged: &[Judged],
        source: Source,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<ChangeId>> {
        store::write(tx, judged).await?;
        let ids: Vec<ChangeId> = judged.iter().map(|_| ChangeId(Uuid::now_v7())).collect();
        store::keep_changes(tx, &ids, judged, source, by, now).await?;
        let keys = judged.iter().flat_map(|one| claims::changed(&one.before, &one.after)).collect();
        claims::queue(tx, keys).await?;
        match judged {
            [] => {}
            [one] => {
                let (before, after) = one.on_the_day();
                let detail = json!({ "change": ids[0].0, "from": one.effective_from, "source": source.code(), "before": before, "after": after });
                let about = Subject::new("position", &one.position_id);
                audit::record(tx, by, Event::PositionChanged, about, detail, now).await?;
            }
            many => {
                let about = Subject::new(source.code(), source.id().map(|id| id.to_string()).unwrap_or_default());
                let detail = json!({ "positions": many.len(), "digest": digest(many) });
                audit::record(tx, by, Event::PositionsChanged, about, detail, now).await?;
            }
        }
        Ok(ids)
    }
}

/// What an unchangeable row of the trail keeps of many changes, whose rows hold the detail.
fn digest(judged: &[Judged]) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for one in judged {
        hash.update(one.position_id.as_bytes());
        hash.update(serde_json::to_vec(&one.after).unwrap_or_default());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn held(position_id: &str, stretch: &Stretch) -> Held {
    Held {
        position_id: position_id.to_owned(),
        position_number: stretch.position_number.clone(),
        title: stretch.title().to_owned(),
        dpn: stretch.dpn.clone().unwrap_or_default(),
        from: stretch.effective_from,
        to: stretch.effective_to,
    }
}

fn refused(field: ChangeField, code: &'static str, text: impl Into<String>) -> ChangeError {
    ChangeError::Refused(vec![Refusal { field, code, text: text.into(), holder: None }])
}

fn misplaced(error: &PlanError) -> ChangeError {
    let (field, text) = match error {
        PlanError::BeforeItBegins(day) => (
            ChangeField::EffectiveFrom,
            format!("The position begins on {}. Enter that day or a later one", dates::day(*day)),
        ),
        PlanError::AfterItEnded(day) => (
            ChangeField::EffectiveFrom,
            format!(
                "The position ended on {}. Enter that day or an earlier one, or open the position again",
                dates::day(*day)
            ),
        ),
        PlanError::InAGap => (
            ChangeField::EffectiveFrom,
            "The position is not active on that day. Enter a day on which it is".to_owned(),
        ),
        PlanError::EndsBeforeItBegins(day) => (
            ChangeField::EndOn,
            format!("The position begins on {}. Its last day must be that day or a later one", dates::day(*day)),
        ),
        PlanError::NothingChanges => (ChangeField::Position, "Everything is so already".to_owned()),
    };
    refused(field, "DATE", text)
}
