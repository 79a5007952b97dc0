use chrono::{Days, NaiveDate};
use serde_json::json;
use uuid::Uuid;

use super::begun;
use super::files::{Applicant, Employer, write_deanery_file, write_lines};
use super::notifications;
use super::odd_positions;
use super::personas::{PASSWORD, PERSONAS, Persona};
use crate::access::{Passwords, store};
use crate::app::App;
use crate::audit::{self, Actor, Event, Subject};
use crate::file_exchange::{Processors, receive};
use crate::reference::store as reference;
use crate::tenancy::Vpd;

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(
        "This database holds data that this command did not make. Use an empty one: set CHANGEOVER_DATA_DIR or DATABASE_URL to another place."
    )]
    NotEmpty,
    #[error(
        "CHANGEOVER_BASE_URL begins with https://: a demonstration, whose passwords are printed, is for a loopback address only."
    )]
    Production,
    #[error("The demonstration's file {0} was not taken: {1}")]
    File(String, String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// The business date that the demonstration fixes: 13 weeks before the changeover.
pub(super) fn rehearsal_date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 5, 6).expect("6 May 2026 is a day")
}

/// Three employers: a host, a lead employer and a small one.
pub fn employers() -> Vec<Employer> {
    let employer = |vpd: &str, ods: &str, name: &str, town: &str, positions, staff| Employer {
        vpd: vpd.to_owned(),
        ods_code: ods.to_owned(),
        name: name.to_owned(),
        town: town.to_owned(),
        body: "WES".to_owned(),
        positions,
        staff,
    };
    vec![
        employer("941", "R9L", "Wrenfield General Hospitals", "Wrenfield", 90, 60),
        employer("952", "R9M", "Alderbrook University Hospitals", "Alderbrook", 75, 50),
        employer("963", "R9N", "Saltmere Community", "Saltmere", 30, 24),
    ]
}

/// Loads the demonstration into an empty database; gives the personas. With `rehearsal` the given [`App`] must already have the date.
pub async fn load(app: &App, processors: &Processors) -> Result<&'static [Persona], DemoError> {
    if app.config.is_production() {
        return Err(DemoError::Production);
    }
    let mut tx = app.db.system().await?;
    let day = rehearsal_date().to_string();
    let claimed = claim(&mut tx, "demo", &[("rehearsal_date", &day)]).await?;
    tx.commit().await?;
    if claimed == Claim::Complete {
        return Ok(PERSONAS);
    }
    let app = app.rehearsing(rehearsal_date());
    load_files(&app, processors).await?;
    add_contact(&app).await?;
    add_personas(&app).await?;
    begun::begin(&app, &employers()).await?;
    let mut tx = app.db.system().await?;
    finish(&mut tx, "demo").await?;
    let about = Subject::new("database", "demonstration");
    audit::record_for(
        &mut tx,
        &Vpd::operations(),
        &Actor::Command,
        Event::DemonstrationLoaded,
        about,
        json!({}),
        app.now(),
    )
    .await?;
    tx.commit().await?;
    Ok(PERSONAS)
}

/// What a maker of invented data finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// An empty database, or the maker's own from a run that was interrupted.
    Mine,
    /// All of it is there.
    Complete,
}

