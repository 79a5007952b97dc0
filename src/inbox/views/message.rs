use askama::Template;

use super::ItemView;
use crate::inbox::filter::Filter;
use crate::inbox::kinds::Kind;
use crate::inbox::store::Message;
use crate::notifications::Cause;
use crate::reference::store::WhomToAsk;
use crate::ui::{ErrorSummary, Flash, Layout, dates};

/// A message: the item being decided, what the message says, and everything in it.
#[derive(Template)]
#[template(path = "inbox/message.html", blocks = ["panel"])]
pub struct MessagePage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub message: Message,
    /// Whom to ask at the managing body.
    pub contact: Option<WhomToAsk>,
    pub filter: Filter,
    pub sections: Vec<Section>,
    /// Whether there are more items than the page shows.
    pub cut: bool,
    pub holders_text: String,
    pub trust: String,
    pub item: Option<ItemView>,
    pub is_part: bool,
}

/// The items of one kind in a message.
pub struct Section {
    pub kind: &'static Kind,
    pub items: Vec<ItemView>,
}

impl MessagePage {
    pub fn query(&self) -> String {
        self.filter.query()
    }

    pub fn list_href(&self) -> String {
        self.filter.href("/inbox")
    }

    pub fn cause(&self) -> &str {
        Cause::from_code(&self.message.cause).map_or(self.message.cause.as_str(), |cause| cause.label())
    }

    pub fn needs_action(&self) -> bool {
        self.sections
            .iter()
            .flat_map(|section| &section.items)
            .any(|item| item.row.class == "action" && item.row.state.is_waiting())
    }

    pub fn sent(&self) -> String {
        dates::at(self.message.created_at)
    }

    pub fn dated(&self) -> String {
        dates::day(self.message.dated_on)
    }

    /// The address of the page with the panel of an item.
    pub fn item_href(&self, item: &ItemView) -> String {
        let id = item.row.item_id.to_string();
        format!("{}#item-{id}", self.filter.href_with(&format!("/inbox/{}", self.message.message_id), &[("item", &id)]))
    }

    /// Whether the panel is of this item, which then has the anchor.
    pub fn is_open(&self, item: &ItemView) -> bool {
        self.item.as_ref().is_some_and(|open| open.row.item_id == item.row.item_id)
    }

    pub fn flash_in_part(&self) -> Option<&Flash> {
        self.layout.flash.as_ref().filter(|_| self.is_part)
    }
}

impl Section {
    pub fn heading(&self) -> String {
        format!("{} ({})", self.kind.section, self.items.len())
    }

    pub fn is_of_records(&self) -> bool {
        self.kind.code.starts_with("dit_app")
            || matches!(
                self.kind.code,
                "held_post" | "post_discarded" | "dit_wdraw" | "dit_dates" | "dit_leaver" | "dit_replace"
            )
    }

    pub fn first_heading(&self) -> &'static str {
        if self.is_of_records() { "Applicant name" } else { "Item" }
    }

    pub fn shows_applicant_number(&self) -> bool {
        self.kind.code == "dit_app_loaded"
    }
}
