use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::typed;
use crate::access::permissions::ChangeApplications;
use crate::access::{Authorised, Form, Looked};
use crate::app::App;
use crate::deanery_changes::store as changes;
use crate::error::{PageError, PageResult};
use crate::hiring::actions::{self, Decision, LeaveError, UndoLeavingError};
use crate::hiring::model::{LONGEST_REASON, Outcome, last_day_fault};
use crate::hiring::store::{self, Leaving};
use crate::hiring::views::{Entered, LeavingPage};
use crate::people::applicants as people;
use crate::people::store as employment;
use crate::ui::{self, ErrorSummary, Field, Flash, Undo, dates};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// What the page begins with.
    outcome: String,
    /// Where it leads when it is done: the task, the board or the change that it was opened from.
    then: String,
}

/// What the form, or the page on which it is checked, sends.
#[derive(Serialize, Deserialize)]
struct Sent {
    outcome: String,
    last_day: String,
    reason_code: String,
    destination: String,
    note: String,
    then: String,
}

impl Sent {
    fn of(form: &BTreeMap<String, String>) -> Self {
        let sent = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        Self {
            outcome: sent("outcome"),
            // The confirmation sends the day as one field, the form as three.
            last_day: match sent("last-day") {
                day if day.is_empty() || form.contains_key("last-day-month") => typed(form, "last-day"),
                day => day,
            },
            reason_code: sent("reason-code"),
            destination: sent("destination"),
            note: sent("note"),
            then: sent("then"),
        }
    }

    fn entered(&self) -> Entered {
        Entered {
            outcome: Field::new("outcome", &self.outcome),
            last_day: Field::new("last-day", &self.last_day),
            reason_code: Field::new("reason-code", &self.reason_code),
            destination: Field::new("destination", &self.destination),
            note: Field::new("note", &self.note),
            then: self.then.clone(),
            confirmed: false,
        }
    }
}

fn path_of(person: &str) -> String {
    format!("/doctors/{person}/leaving")
}

pub async fn form(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    person: Path<String>,
    asked: Query<Asked>,
    looked: Query<Looked>,
) -> PageResult {
    if let Some(sent) = who.entered::<Sent>(&path_of(&person), &looked) {
        if looked.is_to_change() {
            return page(&app, &who, &person, StatusCode::OK, sent.entered()).await;
        }
        return match checked(&app, &who, &person, &sent).await? {
            Checked::Wrong(page) => Ok(page),
            Checked::Right(_) => to_confirm(&app, &who, &person, &sent).await,
        };
    }
    let outcome = Outcome::from_code(&asked.outcome).unwrap_or(Outcome::Ends);
    let entered = Entered {
        outcome: Field::new("outcome", outcome.code()),
        last_day: Field::empty("last-day"),
        // A rotating doctor leaves by the end of a fixed term, external rotation.
        reason_code: Field::new("reason-code", "08"),
        destination: Field::new("destination", "01"),
        note: Field::empty("note"),
        then: asked.into_inner().then,
        confirmed: false,
    };
    page(&app, &who, &person, StatusCode::OK, entered).await
}

async fn page(
    app: &Data<App>,
    who: &Authorised<ChangeApplications>,
    person: &str,
    status: StatusCode,
    mut entered: Entered,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let known = people::find(&mut tx, person).await?.ok_or(PageError::NotFound)?;
    let held = employment::assignments(&mut tx, person, app.today()).await?;
    let reasons = store::codes(&mut tx, "leaving_reason").await?;
    let destinations = store::codes(&mut tx, "leaving_destination").await?;
    let waiting = changes::list_about_employment(&mut tx, person).await?;
    let decided = actions::decided(&mut tx, person).await?;
    tx.commit().await?;
    if status == StatusCode::OK && !entered.confirmed && entered.last_day.value.is_empty() {
        // The deanery's new end date, or else that of the contract.
        let told = waiting.iter().find_map(|change| change.end_on);
        let ends = told.or_else(|| held.iter().filter_map(|one| one.contract_end_on.or(one.effective_to)).min());
        entered.last_day.value = ends.map(|day| day.format("%-d/%-m/%Y").to_string()).unwrap_or_default();
    }
    let page = LeavingPage {
        layout: who.layout(),
        errors: ErrorSummary::of(entered.fields()),
        known,
        held,
        waiting,
        decided,
        was_late: status == StatusCode::CONFLICT,
        entered,
        reasons,
        destinations,
        today: app.today(),
    };
    Ok(ui::page(status, &page))
}