/// Marks an empty database as this maker's, with these settings; refuses one that holds anything else.
pub(super) async fn claim(
    tx: &mut crate::tenancy::SystemTx,
    maker: &str,
    settings: &[(&str, &str)],
) -> Result<Claim, DemoError> {
    let made_by = sqlx::query_scalar!("select value from portal_settings where name = 'made_by'")
        .fetch_optional(&mut **tx)
        .await?;
    match made_by.as_deref() {
        Some(made_by) if made_by == format!("{maker}: complete") => return Ok(Claim::Complete),
        Some(made_by) if made_by == maker => return Ok(Claim::Mine),
        Some(_) => return Err(DemoError::NotEmpty),
        None => {}
    }
    let used = sqlx::query_scalar!(r#"select (exists (select 1 from users) or exists (select 1 from vpds where vpd <> '0') or exists (select 1 from interface_files)) as "used!""#)
        .fetch_one(&mut **tx)
        .await?;
    if used {
        return Err(DemoError::NotEmpty);
    }
    for (name, value) in [("made_by", maker)].iter().chain(settings) {
        save_setting(tx, name, value).await?;
    }
    Ok(Claim::Mine)
}

/// Says that all of this maker's data is there.
pub(super) async fn finish(tx: &mut crate::tenancy::SystemTx, maker: &str) -> sqlx::Result<()> {
    save_setting(tx, "made_by", &format!("{maker}: complete")).await
}

async fn save_setting(tx: &mut crate::tenancy::SystemTx, name: &str, value: &str) -> sqlx::Result<()> {
    sqlx::query!("insert into portal_settings (name, value) values ($1, $2) on conflict (name) do update set value = $2, changed_at = now()", name, value)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn load_files(app: &App, processors: &Processors) -> Result<(), DemoError> {
    let day = rehearsal_date();
    let before = day.pred_opt().unwrap_or(day);
    let employers = employers();
    for employer in &employers {
        let name = employer.full_file_name(before, 1);
        let mut bytes = Vec::new();
        employer.write_full_file(&name, before, &mut bytes).map_err(anyhow::Error::from)?;
        take_in(app, processors, &name, &bytes, "processed").await?;
    }
    let records = applicants(&employers, day);
    let name = "DE_WES_APP_20260506_00002601.DAT";
    let mut bytes = Vec::new();
    write_deanery_file(name, "WES", day, records.len(), records.into_iter(), &mut bytes)
        .map_err(anyhow::Error::from)?;
    take_in(app, processors, name, &bytes, "processed").await?;
    let told = notifications::records(&employers[0], &employers[1]);
    let name = "DE_WES_DNC_20260506_00002603.DAT";
    let mut bytes = Vec::new();
    write_lines(name, "WES", day, &told, &mut bytes).map_err(anyhow::Error::from)?;
    take_in(app, processors, name, &bytes, "processed").await?;
    // Positions for whoever keeps them to put right; after the applicants, whose numbers they must not confuse.
    let name = odd_positions::file_name(&employers[0], day);
    let mut bytes = Vec::new();
    write_lines(&name, &employers[0].vpd, day, &odd_positions::records(&employers[0], day), &mut bytes)
        .map_err(anyhow::Error::from)?;
    take_in(app, processors, &name, &bytes, "processed").await?;
    // One that was cut on its way: refused, with the reason, for the operator to see.
    let cut = "DE_WES_APP_20260506_00002602.DAT";
    let mut bytes = Vec::new();
    let record = Applicant::new(900, &employers[0], &employers[0].post(60), day, changeover_day());
    write_deanery_file(cut, "WES", day, 1, std::iter::once(record), &mut bytes).map_err(anyhow::Error::from)?;
    let without_trailer = bytes.len() - "TRL~1\r\n".len();
    bytes.truncate(without_trailer);
    take_in(app, processors, cut, &bytes, "refused").await
}

/// Takes a file in by the path that every file takes; one that an earlier, interrupted run took is a duplicate.
async fn take_in(app: &App, processors: &Processors, name: &str, bytes: &[u8], wanted: &str) -> Result<(), DemoError> {
    let folder = app.config.data_dir.join("demo");
    let path = folder.join(name);
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, bytes)).map_err(anyhow::Error::from)?;
    let report = receive(app, processors, &path, &Actor::Command).await.map_err(anyhow::Error::from)?;
    std::fs::remove_file(&path).map_err(anyhow::Error::from)?;
    if report.outcome == wanted || report.outcome == "duplicate" {
        Ok(())
    } else {
        Err(DemoError::File(name.to_owned(), format!("{}, {}", report.outcome, report.reason.unwrap_or_default())))
    }
}

fn changeover_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 8, 5).expect("5 August 2026 is a day")
}

