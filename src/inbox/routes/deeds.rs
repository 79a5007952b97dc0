//! Claim, put back, take over, reassign, note, done, undo: each one button.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use uuid::Uuid;

use super::message::{after_decision, item_href, with_refused_note};
use super::{filter_of, instant, reader};
use crate::access::permissions::DecideItems;
use crate::access::{self, Authorised, Form, Right};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::inbox::actions;
use crate::inbox::store;
use crate::inbox::views::refusal;
use crate::notifications::actions::{NOTE_LIMIT, Results, note as add_note, roles_of};
use crate::notifications::item::{Deed, Who};
use crate::tenancy::VpdTx;
use crate::ui::{self, Field, Flash, count};

/// What the forms of an item send; each uses its part.
#[derive(Deserialize)]
pub struct DeedForm {
    /// The list that the item was opened from.
    #[serde(default)]
    filter: String,
    /// The item as the page showed it.
    version: Option<i32>,
    to: Option<Uuid>,
    #[serde(default)]
    note: String,
    then: Option<String>,
}

type Request = (Data<App>, Authorised<DecideItems>, Path<Uuid>, Form<DeedForm>);

pub async fn claim((app, who, item, Form(form)): Request) -> PageResult {
    one(&app, &who, *item, &form, Deed::Claim).await
}

pub async fn take_over((app, who, item, Form(form)): Request) -> PageResult {
    let deed = Deed::TakeOver { seen: form.version.unwrap_or_default() };
    one(&app, &who, *item, &form, deed).await
}

pub async fn release((app, who, item, Form(form)): Request) -> PageResult {
    one(&app, &who, *item, &form, Deed::Release).await
}

pub async fn reassign((app, who, item, Form(form)): Request) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let to = holder(&mut tx, &who, form.to.ok_or(PageError::NotFound)?).await?;
    tx.rollback().await?;
    let deed = Deed::Reassign { to, seen: form.version };
    one(&app, &who, *item, &form, deed).await
}

/// Somebody who holds one of the caller's rights here.
pub async fn holder(tx: &mut VpdTx, who: &Authorised<DecideItems>, id: Uuid) -> Result<Who, PageError> {
    for right in who.rights.iter().copied().collect::<Vec<Right>>() {
        if let Some((user_id, _, name)) =
            access::store::holders(tx, right).await?.into_iter().find(|(user, ..)| *user == id)
        {
            return Ok(Who { user_id, name });
        }
    }
    Err(PageError::NotFound)
}

async fn one(app: &App, who: &Authorised<DecideItems>, item: Uuid, form: &DeedForm, deed: Deed) -> PageResult {
    let now = app.now();
    let mut tx = who.begin(&app.db).await?;
    let results = actions::act(&mut tx, who, &[item], &deed, now).await?;
    let message = store::message_of(&mut tx, item, &roles_of(who)).await?.ok_or(PageError::NotFound)?;
    tx.commit().await?;
    let words = match &deed {
        Deed::Claim | Deed::TakeOver { .. } => "You have this now".to_owned(),
        Deed::Release => "Put back: nobody has this now".to_owned(),
        Deed::Reassign { to, .. } => format!("{} has this now", to.name),
        Deed::Done => "Done".to_owned(),
    };
    let undo = form.filter.clone();
    who.flash(&said(&results, words, now, &undo));
    Ok(ui::see_other(item_href(&filter_of(&form.filter), message, item)))
}

/// What is said of one thing done to one item; the same for a second press.
fn said(results: &Results, words: String, now: chrono::DateTime<chrono::Utc>, filter: &str) -> Flash {
    match results.refused.first() {
        Some((_, why)) => Flash::problem(format!("{}.", refusal("This", why, now))),
        None if results.changed.is_empty() => Flash::success(words),
        None => undoable(Flash::success(words), now, filter),
    }
}

/// Adds the button that takes back what was done at `at`.
pub fn undoable(mut flash: Flash, at: chrono::DateTime<chrono::Utc>, filter: &str) -> Flash {
    flash = flash.undo("Undo", "/inbox/undo");
    if let Some(undo) = &mut flash.undo {
        undo.fields =
            vec![("at".to_owned(), at.timestamp_micros().to_string()), ("filter".to_owned(), filter.to_owned())];
    }
    flash
}

