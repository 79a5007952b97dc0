//! The summary mail of one person: what is new and what is due, in one message over every organisation, at most as often as
//! the person chose. It counts and links; who and what it is about is read after signing in.

mod content;
mod schedule;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use content::{Section, Summary};
pub use schedule::{queue_daily, run_schedule};

use crate::access::mail::{Recipient, readers_at_once, recipient};
use crate::app::App;
use crate::email::{self, Draft, Frequency, Mark, Purpose};
use crate::jobs::{Failure, Work};
use crate::tenancy::Vpd;

/// The kind of the job that writes one user's summary.
pub const SUMMARISE: &str = "email.summary";

/// How far ahead a start date makes an item due.
const DUE_WITHIN: TimeDelta = TimeDelta::days(14);

/// What the job is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct SummaryJob {
    pub user_id: Uuid,
    /// The hour or day that it is for, London time; none for mail at once.
    pub slot: Option<String>,
}

/// Writes the summaries of those in the job's organisation who want mail at once.
pub async fn tell_at_once(work: Work) -> Result<(), Failure> {
    let mut tx = work.app.db.system().await?;
    let readers = readers_at_once(&mut tx, &work.vpd).await?;
    tx.rollback().await?;
    for user_id in readers {
        summarise(&work.app, user_id, None).await?;
    }
    Ok(())
}

/// Writes one user's summary.
pub async fn run(work: Work) -> Result<(), Failure> {
    let job: SummaryJob = work.payload()?;
    summarise(&work.app, job.user_id, job.slot).await?;
    Ok(())
}

/// Queues a mail of what is new since the last one and what is due; none when there is nothing to say.
async fn summarise(app: &App, user_id: Uuid, slot: Option<String>) -> sqlx::Result<()> {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let found = recipient(&mut tx, user_id).await?;
    tx.rollback().await?;
    let Some(reader) = found.filter(|reader| reader.choice.frequency != Frequency::Never) else { return Ok(()) };

    let mut told = Vec::new();
    let mut sections = Vec::new();
    for organisation in &reader.organisations {
        let Some(section) = section(app, user_id, organisation, slot.as_deref(), now).await? else { continue };
        told.push(organisation.0.clone());
        if !section.is_empty() {
            sections.push((organisation.0.clone(), section));
        }
    }
    // What is due comes along with what is new, and by itself only once a day: a reminder each hour would be read by nobody.
    let anything_new = sections.iter().any(|(_, section)| section.new_count > 0);
    let says_something = anything_new || (reader.choice.frequency == Frequency::Daily && !sections.is_empty());
    let home = sections.first().map(|(vpd, _)| vpd.clone()).filter(|_| says_something);

    let mark = Mark { told_until: now, local_slot: slot };
    if let Some(home) = &home {
        let draft = draft(app, user_id, &reader, sections.into_iter().map(|(_, section)| section).collect());
        let mut tx = app.db.vpd(home).await?;
        email::save_mark(&mut tx, user_id, &mark).await?;
        email::queue(&mut tx, draft, now).await?;
        tx.commit().await?;
    }
    // One transaction has one organisation. Killed in between, the job comes again and finds its home told already.
    for vpd in told.iter().filter(|vpd| Some(*vpd) != home.as_ref()) {
        let mut tx = app.db.vpd(vpd).await?;
        email::save_mark(&mut tx, user_id, &mark).await?;
        tx.commit().await?;
    }
    Ok(())
}

type Organisation = (Vpd, String, Vec<crate::access::Right>, DateTime<Utc>);

/// What one organisation has for the reader; `None` where this slot has been told.
async fn section(
    app: &App,
    user_id: Uuid,
    (vpd, name, rights, holds_since): &Organisation,
    slot: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Section>> {
    let mut tx = app.db.vpd(vpd).await?;
    let mark = email::find_mark(&mut tx, user_id).await?;
    let told = mark.as_ref().and_then(|mark| mark.local_slot.as_deref());
    if let (Some(slot), Some(told)) = (slot, told)
        && covers(told, slot)
    {
        return Ok(None);
    }
    let since = mark.map_or(*holds_since, |mark| mark.told_until);
    let roles: Vec<String> = rights.iter().map(|right| right.code().to_owned()).collect();
    let (new, new_count) = store::new_since(&mut tx, &roles, since, now).await?;
    let (due, due_count) = store::due_until(&mut tx, user_id, &roles, app.today() + DUE_WITHIN).await?;
    Ok(Some(Section { vpd: vpd.clone(), name: name.clone(), new, new_count, due, due_count }))
}

/// Whether a reader who was told for one hour or day has had what another is for: it, or a later one of its kind.
fn covers(told: &str, slot: &str) -> bool {
    const DAY: usize = "2026-05-06".len();
    let day = |text: &str| text.chars().take(DAY).collect::<String>();
    if told.len() == slot.len() { told >= slot } else { day(told) > day(slot) }
}

fn draft(app: &App, user_id: Uuid, reader: &Recipient, sections: Vec<Section>) -> Draft {
    let summary = Summary::new(app, &reader.name, sections);
    Draft {
        user_id: Some(user_id),
        to_name: reader.name.clone(),
        to_address: reader.email.clone(),
        purpose: Purpose::Summary,
        subject: summary.subject(),
        text: summary.text(),
        html: summary.html(),
        sealed_link: None,
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_later_summary_stands_for_the_earlier_ones() {
        assert!(covers("2026-05-06", "2026-05-06") && covers("2026-05-07", "2026-05-06"));
        assert!(!covers("2026-05-06", "2026-05-07"));
        assert!(covers("2026-05-06T09", "2026-05-06T08") && !covers("2026-05-06T09", "2026-05-06T10"));
        // Whoever changes from hourly to daily has the day's mail all the same.
        assert!(!covers("2026-05-06T09", "2026-05-06") && covers("2026-05-07T09", "2026-05-06"));
        assert!(!covers("2026-05-06", "2026-05-06T10"));
    }
}
