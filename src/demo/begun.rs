//! Work that the personas have begun: a start in five days with its offer accepted, a pair of lead and host, a deanery's list to be compared
//! and a mass update to be looked at. Through the actions that their pages call.

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::files::Employer;
use super::load::DemoError;
use super::personas::PERSONAS;
use crate::access::{Caller, store as access};
use crate::app::App;
use crate::applicants::status::{Event as Step, Status};
use crate::audit::Actor;
use crate::deanery_lists;
use crate::employment_checks::actions as checks;
use crate::hiring::reminders;
use crate::lead_and_host::actions as lead_and_host;
use crate::lead_and_host::model::Contact;
use crate::mass_updates;
use crate::spreadsheets;
use crate::tenancy::{Vpd, VpdTx};

/// The numbers of the doctors who start soon, and of their posts.
pub(super) const NEAR: Range<u64> = 80..83;
/// The post of which the first employer is host, and that of the second which becomes its lead.
const PAIR: [usize; 2] = [24, 72];

/// Five days after the day of the demonstration.
pub(super) fn near_start() -> NaiveDate {
    super::load::rehearsal_date().checked_add_days(Days::new(5)).unwrap_or_default()
}

/// Begins the work; what an interrupted run has begun is not begun again.
pub(super) async fn begin(app: &App, employers: &[Employer]) -> Result<(), DemoError> {
    let [host, lead, ..] = employers else { return Ok(()) };
    accept_offers(app, host).await?;
    pair(app, host, lead).await?;
    let keeper = caller(app, "positions.941", &host.vpd).await?;
    let mut tx = app.db.vpd(&keeper.vpd).await?;
    if deanery_lists::store::lists(&mut tx).await?.is_empty() {
        let table = spreadsheets::read(list(host).as_bytes(), 100).map_err(anyhow::Error::from)?;
        let read = deanery_lists::model::read(&table).map_err(anyhow::Error::msg)?;
        let name = "WES posts of Wrenfield, May 2026.csv";
        deanery_lists::actions::load(&mut tx, &keeper.actor(), &keeper.name, name, &read, app.now()).await?;
    }
    if mass_updates::store::list(&mut tx).await?.len() < 2 {
        check(&mut tx, app, &keeper.actor(), &keeper.name, "academic posts.csv", &update(host)).await?;
    }
    tx.commit().await?;
    reminders::run(app).await?;
    Ok(())
}

/// A persona at work.
async fn caller(app: &App, username: &str, vpd: &str) -> Result<Caller, DemoError> {
    let mut tx = app.db.system().await?;
    let user = access::find_by_username(&mut tx, username).await?;
    let user = user.ok_or_else(|| anyhow::anyhow!("no persona {username}"))?;
    let vpd: Vpd = vpd.parse().map_err(anyhow::Error::from)?;
    let rights = PERSONAS.iter().filter(|persona| persona.username == username).flat_map(|persona| persona.rights);
    let here = rights.filter(|(number, _)| *number == vpd.as_str()).flat_map(|(_, rights)| rights.iter().copied());
    let rights: BTreeSet<_> = here.collect();
    Ok(Caller {
        user_id: user.user_id,
        username: username.to_owned(),
        name: user.name,
        vpd_name: vpd.to_string(),
        organisations: vec![vpd.clone()],
        vpd,
        rights,
        session_id: Uuid::nil(),
        mail_problem: None,
        goes_to_next: true,
        waiting: 0,
    })
}

