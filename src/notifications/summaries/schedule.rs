use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Europe::London;

use super::{SUMMARISE, SummaryJob};
use crate::access::mail::{Reader, readers};
use crate::app::App;
use crate::email::Frequency;
use crate::jobs;
use crate::tenancy::SystemTx;

/// After a longer pause of the program only this much is caught up with.
const CATCH_UP: TimeDelta = TimeDelta::hours(24);

/// Queues the hourly and daily summaries whose hour has begun in London. Several workers may ask at once: each hour is taken once.
pub async fn run_schedule(app: &App) -> sqlx::Result<()> {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let last = jobs::last_slot(&mut tx, "summaries").await?;
    let from = last.and_then(|slot| hour_of(&slot)).unwrap_or_else(|| local_hour(now) - TimeDelta::hours(1));
    for hour in slots_between(from, now) {
        if !jobs::take_slot(&mut tx, "summaries", &slot_name(hour), now).await? {
            continue;
        }
        let day = hour.date().to_string();
        queue(&mut tx, Frequency::Hourly, None, &slot_name(hour)).await?;
        queue(&mut tx, Frequency::Daily, i16::try_from(hour.hour()).ok(), &day).await?;
    }
    tx.commit().await
}

/// Queues the daily summaries of one business date, whatever the hour; who has had one for that day gets no other.
pub async fn queue_daily(app: &App, date: NaiveDate) -> sqlx::Result<usize> {
    let mut tx = app.db.system().await?;
    let queued = queue(&mut tx, Frequency::Daily, None, &date.to_string()).await?;
    tx.commit().await?;
    Ok(queued)
}

async fn queue(tx: &mut SystemTx, frequency: Frequency, hour: Option<i16>, slot: &str) -> sqlx::Result<usize> {
    let readers = readers(tx, frequency, hour).await?;
    let count = readers.len();
    for Reader { user_id, home } in readers {
        let job = SummaryJob { user_id, slot: Some(slot.to_owned()) };
        jobs::enqueue_system(tx, &home, SUMMARISE, &job, Some(&user_id.to_string())).await?;
    }
    Ok(count)
}

/// The hours of London's clock after `last`, up to the one that is running. When the clocks go forward the hour that is left out is
/// one of them, so its readers get their mail an hour late rather than not; when they go back, the hour comes once.
fn slots_between(last: NaiveDateTime, now: DateTime<Utc>) -> Vec<NaiveDateTime> {
    let end = local_hour(now);
    let mut hour = last.max(end - CATCH_UP) + TimeDelta::hours(1);
    let mut hours = Vec::new();
    while hour <= end {
        hours.push(hour);
        hour += TimeDelta::hours(1);
    }
    hours
}

fn local_hour(at: DateTime<Utc>) -> NaiveDateTime {
    let local = at.with_timezone(&London).naive_local();
    local.date().and_hms_opt(local.hour(), 0, 0).unwrap_or(local)
}

fn slot_name(hour: NaiveDateTime) -> String {
    hour.format("%Y-%m-%dT%H").to_string()
}

fn hour_of(slot: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(&format!("{slot}:00"), "%Y-%m-%dT%H:%M").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(last: &str, now: &str) -> Vec<String> {
        let now = now.parse().unwrap();
        slots_between(hour_of(last).unwrap(), now).into_iter().map(slot_name).collect()
    }

    #[test]
    fn every_hour_comes_once() {
        assert_eq!(slots("2026-05-06T08", "2026-05-06T07:59:59Z"), [""; 0], "08:59 in London");
        assert_eq!(slots("2026-05-06T08", "2026-05-06T08:00:00Z"), ["2026-05-06T09"]);
        assert_eq!(slots("2026-05-06T22", "2026-05-06T23:10:00Z"), ["2026-05-06T23", "2026-05-07T00"]);
    }

    #[test]
    fn f_20_the_hour_that_summer_time_leaves_out_is_made_up_for() {
        assert_eq!(slots("2026-03-29T00", "2026-03-29T01:00:00Z"), ["2026-03-29T01", "2026-03-29T02"]);
    }

    #[test]
    fn f_20_the_hour_that_comes_twice_in_october_sends_once() {
        assert_eq!(slots("2026-10-25T01", "2026-10-25T01:30:00Z"), [""; 0]);
        assert_eq!(slots("2026-10-25T01", "2026-10-25T02:00:00Z"), ["2026-10-25T02"]);
    }

    #[test]
    fn after_a_week_without_a_worker_a_day_is_caught_up_with() {
        assert_eq!(slots("2026-05-01T08", "2026-05-08T08:00:00Z").len(), 24);
    }
}