pub async fn done((app, who, item, Form(form)): Request) -> PageResult {
    let now = app.now();
    let filter = filter_of(&form.filter);
    let reader = reader(&who, &app);
    let mut tx = who.begin(&app.db).await?;
    let results = actions::act(&mut tx, &who, &[*item], &Deed::Done, now).await?;
    let message = store::message_of(&mut tx, *item, &reader.roles).await?.ok_or(PageError::NotFound)?;
    if let Some((_, why)) = results.refused.first() {
        tx.commit().await?;
        who.flash(&Flash::problem(format!("{}.", refusal("This", why, now))));
        return Ok(ui::see_other(item_href(&filter, message, *item)));
    }
    let goes_to_next = form.then.as_deref().map_or(who.goes_to_next, |then| then == "next");
    let to = after_decision(&mut tx, &filter, &reader, *item, goes_to_next).await?;
    let left = store::count(&mut tx, &filter, &reader, 1_000).await?;
    let name = store::item(&mut tx, message, *item, &reader.roles)
        .await?
        .map(|row| row.person_name.unwrap_or(row.title))
        .unwrap_or_default();
    tx.commit().await?;
    if goes_to_next != who.goes_to_next {
        let mut tx = app.db.system().await?;
        access::store::save_after_decision(&mut tx, who.user_id, goes_to_next).await?;
        tx.commit().await?;
    }
    let shown = to.starts_with("/inbox/");
    let words = match (left, shown) {
        (0, _) => format!("{name} is done. Nothing is left in this list."),
        (left, true) => format!("{name} is done. Showing the next: {} left.", super::super::views::capped(left, 1_000)),
        (left, false) => format!("{name} is done. {} left in this list.", super::super::views::capped(left, 1_000)),
    };
    let flash = Flash::success(words);
    who.flash(&if results.changed.is_empty() { flash } else { undoable(flash, now, &form.filter) });
    Ok(ui::see_other(to))
}

pub async fn reopen((app, who, item, Form(form)): Request) -> PageResult {
    let now = app.now();
    let mut tx = who.begin(&app.db).await?;
    let results = actions::reopen(&mut tx, &who, *item, now).await?;
    let message = store::message_of(&mut tx, *item, &roles_of(&who)).await?.ok_or(PageError::NotFound)?;
    tx.commit().await?;
    who.flash(&match results.refused.first() {
        Some((_, why)) => Flash::problem(format!("{}.", refusal("This", why, now))),
        None => Flash::success("This is open again"),
    });
    Ok(ui::see_other(item_href(&filter_of(&form.filter), message, *item)))
}

pub async fn note(request: HttpRequest, (app, who, item, Form(form)): Request) -> PageResult {
    let filter = filter_of(&form.filter);
    let text = form.note.replace("\r\n", "\n");
    let length = text.chars().count();
    let problem = match length {
        _ if text.trim().is_empty() => Some("Enter the note".to_owned()),
        _ if length > NOTE_LIMIT => {
            Some(format!("The note must be 4,000 characters or fewer: it has {}", ui::number(length)))
        }
        _ => None,
    };
    if let Some(problem) = problem {
        let note = Field::refused("note", form.note, problem);
        return with_refused_note(&app, &who, &request, *item, filter, note).await;
    }
    let mut tx = who.begin(&app.db).await?;
    add_note(&mut tx, &who, *item, text.trim(), app.now()).await?;
    let message = store::message_of(&mut tx, *item, &roles_of(&who)).await?.ok_or(PageError::NotFound)?;
    tx.commit().await?;
    who.flash(&Flash::success("Note added"));
    Ok(ui::see_other(item_href(&filter, message, *item)))
}

/// What the button of a banner sends.
#[derive(Deserialize)]
pub struct UndoForm {
    at: String,
    #[serde(default)]
    filter: String,
}

pub async fn undo(app: Data<App>, who: Authorised<DecideItems>, Form(form): Form<UndoForm>) -> PageResult {
    let now = app.now();
    let filter = filter_of(&form.filter);
    let at = instant(&form.at).ok_or(PageError::NotFound)?;
    let mut tx = who.begin(&app.db).await?;
    let results = actions::undo(&mut tx, &who, at, now).await?;
    let one = match results.changed[..] {
        [item] if results.refused.is_empty() => {
            store::message_of(&mut tx, item, &roles_of(&who)).await?.map(|message| (message, item))
        }
        _ => None,
    };
    tx.commit().await?;
    let undone = results.changed.len();
    let mut flash = match (undone, results.refused.len()) {
        (0, _) => Flash::problem("Nothing was undone"),
        (_, 0) => Flash::success(format!("{} as before", count(undone, "item is", "items are"))),
        (_, refused) => {
            Flash::problem(format!("{} of {} are as before", ui::number(undone), ui::number(undone + refused)))
        }
    };
    flash.details = super::bulk::details(&results, now);
    who.flash(&flash);
    Ok(ui::see_other(match one {
        Some((message, item)) => item_href(&filter, message, item),
        None => filter.href("/inbox"),
    }))
}
