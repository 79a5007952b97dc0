//! One thing done to many items: what is selected on the page, or all that match.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::form_urlencoded;
use uuid::Uuid;

use super::deeds::{holder, undoable};
use super::list::colleagues;
use super::{filter_of, reader};
use crate::access::permissions::DecideItems;
use crate::access::{Authorised, Form, Right};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::inbox::actions;
use crate::inbox::filter::Filter;
use crate::inbox::store;
use crate::inbox::store::Reader;
use crate::inbox::views::{BulkPage, Question, refusal};
use crate::notifications::actions::Results;
use crate::notifications::item::Deed;
use crate::tenancy::VpdTx;
use crate::ui::{self, Choice, Flash, count};

/// The most that one press may change.
const LIMIT: i64 = 5_000;
/// The most that can be selected one by one: more than a page of the list has.
const SELECTED: usize = 50;
/// The most rows that a banner names.
const NAMED: usize = 10;

/// What the list and the page that asks once more send.
#[derive(Deserialize)]
pub struct BulkForm {
    #[serde(default)]
    item: Vec<Uuid>,
    #[serde(default)]
    action: String,
    to: Option<Uuid>,
    all: Option<String>,
    /// How many the page that asked once more said.
    confirmed: Option<i64>,
    #[serde(default)]
    filter: String,
}

async fn deed(
    tx: &mut VpdTx,
    who: &Authorised<DecideItems>,
    action: &str,
    to: Option<Uuid>,
) -> Result<Deed, PageError> {
    Ok(match action {
        "claim" => Deed::Claim,
        "release" => Deed::Release,
        "done" => Deed::Done,
        "reassign" => Deed::Reassign { to: holder(tx, who, to.ok_or(PageError::NotFound)?).await?, seen: None },
        _ => return Err(PageError::BadRequest("There is no such action.".to_owned())),
    })
}

/// Asks once more before something is done to everything that matches.
pub async fn confirm(app: Data<App>, who: Authorised<DecideItems>, request: HttpRequest) -> PageResult {
    let (filter, ..) = Filter::parse(request.query_string())?;
    let pairs: Vec<(String, String)> = form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let action = value("action");
    let everything = !value("all").is_empty();
    let items: Vec<Uuid> =
        pairs.iter().filter(|(name, _)| name == "item").filter_map(|(_, id)| Uuid::parse_str(id).ok()).collect();
    let asks_for_whom = action == "reassign";
    // An address of one's own making, without the box that says "all": nothing is selected then.
    if !everything && (items.is_empty() || !asks_for_whom) {
        return Ok(nothing_selected(&who, &filter));
    }
    let reader = reader(&who, &app);
    let mut tx = who.begin(&app.db).await?;
    let matching = match everything {
        true => store::count(&mut tx, &filter, &reader, LIMIT).await?,
        false => items.len() as i64,
    };
    let question = if asks_for_whom {
        let affected = if everything { store::ids(&mut tx, &filter, &reader, LIMIT).await? } else { items.clone() };
        Question::ToWhom(holders_of_all(&mut tx, &affected, &reader).await?)
    } else {
        Question::Sure(deed(&mut tx, &who, &action, None).await?)
    };
    tx.done_reading();
    let page = BulkPage { layout: who.layout(), filter, action, question, items, everything, matching, limit: LIMIT };
    Ok(ui::page(StatusCode::OK, &page))
}

/// Who holds the role of every one of these items: whom they can all go to.
async fn holders_of_all(tx: &mut VpdTx, items: &[Uuid], reader: &Reader) -> sqlx::Result<Vec<Choice>> {
    let mut choices: Option<Vec<Choice>> = None;
    for role in store::roles_of(tx, items, &reader.roles).await?.iter().filter_map(|code| Right::from_code(code)) {
        let holders = colleagues(tx, &[role]).await?;
        choices = Some(match choices {
            None => holders,
            Some(before) => before.into_iter().filter(|c| holders.iter().any(|h| h.value == c.value)).collect(),
        });
    }
    Ok(choices.unwrap_or_default())
}

pub async fn act(app: Data<App>, who: Authorised<DecideItems>, Form(form): Form<BulkForm>) -> PageResult {
    let now = app.now();
    let filter = filter_of(&form.filter);
    let everything = form.all.is_some();
    if everything && form.confirmed.is_none() {
        return Ok(ui::see_other(filter.href_with("/inbox/bulk", &[("action", &form.action), ("all", "yes")])));
    }
    if form.action == "reassign" && form.to.is_none() {
        let items: Vec<String> = form.item.iter().take(SELECTED).map(Uuid::to_string).collect();
        let mut query = vec![("action", "reassign")];
        if everything {
            query.push(("all", "yes"));
        }
        query.extend(items.iter().map(|item| ("item", item.as_str())));
        return Ok(ui::see_other(filter.href_with("/inbox/bulk", &query)));
    }
    let reader = reader(&who, &app);
    let mut tx = who.begin(&app.db).await?;
    let deed = deed(&mut tx, &who, &form.action, form.to).await?;
    let items = if everything { store::ids(&mut tx, &filter, &reader, LIMIT).await? } else { form.item };
    if items.is_empty() {
        tx.commit().await?;
        return Ok(nothing_selected(&who, &filter));
    }
    let results = actions::act(&mut tx, &who, &items, &deed, now).await?;
    tx.commit().await?;
    let (verb, nothing) = match &deed {
        Deed::Claim | Deed::TakeOver { .. } => ("claimed".to_owned(), "claimed"),
        Deed::Release => ("put back".to_owned(), "put back"),
        Deed::Reassign { to, .. } => (format!("reassigned to {}", to.name), "reassigned"),
        Deed::Done => ("marked as done".to_owned(), "marked as done"),
    };
    let done = results.changed.len() + results.already.len();
    let all = done + results.refused.len();
    let mut flash = if results.refused.is_empty() {
        Flash::success(format!("{} {verb}", count(done, "item", "items")))
    } else if done == 0 {
        Flash::problem(format!("Nothing was {nothing}"))
    } else {
        Flash::problem(format!("{} of {} {verb}", ui::number(done), ui::number(all)))
    };
    flash.details = details(&results, now);
    if let Some(said) = form.confirmed
        && said != all as i64
    {
        flash.details.push(format!("The list had changed since you were asked: {} matched now", ui::number(all)));
    }
    who.flash(&if results.changed.is_empty() { flash } else { undoable(flash, now, &form.filter) });
    Ok(ui::see_other(filter.href("/inbox")))
}

fn nothing_selected(who: &Authorised<DecideItems>, filter: &Filter) -> HttpResponse {
    who.flash(&Flash::problem("Select at least one notification"));
    ui::see_other(filter.href("/inbox"))
}

/// What was left out and why, row by row, and how many more there were.
pub fn details(results: &Results, now: DateTime<Utc>) -> Vec<String> {
    let mut details: Vec<String> =
        results.refused.iter().take(NAMED).map(|(label, why)| refusal(label, why, now)).collect();
    if results.refused.len() > NAMED {
        details.push(format!("and {} more", ui::number(results.refused.len() - NAMED)));
    }
    details
}
