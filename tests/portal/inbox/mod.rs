//! The inbox as its readers meet it. Names in the comments of tests are rows of the threat list.

mod bulk;
mod deeds;
mod expiry;
mod home;
pub mod hostile;
mod list;
mod message;
mod undo;

use changeover::access::Right;
use uuid::Uuid;

use crate::support::{ItemBuilder, Page, Portal, Visitor};

const MSO: Right = Right::MedicalStaffingOfficer;

/// A kind of item that "done" ends, unlike a failed record.
fn held<'a>(portal: &'a Portal, vpd: &str, title: &str) -> ItemBuilder<'a> {
    let mut item = portal.item(vpd, title);
    item.item.kind = "data_quality";
    item
}

async fn message_of(portal: &Portal, item: Uuid) -> Uuid {
    sqlx::query_scalar("select message_id from items where item_id = $1")
        .bind(item)
        .fetch_one(&portal.owner)
        .await
        .unwrap()
}

async fn state_of(portal: &Portal, item: Uuid) -> String {
    sqlx::query_scalar("select state from items where item_id = $1").bind(item).fetch_one(&portal.owner).await.unwrap()
}

/// The page of an item's message with the item's panel.
async fn open(portal: &Portal, who: &Visitor, item: Uuid) -> Page {
    who.get(format!("/inbox/{}?item={item}", message_of(portal, item).await)).await
}

/// The titles in the list, in its order.
fn rows(page: &Page) -> Vec<String> {
    page.texts(".app-inbox__item a")
}

/// Follows a redirect and gives what the banner says.
async fn banner(who: &Visitor, answer: &Page) -> String {
    let page = who.get(answer.assert_redirect().split('#').next().unwrap()).await;
    page.text("#banner .nhsuk-notification-banner__content")
}
