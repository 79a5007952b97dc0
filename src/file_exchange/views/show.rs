use askama::Template;
use serde_json::Value;

use super::super::name::Interface;
use super::super::processor::Outcome;
use super::super::read::{FileEvent, FileRow, HeldPost, Part, Reply};
use super::super::records::{Problem, Record, RecordFilter};
use super::super::refusal::Code;
use super::{interface_label, outcome_tag, state_tag};
use crate::ui::{self, Layout, NavItem, Pagination, dates};

/// The records of one employer in a file.
pub struct Records {
    pub rows: Vec<Record>,
    /// The line of each row, for those who may read it.
    pub raw: Vec<String>,
    pub total: i64,
    pub page: u64,
    pub pages: u64,
    pub problems: Vec<Problem>,
    pub vpd: String,
    pub filter: RecordFilter,
    pub sees_content: bool,
}

#[derive(Template)]
#[template(path = "interfaces/show.html", blocks = ["file"])]
pub struct ShowPage {
    pub layout: Layout,
    /// The file as the caller's employer is concerned by it.
    pub file: FileRow,
    /// The records of the whole file.
    pub counted: i32,
    pub events: Vec<FileEvent>,
    pub parts: Vec<Part>,
    pub held_posts: Vec<HeldPost>,
    pub replies: Vec<Reply>,
    pub answers: Option<FileRow>,
    pub records: Option<Records>,
    pub is_operator: bool,
    pub may_decide: bool,
}

impl ShowPage {
    fn tag(&self) -> (&'static str, &'static str) {
        state_tag(&self.file.state, self.file.fail)
    }

    fn is_working(&self) -> bool {
        matches!(self.file.state.as_str(), "received" | "validating" | "queued" | "processing")
    }

    fn interface(&self) -> &str {
        interface_label(&self.file.interface)
    }

    /// The code with its name: `F03 RECORD_COUNT_MISMATCH`.
    fn code(&self) -> String {
        let code = self.file.code.as_deref().unwrap_or_default();
        Code::from_code(code).map_or(code.to_owned(), |code| code.to_string())
    }

