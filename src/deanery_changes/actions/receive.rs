use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use crate::audit::Actor;
use crate::deanery_changes::model::{Kind, PENDING_DAYS, Told, subject_keys};
use crate::deanery_changes::notices::{self, FromFile, Raised};
use crate::deanery_changes::store::{self, Candidate, Known, NewChange, Post, Standing};
use crate::notifications;
use crate::tenancy::VpdTx;

/// What became of a told change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// An item was raised.
    Raised,
    /// It waits for its applicant until this day.
    Waits(NaiveDate),
    /// It says nothing that was not known.
    Repeated,
}

/// What became of one told change, and whom it is about.
#[derive(Clone, Debug)]
pub struct Received {
    pub record_no: i32,
    pub became: Became,
    pub person_id: Option<String>,
    pub application_id: Option<Uuid>,
    pub position_id: Option<String>,
    /// Nobody of that GMC number, nor of that name at the post.
    pub is_unknown: bool,
    /// The doctor is employed at the post.
    pub is_employed: bool,
}

/// What is known about the posts and people of some changes.
pub(super) struct Around {
    pub posts: HashMap<String, Post>,
    pub candidates: Vec<Candidate>,
    pub labels: HashMap<String, String>,
}

impl Around {
    pub async fn read(tx: &mut VpdTx, told: &[Told], today: NaiveDate) -> sqlx::Result<Self> {
        let mut keys: Vec<String> = told.iter().map(|one| one.dpn_key.clone()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut numbers: Vec<String> = told.iter().filter_map(|one| one.who.gmc_number.clone()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Ok(Self {
            posts: store::posts(tx, &keys, today).await?,
            candidates: store::candidates(tx, &numbers, &keys, today).await?,
            labels: store::withdrawal_reasons(tx).await?,
        })
    }

    pub fn standing(&self, told: &Told) -> Option<Standing> {
        if told.who.is_nobody() { None } else { Standing::of(&told.who, &told.dpn_key, &self.candidates) }
    }
}

/// A change to be kept, with what it was found to be about.
struct Decided<'a> {
    change_id: Uuid,
    told: &'a Told,
    standing: Option<Standing>,
    waits_until: Option<NaiveDate>,
}

/// Takes in changes of one file and employer, in their order: what is new is kept and raised, what repeats is not, what says otherwise
/// closes what was said before.
pub async fn receive(
    tx: &mut VpdTx,
    file: &FromFile,
    told: &[Told],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Received>> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let around = Around::read(tx, told, file.today).await?;
    let mut keys: Vec<String> = told.iter().map(|one| one.dpn_key.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut known: HashMap<String, Vec<Known>> = HashMap::new();
    for one in store::list_known(tx, &keys).await? {
        known.entry(one.dpn_key.clone()).or_default().push(one);
    }
    let mut decided: Vec<Decided<'_>> = Vec::new();
    let mut closed: Vec<Uuid> = Vec::new();
    let mut received = Vec::with_capacity(told.len());
    for one in told {
        let standing = around.standing(one);
        let post = around.posts.get(&one.dpn_key);
        let before = known.entry(one.dpn_key.clone()).or_default();
        let became = if repeats(one, standing.as_ref(), post, before) {
            Became::Repeated
        } else {
            closed.extend(contradicted(one, before));
            before.retain(|known| !closed.contains(&known.change_id));
            let is_here = standing.as_ref().is_some_and(Standing::is_at_post);
            let waits = one.kind == Kind::Dates && !one.unannounced && !is_here;
            let waits_until = waits.then(|| file.today + Days::new(PENDING_DAYS));
            let change_id = Uuid::now_v7();
            before.insert(0, as_known(change_id, one, file.file_id, waits));
            decided.push(Decided { change_id, told: one, standing: standing.clone(), waits_until });
            waits_until.map_or(Became::Raised, Became::Waits)
        };
        received.push(Received {
            record_no: one.record_no,
            became,
            person_id: standing.as_ref().map(|found| found.who.person_id.clone()),
            application_id: standing.as_ref().and_then(|found| found.who.application_id),
            position_id: post.map(|post| post.position_id.clone()),
            is_unknown: standing.is_none() && one.kind != Kind::NewPost,
            is_employed: standing.as_ref().is_some_and(Standing::is_employed_at_post),
        });
    }
    keep(tx, file, &around, &decided, now).await?;
    close(tx, file, &closed, now).await?;
    let raised: Vec<Raised<'_>> = decided
        .iter()
        .filter(|one| one.waits_until.is_none() && !closed.contains(&one.change_id))
        .map(|one| Raised {
            change_id: one.change_id,
            told: one.told,
            standing: one.standing.as_ref(),
            post: around.posts.get(&one.told.dpn_key),
            not_found: None,
        })
        .collect();
    notices::raise(tx, file, &raised, &around.labels, now).await?;
    Ok(received)
}

async fn keep(
    tx: &mut VpdTx,
    file: &FromFile,
    around: &Around,
    decided: &[Decided<'_>],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let new: Vec<NewChange<'_>> = decided
        .iter()
        .map(|one| NewChange {
            change_id: one.change_id,
            told: one.told,
            person_id: one.standing.as_ref().map(|found| found.who.person_id.clone()),
            application_id: one.standing.as_ref().and_then(|found| found.who.application_id),
            position_id: around.posts.get(&one.told.dpn_key).map(|post| post.position_id.clone()),
            pending_until: one.waits_until,
        })
        .collect();
    store::insert(tx, file.file_id, &file.body_code, &new, file.today, now).await
}

async fn close(tx: &mut VpdTx, file: &FromFile, closed: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<()> {
    if closed.is_empty() {
        return Ok(());
    }
    store::supersede(tx, closed, &file.file_name, now).await?;
    let keys: Vec<String> = closed.iter().flat_map(|change| subject_keys(*change)).collect();
    let note = format!("The deanery said something later in {}: go on from there.", file.file_name);
    notifications::close_many(tx, &keys, &note, &Actor::File(file.file_name.clone()), now).await?;
    Ok(())
}

fn as_known(change_id: Uuid, told: &Told, file_id: Uuid, waits: bool) -> Known {
    Known {
        change_id,
        kind: told.kind.code().to_owned(),
        state: if waits { "pending" } else { "open" }.to_owned(),
        file_id,
        dpn_key: told.dpn_key.clone(),
        person_key: told.who.key(),
        hire_on: told.hire_on,
        end_on: told.end_on,
    }
}

fn is_waiting(known: &Known) -> bool {
    matches!(known.state.as_str(), "open" | "pending")
}

/// Whether a change says nothing new: it is done already, or waits already.
fn repeats(told: &Told, standing: Option<&Standing>, post: Option<&Post>, known: &[Known]) -> bool {
    let who = told.who.key();
    let mut same = known.iter().filter(|one| one.kind == told.kind.code() && one.person_key == who);
    let same_dates = |one: &Known| one.hire_on == told.hire_on && one.end_on == told.end_on;
    match told.kind {
        Kind::Withdrawal => standing.is_some_and(Standing::is_withdrawn) || same.any(is_waiting),
        Kind::Dates => {
            standing.is_some_and(|found| found.has_dates(told.hire_on, told.end_on))
                || same.any(|one| is_waiting(one) && same_dates(one))
                // What was told as a change and was decided is not told again by the grid that goes with it.
                || (told.unannounced && known.iter().any(|one| announces(one, told, &who)))
        }
        Kind::Replacement => same.any(|one| one.state != "superseded" && one.hire_on == told.hire_on),
        Kind::NewPost => post.is_some_and(|post| post.is_active) || same.any(is_waiting),
    }
}

/// Whether a change of dates that was told covers what the grid says.
fn announces(known: &Known, told: &Told, who: &str) -> bool {
    let covers = |known: Option<NaiveDate>, told: Option<NaiveDate>| told.is_none() || known == told;
    known.kind == Kind::Dates.code()
        && known.person_key == who
        && covers(known.hire_on, told.hire_on)
        && covers(known.end_on, told.end_on)
}

/// Waiting changes that a later one makes void: earlier dates by new dates, and everything about a doctor by a withdrawal.
fn contradicted(told: &Told, known: &[Known]) -> Vec<Uuid> {
    let who = told.who.key();
    let voids = |one: &&Known| {
        let kinds: &[Kind] = match told.kind {
            Kind::Withdrawal => &[Kind::Dates, Kind::Replacement],
            Kind::Dates => &[Kind::Dates],
            Kind::Replacement => &[Kind::Replacement],
            Kind::NewPost => &[],
        };
        is_waiting(one) && one.person_key == who && kinds.iter().any(|kind| kind.code() == one.kind)
    };
    known.iter().filter(voids).map(|one| one.change_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rotation::model::Named;

    fn on(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    fn told(kind: Kind, hire: &str, end: &str) -> Told {
        Told {
            kind,
            record_no: 1,
            unannounced: false,
            dpn: "KSS/R9A01/052/FY1/005".to_owned(),
            dpn_key: "KSS/R9A01/052/FY1/005".to_owned(),
            specialty: None,
            site: None,
            host_or_lead: None,
            occupation_code: None,
            who: Named {
                last_name: Some("Hughes".into()),
                first_name: Some("Jia".into()),
                gmc_number: Some("9836138".into()),
            },
            hire_on: on(hire),
            end_on: on(end),
            reason_code: None,
            current_place: None,
        }
    }

    fn known(kind: Kind, state: &str, hire: &str) -> Known {
        Known { state: state.to_owned(), ..as_known(Uuid::from_u128(9), &told(kind, hire, ""), Uuid::nil(), false) }
    }

    #[test]
    fn what_waits_already_is_not_raised_twice_and_what_says_otherwise_closes_it() {
        let dates = told(Kind::Dates, "2026-09-02", "");
        for (before, repeated, closed) in [
            (known(Kind::Dates, "open", "2026-09-02"), true, 1),
            (known(Kind::Dates, "pending", "2026-09-02"), true, 1),
            (known(Kind::Dates, "open", "2026-10-07"), false, 1),
            (known(Kind::Dates, "dismissed", "2026-09-02"), false, 0),
            (known(Kind::Withdrawal, "open", ""), false, 0),
        ] {
            let before = [before];
            assert_eq!(repeats(&dates, None, None, &before), repeated, "{before:?}");
            assert_eq!(contradicted(&dates, &before).len(), closed, "{before:?}");
        }
        let withdrawal = told(Kind::Withdrawal, "", "");
        assert_eq!(contradicted(&withdrawal, &[known(Kind::Dates, "open", "2026-09-02")]).len(), 1);
        assert!(repeats(&withdrawal, None, None, &[known(Kind::Withdrawal, "open", "")]));
    }

    #[test]
    fn a_grid_says_nothing_new_of_dates_that_were_told_even_where_they_were_dismissed() {
        let grid = Told { unannounced: true, ..told(Kind::Dates, "2026-09-02", "") };
        assert!(repeats(&grid, None, None, &[known(Kind::Dates, "dismissed", "2026-09-02")]));
        assert!(!repeats(&grid, None, None, &[known(Kind::Dates, "dismissed", "2026-10-07")]));
    }
}
