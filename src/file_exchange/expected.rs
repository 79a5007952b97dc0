//! Which file is expected of whom by which hour, and who is told when it has not come.
//!
//! A managing body is expected to send once it has sent: applicants by 14:00, notifications by 15:00 (London), on working days. A file of
//! no records is a file: an empty day is normal, a silent one is not.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Europe::London;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::name::{FileName, Interface};
use crate::access::Right;
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::jobs::{self, Failure};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{SystemTx, Vpd};
use crate::ui::dates::london_day;

/// The kind of the job that closes what was said of a file that has come since; payload `{"interface", "sender", "on", "why"}`.
pub const ARRIVED: &str = "file_exchange.arrived";

/// From a sender's first file on, more are expected.
pub(super) async fn note_arrival(tx: &mut SystemTx, name: &FileName, now: DateTime<Utc>) -> sqlx::Result<()> {
    let hour = match name.interface {
        Interface::Applicants => 14,
        Interface::Notifications => 15,
        _ => return Ok(()),
    };
    sqlx::query!(
        "insert into expected_files (interface, sender, by_hour, since_on) values ($1, $2, $3, $4) on conflict (interface, sender) do nothing",
        name.interface.code(),
        name.sender,
        NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default(),
        name.date
    )
    .execute(&mut **tx)
    .await?;
    for on in BTreeSet::from([name.date, london_day(now)]) {
        let payload = json!({ "interface": name.interface.code(), "sender": name.sender, "on": on });
        let dedupe = subject_key(name.interface.code(), &name.sender, on);
        jobs::enqueue_system(tx, &Vpd::operations(), ARRIVED, &payload, Some(&dedupe)).await?;
    }
    Ok(())
}

/// An expected file on a day.
#[derive(Clone, Debug)]
pub struct Expected {
    pub interface: String,
    pub sender: String,
    pub by_hour: NaiveTime,
    /// The file that came for the day: its id, name, state, records, failures.
    pub file_id: Option<Uuid>,
    pub file_name: Option<String>,
    pub state: Option<String>,
    pub received_at: Option<DateTime<Utc>>,
    pub records: Option<i32>,
    pub fail: Option<i32>,
}

impl Expected {
    /// Minutes past its hour, where it has not come.
    pub fn minutes_late(&self, now: DateTime<Utc>) -> Option<i64> {
        let late = (now.with_timezone(&London).time() - self.by_hour).num_minutes();
        (self.file_id.is_none() && late > 0).then_some(late)
    }
}

/// Nothing is expected on a Saturday or a Sunday.
pub fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The files expected on a day, with what came.
pub async fn on(tx: &mut SystemTx, day: NaiveDate) -> sqlx::Result<Vec<Expected>> {
    sqlx::query_as!(
        Expected,
        r#"select e.interface, e.sender, e.by_hour, f.file_id as "file_id?", f.file_name as "file_name?", f.state as "state?",
                  f.received_at as "received_at?", f.records as "records?", f.fail as "fail?"
             from expected_files e
             left join lateral (
               select * from interface_files f
                where f.interface = e.interface and f.sender = e.sender and f.direction = 'in' and f.state not in ('refused', 'duplicate', 'receiving')
                  and (f.file_date = $1 or (f.received_at at time zone 'Europe/London')::date = $1)
                order by f.received_at desc limit 1) f on true
            where e.active and e.since_on <= $1 order by e.by_hour, e.interface, e.sender"#,
        day
    )
    .fetch_all(&mut **tx)
    .await
}

fn subject_key(interface: &str, sender: &str, on: NaiveDate) -> String {
    format!("expected:{interface}:{sender}:{on}")
}

/// Tells operators and the Medical Staffing Officers concerned of each file that is past its hour, once.
pub async fn check(app: &App) -> sqlx::Result<usize> {
    let (today, now) = (app.today(), app.now());
    if !is_working_day(today) {
        return Ok(0);
    }
    let mut tx = app.db.system().await?;
    let late: Vec<Expected> = on(&mut tx, today).await?.into_iter().filter(|e| e.minutes_late(now).is_some()).collect();
    tx.commit().await?;
    let mut told = 0;
    for file in late {
        let mut tx = app.db.system().await?;
        // Taken here, and given back when the telling fails: whoever has the slot tells.
        // Of another hour it is told again.
        let slot = format!("{}:{}", subject_key(&file.interface, &file.sender, today), file.by_hour);
        let mine = sqlx::query!(
            "insert into scheduled_runs (schedule, slot, ran_at) values ('expected_files', $1, $2) on conflict do nothing",
            slot,
            now
        )
        .execute(&mut *tx)
        .await?;
        if mine.rows_affected() == 0 {
            continue;
        }
        let employers = served(&mut tx, &file.interface, &file.sender).await?;
        tell(app, &file, &Vpd::operations(), Right::SysAdmin, today, now).await?;
        for vpd in employers {
            tell(app, &file, &vpd, Right::MedicalStaffingOfficer, today, now).await?;
        }
        tx.commit().await?;
        told += 1;
    }
    Ok(told)
}