/// Of those who start soon the first has accepted, the second is offered the post while the checks are made.
async fn accept_offers(app: &App, host: &Employer) -> Result<(), DemoError> {
    let recruiter = caller(app, "recruitment.941", &host.vpd).await?;
    let seen = "The checks were seen on paper, before they were kept here";
    for (number, accepts) in NEAR.zip([true, false]) {
        let post = host.post(usize::try_from(number).unwrap_or(0));
        let mut tx = app.db.vpd(&recruiter.vpd).await?;
        let found = crate::applicants::store::at_position(&mut tx, &post.position_id).await?;
        for (application, status) in found {
            if status != Status::PreferredApplicant {
                continue;
            }
            let step = Step::OfferConditionally;
            let made = checks::change_status(&mut tx, &recruiter, application, status, step, "", app.now()).await;
            made.map_err(anyhow::Error::from)?;
            if accepts {
                let (status, step) = (Status::OfferedPostConditional, Step::AcceptOffer);
                let made = checks::change_status(&mut tx, &recruiter, application, status, step, seen, app.now()).await;
                made.map_err(anyhow::Error::from)?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Says of all posts of the first employer that it is host, and of the second that it is lead, of one of them together; and whom each is to ask.
async fn pair(app: &App, host: &Employer, lead: &Employer) -> Result<(), DemoError> {
    let post = lead.post(PAIR[1]);
    let shared = [post.position_number.as_str(), "SET", &host.post(PAIR[0]).dpn, &lead.body, "Lead Employer", "shared"];
    let sides = [(host, "Host Employer", None, "mso.941"), (lead, "Lead Employer", Some(shared), "mso.952")];
    for (employer, status, shared, officer) in sides {
        let officer = caller(app, officer, &employer.vpd).await?;
        let mut tx = app.db.vpd(&officer.vpd).await?;
        if mass_updates::store::list(&mut tx).await?.is_empty() {
            let numbers = (0..employer.positions).map(|index| employer.post(index).position_number);
            let numbers: Vec<String> = numbers.filter(|number| shared.is_none_or(|row| row[0] != number)).collect();
            let rows = numbers.iter().map(|number| [number, "SET", "", "", status, ""]).chain(shared);
            let name = "host and lead.csv";
            let id =
                check(&mut tx, app, &Actor::Command, "The demonstration", name, &sheet(&employer.vpd, rows)).await?;
            let applied = mass_updates::actions::apply(&mut tx, &Actor::Command, id, app.today(), app.now()).await;
            applied.map_err(anyhow::Error::from)?;
        }
        let contact = Contact {
            name: "Medical Staffing".to_owned(),
            address: format!("staffing@{}.example", employer.town.to_lowercase()),
            telephone: Some(format!("01632 960{}", employer.vpd)),
        };
        lead_and_host::save_contact(&mut tx, &officer, &contact, app.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Checks a mass update as if it had been sent.
async fn check(
    tx: &mut VpdTx,
    app: &App,
    by: &Actor,
    by_name: &str,
    name: &str,
    text: &str,
) -> Result<Uuid, DemoError> {
    let table = spreadsheets::read(text.as_bytes(), 1_000).map_err(anyhow::Error::from)?;
    Ok(mass_updates::actions::check(tx, by, by_name, name, &table, app.today(), app.now()).await?)
}

/// A mass update of rows: number, action, DPN, body, status, note.
fn sheet<'a>(vpd: &str, rows: impl Iterator<Item = [&'a str; 6]>) -> String {
    let head =
        "vpd,position_number,action,deanery_post_number,managing_deanery_body,host_lead_status,effective_from,note\n";
    let lines = rows.map(|[number, action, dpn, body, status, note]| {
        format!("{vpd},{number},{action},{dpn},{body},{status},6/5/2026,{note}\n")
    });
    std::iter::once(head.to_owned()).chain(lines).collect()
}

/// What the deanery says are this employer's posts: most of them, one that no position carries, and not all that there are.
fn list(employer: &Employer) -> String {
    let site = format!("{}01", employer.ods_code);
    let mut text =
        "deanery_post_number,managing_deanery_body,site_code,specialty,grade,valid_from,valid_to,note\n".to_owned();
    for post in (0..60).map(|index| employer.post(index)) {
        text.push_str(&format!("{},{},{site},,,,,\n", post.dpn, employer.body));
    }
    for (number, specialty) in [("951", "Paediatrics"), ("952", "Urology")] {
        text.push_str(&format!(
            "{}/{site}/024/STR/{number},{},{site},{specialty},STR,5/8/2026,,New\n",
            employer.body, employer.body
        ));
    }
    text
}

/// A mass update with rows that change something, one that changes nothing, and two that cannot be.
fn update(employer: &Employer) -> String {
    let academic: Vec<(String, String)> = (36..44)
        .map(|index| employer.post(index))
        .map(|post| (post.position_number, format!("{}/A", post.dpn)))
        .collect();
    let (closed, same, used) = (employer.post(88), employer.post(PAIR[0]), employer.post(13));
    let taken = employer.post(14).position_number;
    let rows =
        academic.iter().map(|(number, dpn)| [number.as_str(), "SET", dpn, "", "", "academic from now on"]).chain([
            [closed.position_number.as_str(), "END_DATE", "", "", "", "the post closes"],
            [&same.position_number, "SET", "", "", "Host Employer", "so already"],
            [&taken, "SET", &used.dpn, "", "", "used by another"],
            ["99999999", "SET", "", "", "Host Employer", "no such position"],
        ]);
    sheet(&employer.vpd, rows)
}