    fn trouble(&self) -> Option<&'static str> {
        match self.file.state.as_str() {
            "refused" => Some("This file was refused"),
            "held_for_order" => Some("This file waits for a decision"),
            "held" => Some("This file is kept and was not processed"),
            "failed" => Some("Processing of this file stopped"),
            "duplicate" => Some("This file was here already"),
            _ => None,
        }
    }

    fn warnings(&self) -> Vec<String> {
        let list = self.file.warnings.as_array().into_iter().flatten();
        list.filter_map(|warning| warning["text"].as_str().map(str::to_owned)).collect()
    }

    fn received(&self) -> String {
        let way = match self.file.source.as_str() {
            "folder" => "from the inbound folder",
            "upload" => "by upload",
            "command" => "by command",
            _ => "by the portal",
        };
        let at = dates::at(self.file.received_at);
        if self.file.source == "upload" {
            format!("{at}, {way} by {}", self.file.received_by)
        } else {
            format!("{at}, {way}")
        }
    }

    fn size(&self) -> String {
        ui::count(self.file.size_bytes, "byte", "bytes")
    }

    fn hash(&self) -> String {
        self.file.sha256.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    fn header(&self, field: &str) -> String {
        self.file.header.as_ref().and_then(|header| header[field].as_str()).unwrap_or_default().to_owned()
    }

    fn counted(&self) -> String {
        match self.file.trailer_count {
            Some(count) => {
                format!("{} in the trailer, {} in the file", ui::number(count), ui::number(self.counted))
            }
            None => String::new(),
        }
    }

    /// Results that are worth a line: words, count, and the address of those records.
    fn results(&self) -> Vec<(&'static str, String, Option<String>)> {
        let f = &self.file;
        let link =
            |outcome: &str| self.records.as_ref().map(|records| self.address(records, Some(outcome), None, None));
        let mut results = vec![
            ("Records", ui::number(f.records), None),
            ("Loaded", ui::number(f.success), link(Outcome::Loaded.code()).filter(|_| f.unchanged == 0)),
            ("Of these, unchanged", ui::number(f.unchanged), link(Outcome::Unchanged.code())),
            ("Failed", ui::number(f.fail), link(Outcome::Failed.code())),
        ];
        if f.held > 0 {
            results.push(("Held", ui::number(f.held), link(Outcome::Held.code())));
        }
        results
    }

    /// What a full file did not hold, of what is known here.
    fn absent(&self) -> Vec<(&'static str, String)> {
        let Some(part) = self.parts.iter().find(|part| part.detail["absent"].is_object()) else { return Vec::new() };
        let count = |name: &str| part.detail["absent"][name].as_i64().unwrap_or_default();
        [
            ("Organisations", "organisations"),
            ("Locations", "locations"),
            ("Positions", "positions"),
            ("People", "people"),
            ("Assignments", "assignments"),
        ]
        .into_iter()
        .map(|(label, name)| (label, ui::number(count(name))))
        .collect()
    }

    fn at(&self, event: &FileEvent) -> String {
        dates::at(event.at)
    }

    fn step(&self, event: &FileEvent) -> String {
        match event.state.as_str() {
            "released" => "Released".to_owned(),
            "discarded" => "Discarded".to_owned(),
            "post_released" => "Held post released".to_owned(),
            "post_discarded" => "Held post discarded".to_owned(),
            "received" => "Received".to_owned(),
            state => state_tag(state, 0).0.to_owned(),
        }
    }

    fn who(&self, event: &FileEvent) -> String {
        if event.actor == "worker" { String::new() } else { event.actor.clone() }
    }

    fn waiting_posts(&self) -> Vec<&HeldPost> {
        self.held_posts.iter().filter(|post| post.state == "held").collect()
    }

    fn decided_posts(&self) -> Vec<&HeldPost> {
        self.held_posts.iter().filter(|post| post.state != "held").collect()
    }

    fn decided(&self, post: &HeldPost) -> String {
        let at = post.decided_at.map(dates::at).unwrap_or_default();
        format!(
            "{} by {}, {at}: {}",
            post.state,
            post.decided_by.as_deref().unwrap_or_default(),
            post.reason.as_deref().unwrap_or_default()
        )
    }

    fn address(&self, records: &Records, outcome: Option<&str>, code: Option<&str>, page: Option<u64>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if self.is_operator {
            query.append_pair("vpd", &records.vpd);
        }
        for (name, value) in [("outcome", outcome), ("code", code), ("post", records.filter.post.as_deref())] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if let Some(page) = page {
            query.append_pair("page", &page.to_string());
        }
        format!("/interfaces/files/{}?{}#records", self.file.file_id, query.finish())
    }

    fn outcomes(&self, records: &Records) -> Vec<NavItem> {
        let chosen = records.filter.outcome.as_deref();
        let item = |outcome: Option<&str>, text: &str| NavItem {
            href: self.address(records, outcome, None, None),
            text: text.to_owned(),
            count: None,
            current: chosen == outcome && records.filter.code.is_none(),
        };
        let mut items = vec![item(None, "All"), item(Some("failed"), "Failed")];
        if self.file.held > 0 {
            items.push(item(Some("held"), "Held"));
        }
        items.extend([item(Some("loaded"), "Loaded"), item(Some("unchanged"), "Unchanged")]);
        items
    }

    fn code_address(&self, records: &Records, problem: &Problem) -> String {
        self.address(records, None, Some(&problem.code), None)
    }

    fn part_address(&self, part: &Part) -> String {
        format!("/interfaces/files/{}?vpd={}#records", self.file.file_id, part.vpd)
    }

    fn pagination(&self, records: &Records) -> Pagination {
        let (outcome, code) = (records.filter.outcome.as_deref(), records.filter.code.as_deref());
        Pagination::numbered(records.page, records.pages, |page| self.address(records, outcome, code, Some(page)))
    }

    fn caption(&self, records: &Records) -> String {
        let count = ui::count(records.total, "record", "records");
        let of_post = records.filter.post.as_ref().map(|post| format!(" for post {post}")).unwrap_or_default();
        match (&records.filter.outcome, &records.filter.code) {
            (_, Some(code)) => format!("{count}{of_post} with code {code}"),
            (Some(outcome), _) => format!("{count}{of_post}: {}", outcome_tag(outcome).0.to_lowercase()),
            _ => format!("{count}{of_post}"),
        }
    }

    fn outcome(&self, record: &Record) -> (&'static str, &'static str) {
        outcome_tag(&record.outcome)
    }

    /// What is said of a record: to role holders the words, to operators the codes and kinds alone.
    fn said(&self, records: &Records, record: &Record) -> Vec<String> {
        let said = record.said().into_iter();
        said.map(
            |(kind, code, text)| {
                if records.sees_content { format!("{kind}: {text}") } else { format!("{kind} {code}") }
            },
        )
        .collect()
    }

    fn example(&self, records: &Records, problem: &Problem) -> String {
        let text = problem.example.as_deref().filter(|_| records.sees_content).unwrap_or_default();
        super::super::records::mask_text(text)
    }

    fn position_link(&self, record: &Record) -> Option<String> {
        record.position_id.as_ref().map(|id| format!("/positions/{id}"))
    }

    fn person_link(&self, record: &Record) -> Option<String> {
        let person = record.person_id.as_ref()?;
        Some(if record.application_id.is_some() { format!("/doctors/{person}") } else { format!("/people/{person}") })
    }

    /// The page where a failed application is put right.
    fn record_link(&self, record: &Record) -> Option<String> {
        let is_failed = self.file.interface == Interface::Applicants.code() && record.outcome == Outcome::Failed.code();
        is_failed.then(|| format!("/doctors/records/{}/{}", self.file.file_id, record.record_no))
    }

    fn vpds(&self, part: &Part) -> String {
        if part.vpd == "0" { "No employer found".to_owned() } else { format!("{} {}", part.vpd, part.name) }
    }

    fn has_detail(&self) -> bool {
        self.file.header.as_ref().is_some_and(Value::is_object)
    }
}
