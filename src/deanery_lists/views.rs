use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::store::{List, Listed, Other};
use crate::positions::model::title;
use crate::positions::store::Position;
use crate::positions::views::{Confirmation, visible};
use crate::ui::{Choice, ErrorSummary, Field, Layout, NavItem, dates};

#[derive(Template)]
#[template(path = "deanery_lists/start.html")]
pub struct StartPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub section: Vec<NavItem>,
    pub file: Field,
    pub lists: Vec<List>,
}

impl StartPage {
    fn loaded(&self, list: &List) -> String {
        format!("{} by {}", dates::short_at(list.loaded_at), list.loaded_by)
    }
}

#[derive(Template)]
#[template(path = "deanery_lists/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub list: List,
    pub missing: Vec<Listed>,
    pub surplus: Vec<Other>,
    pub unnumbered: Vec<Other>,
    /// Who asked the deanery about a position, and when.
    pub asked: HashMap<String, (String, DateTime<Utc>)>,
}

impl Listed {
    /// Who asked the deanery about it, and when.
    pub fn asked(&self) -> Option<String> {
        Some(asked(self.queried_by.as_ref()?, self.queried_at?))
    }
}

fn asked(by: &str, at: DateTime<Utc>) -> String {
    format!("Asked by {by} on {}", dates::short_at(at))
}

impl ShowPage {
    fn asked_about(&self, other: &Other) -> Option<String> {
        self.asked.get(&other.position_id).map(|(by, at)| asked(by, *at))
    }

    fn page_of(&self, other: &Other) -> String {
        format!("/positions/deanery-list/{}/positions/{}", self.list.list_id, other.position_id)
    }

    fn loaded(&self) -> String {
        format!("{} by {}", dates::at(self.list.loaded_at), self.list.loaded_by)
    }

    fn valid(&self, post: &Listed) -> String {
        let day = |day: Option<chrono::NaiveDate>| day.map(dates::short_day).unwrap_or_default();
        match (post.valid_from, post.valid_to) {
            (None, None) => String::new(),
            (from, None) => format!("From {}", day(from)),
            (None, to) => format!("Until {}", day(to)),
            (from, to) => format!("{} to {}", day(from), day(to)),
        }
    }

    fn title<'a>(&self, other: &'a Other) -> &'a str {
        title(&other.name)
    }

    fn dpn(&self, other: &Other) -> String {
        visible(other.dpn.as_deref().unwrap_or_default())
    }
}

#[derive(Template)]
#[template(path = "deanery_lists/post.html")]
pub struct PostPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub list: Uuid,
    pub post: Listed,
    pub position_number: Field,
    pub from: Field,
    pub draft_from: Field,
    pub title: Field,
    pub occupation_code: Field,
    pub area: Field,
    pub job_role: Field,
    pub question: Field,
    pub again: Field,
    pub unnumbered: Vec<Other>,
    pub confirmation: Option<Confirmation>,
    roles: Vec<Choice>,
}

impl PostPage {
    pub fn new(
        layout: Layout,
        list: Uuid,
        post: Listed,
        [position_number, from, draft_from, title, occupation_code, area, job_role, question, again]: [Field; 9],
        unnumbered: Vec<Other>,
        roles: Vec<(String, String)>,
        confirmation: Option<Confirmation>,
    ) -> Self {
        let all = [&position_number, &from, &draft_from, &title, &occupation_code, &area, &job_role, &question, &again];
        let errors = ErrorSummary::of(all.into_iter().chain(confirmation.as_ref().map(|asked| &asked.field)));
        let mut choices = vec![Choice::new("", "Select")];
        choices.extend(roles.into_iter().map(|(code, _)| Choice::new(code.clone(), code)));
        Self {
            layout,
            errors,
            list,
            post,
            position_number,
            from,
            draft_from,
            title,
            occupation_code,
            area,
            job_role,
            question,
            again,
            unnumbered,
            confirmation,
            roles: choices,
        }
    }

    fn base(&self) -> String {
        format!("/positions/deanery-list/{}/posts/{}", self.list, self.post.row_no)
    }

    fn again_choices(&self) -> [Choice; 1] {
        [Choice::new("yes", "Ask a second time")]
    }

    fn proposals(&self) -> Vec<(&str, &str)> {
        let each = self.unnumbered.iter().take(20);
        each.map(|other| (other.position_number.as_str(), title(&other.name))).collect()
    }
}

/// A position that the list does not have, or a training post without a number.
#[derive(Template)]
#[template(path = "deanery_lists/position.html")]
pub struct PositionPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub list: Uuid,
    pub position: Position,
    /// The list's posts that no position carries.
    pub free: Vec<Listed>,
    pub row: Field,
    pub from: Field,
    pub body: Field,
    pub bodies: Vec<String>,
    pub question: Field,
    pub again: Field,
    pub asked: Option<(String, DateTime<Utc>)>,
    pub confirmation: Option<Confirmation>,
}

impl PositionPage {
    fn base(&self) -> String {
        format!("/positions/deanery-list/{}/positions/{}", self.list, self.position.position_id)
    }

    fn has_number(&self) -> bool {
        self.position.dpn.as_deref().is_some_and(|dpn| !dpn.trim().is_empty())
    }

    fn dpn(&self) -> String {
        visible(self.position.dpn.as_deref().unwrap_or_default())
    }

    fn title(&self) -> &str {
        title(&self.position.name)
    }

    fn rows(&self) -> Vec<Choice> {
        let each = self.free.iter().map(|post| {
            let more: Vec<&str> =
                [&post.specialty, &post.grade].into_iter().filter_map(|text| text.as_deref()).collect();
            let label = if more.is_empty() { post.dpn.clone() } else { format!("{}: {}", post.dpn, more.join(", ")) };
            Choice::new(post.row_no.to_string(), label)
        });
        std::iter::once(Choice::new("", "Select")).chain(each).collect()
    }

    fn body_choices(&self) -> Vec<Choice> {
        let each = self.bodies.iter().map(|body| Choice::new(body.clone(), body.clone()));
        std::iter::once(Choice::new("", "Select")).chain(each).collect()
    }

    fn asked(&self) -> Option<String> {
        self.asked.as_ref().map(|(by, at)| asked(by, *at))
    }

    fn again_choices(&self) -> [Choice; 1] {
        [Choice::new("yes", "Ask a second time")]
    }
}

/// The mail that asks a managing body about a post.
#[derive(Template)]
#[template(path = "deanery_lists/emails/query.txt")]
pub struct QueryText {
    pub organisation: String,
    pub by: String,
    /// The post or the position.
    pub what: String,
    pub question: String,
}

/// The same as HTML.
#[derive(Template)]
#[template(path = "deanery_lists/emails/query.html")]
pub struct QueryHtml<'a> {
    pub mail: &'a QueryText,
}
