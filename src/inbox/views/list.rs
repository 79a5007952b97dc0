use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{capped, clock, named};
use crate::access::Right;
use crate::inbox::filter::{self, Class, Filter, OVERDUE, Standing, Typed, WITHIN};
use crate::inbox::kinds;
use crate::inbox::store::{Counts, ListRow, Reader};
use crate::notifications::item::CLAIM_LASTS;
use crate::notifications::{Cause, MessageType};
use crate::ui::{self, Choice, ErrorSummary, Field, Flash, Layout, NavItem, Pagination, dates};

const LIMIT: i64 = 1_000;

/// The list, with what narrows it.
#[derive(Template)]
#[template(path = "inbox/list.html", blocks = ["results"])]
pub struct ListPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub filter: Filter,
    pub typed: Typed,
    pub counts: Counts,
    pub groups: Vec<Group>,
    pub total: i64,
    /// Whether `total` is the number, or only where counting stopped.
    pub is_exact: bool,
    pub pages: Pagination,
    pub may_decide: bool,
    /// Whether the page was asked for by htmx, which swaps the results in.
    pub is_part: bool,
    /// Roles that nobody holds while items wait, for those who can mend it.
    pub gaps: usize,
    pub anything_yet: bool,
    /// What the reader holds here.
    pub rights: Vec<Right>,
}

/// The rows of one message that stand together.
pub struct Group {
    pub message_id: Uuid,
    pub title: String,
    pub number: i64,
    pub dated_on: NaiveDate,
    pub file_name: String,
    pub item_count: i32,
    pub rows: Vec<Row>,
}

/// A row as it is shown.
pub struct Row {
    row: ListRow,
    me: Uuid,
    now: DateTime<Utc>,
    today: NaiveDate,
    href: String,
}

