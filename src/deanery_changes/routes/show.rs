use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::permissions::{ChangeApplications, DismissChanges, Permission, SeeChanges};
use crate::access::{self, Authorised};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::deanery_changes::actions;
use crate::deanery_changes::model::{Change, Kind};
use crate::deanery_changes::store;
use crate::deanery_changes::views::{Rights, ShowPage};
use crate::error::{PageError, PageResult};
use crate::reference::store::whom_to_ask;
use crate::tenancy::VpdTx;
use crate::ui::{self, Choice, Field};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    then: String,
}

impl Asked {
    /// Where the page leads when it is done.
    pub fn then(&self) -> &str {
        &self.then
    }
}

pub async fn show(app: Data<App>, who: Authorised<SeeChanges>, id: Path<Uuid>, asked: Query<Asked>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_doctor(&mut tx, *id).await?;
    if let Some(person_id) = &change.person_id {
        let detail = serde_json::json!({ "change": change.change_id });
        let about = Subject::new("person", person_id);
        audit::record(&mut tx, &who.actor(), Event::PersonViewed, about, detail, app.now()).await?;
    }
    let page = build(&mut tx, &app, &who, change, &asked.then, Field::empty("reason")).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &page))
}

/// A change that is about a doctor; a new post has a page of its own.
pub async fn of_doctor(tx: &mut VpdTx, id: Uuid) -> Result<Change, PageError> {
    let found = store::find(tx, id).await?;
    found.filter(|change| change.kind != Kind::NewPost).ok_or(PageError::NotFound)
}

/// Reads what the page of a change shows.
pub async fn build<P: Permission>(
    tx: &mut VpdTx,
    app: &App,
    who: &Authorised<P>,
    change: Change,
    then: &str,
    reason: Field,
) -> Result<ShowPage, PageError> {
    let today = app.today();
    let (post, standing, labels) = actions::around(tx, &change, today).await?;
    let contact = whom_to_ask(tx, &change.body_code, today).await?;
    let rights = Rights { may_act: who.may::<ChangeApplications>(), may_dismiss: who.may::<DismissChanges>() };
    let colleagues = if rights.may_act { Vec::new() } else { holders(tx, change.kind).await? };
    let then = if then.starts_with('/') { then.to_owned() } else { String::new() };
    Ok(ShowPage::new(who.layout(), change, (post, standing, labels), contact, rights, colleagues, reason, then, today))
}

/// Colleagues who have the URP that acting needs.
pub async fn holders(tx: &mut VpdTx, kind: Kind) -> sqlx::Result<Vec<Choice>> {
    let holders = access::store::holders(tx, kind.acted_upon_by()).await?;
    Ok(holders.into_iter().map(|(id, _, name)| Choice::new(id.to_string(), name)).collect())
}
