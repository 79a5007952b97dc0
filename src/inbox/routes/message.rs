use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use url::form_urlencoded;
use uuid::Uuid;

use super::list::colleagues;
use super::reader;
use crate::access::permissions::{
    DecideItems, EnterApplicants, MakeNewPosts, PutRecordsRight, ReadInbox, SettleDuplicates,
};
use crate::access::{self, Authorised, Right};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::hiring::{reminders, starting};
use crate::inbox::filter::Filter;
use crate::inbox::kinds::{self, KINDS};
use crate::inbox::store::{self, ItemRow, Reader};
use crate::inbox::views::{ItemView, MessagePage, Section};
use crate::notifications;
use crate::reference::store::whom_to_ask;
use crate::tenancy::VpdTx;
use crate::ui::{self, ErrorSummary, Field};

/// The kind of item about the doctors who start on a day.
const STARTERS: &str = "dit_starter";

pub async fn show(app: Data<App>, who: Authorised<ReadInbox>, id: Path<Uuid>, request: HttpRequest) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let wanted = form_urlencoded::parse(request.query_string().as_bytes()).find(|(name, _)| name == "item");
    let wanted = match wanted {
        Some((_, id)) => Some(Uuid::parse_str(&id).map_err(|_| PageError::NotFound)?),
        None => None,
    };
    let (filter, ..) = Filter::parse(request.query_string())?;
    let reader = reader(&who, &app);
    let mut page = build(&mut tx, &who, &reader, *id, wanted, filter).await?;
    notifications::store::decide::mark_read(&mut tx, *id, &reader.roles, reader.user_id, reader.now).await?;
    tx.commit().await?;
    page.is_part = ui::wants_part(&request);
    Ok(respond(StatusCode::OK, &page))
}

fn respond(status: StatusCode, page: &MessagePage) -> HttpResponse {
    if page.is_part { ui::page(status, &page.as_panel()) } else { ui::page(status, page) }
}