/// The employers that a body's files serve: those that its files concerned, and those with an active post of its.
async fn served(tx: &mut SystemTx, interface: &str, sender: &str) -> sqlx::Result<Vec<Vpd>> {
    sqlx::query_scalar!(
        r#"select vpd as "vpd!: Vpd" from (
             select v.vpd from file_vpds v join interface_files f on f.file_id = v.file_id where f.interface = $1 and f.sender = $2
             union
             select d.vpd from position_directory d where d.dpn_key like $2 || '/%' and coalesce(d.effective_to, current_date) >= current_date
           ) served where vpd <> '0' order by 1"#,
        interface,
        sender
    )
    .fetch_all(&mut **tx)
    .await
}

async fn tell(
    app: &App,
    file: &Expected,
    vpd: &Vpd,
    role: Right,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let label = Interface::from_code(&file.interface).map_or("Interface", Interface::label);
    let title = format!("{label} file from {} has not come", file.sender);
    let key = subject_key(&file.interface, &file.sender, today);
    let message = MessageDraft {
        kind: MessageType::DitFile,
        title: title.clone(),
        dedupe_key: key.clone(),
        file: None,
        body_code: Some(file.sender.clone()),
        dated_on: today,
    };
    let mut item = ItemDraft::new("file_missing", role, ItemClass::Action, key, title);
    item.link = Some("/interfaces?view=today".to_owned());
    let text = format!(
        "It was expected by {} today. Ask the managing body's contact whether it was sent. This closes by itself when the file comes.",
        file.by_hour.format("%H:%M")
    );
    item.facts = json!({ "text": text });
    let mut tx = app.db.vpd(vpd).await?;
    notifications::raise(&mut tx, &message, &[item], now).await?;
    tx.commit().await
}

/// Which file is expected of whom, and by when.
#[derive(Clone, Debug)]
pub struct Expectation {
    pub interface: String,
    pub sender: String,
    pub by_hour: NaiveTime,
    pub since_on: NaiveDate,
    pub active: bool,
}

/// What is expected of everybody who has sent, whether it still is or not.
pub async fn list(tx: &mut SystemTx) -> sqlx::Result<Vec<Expectation>> {
    sqlx::query_as!(
        Expectation,
        "select interface, sender, by_hour, since_on, active from expected_files order by sender, interface"
    )
    .fetch_all(&mut **tx)
    .await
}

/// What is expected of one sender, kept from others until this transaction ends.
pub async fn lock(tx: &mut SystemTx, interface: &str, sender: &str) -> sqlx::Result<Option<Expectation>> {
    sqlx::query_as!(
        Expectation,
        "select interface, sender, by_hour, since_on, active from expected_files where interface = $1 and sender = $2 for update",
        interface,
        sender
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Changes by when a file is expected, or whether it is. Who was told today that it is late, and no longer is, has that closed.
pub async fn change(
    tx: &mut SystemTx,
    app: &App,
    was: &Expectation,
    by_hour: NaiveTime,
    active: bool,
    by: &Actor,
) -> sqlx::Result<()> {
    let (now, today) = (app.now(), app.today());
    sqlx::query!(
        "update expected_files set by_hour = $3, active = $4 where interface = $1 and sender = $2",
        was.interface,
        was.sender,
        by_hour,
        active
    )
    .execute(&mut **tx)
    .await?;
    let hour = |time: NaiveTime| time.format("%H:%M").to_string();
    let detail = json!({ "interface": was.interface, "sender": was.sender,
                         "was": { "by": hour(was.by_hour), "expected": was.active }, "now": { "by": hour(by_hour), "expected": active } });
    let about = Subject::new("expected_file", format!("{}/{}", was.interface, was.sender));
    audit::record_for(tx, &Vpd::operations(), by, Event::ExpectedFileChanged, about, detail, now).await?;
    let is_late = active && now.with_timezone(&London).time() > by_hour;
    if !is_late {
        let why = if active {
            format!("It is expected by {} now.", hour(by_hour))
        } else {
            "It is not expected any more.".to_owned()
        };
        let payload = json!({ "interface": was.interface, "sender": was.sender, "on": today, "why": why });
        jobs::enqueue_system(tx, &Vpd::operations(), ARRIVED, &payload, None).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Arrived {
    interface: String,
    sender: String,
    on: NaiveDate,
    /// In place of the file's having come.
    why: Option<String>,
}

/// Closes what was said of a missing file, once it has come.
pub async fn close(work: jobs::Work) -> Result<(), Failure> {
    let Arrived { interface, sender, on, why } = work.payload()?;
    let why = why.unwrap_or_else(|| "The file has come.".to_owned());
    let mut system = work.app.db.system().await?;
    let mut employers = served(&mut system, &interface, &sender).await?;
    system.commit().await?;
    employers.push(Vpd::operations());
    for vpd in employers {
        let mut tx = work.app.db.vpd(&vpd).await?;
        let by = Actor::System("file register");
        notifications::close(&mut tx, &subject_key(&interface, &sender, on), &why, &by, work.app.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}
