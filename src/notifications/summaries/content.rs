use askama::Template;

use super::store::Line;
use crate::app::App;
use crate::notifications::MessageType;
use crate::tenancy::Vpd;
use crate::ui::count;
use crate::ui::dates;

/// What one organisation has for the reader.
#[derive(Clone, Debug)]
pub struct Section {
    pub vpd: Vpd,
    pub name: String,
    pub new: Vec<Line>,
    pub new_count: i64,
    pub due: Vec<Line>,
    pub due_count: i64,
}

impl Section {
    pub fn is_empty(&self) -> bool {
        self.new_count == 0 && self.due_count == 0
    }
}

/// A heading with its rows, each of which links to its page.
pub struct Block {
    pub heading: String,
    pub rows: Vec<(String, String)>,
    /// What to say of the rows that were cut, and where they are.
    pub more: Option<(String, String)>,
}

/// The mail as its templates see it.
pub struct Summary {
    greeting: String,
    blocks: Vec<Block>,
    inbox: String,
    account: String,
    new_count: i64,
    due_count: i64,
}

#[derive(Template)]
#[template(path = "notifications/emails/summary.txt", escape = "none")]
struct Text<'a> {
    summary: &'a Summary,
}

#[derive(Template)]
#[template(path = "notifications/emails/summary.html")]
struct Html<'a> {
    summary: &'a Summary,
}

impl Summary {
    /// `name` is the reader's own; no other name goes into a mail.
    pub fn new(app: &App, name: &str, sections: Vec<Section>) -> Self {
        let several = sections.len() > 1;
        let new_count = sections.iter().map(|section| section.new_count).sum();
        let due_count = sections.iter().map(|section| section.due_count).sum();
        let blocks = sections.into_iter().flat_map(|section| blocks(app, section, several)).collect();
        Self {
            greeting: format!("Dear {name},"),
            blocks,
            inbox: app.config.link("/inbox"),
            account: app.config.link("/account"),
            new_count,
            due_count,
        }
    }

    pub fn subject(&self) -> String {
        let new = count(self.new_count, "new thing to do", "new things to do");
        match (self.new_count, self.due_count) {
            (_, 0) => format!("Changeover: {new}"),
            (0, due) => format!("Changeover: {} due", count(due, "thing", "things")),
            (_, due) => format!("Changeover: {new}, {due} due"),
        }
    }

    pub fn text(&self) -> String {
        render(&Text { summary: self })
    }

    pub fn html(&self) -> String {
        render(&Html { summary: self })
    }
}

fn render(template: &impl Template) -> String {
    template.render().expect("the template writes to memory, which does not fail")
}

fn blocks(app: &App, section: Section, several: bool) -> Vec<Block> {
    let at = if several { format!(" at {} ({})", section.name, section.vpd) } else { String::new() };
    let block = |heading: &str, lines: &[Line], total: i64| {
        let shown: i64 = lines.iter().map(|line| line.items).sum();
        let rest = total - shown;
        let more = (rest > 0)
            .then(|| (format!("And {} more in your inbox", crate::ui::number(rest)), app.config.link("/inbox")));
        let rows =
            lines.iter().map(|line| (words(line), app.config.link(&format!("/inbox/{}", line.message_id)))).collect();
        Block { heading: format!("{heading}{at}"), rows, more }
    };
    let mut blocks = Vec::new();
    if section.new_count > 0 {
        blocks.push(block("New", &section.new, section.new_count));
    }
    if section.due_count > 0 {
        blocks.push(block("Due", &section.due, section.due_count));
    }
    blocks
}

fn words(line: &Line) -> String {
    let kind = MessageType::from_code(&line.kind).map_or("Message", MessageType::label);
    let items = count(line.items, "thing to do", "things to do");
    match (line.first_start, line.items) {
        (None, _) => format!("{kind} {}: {items}", line.number),
        (Some(on), 1) => format!("{kind} {}: {items}, starts {}", line.number, dates::day(on)),
        (Some(on), _) => format!("{kind} {}: {items}, the first starts {}", line.number, dates::day(on)),
    }
}
