//! The reminder of those who start: five days before, one item for the organisation and the day, which closes when all are hired.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::model::REMINDER_DAYS;
use super::store;
use crate::access::Right;
use crate::app::App;
use crate::applicants::actions::{settle_starts, starts_key};
use crate::applicants::store as applications;
use crate::audit::Actor;
use crate::notifications::store as items;
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{Vpd, VpdTx};
use crate::ui;
use crate::ui::dates;

/// Once for each business date: reminds every organisation of those who start within five days.
pub async fn run_once(app: &App) -> sqlx::Result<()> {
    let slot = app.today().to_string();
    let mut tx = app.db.system().await?;
    if !crate::jobs::take_slot(&mut tx, "new_starters", &slot, app.now()).await? {
        return Ok(());
    }
    tx.commit().await?;
    run(app).await.map(|_| ())
}

/// The same whenever it is asked for; what was said of a day is not said again. Gives how many days were newly said.
pub async fn run(app: &App) -> sqlx::Result<usize> {
    let (today, now) = (app.today(), app.now());
    let employers: Vec<Vpd> = {
        let mut connection = app.db.system_connection().await?;
        sqlx::query_scalar!(r#"select vpd as "vpd: Vpd" from vpds where vpd <> '0' order by vpd"#)
            .fetch_all(&mut *connection)
            .await?
    };
    let mut raised = 0;
    for vpd in employers {
        let mut tx = app.db.vpd(&vpd).await?;
        raised += remind(&mut tx, today, now).await?;
        tx.commit().await?;
    }
    Ok(raised)
}

/// Raises an item for each day within five on which somebody starts who is not hired; closes those of days on which nobody waits.
async fn remind(tx: &mut VpdTx, today: NaiveDate, now: DateTime<Utc>) -> sqlx::Result<usize> {
    let until = today.checked_add_days(Days::new(REMINDER_DAYS)).unwrap_or(today);
    let mut raised = 0;
    let days = store::days_with_starts(tx, today, until).await?;
    // Withdrawn, moved to another day, or hired elsewhere: nobody waits on these any more.
    for day in today.iter_days().take_while(|day| *day <= until).filter(|day| !days.contains(day)) {
        if items::is_open(tx, &starts_key(day)).await? {
            settle_starts(tx, day, &Actor::Schedule("new starters"), now).await?;
        }
    }
    for day in days {
        if items::is_open(tx, &starts_key(day)).await? {
            continue;
        }
        let vpd = tx.vpd().clone();
        let message = MessageDraft {
            kind: MessageType::DitStarter,
            title: format!("Deanery - Jnr. Doctor Starter(s) ({vpd})"),
            dedupe_key: format!("dit-starter:{day}"),
            file: None,
            body_code: None,
            dated_on: today,
        };
        // How many, and who, is said when it is shown: both change until the day.
        let title = format!("Doctors starting on {}", dates::day(day));
        let mut item =
            ItemDraft::new("dit_starter", Right::MedicalStaffingOfficer, ItemClass::Action, starts_key(day), title);
        item.takes_effect_on = Some(day);
        item.link = Some(format!("/doctors/day-one?from={day}&to={day}"));
        notifications::raise(tx, &message, &[item], now).await?;
        raised += 1;
    }
    Ok(raised)
}

/// A hire was taken back: the item of its day waits again, even where somebody had marked it as done.
pub async fn reopen(tx: &mut VpdTx, day: NaiveDate, by: &Actor, now: DateTime<Utc>) -> sqlx::Result<()> {
    items::reopen_done(tx, &[starts_key(day)], "A hire of that day was taken back", by, now).await
}

/// How those who start on a day stand now, in a sentence.
pub async fn standing(tx: &mut VpdTx, day: NaiveDate) -> sqlx::Result<String> {
    let (all, waiting) = applications::count_starts(tx, day).await?;
    let start = ui::count(all, "doctor starts", "doctors start");
    let on = dates::day(day);
    Ok(match (all, waiting) {
        (0, _) => format!("Nobody starts on {on} any more."),
        (_, 0) if all == 1 => format!("{start} on {on}, and is hired."),
        (_, 0) => format!("{start} on {on}, and all are hired."),
        (_, waiting) => format!("{start} on {on}. {} not hired yet.", ui::count(waiting, "is", "are")),
    })
}
