//! URLs of the page of one person.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::views::ShowPage;
use super::{merged, store};
use crate::access::Authorised;
use crate::access::permissions::{SeePeople, SettleDuplicates};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::ui::{self, ErrorSummary, Field, dates};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/people/{person}", web::get().to(show));
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ShowQuery {
    on: String,
}

/// A person as known on a day. That it was opened is recorded before it is shown, in a transaction of its own.
async fn show(app: Data<App>, who: Authorised<SeePeople>, id: Path<String>, query: Query<ShowQuery>) -> PageResult {
    let today = app.today();
    let (on, day) = match (query.on.trim(), dates::parse_day(&query.on)) {
        ("", _) => (Field::empty("on"), today),
        (text, Some(day)) => (Field::new("on", text), day),
        (text, None) => (Field::refused("on", text, "Enter a date as day, month and year, such as 6/5/2026"), today),
    };
    let mut tx = who.begin(&app.db).await?;
    let person = store::find(&mut tx, &id).await?.ok_or(PageError::NotFound)?;
    let versions = store::versions(&mut tx, &id).await?;
    let assignments = store::assignments(&mut tx, &id, day).await?;
    let phones = store::phones(&mut tx, &id, day).await?;
    let addresses = store::addresses(&mut tx, &id, day).await?;
    let merges = merged::list_standing(&mut tx, &id).await?;
    tx.commit().await?;
    let mut seen = who.begin(&app.db).await?;
    let about = Subject::new("person", &person.person_id);
    audit::record(&mut seen, &who.actor(), Event::PersonViewed, about, json!({ "on": day }), app.now()).await?;
    seen.commit().await?;
    let errors = ErrorSummary::of([&on]);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ShowPage {
        layout: who.layout(),
        errors,
        person,
        versions,
        assignments,
        phones,
        addresses,
        merges,
        may_settle: who.may::<SettleDuplicates>(),
        on,
        day,
    };
    Ok(ui::page(status, &page))
}
