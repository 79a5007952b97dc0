//! What a file would hold if it were made now: looked at before it is sent. Nothing is kept of it.

use futures_util::StreamExt;

use super::actions::Request;
use super::store;
use super::telling::{Says, Told, compare, no_longer, tell_persons};
use crate::app::App;
use crate::positions::quality::is_stopped;
use crate::tenancy::Vpd;

/// Employers of whom is read ahead, each over a connection of its own.
const READ_AHEAD: usize = 4;

/// A position of which nothing goes out, as its number breaks a rule that stops a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    pub vpd: Vpd,
    pub position_number: String,
    pub dpn: String,
}

/// What would go out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// Positions, or doctors.
    pub told: usize,
    /// Deletes of what was told before.
    pub taken_away: usize,
    pub held_back: Vec<HeldBack>,
}

impl Foreseen {
    pub fn is_empty(&self) -> bool {
        self.told == 0 && self.taken_away == 0
    }

    fn add(&mut self, other: Self) {
        self.told += other.told;
        self.taken_away += other.taken_away;
        self.held_back.extend(other.held_back);
    }
}

/// Looks what a request would send.
pub async fn foresee(app: &App, request: &Request) -> sqlx::Result<Foreseen> {
    match request {
        Request::Positions { body, full } => positions(app, body, *full).await,
        Request::Due { body } => positions(app, body, false).await,
        Request::PersonUpdate { vpd } => persons(app, vpd).await,
    }
}

async fn positions(app: &App, body: &str, full: bool) -> sqlx::Result<Foreseen> {
    let mut tx = app.db.system().await?;
    let employers = store::employers(&mut tx).await?;
    tx.commit().await?;
    let mut all = Foreseen::default();
    let mut each =
        futures_util::stream::iter(employers).map(|vpd| positions_of(app, vpd, body, full)).buffered(READ_AHEAD);
    while let Some(one) = each.next().await {
        all.add(one?);
    }
    Ok(all)
}

async fn positions_of(app: &App, vpd: Vpd, body: &str, full: bool) -> sqlx::Result<Foreseen> {
    let mut tx = app.db.vpd_of_many(&vpd).await?;
    if !store::has_positions(&mut tx, body).await? {
        tx.done_reading();
        return Ok(Foreseen::default());
    }
    let now = store::positions_now(&mut tx, body, app.today()).await?;
    let says = Says::of(&now, &store::employer(&mut tx).await?, body);
    let told = compare(&says, store::positions_sent(&mut tx, body).await?);
    tx.done_reading();
    let count = |fits: fn(&Told<'_>) -> bool| told.iter().filter(|one| fits(one)).count();
    let again = if full { count(|one| matches!(one, Told::Again(_))) } else { 0 };
    let held = now.iter().filter(|position| is_stopped(&position.dpn, &position.name));
    Ok(Foreseen {
        told: again + count(|one| matches!(one, Told::Change(_))),
        taken_away: count(|one| matches!(one, Told::Gone(_))),
        held_back: held
            .map(|position| HeldBack {
                vpd: vpd.clone(),
                position_number: position.position_number.clone(),
                dpn: position.dpn.clone(),
            })
            .collect(),
    })
}

async fn persons(app: &App, vpd: &Vpd) -> sqlx::Result<Foreseen> {
    let mut tx = app.db.system().await?;
    let bodies = store::bodies(&mut tx).await?;
    tx.commit().await?;
    let mut tx = app.db.vpd(vpd).await?;
    let mut all = Foreseen::default();
    for body in &bodies {
        let now = store::persons_now(&mut tx, body, app.today()).await?;
        let last = store::persons_sent(&mut tx, body).await?;
        let left = store::persons_left(&mut tx, body, &no_longer(&now, &last), app.today()).await?;
        let (_, told) = tell_persons(&now, &left, last, vpd);
        let gone = told.iter().filter(|one| one.action == "D").count();
        all.add(Foreseen { told: told.len() - gone, taken_away: gone, held_back: Vec::new() });
    }
    tx.done_reading();
    Ok(all)
}
