//! What can be made to happen from a list.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::model::Post;
use super::store::{self, Listed};
use super::views::{QueryHtml, QueryText};
use crate::access::Caller;
use crate::audit::{self, Actor, Event, Subject};
use crate::email::{self, Draft as Mail, Purpose};
use crate::positions::actions::{self, ChangeError};
use crate::positions::model::{ChangeId, Draft, PositionChange, Set, Source, title};
use crate::positions::store::Position;
use crate::reference::store::{WhomToAsk, whom_to_ask};
use crate::tenancy::VpdTx;

/// Keeps a list that was read, to be compared with the positions.
pub async fn load(
    tx: &mut VpdTx,
    by: &Actor,
    by_name: &str,
    file_name: &str,
    (posts, warnings): &(Vec<Post>, Vec<String>),
    now: DateTime<Utc>,
) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    store::insert(tx, id, file_name, posts, warnings, by_name, now).await?;
    let detail = json!({ "file": file_name, "posts": posts.len() });
    audit::record(tx, by, Event::DeaneryListLoaded, Subject::new("deanery_list", id), detail, now).await?;
    Ok(id)
}

/// Gives a post's number, and its body where that is known, to a position; what that takes away is to be confirmed.
pub async fn assign(
    tx: &mut VpdTx,
    by: &Caller,
    (list, post): (Uuid, &Listed),
    position_id: &str,
    (from, confirmed): (NaiveDate, bool),
    now: DateTime<Utc>,
) -> Result<ChangeId, ChangeError> {
    let change = PositionChange {
        dpn: Set::To(Some(post.dpn.clone())),
        managing_body: post.body.clone().map_or(Set::Leave, |body| Set::To(Some(body))),
        confirmed,
        ..PositionChange::new(position_id, from)
    };
    actions::change(tx, &by.actor(), &change, Source::DeaneryList(list), now).await
}

/// Makes a position for a post that has none.
pub async fn draft(
    tx: &mut VpdTx,
    by: &Caller,
    list: Uuid,
    draft: &Draft,
    now: DateTime<Utc>,
) -> Result<actions::Drafted, ChangeError> {
    actions::draft(tx, &by.actor(), draft, Source::DeaneryList(list), now).await
}

/// Why the deanery was not asked.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error("No address is known for {0}. Ask national operations to add a contact of this managing body.")]
    NoContact(String),
    /// Somebody asked before; it is mailed again to those who say so.
    #[error("The deanery was asked about this post already")]
    AskedAlready,
    #[error("the mail could not be written: {0}")]
    Template(#[from] askama::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Asks a managing body about a position that its list does not have, or that has no number, by mail to its contact.
pub async fn query_position(
    tx: &mut VpdTx,
    by: &Caller,
    (list, body): (Uuid, &str),
    position: &Position,
    (question, again): (&str, bool),
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<(), QueryError> {
    let contact = whom_to_ask(tx, body, today).await?.ok_or_else(|| QueryError::NoContact(body.to_owned()))?;
    if !store::save_position_query(tx, &position.position_id, &by.name, (again, now)).await? {
        return Err(QueryError::AskedAlready);
    }
    let number = match &position.dpn {
        Some(dpn) => format!("with the Deanery Post Number {}", dpn.trim()),
        None => "which has no Deanery Post Number".to_owned(),
    };
    let what = format!("position {} {}, {number}", position.position_number, title(&position.name));
    ask(tx, by, contact, &what, question, now).await?;
    let about = Subject::new("deanery_list", list);
    let detail = json!({ "position": position.position_id, "dpn": position.dpn, "body": body });
    audit::record(tx, &by.actor(), Event::DeaneryQueried, about, detail, now).await?;
    Ok(())
}

/// Mails a question to a managing body's contact.
async fn ask(
    tx: &mut VpdTx,
    by: &Caller,
    contact: WhomToAsk,
    what: &str,
    question: &str,
    now: DateTime<Utc>,
) -> Result<(), QueryError> {
    let mail = QueryText {
        organisation: format!("{} {}", by.vpd, by.vpd_name),
        by: by.name.clone(),
        what: what.to_owned(),
        question: question.to_owned(),
    };
    let draft = Mail {
        user_id: None,
        to_name: contact.body_name,
        to_address: contact.address,
        purpose: Purpose::AskAgain,
        subject: format!("Question about {what}").chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        text: mail.render()?,
        html: QueryHtml { mail: &mail }.render()?,
        sealed_link: None,
    };
    email::queue(tx, draft, now).await?;
    Ok(())
}

/// Asks the managing body about a post, by mail to its contact.
pub async fn query(
    tx: &mut VpdTx,
    by: &Caller,
    (list, post): (Uuid, &Listed),
    (question, again): (&str, bool),
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), QueryError> {
    let body = post.body.clone().unwrap_or_default();
    let contact = whom_to_ask(tx, &body, today).await?.ok_or_else(|| QueryError::NoContact(body.clone()))?;
    if !store::save_query(tx, list, post.row_no, &by.name, (again, now)).await? {
        return Err(QueryError::AskedAlready);
    }
    ask(tx, by, contact, &format!("training post {}", post.dpn), question, now).await?;
    let about = Subject::new("deanery_list", list);
    let detail = json!({ "row": post.row_no, "dpn": post.dpn, "body": body });
    audit::record(tx, &by.actor(), Event::DeaneryQueried, about, detail, now).await?;
    Ok(())
}