/// The page again with a note that cannot be taken.
pub async fn with_refused_note(
    app: &App,
    who: &Authorised<DecideItems>,
    request: &HttpRequest,
    item: Uuid,
    filter: Filter,
    note: Field,
) -> PageResult {
    let reader = reader(who, app);
    let mut tx = who.begin(&app.db).await?;
    let message = store::message_of(&mut tx, item, &reader.roles).await?.ok_or(PageError::NotFound)?;
    let mut page = build(&mut tx, who, &reader, message, Some(item), filter).await?;
    tx.commit().await?;
    page.errors = ErrorSummary::of([&note]);
    if let Some(view) = &mut page.item {
        view.note = note;
    }
    page.is_part = ui::wants_part(request);
    Ok(respond(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Reads what the page of a message shows; with no item asked for, a message of one item opens that.
async fn build<P: access::permissions::Permission>(
    tx: &mut VpdTx,
    who: &Authorised<P>,
    reader: &Reader,
    id: Uuid,
    wanted: Option<Uuid>,
    filter: Filter,
) -> Result<MessagePage, PageError> {
    let message = store::message(tx, id, &reader.roles).await?.ok_or(PageError::NotFound)?;
    let contact = match &message.body_code {
        Some(body) => whom_to_ask(tx, body, reader.today).await?,
        None => None,
    };
    let mut rows = store::items(tx, id, &reader.roles).await?;
    for row in &mut rows {
        say_how_it_stands(tx, row).await?;
    }
    let cut = rows.len() > store::SHOWN as usize;
    rows.truncate(store::SHOWN as usize);
    let wanted = wanted.or(match &rows[..] {
        [only] => Some(only.item_id),
        _ => None,
    });
    let item = match wanted {
        Some(wanted) => {
            let mut row = store::item(tx, id, wanted, &reader.roles).await?.ok_or(PageError::NotFound)?;
            say_how_it_stands(tx, &mut row).await?;
            Some(panel(tx, who, reader, row, &filter).await?)
        }
        None => None,
    };
    let mut roles: Vec<String> = rows.iter().map(|row| row.role.clone()).collect();
    roles.sort();
    roles.dedup();
    let mut to = Vec::new();
    for right in roles.iter().filter_map(|code| Right::from_code(code)) {
        let names: Vec<String> =
            access::store::holders(tx, right).await?.into_iter().map(|(_, _, name)| name).collect();
        to.push(match names.len() {
            0 => format!("{}: nobody holds this role", right.label()),
            1..=5 => format!("{}: {}", right.label(), names.join(", ")),
            n => format!("{}: {} and {} more", right.label(), names[..4].join(", "), n - 4),
        });
    }
    let sections = sections(rows, reader);
    Ok(MessagePage {
        layout: who.layout(),
        errors: ErrorSummary::default(),
        message,
        contact,
        filter,
        sections,
        cut,
        holders_text: to.join("; "),
        trust: if who.vpd.is_operations() { who.vpd_name.clone() } else { format!("{} {}", who.vpd, who.vpd_name) },
        item,
        is_part: false,
    })
}

/// Of those who start on a day an item says how they stand now, not how they stood when it was raised.
async fn say_how_it_stands(tx: &mut VpdTx, row: &mut ItemRow) -> sqlx::Result<()> {
    if let (STARTERS, Some(day)) = (row.kind.as_str(), row.takes_effect_on) {
        row.facts["text"] = reminders::standing(tx, day).await?.into();
    }
    Ok(())
}

/// An item with all that its panel shows.
async fn panel<P: access::permissions::Permission>(
    tx: &mut VpdTx,
    who: &Authorised<P>,
    reader: &Reader,
    row: ItemRow,
    filter: &Filter,
) -> Result<ItemView, PageError> {
    let role = Right::from_code(&row.role);
    let mut view = ItemView::new(row, reader.user_id, reader.now, reader.today);
    view.history = store::history(tx, view.row.item_id).await?;
    if let (STARTERS, Some(day)) = (view.row.kind.as_str(), view.row.takes_effect_on) {
        (view.starting, view.starting_in_all) = starting::on(tx, day, reader.today).await?;
    }
    view.may_decide = who.may::<DecideItems>();
    view.may_put_right = who.may::<PutRecordsRight>();
    view.may_enter = who.may::<EnterApplicants>();
    view.may_settle = who.may::<SettleDuplicates>();
    view.may_make_posts = who.may::<MakeNewPosts>();
    if view.is_new_post() && view.lacks_the_urp() {
        view.able = colleagues(tx, &[Right::LocalWorkstructuresAdministration]).await?;
    }
    view.goes_to_next = who.goes_to_next;
    view.then = filter.href_with("/inbox/next", &[("item", &view.row.item_id.to_string())]);
    if let Some(role) = role
        && view.may_decide
        && view.is_waiting()
    {
        view.holders = colleagues(tx, &[role]).await?;
        // Reassigning to whoever has it, or to oneself, says nothing that the button beside it does not.
        view.holders.retain(|choice| choice.value != reader.user_id.to_string());
    }
    Ok(view)
}

fn sections(rows: Vec<ItemRow>, reader: &Reader) -> Vec<Section> {
    let mut sections: Vec<Section> = KINDS.iter().map(|kind| Section { kind, items: Vec::new() }).collect();
    for row in rows {
        let kind = kinds::kind(&row.kind);
        let view = ItemView::new(row, reader.user_id, reader.now, reader.today);
        match sections.iter_mut().find(|section| section.kind.code == kind.code) {
            Some(section) => section.items.push(view),
            None => sections.push(Section { kind, items: vec![view] }),
        }
    }
    sections.retain(|section| !section.items.is_empty());
    sections
}

/// Where to after a decision: the next item of the same list, or the list, as the caller prefers.
pub async fn next(app: Data<App>, who: Authorised<ReadInbox>, request: HttpRequest) -> PageResult {
    let (filter, ..) = Filter::parse(request.query_string())?;
    let item = form_urlencoded::parse(request.query_string().as_bytes()).find(|(name, _)| name == "item");
    let item = item.and_then(|(_, id)| Uuid::parse_str(&id).ok()).ok_or(PageError::NotFound)?;
    let reader = reader(&who, &app);
    let mut tx = who.begin(&app.db).await?;
    let message = store::message_of(&mut tx, item, &reader.roles).await?.ok_or(PageError::NotFound)?;
    // The decision may not have ended the item: then its own page says why.
    let row = store::item(&mut tx, message, item, &reader.roles).await?.ok_or(PageError::NotFound)?;
    let to = if row.state.is_waiting() {
        item_href(&filter, message, item)
    } else {
        after_decision(&mut tx, &filter, &reader, item, who.goes_to_next).await?
    };
    tx.commit().await?;
    // Whatever the feature said stays for the page that is shown.
    Ok(ui::see_other(to))
}

/// The address of the next item of the list, or of the list when there is none or the caller prefers it.
pub async fn after_decision(
    tx: &mut VpdTx,
    filter: &Filter,
    reader: &Reader,
    item: Uuid,
    goes_to_next: bool,
) -> sqlx::Result<String> {
    if goes_to_next
        && let Some(next) = store::next_after(tx, filter, reader, item).await?
        && let Some(message) = store::message_of(tx, next, &reader.roles).await?
    {
        return Ok(item_href(filter, message, next));
    }
    Ok(filter.href("/inbox"))
}

/// The address of an item in its message, coming from a list.
pub fn item_href(filter: &Filter, message: Uuid, item: Uuid) -> String {
    let id = item.to_string();
    format!("{}#item-{id}", filter.href_with(&format!("/inbox/{message}"), &[("item", &id)]))
}