impl ListPage {
    /// Puts rows that follow each other and belong to one message under one heading.
    pub fn grouped(rows: Vec<ListRow>, filter: &Filter, reader: &Reader) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for row in rows {
            if groups.last().is_none_or(|group| group.message_id != row.message_id) {
                groups.push(Group {
                    message_id: row.message_id,
                    title: row.message_title.clone(),
                    number: row.number,
                    dated_on: row.dated_on,
                    // Said once: some titles are of the file.
                    file_name: row
                        .file_name
                        .clone()
                        .filter(|name| !row.message_title.contains(name))
                        .unwrap_or_default(),
                    item_count: row.item_count,
                    rows: Vec::new(),
                });
            }
            let path = format!("/inbox/{}", row.message_id);
            let item = row.item_id.to_string();
            let href = format!("{}#item-{item}", filter.href_with(&path, &[("item", &item)]));
            let row = Row { row, me: reader.user_id, now: reader.now, today: reader.today, href };
            if let Some(group) = groups.last_mut() {
                group.rows.push(row);
            }
        }
        groups
    }

    pub fn heading(&self) -> String {
        let number = ui::number(self.counts.action);
        format!("Inbox ({number} {} action)", if self.counts.action == 1 { "needs" } else { "need" })
    }

    pub fn views(&self) -> Vec<NavItem> {
        let plain = Filter::default();
        let information = Filter { class: Class::Information, ..Filter::default() };
        let mine = Filter { class: Class::Any, standing: Standing::Claimed, mine: true, ..Filter::default() };
        let unclaimed = Filter { unclaimed: true, ..Filter::default() };
        let done = Filter { class: Class::Any, standing: Standing::Done, ..Filter::default() };
        let view = |text: &str, filter: Filter, count: Option<i64>| {
            let current = filter == self.filter;
            let text = match count {
                Some(n) => format!("{text} ({})", ui::number(n)),
                None => text.to_owned(),
            };
            NavItem { href: filter.href("/inbox"), text, count: None, current }
        };
        vec![
            view("Action needed", plain, Some(self.counts.action)),
            view("For information", information, Some(self.counts.information)),
            view("Mine", mine, Some(self.counts.mine)),
            view("Unclaimed", unclaimed, Some(self.counts.unclaimed)),
            view("Done", done, None),
        ]
    }

    pub fn chips(&self) -> Vec<(String, String)> {
        self.filter.chips().into_iter().map(|(text, filter)| (text, filter.href("/inbox"))).collect()
    }

    pub fn clear(&self) -> String {
        self.filter.cleared().href("/inbox")
    }

    pub fn total_text(&self) -> String {
        if self.is_exact { ui::number(self.total) } else { capped(self.total, LIMIT) }
    }

    /// What a screen reader is told when the results change.
    pub fn announcement(&self) -> String {
        match self.total {
            0 => "No notifications match".to_owned(),
            1 => "1 notification".to_owned(),
            _ => format!("{} notifications", self.total_text()),
        }
    }

    pub fn shown(&self) -> usize {
        self.groups.iter().map(|group| group.rows.len()).sum()
    }

    pub fn export(&self) -> String {
        self.filter.href("/inbox/export.csv")
    }

    pub fn query(&self) -> String {
        self.filter.query()
    }

    pub fn q(&self) -> Field {
        Field::new("q", self.filter.q.clone())
    }

    pub fn post(&self) -> Field {
        Field::new("post", self.filter.post.clone())
    }

    pub fn body(&self) -> Field {
        Field::new("body", self.filter.body.clone())
    }

    pub fn class(&self) -> Field {
        Field::new("class", Class::ALL.iter().find(|(_, _, c)| *c == self.filter.class).map_or("", |(code, ..)| code))
    }

    pub fn classes(&self) -> Vec<Choice> {
        Class::ALL.iter().map(|(code, label, _)| Choice::new(*code, *label)).collect()
    }

    pub fn state(&self) -> Field {
        Field::new(
            "state",
            Standing::ALL.iter().find(|(_, _, s)| *s == self.filter.standing).map_or("", |(code, ..)| code),
        )
    }

    pub fn states(&self) -> Vec<Choice> {
        Standing::ALL.iter().map(|(code, label, _)| Choice::new(*code, *label)).collect()
    }

    pub fn types(&self) -> Vec<Choice> {
        let of_messages = MessageType::ALL.iter().map(|kind| (kind.code(), kind.label()));
        // Where a type of message has one kind of item, the message's name stands for both.
        let of_items = kinds::KINDS.iter().map(|kind| (kind.code, kind.label));
        let mut choices: Vec<Choice> = Vec::new();
        for (code, label) in of_messages.chain(of_items) {
            // What the reader is never sent is no choice; what an address names stays in sight.
            let comes = kinds::comes_to(code, &self.rights) && !choices.iter().any(|choice| choice.label == label);
            if comes || self.filter.types.iter().any(|t| t == code) {
                choices.push(Choice::new(code, label).chosen(self.filter.types.iter().any(|t| t == code)));
            }
        }
        choices
    }

    pub fn type_field(&self) -> Field {
        Field::empty("type")
    }

    pub fn cause(&self) -> Field {
        Field::new("cause", self.filter.cause.map_or("", Cause::code))
    }

    pub fn causes(&self) -> Vec<Choice> {
        let any = std::iter::once(Choice::new("", "Any cause"));
        any.chain(Cause::ALL.iter().map(|cause| Choice::new(cause.code(), cause.label()))).collect()
    }

    pub fn within(&self) -> Field {
        Field::new("within", self.filter.within.map(filter::within_code).unwrap_or_default())
    }

    pub fn withins(&self) -> Vec<Choice> {
        let any = std::iter::once(Choice::new("", "Any time"));
        let words = |days| match days {
            OVERDUE => "Overdue only".to_owned(),
            days => format!("{days} days, or overdue"),
        };
        any.chain(WITHIN.into_iter().map(|days| Choice::new(filter::within_code(days), words(days)))).collect()
    }

    pub fn whose(&self) -> [Choice; 2] {
        [
            Choice::new("mine", "Claimed by me").chosen(self.filter.mine),
            Choice::new("unclaimed", "Claimed by nobody").chosen(self.filter.unclaimed),
        ]
    }

    pub fn flash_in_part(&self) -> Option<&Flash> {
        self.layout.flash.as_ref().filter(|_| self.is_part)
    }

    pub fn filter_count(&self) -> usize {
        self.filter.chips().len()
    }

    pub fn class_label(&self) -> &'static str {
        filter::label(&Class::ALL, self.filter.class)
    }
}