/// Somebody ended the record before: who, when, and what was entered and not saved. The second press of one button only leads on.
async fn ended_already(
    app: &Data<App>,
    who: &Authorised<ChangeApplications>,
    person: &str,
    mut entered: Entered,
    ended: &Leaving,
) -> PageResult {
    let is_the_same = entered.confirmed
        && ended.by == who.name
        && entered.outcome.value == ended.outcome
        && dates::parse_day(&entered.last_day.value) == ended.last_day;
    if is_the_same {
        who.flash(&Flash::information("The record was ended already. Nothing was done twice"));
        let then = Some(entered.then).filter(|then| !then.is_empty());
        return Ok(ui::see_other(then.unwrap_or_else(|| format!("/people/{person}"))));
    }
    entered.confirmed = false;
    page(app, who, person, StatusCode::CONFLICT, entered).await
}

/// What was entered, looked at before anything is done.
enum Checked {
    /// The form again, with what is wrong, or where else this leads.
    Wrong(HttpResponse),
    Right(Decision),
}

async fn checked(
    app: &Data<App>,
    who: &Authorised<ChangeApplications>,
    person: &str,
    sent: &Sent,
) -> Result<Checked, PageError> {
    let mut entered = sent.entered();
    let mut tx = who.begin(&app.db).await?;
    people::find(&mut tx, person).await?.ok_or(PageError::NotFound)?;
    let reasons = store::codes(&mut tx, "leaving_reason").await?;
    let destinations = store::codes(&mut tx, "leaving_destination").await?;
    let first_day = employment::first_day(&mut tx, person, app.today()).await?;
    tx.done_reading();
    let outcome = Outcome::from_code(&sent.outcome);
    let refuse = |field: &mut Field, text: &str| field.error = Some(text.to_owned());
    let last_day = dates::parse_day(&sent.last_day);
    match (outcome, last_day) {
        (None, _) => refuse(&mut entered.outcome, "Choose what becomes of the employment or honorary record"),
        (Some(Outcome::Stays), _) => {}
        (Some(_), None) => refuse(&mut entered.last_day, "Enter the last day as day, month and year, such as 4/8/2026"),
        (Some(outcome), Some(day)) => {
            let began = first_day.filter(|first| outcome == Outcome::Ends && day < *first);
            entered.last_day.error = match began {
                Some(first) => Some(LeaveError::BeforeItBegan(first).to_string()),
                None => last_day_fault(outcome, day, app.today()),
            };
        }
    }
    if outcome == Some(Outcome::Ends) {
        if !reasons.iter().any(|(code, _)| *code == sent.reason_code) {
            refuse(&mut entered.reason_code, "Choose the leaving reason");
        }
        if !sent.destination.is_empty() && !destinations.iter().any(|(code, _)| *code == sent.destination) {
            refuse(&mut entered.destination, "Choose the destination from the list");
        }
    }
    if sent.note.chars().count() > LONGEST_REASON {
        refuse(&mut entered.note, "Note must be 4,000 characters or fewer");
    }
    let is_wrong = entered.fields().iter().any(|field| field.error.is_some());
    match outcome.filter(|_| !is_wrong) {
        Some(outcome) => Ok(Checked::Right(Decision {
            outcome,
            last_day: last_day.filter(|_| outcome != Outcome::Stays),
            reason_code: sent.reason_code.clone(),
            destination: sent.destination.clone(),
            note: sent.note.clone(),
        })),
        None => page(app, who, person, StatusCode::UNPROCESSABLE_ENTITY, entered).await.map(Checked::Wrong),
    }
}

async fn to_confirm(app: &Data<App>, who: &Authorised<ChangeApplications>, person: &str, sent: &Sent) -> PageResult {
    page(app, who, person, StatusCode::OK, Entered { confirmed: true, ..sent.entered() }).await
}

