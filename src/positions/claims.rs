//! Another employer is told where a position here bears a number of its, as host or as lead: in its own inbox, by a job.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::Stretch;
use super::store::{self, Side};
use crate::access::Right;
use crate::app::App;
use crate::audit::Actor;
use crate::jobs::{self, Failure, Work};
use crate::notifications::store as items;
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{Vpd, VpdTx};

/// The kind of the job that tells other employers of what is claimed here.
pub const TELL: &str = "positions.tell_of_claims";

#[derive(Serialize, Deserialize)]
struct Keys {
    keys: Vec<String>,
    /// Nobody here has seen the change: what others claim of it is told here too.
    #[serde(default)]
    came_by_file: bool,
}

/// The numbers under which what is said of host and lead is another after a change than before.
pub fn changed(before: &[Stretch], after: &[Stretch]) -> BTreeSet<String> {
    let said = |all: &[Stretch]| -> HashSet<_> {
        let full = all.iter().filter(|stretch| !stretch.is_empty() && stretch.host_or_lead.is_some());
        full.filter_map(|one| Some((one.dpn_key()?, one.host_or_lead, one.effective_from, one.effective_to))).collect()
    };
    said(before).symmetric_difference(&said(after)).map(|(key, ..)| key.clone()).collect()
}

/// Has the other employers of these numbers told, where there are any.
pub async fn queue(tx: &mut VpdTx, keys: BTreeSet<String>) -> sqlx::Result<()> {
    let keys: Vec<String> = keys.into_iter().collect();
    if keys.is_empty() {
        return Ok(());
    }
    let keys = store::borne_elsewhere(tx, &keys).await?;
    if keys.is_empty() {
        return Ok(());
    }
    jobs::enqueue(tx, TELL, &Keys { keys, came_by_file: false }, None).await
}

/// Has everybody of these numbers told, whose positions here a file changed.
pub async fn queue_of_file(tx: &mut VpdTx, keys: BTreeSet<String>) -> sqlx::Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    jobs::enqueue(tx, TELL, &Keys { keys: keys.into_iter().collect(), came_by_file: true }, None).await
}

/// How two employers stand to one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The other claims nothing, or the two are not there at the same time.
    Apart,
    /// One is host, the other lead.
    Pair,
    /// Both are host, or both lead, or this one has not said which it is.
    Unclear,
}

fn standing(ours: &[&Side], theirs: &[&Side]) -> Standing {
    let overlaps = |a: &Side, b: &Side| a.to.is_none_or(|to| b.from <= to) && b.to.is_none_or(|to| a.from <= to);
    let met = ours.iter().flat_map(|our| theirs.iter().map(move |their| (our, their)));
    let met = met.filter(|(our, their)| overlaps(our, their) && their.host_or_lead.is_some());
    met.fold(Standing::Apart, |so_far, (our, their)| match our.host_or_lead {
        Some(said) if Some(said) != their.host_or_lead && so_far != Standing::Unclear => Standing::Pair,
        _ => Standing::Unclear,
    })
}