/// A deanery's day: clean doctors, lead and host pairs, every kind of fault, and one post with more than 40 records.
fn applicants(employers: &[Employer], day: NaiveDate) -> Vec<Applicant> {
    let hire = changeover_day();
    let [host, lead, small] = employers else { unreachable!("there are three employers") };
    let mut all: Vec<Applicant> =
        (0..24).map(|n| Applicant::new(n, host, &host.post(usize::try_from(n).unwrap_or(0)), day, hire)).collect();
    // Lead and host: one placement gives two records, one for each employer, with the host's number of the post.
    for n in 24..32_u64 {
        let post = host.post(usize::try_from(n).unwrap_or(0));
        all.push(Applicant::new(n, host, &post, day, hire));
        let index = usize::try_from(n).unwrap_or(0);
        all.push(Applicant::new(100 + n, lead, &lead.post(index), day, hire));
    }
    all.extend(
        (40..46_u64).map(|n| Applicant::new(n, small, &small.post(usize::try_from(n - 40).unwrap_or(0)), day, hire)),
    );
    let at = |n: u64| Applicant::new(n, host, &host.post(usize::try_from(n).unwrap_or(0)), day, hire);
    all.push(at(50).with(8, "")); // last name missing
    all.push(at(51).with(30, "NO")); // disability not in the list
    all.push(at(52).with(15, "QQ123456C")); // NI number malformed
    all.push(at(53).with(35, "912345")); // GMC number of six digits
    all.push(at(54).with(8, "RECRUIT").with(9, "VACANCY").with(35, "9999978")); // vacancy placeholder
    all.push(at(55).with(5, "999999999")); // position unknown
    all.push(at(56).with(7, "WES/R9L01/052/STR/999")); // the DPN is not the position's
    all.push(at(57).with(13, "19801332")); // a date that is none
    let late = day.checked_add_days(Days::new(120)).unwrap_or(hire);
    all.push(at(58).with(40, &late.format("%Y%m%d").to_string()).with(41, "")); // early
    all.push(at(59).with(11, "Wizard")); // title not in the list
    // Somebody employed here already, and somebody who may be.
    let staff = host.employee(3);
    all.push(as_employee(at(61), &staff, true));
    all.push(as_employee(at(62), &host.employee(7), false));
    // Three who start within five days: one to be hired, one whose checks are open, one who was just received.
    let near = begun::near_start();
    all.extend(begun::NEAR.map(|n| Applicant::new(n, host, &host.post(usize::try_from(n).unwrap_or(0)), day, near)));
    // 41 records for one post: that post waits for an operator.
    let crowded = host.post(70);
    all.extend((300..341).map(|n| Applicant::new(n, host, &crowded, day, hire)));
    all
}

fn as_employee(record: Applicant, who: &super::names::Invented, same_numbers: bool) -> Applicant {
    let record =
        record.with(8, who.last_name).with(9, who.first_name).with(13, &who.born_on.format("%Y%m%d").to_string());
    if same_numbers { record.with(15, &who.ni_number) } else { record }
}

/// Whom the deanery's records are asked of again.
async fn add_contact(app: &App) -> Result<(), DemoError> {
    let mut tx = app.db.system().await?;
    if reference::contacts(&mut tx, "WES").await?.is_empty() {
        let (address, day) = ("applicants@wes-deanery.example", rehearsal_date());
        reference::add_contact(&mut tx, "WES", "applicants", address, None, [day, day], None).await?;
        let detail = json!({ "added": address, "purpose": "applicants" });
        let about = Subject::new("managing_body", "WES");
        let operations = Vpd::operations();
        audit::record_for(&mut tx, &operations, &Actor::Command, Event::ContactChanged, about, detail, app.now())
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn add_personas(app: &App) -> Result<(), DemoError> {
    let passwords = Passwords::new(app.config.passwords);
    for persona in PERSONAS {
        let hash = passwords.hash(PASSWORD.to_owned()).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        let now = app.now();
        let mut tx = app.db.system().await?;
        let user_id = match store::find_by_username(&mut tx, persona.username).await? {
            Some(user) => user.user_id,
            None => {
                let user_id = Uuid::now_v7();
                store::insert(&mut tx, user_id, persona.username, persona.name, &persona.email(), now).await?;
                let about = Subject::new("user", persona.username);
                audit::record_for(
                    &mut tx,
                    &Vpd::operations(),
                    &Actor::Command,
                    Event::UserAdded,
                    about,
                    json!({}),
                    now,
                )
                .await?;
                user_id
            }
        };
        store::save_password(&mut tx, user_id, &hash, now).await?;
        for (vpd, rights) in persona.rights {
            let vpd: Vpd = vpd.parse().map_err(anyhow::Error::from)?;
            for right in *rights {
                if store::grant(&mut tx, &vpd, user_id, *right, "demo", now).await? {
                    let detail = json!({ "right": right.code() });
                    let about = Subject::new("user", persona.username);
                    audit::record_for(&mut tx, &vpd, &Actor::Command, Event::RightGranted, about, detail, now).await?;
                }
            }
        }
        tx.commit().await?;
    }
    Ok(())
}
