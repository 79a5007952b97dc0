//! What can be made to happen: an employer says whom the other side is to ask.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::Contact;
use super::store;
use crate::access::Caller;
use crate::audit::{self, Event, Subject};
use crate::tenancy::VpdTx;

/// Saves whom the other employers of shared posts are told to ask.
pub async fn save_contact(tx: &mut VpdTx, by: &Caller, contact: &Contact, now: DateTime<Utc>) -> sqlx::Result<()> {
    let before = store::contact(tx).await?;
    if before.as_ref() == Some(contact) {
        return Ok(());
    }
    store::save_contact(tx, contact, &by.name, now).await?;
    let said = |contact: &Contact| json!([contact.name, contact.address, contact.telephone]);
    let detail = json!({ "before": before.as_ref().map(said), "after": said(contact) });
    let about = Subject::new("employer_contact", tx.vpd().as_str());
    audit::record(tx, &by.actor(), Event::EmployerContactSaved, about, detail, now).await
}
