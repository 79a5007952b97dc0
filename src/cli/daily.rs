use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::database::Opened;
use super::{Failure, print_json};
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::config::Config;
use crate::deanery_changes;
use crate::dpn_report;
use crate::file_exchange;
use crate::hiring;
use crate::jobs::{self, Lane};
use crate::notifications::{self, summaries};
use crate::tenancy::{PoolSize, Vpd};
use crate::worker;

#[derive(Args)]
pub struct Daily {
    /// The business date, as 2026-05-06.
    #[arg(long)]
    date: NaiveDate,
}

/// Does the day's scheduled work; what was done for that date is not done again.
pub async fn run(config: Config, daily: Daily, as_json: bool) -> Result<(), Failure> {
    let opened = Opened::find(Config { today: Some(daily.date), ..config }).await?;
    let done = async {
        let app = opened.app(PoolSize::WORK).await?;
        let done = day(&app, daily.date).await?;
        app.db.close().await;
        Ok::<_, Failure>(done)
    }
    .await;
    opened.close().await;
    let (missing, readers, starts) = done?;
    if as_json {
        print_json(
            &json!({ "date": daily.date, "missing_files": missing, "summary_readers": readers, "days_of_starters": starts }),
        );
    } else {
        println!(
            "The work of {} is done: {missing} files newly found missing, {starts} days of starters newly told, {readers} people looked at for a summary.",
            daily.date
        );
    }
    Ok(())
}

async fn day(app: &App, date: NaiveDate) -> Result<(usize, usize, usize), Failure> {
    let missing = file_exchange::expected::check(app).await?;
    crate::people::store::roll_all_forward(app).await?;
    let starts = hiring::reminders::run(app).await?;
    let sent = crate::deanery_outbound::actions::send_due(app, &Actor::Command).await?;
    let readers = summaries::queue_daily(app, date).await?;
    deanery_changes::queue_expiry(app).await?;
    notifications::queue_expiry(app).await?;
    dpn_report::queue(app, date).await?;
    let registry = worker::registry(app);
    for lane in [Lane::Work, Lane::Mail] {
        while jobs::run_due(app, &registry, lane, 20).await? > 0 {}
    }
    let mut tx = app.db.system().await?;
    let about = Subject::new("day", date);
    let detail =
        json!({ "missing_files": missing, "summary_readers": readers, "days_of_starters": starts, "files_sent": sent });
    audit::record_for(&mut tx, &Vpd::operations(), &Actor::Command, Event::DailyWorkRun, about, detail, app.now())
        .await?;
    tx.commit().await?;
    Ok((missing, readers, starts))
}