/// Tells every other employer of these numbers what this one claims, and closes here what is settled.
pub async fn tell(work: Work) -> Result<(), Failure> {
    let Keys { keys, came_by_file } = work.payload()?;
    let today = work.app.today();
    let mut tx = work.begin().await?;
    let sides = store::sides(&mut tx, &keys, today).await?;
    let mut others: BTreeSet<Vpd> = sides.iter().map(|side| side.vpd.clone()).collect();
    others.remove(&work.vpd);
    for other in &others {
        settle(&mut tx, &work.app, &keys, &sides, other, came_by_file).await?;
    }
    tx.commit().await?;
    for other in &others {
        let mut tx = work.app.db.vpd(other).await?;
        settle(&mut tx, &work.app, &keys, &sides, &work.vpd, true).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Judges what was told here of others' claims once more: the day on which a position or a number ends is nobody's deed.
pub async fn look_again(tx: &mut VpdTx, app: &App) -> sqlx::Result<()> {
    let waiting = items::open_beginning(tx, CLAIM).await?;
    let mut told: BTreeMap<Vpd, Vec<String>> = BTreeMap::new();
    for (by, key) in waiting.iter().filter_map(|text| said_of(text)) {
        told.entry(by).or_default().push(key);
    }
    for (by, mut keys) in told {
        keys.sort();
        keys.dedup();
        let sides = store::sides(tx, &keys, app.today()).await?;
        settle(tx, app, &keys, &sides, &by, true).await?;
    }
    Ok(())
}

/// What every fact about a claim begins with.
const CLAIM: &str = "claim:";

/// Whose claim a fact is about, and of which number.
fn said_of(subject: &str) -> Option<(Vpd, String)> {
    let (by, rest) = subject.strip_prefix(CLAIM)?.split_once(':')?;
    let (key, _) = rest.rsplit_once(':')?;
    Some((by.parse().ok()?, key.to_owned()))
}

fn subject(by: &Vpd, key: &str, standing: Standing) -> String {
    format!("{CLAIM}{by}:{key}:{}", if standing == Standing::Pair { "pair" } else { "unclear" })
}

/// Brings the items of one employer about what another claims up to how the two stand.
async fn settle(
    tx: &mut VpdTx,
    app: &App,
    keys: &[String],
    sides: &[Side],
    by: &Vpd,
    raises: bool,
) -> sqlx::Result<()> {
    let now = app.now();
    let here = tx.vpd().clone();
    let mut sides_of: HashMap<&str, (Vec<&Side>, Vec<&Side>)> = HashMap::new();
    for side in sides {
        let (ours, theirs) = sides_of.entry(&side.dpn_key).or_default();
        if side.vpd == here {
            ours.push(side);
        } else if side.vpd == *by {
            theirs.push(side);
        }
    }
    let nobody = (Vec::new(), Vec::new());
    let found: Vec<(&String, Standing)> = keys
        .iter()
        .map(|key| {
            let (ours, theirs) = sides_of.get(key.as_str()).unwrap_or(&nobody);
            (key, standing(ours, theirs))
        })
        .collect();
    for now_so in [Standing::Pair, Standing::Apart, Standing::Unclear] {
        let why = match now_so {
            Standing::Pair => "One of the two is host and the other lead now",
            Standing::Apart => "The two do not share the number any more, or the other employer does not claim it",
            Standing::Unclear => "The two do not agree any more who is host and who is lead",
        };
        let said_otherwise: Vec<String> = found
            .iter()
            .filter(|(_, found)| *found == now_so)
            .flat_map(|(key, found)| {
                let others = [Standing::Pair, Standing::Unclear].into_iter().filter(|old| old != found);
                others.map(|old| subject(by, key, old)).collect::<Vec<_>>()
            })
            .collect();
        notifications::close_many(tx, &said_otherwise, why, &Actor::System("positions"), now).await?;
    }
    if !raises {
        return Ok(());
    }
    let claimed: Vec<(&String, Standing)> = found.into_iter().filter(|(_, found)| *found != Standing::Apart).collect();
    let subjects: Vec<String> = claimed.iter().map(|(key, found)| subject(by, key, *found)).collect();
    let waiting = items::open_among(tx, &subjects).await?;
    let drafts: Vec<ItemDraft> = claimed
        .into_iter()
        .zip(subjects)
        .filter(|(_, subject)| !waiting.contains(subject))
        .filter_map(|((key, found), subject)| {
            let (ours, theirs) = sides_of.get(key.as_str())?;
            draft(subject, found, ours, theirs)
        })
        .collect();
    if drafts.is_empty() {
        return Ok(());
    }
    let name = sides.iter().find(|side| side.vpd == *by).map_or("", |side| side.name.as_str());
    let message = MessageDraft {
        kind: MessageType::DataQuality,
        title: format!("{by} {name} says that it is host or lead of posts of yours"),
        dedupe_key: format!("claims:{by}:{}", app.today()),
        file: None,
        body_code: None,
        dated_on: app.today(),
    };
    notifications::raise(tx, &message, &drafts, now).await.map(|_| ())
}

fn draft(key: String, found: Standing, ours: &[&Side], theirs: &[&Side]) -> Option<ItemDraft> {
    let (our, their) = (ours.first()?, theirs.iter().find(|side| side.host_or_lead.is_some())?);
    let claims = their.host_or_lead?.label();
    let (class, title, text) = match (found, our.host_or_lead) {
        (Standing::Pair, Some(said)) => (
            ItemClass::Information,
            "Another employer shares this post",
            format!(
                "{} {} says that it is the {claims} of this post, of which you are the {}. It sees the dates and the stage of each placement, \
                 and whom to ask here; no name. If that is wrong, ask it to correct its number.",
                their.vpd,
                their.name,
                said.label()
            ),
        ),
        (_, Some(said)) => (
            ItemClass::Action,
            "Two employers say the same of this post",
            format!(
                "{} {} says that it is the {claims} of this post, and you are {} too. Agree which of the two is host and which is lead, or \
                 correct the number.",
                their.vpd,
                their.name,
                said.label()
            ),
        ),
        (_, None) => (
            ItemClass::Action,
            "Another employer claims this post",
            format!(
                "{} {} says that it is the {claims} of this post, and here nobody has said whether you are its host or its lead. Say it on the \
                 position, or ask the other employer to correct its number.",
                their.vpd, their.name
            ),
        ),
    };
    let mut item = ItemDraft::new("data_quality", Right::LocalWorkstructuresAdministration, class, key, title);
    item.dpn = Some(our.dpn_key.clone());
    item.position_id = Some(our.position_id.clone());
    item.position_number = Some(our.position_number.clone());
    item.link = Some(format!("/positions/{}", our.position_id));
    item.facts = json!({ "text": text });
    Some(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::positions::model::HostOrLead::{self, Host, Lead};

    fn side(vpd: &str, from: &str, to: Option<&str>, said: Option<HostOrLead>) -> Side {
        Side {
            dpn_key: "KSS/R9A01/024/STR/004".into(),
            vpd: vpd.parse().unwrap(),
            name: "A trust".into(),
            position_id: "1".into(),
            position_number: "1".into(),
            from: from.parse().unwrap(),
            to: to.map(|day| day.parse().unwrap()),
            host_or_lead: said,
        }
    }

    #[test]
    fn a_fact_says_whose_claim_it_is_about_and_of_which_number() {
        let by: Vpd = "904".parse().unwrap();
        for standing in [Standing::Pair, Standing::Unclear] {
            let found = said_of(&subject(&by, "KSS/R9A01/024/STR:004", standing));
            assert_eq!(found, Some((by.clone(), "KSS/R9A01/024/STR:004".to_owned())));
        }
        assert_eq!(said_of("record:1:2"), None);
    }

    #[test]
    fn two_employers_are_a_pair_or_it_is_unclear() {
        for (ours, theirs, found) in [
            (Some(Host), Some(Lead), Standing::Pair),
            (Some(Lead), Some(Host), Standing::Pair),
            (Some(Host), Some(Host), Standing::Unclear),
            (None, Some(Lead), Standing::Unclear),
            (Some(Host), None, Standing::Apart),
        ] {
            let (a, b) = (side("904", "2020-01-01", None, ours), side("917", "2020-01-01", None, theirs));
            assert_eq!(standing(&[&a], &[&b]), found, "{ours:?} {theirs:?}");
        }
        let early = side("904", "2020-01-01", Some("2021-01-01"), Some(Host));
        let late = side("917", "2021-01-02", None, Some(Host));
        assert_eq!(standing(&[&early], &[&late]), Standing::Apart);
    }
}
