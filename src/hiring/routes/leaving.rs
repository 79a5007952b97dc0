use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::typed;
use crate::access::permissions::ChangeApplications;
use crate::access::{Authorised, Empty, Form};
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

pub async fn form(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    person: Path<String>,
    asked: Query<Asked>,
) -> PageResult {
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

/// Shows what will happen, and does it when that was confirmed.
pub async fn decide(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    person: Path<String>,
    Form(form): Form<BTreeMap<String, String>>,
) -> PageResult {
    let sent = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let day = match sent("last-day") {
        day if day.is_empty() || form.contains_key("last-day-month") => typed(&form, "last-day"),
        day => day,
    };
    let mut tx = who.begin(&app.db).await?;
    people::find(&mut tx, &person).await?.ok_or(PageError::NotFound)?;
    let reasons = store::codes(&mut tx, "leaving_reason").await?;
    let destinations = store::codes(&mut tx, "leaving_destination").await?;
    let mut entered = Entered {
        outcome: Field::new("outcome", sent("outcome")),
        last_day: Field::new("last-day", day.clone()),
        reason_code: Field::new("reason-code", sent("reason-code")),
        destination: Field::new("destination", sent("destination")),
        note: Field::new("note", sent("note")),
        then: sent("then"),
        confirmed: false,
    };
    let is_confirmed = sent("confirmed") == "yes";
    if let Some(decided) = actions::decided(&mut tx, &person).await?.filter(|decided| decided.has_ended) {
        tx.rollback().await?;
        entered.confirmed = is_confirmed;
        return ended_already(&app, &who, &person, entered, &decided.leaving).await;
    }
    let outcome = Outcome::from_code(&entered.outcome.value);
    let refuse = |field: &mut Field, text: &str| field.error = Some(text.to_owned());
    let last_day = dates::parse_day(&day);
    match (outcome, last_day) {
        (None, _) => refuse(&mut entered.outcome, "Choose what becomes of the employment or honorary record"),
        (Some(Outcome::Stays), _) => {}
        (Some(_), None) => refuse(&mut entered.last_day, "Enter the last day as day, month and year, such as 4/8/2026"),
        (Some(outcome), Some(day)) => {
            let mut fault = last_day_fault(outcome, day, app.today());
            if outcome == Outcome::Ends
                && let Some(first) = employment::first_day(&mut tx, &person, app.today()).await?
                && day < first
            {
                fault = Some(LeaveError::BeforeItBegan(first).to_string());
            }
            entered.last_day.error = fault;
        }
    }
    if outcome == Some(Outcome::Ends) {
        if !reasons.iter().any(|(code, _)| *code == entered.reason_code.value) {
            refuse(&mut entered.reason_code, "Choose the leaving reason");
        }
        if !entered.destination.value.is_empty()
            && !destinations.iter().any(|(code, _)| *code == entered.destination.value)
        {
            refuse(&mut entered.destination, "Choose the destination from the list");
        }
    }
    if entered.note.value.chars().count() > LONGEST_REASON {
        refuse(&mut entered.note, "Note must be 4,000 characters or fewer");
    }
    let is_wrong = entered.fields().iter().any(|field| field.error.is_some());
    let Some(outcome) = outcome.filter(|_| !is_wrong) else {
        tx.rollback().await?;
        return page(&app, &who, &person, StatusCode::UNPROCESSABLE_ENTITY, entered).await;
    };
    if !is_confirmed && outcome == Outcome::Ends {
        tx.rollback().await?;
        entered.confirmed = true;
        return page(&app, &who, &person, StatusCode::OK, entered).await;
    }
    let decision = Decision {
        outcome,
        last_day: last_day.filter(|_| outcome != Outcome::Stays),
        reason_code: entered.reason_code.value.clone(),
        destination: entered.destination.value.clone(),
        note: entered.note.value.clone(),
    };
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
            flash.undo = Some(Undo { label: "Undo".to_owned(), action, fields: Vec::new() });
            who.flash(&flash);
            let then = Some(entered.then).filter(|then| !then.is_empty());
            Ok(ui::see_other(then.unwrap_or_else(|| format!("/people/{person}"))))
        }
        Err(LeaveError::NotFound) => Err(PageError::NotFound),
        Err(LeaveError::Database(error)) => Err(error.into()),
        Err(LeaveError::Ended(ended)) => {
            tx.rollback().await?;
            entered.confirmed = is_confirmed;
            ended_already(&app, &who, &person, entered, &ended).await
        }
        Err(error @ (LeaveError::HoldsNothing | LeaveError::BeforeItBegan(_))) => {
            tx.rollback().await?;
            let words = match (&error, outcome) {
                (LeaveError::HoldsNothing, Outcome::Extended) => {
                    "The doctor holds no assignment here today, so there is nothing to extend".to_owned()
                }
                _ => error.to_string(),
            };
            refuse(&mut entered.last_day, &words);
            page(&app, &who, &person, StatusCode::UNPROCESSABLE_ENTITY, entered).await
        }
    }
}

pub async fn undo(
    app: Data<App>,
    who: Authorised<ChangeApplications>,
    leaving: Path<Uuid>,
    Form(_): Form<Empty>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    match actions::undo_leaving(&mut tx, who.caller(), *leaving, app.today(), app.now()).await {
        Ok(leaving) => {
            tx.commit().await?;
            who.flash(&Flash::success("Undone: the record is as it was"));
            Ok(ui::see_other(format!("/people/{}", leaving.person_id)))
        }
        Err(UndoLeavingError::NotFound) => Err(PageError::NotFound),
        Err(UndoLeavingError::Database(error)) => Err(error.into()),
        Err(
            ref error @ (UndoLeavingError::Already { ref person_id } | UndoLeavingError::Followed { ref person_id }),
        ) => Err(PageError::Changed { text: error.to_string(), at: format!("/doctors/{person_id}/leaving") }),
    }
}