impl Group {
    pub fn href(&self) -> String {
        format!("/inbox/{}", self.message_id)
    }

    /// File, date, ID and size, in one line.
    pub fn below(&self) -> String {
        let mut parts = vec![dates::day(self.dated_on), format!("ID {}", self.number)];
        if self.item_count > 0 {
            parts.push(ui::count(self.item_count, "item", "items"));
        }
        parts.join(" · ")
    }
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.row.item_id
    }

    pub fn href(&self) -> &str {
        &self.href
    }

    /// What the row is called: the person where there is one, so that no two links of a page read alike.
    pub fn title(&self) -> String {
        named(self.row.person_name.as_deref(), &self.row.title)
    }

    pub fn is_unread(&self) -> bool {
        self.row.unread
    }

    /// The GMC number, where there is one.
    pub fn below(&self) -> String {
        let gmc = self.row.gmc_number.as_ref().map(|gmc| format!("GMC {gmc}"));
        gmc.unwrap_or_default()
    }

    /// Why it is here: the first message of what needs action.
    pub fn said(&self) -> &str {
        if self.row.class == "action" { self.row.said.as_deref().unwrap_or_default() } else { "" }
    }

    /// What the checkbox of the row is called.
    pub fn select_label(&self) -> String {
        format!("Select {}", self.title())
    }

    pub fn dpn(&self) -> &str {
        self.row.dpn.as_deref().unwrap_or_default()
    }

    pub fn position(&self) -> &str {
        self.row.position_name.as_deref().or(self.row.position_number.as_deref()).unwrap_or_default()
    }

    pub fn takes_effect(&self) -> String {
        self.row.takes_effect_on.map(dates::short_day).unwrap_or_default()
    }

    pub fn days(&self) -> String {
        self.row.takes_effect_on.map(|day| dates::relative(day, self.today)).unwrap_or_default()
    }

    pub fn is_overdue(&self) -> bool {
        let waiting = matches!(self.row.state.as_str(), "open" | "claimed") && self.row.class == "action";
        waiting && self.row.takes_effect_on.is_some_and(|day| day < self.today)
    }

    pub fn received(&self) -> String {
        dates::short_day(dates::london_day(self.row.created_at))
    }

    pub fn age(&self) -> String {
        dates::relative(dates::london_day(self.row.created_at), dates::london_day(self.now))
    }

    fn is_claimed(&self) -> bool {
        self.row.state == "claimed" && self.row.claimed_at.is_some_and(|at| self.now - at < CLAIM_LASTS)
    }

    pub fn with(&self) -> String {
        match (self.row.state.as_str(), &self.row.claimed_name) {
            ("done", _) => self.row.decided_name.clone().unwrap_or_else(|| "A former user".to_owned()),
            (_, _) if self.is_claimed() && self.row.claimed_by == Some(self.me) => "You".to_owned(),
            (_, Some(name)) if self.is_claimed() => name.clone(),
            _ => "Nobody".to_owned(),
        }
    }

    pub fn tag(&self) -> (&'static str, &'static str) {
        match self.row.state.as_str() {
            "claimed" if self.is_claimed() => ("In progress", "white"),
            "open" | "claimed" if self.is_overdue() => ("Overdue", "orange"),
            "open" | "claimed" if self.row.class == "action" => ("Action needed", "red"),
            "open" | "claimed" => ("Information", "grey"),
            "done" => ("Done", "plain"),
            "closed_by_system" => ("Closed", "grey"),
            _ => ("Expired", "grey"),
        }
    }

    /// When it was decided, or why it closed itself.
    pub fn outcome(&self) -> String {
        match (self.row.state.as_str(), self.row.decided_at) {
            ("done", Some(at)) => clock(at, self.now),
            ("closed_by_system", _) => self.row.closed_reason.clone().unwrap_or_default(),
            _ => String::new(),
        }
    }
}