/// Leads to what will happen, and does it when that was confirmed.
pub async fn decide(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    person: Path<String>,
    Form(form): Form<BTreeMap<String, String>>,
) -> PageResult {
    let sent = Sent::of(&form);
    let is_confirmed = form.get("confirmed").is_some_and(|said| said == "yes");
    let mut entered = Entered { confirmed: is_confirmed, ..sent.entered() };
    let mut tx = who.begin(&app.db).await?;
    let decided = actions::decided(&mut tx, &person).await?;
    // One transaction after the other: whoever holds one while waiting for another keeps everybody waiting.
    tx.done_reading();
    if let Some(decided) = decided.filter(|decided| decided.has_ended) {
        return ended_already(&app, &who, &person, entered, &decided.leaving).await;
    }
    let decision = match checked(&app, &who, &person, &sent).await? {
        Checked::Wrong(page) => return Ok(page),
        Checked::Right(decision) => decision,
    };
    let outcome = decision.outcome;
    if !is_confirmed && outcome == Outcome::Ends {
        return match who.keep_entered(&path_of(&person), &sent) {
            Some(at) => Ok(ui::see_other(at)),
            None => to_confirm(&app, &who, &person, &sent).await,
        };
    }
    let mut tx = who.begin(&app.db).await?;
    match actions::leave(&mut tx, who.caller(), &person, &decision, app.today(), app.now()).await {
        Ok(leaving) => {
            tx.commit().await?;
            let text = match (outcome, leaving.last_day) {
                (Outcome::Ends, Some(day)) => format!("The record ends after {}", dates::day(day)),
                (Outcome::Extended, Some(day)) => format!("The record goes on until {}", dates::day(day)),
                _ => "The doctor stays as before".to_owned(),
            };
            let mut flash = Flash::success(text);
            let action = format!("/doctors/leavings/{}/undo", leaving.leaving_id);
            // Taken back, it leads to where it was decided from.
            let fields = match sent.then.as_str() {
                "" => Vec::new(),
                then => vec![("then".to_owned(), then.to_owned())],
            };
            flash.undo = Some(Undo { label: "Undo".to_owned(), action, fields });
            who.flash(&flash);
            who.forget_entered();
            let then = Some(sent.then).filter(|then| !then.is_empty());
            Ok(ui::see_other(then.unwrap_or_else(|| format!("/people/{person}"))))
        }
        Err(LeaveError::NotFound) => Err(PageError::NotFound),
        Err(LeaveError::Database(error)) => Err(error.into()),
        Err(LeaveError::Ended(ended)) => {
            tx.rollback().await?;
            ended_already(&app, &who, &person, entered, &ended).await
        }
        Err(
            error @ (LeaveError::HoldsNothing
            | LeaveError::BeforeItBegan(_)
            | LeaveError::RunsUntil(_)
            | LeaveError::Endless),
        ) => {
            tx.rollback().await?;
            let words = match (&error, outcome) {
                (LeaveError::HoldsNothing, Outcome::Extended) => {
                    "The doctor holds no assignment here today, so there is nothing to extend".to_owned()
                }
                _ => error.to_string(),
            };
            entered.last_day.error = Some(words);
            entered.confirmed = false;
            page(&app, &who, &person, StatusCode::UNPROCESSABLE_ENTITY, entered).await
        }
    }
}

/// Where taking a decision back leads: the board or the change that it was made from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct UndoForm {
    then: String,
}

pub async fn undo(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    leaving: Path<Uuid>,
    Form(form): Form<UndoForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match actions::undo_leaving(&mut tx, who.caller(), *leaving, app.today(), app.now()).await {
        Ok(leaving) => {
            tx.commit().await?;
            who.flash(&Flash::success("Undone: the record is as it was"));
            let then = Some(form.then).filter(|then| !then.is_empty());
            Ok(ui::see_other(then.unwrap_or_else(|| format!("/people/{}", leaving.person_id))))
        }
        Err(UndoLeavingError::NotFound) => Err(PageError::NotFound),
        Err(UndoLeavingError::Database(error)) => Err(error.into()),
        Err(
            ref error @ (UndoLeavingError::Already { ref person_id } | UndoLeavingError::Followed { ref person_id }),
        ) => Err(PageError::Changed { text: error.to_string(), at: path_of(person_id) }),
    }
}
