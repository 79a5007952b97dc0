use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;

use super::reader;
use crate::access::permissions::{DecideItems, ReadInbox, SeeRoleMap};
use crate::access::{self, Authorised, Right};
use crate::app::App;
use crate::error::PageResult;
use crate::inbox::filter::{Filter, Window};
use crate::inbox::store;
use crate::inbox::views::ListPage;
use crate::tenancy::VpdTx;
use crate::ui::{self, Choice, ErrorSummary, Pagination};

/// How many rows a page has.
const PAGE: usize = 25;
/// How far a list that is narrowed is counted.
const LIMIT: i64 = 1_000;

pub async fn list(app: Data<App>, who: Authorised<ReadInbox>, request: HttpRequest) -> PageResult {
    let (filter, window, typed) = Filter::parse(request.query_string())?;
    let is_part = ui::wants_part(&request);
    // A form sends its empty fields too: the address that is kept and shared names only what narrows the list.
    let has_empty = request.query_string().split('&').any(|pair| pair.ends_with('='));
    if has_empty && !is_part && window == Window::First && typed.from.error.is_none() && typed.to.error.is_none() {
        return Ok(ui::see_other(filter.href("/inbox")));
    }
    let reader = reader(&who, &app);
    let mut tx = who.begin(&app.db).await?;
    let (mut rows, counts) = store::page(&mut tx, &filter, &reader, window, PAGE).await?;
    // The plain list is counted with the views; any other is counted now, and no further than a page can say.
    let (total, is_exact) = if filter == Filter::default() {
        (counts.action, true)
    } else {
        let total = store::count(&mut tx, &filter, &reader, LIMIT).await?;
        (total, total <= LIMIT)
    };
    let may_decide = who.may::<DecideItems>();
    let gaps = if who.may::<SeeRoleMap>() { store::gaps(&mut tx).await?.len() } else { 0 };
    let anything_yet = !rows.is_empty() || total > 0 || store::last_file_at(&mut tx).await?.is_some();
    tx.done_reading();

    let more = rows.len() > PAGE;
    if more && matches!(window, Window::Before(_)) {
        rows.remove(0);
    }
    rows.truncate(PAGE);
    let at = |name: &str, row: Option<&store::ListRow>| {
        row.map(|row| filter.href_with("/inbox", &[(name, &row.cursor().to_string())]))
    };
    let pages = match window {
        Window::First => Pagination::steps(None, more.then(|| at("after", rows.last())).flatten()),
        Window::After(_) => {
            Pagination::steps(at("before", rows.first()), more.then(|| at("after", rows.last())).flatten())
        }
        Window::Before(_) => {
            Pagination::steps(more.then(|| at("before", rows.first())).flatten(), at("after", rows.last()))
        }
    };
    let errors = ErrorSummary::of([&typed.from, &typed.to]);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let address = filter.href("/inbox");
    let page = ListPage {
        layout: who.layout(),
        groups: ListPage::grouped(rows, &filter, &reader),
        errors,
        filter,
        typed,
        counts,
        total,
        is_exact,
        pages,
        may_decide,
        is_part,
        gaps,
        anything_yet,
        rights: who.rights.iter().copied().collect(),
    };
    // A wrong date must be seen where it was typed, so its page is sent whole.
    if is_part && status == StatusCode::OK {
        let mut part = ui::page(status, &page.as_results());
        if window == Window::First
            && let Ok(address) = HeaderValue::from_str(&address)
        {
            part.headers_mut().insert(HeaderName::from_static("hx-push-url"), address);
        }
        return Ok(part);
    }
    Ok(ui::page(status, &page))
}

/// Those who hold one of these rights here, as choices of a select.
pub async fn colleagues(tx: &mut VpdTx, rights: &[Right]) -> sqlx::Result<Vec<Choice>> {
    let holders = access::store::holders_of_any(tx, rights).await?;
    let choices = holders.into_iter().map(|(id, username, name)| {
        Choice::new(id.to_string(), if name == username { name } else { format!("{name} ({username})") })
    });
    Ok(choices.collect())
}
