use std::collections::HashMap;

use askama::Template;
use chrono::NaiveDate;

use super::{Compared, comparison, consequences, raised, words};
use crate::deanery_changes::actions::decided_words;
use crate::deanery_changes::model::{Change, Kind, State};
use crate::deanery_changes::notices::{details, position_details};
use crate::deanery_changes::store::{Post, Standing};
use crate::reference::store::WhomToAsk;
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

/// What the reader may do about a change.
#[derive(Clone, Copy, Debug)]
pub struct Rights {
    pub may_act: bool,
    pub may_dismiss: bool,
}

#[derive(Template)]
#[template(path = "doctors/changes/show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub change: Change,
    pub words: &'static str,
    pub details: Vec<(&'static str, String)>,
    pub position: Vec<(&'static str, String)>,
    pub position_id: Option<String>,
    pub compared: Vec<Compared>,
    pub consequences: Vec<String>,
    pub standing_words: String,
    pub is_employed: bool,
    pub is_known: bool,
    pub contact: Option<WhomToAsk>,
    pub rights: Rights,
    /// Colleagues who have the URP that the reader lacks.
    pub colleagues: Vec<Choice>,
    pub reason: Field,
    pub then: String,
}

impl ShowPage {
    #[expect(clippy::too_many_arguments, reason = "one page, each part read by its own store")]
    pub fn new(
        layout: Layout,
        change: Change,
        (post, standing, labels): (Option<Post>, Option<Standing>, HashMap<String, String>),
        contact: Option<WhomToAsk>,
        rights: Rights,
        colleagues: Vec<Choice>,
        reason: Field,
        then: String,
        today: NaiveDate,
    ) -> Self {
        let told = change.told();
        let one = raised(&change, &told, standing.as_ref(), post.as_ref());
        let is_dates = change.kind == Kind::Dates;
        Self {
            layout,
            errors: ErrorSummary::of([&reason]),
            words: words(change.kind, change.unannounced),
            details: details(&one, &labels),
            position: position_details(&told, post.as_ref()),
            position_id: post.as_ref().map(|post| post.position_id.clone()),
            compared: if is_dates { comparison(&change, standing.as_ref()) } else { Vec::new() },
            consequences: if is_dates && change.state == State::Open {
                consequences(&change, standing.as_ref(), today)
            } else {
                Vec::new()
            },
            standing_words: decided_words(&change),
            is_employed: one.is_of_somebody_employed(),
            is_known: standing.as_ref().is_some_and(Standing::is_at_post),
            change,
            contact,
            rights,
            colleagues,
            reason,
            then,
        }
    }

    pub fn title(&self) -> String {
        match self.change.kind {
            Kind::Withdrawal => format!("{} was withdrawn by the deanery", self.change.name()),
            Kind::Dates => format!("New dates for {}", self.change.name()),
            Kind::Replacement => format!("{} replaces another applicant", self.change.name()),
            Kind::NewPost => format!("New training post {}", self.change.dpn),
        }
    }

    /// A doctor has a page as an applicant; somebody who only holds the post has one as a member of staff.
    pub fn person_href(&self) -> Option<String> {
        let id = self.change.person_id.as_ref()?;
        Some(format!("/{}/{id}", if self.change.application_id.is_some() { "doctors" } else { "people" }))
    }

    /// Where the reader ends, extends or keeps the employment, coming back here.
    pub fn leaving_href(&self) -> Option<String> {
        let person = self.change.person_id.as_deref().filter(|_| self.rights.may_act && self.is_employed)?;
        let outcome = if self.change.kind == Kind::Dates { "extended" } else { "ends" };
        let then = if self.then.is_empty() { self.change.path() } else { self.then.clone() };
        let then: String = url::form_urlencoded::byte_serialize(then.as_bytes()).collect();
        Some(format!("/doctors/{person}/leaving?outcome={outcome}&then={then}"))
    }

    /// The headings over the dates held and the deanery's.
    pub fn date_headings(&self) -> (&'static str, &'static str) {
        if self.change.dates_before().is_some() { ("Before", "After") } else { ("Now", "New") }
    }

    /// Where what was done is taken back.
    pub fn undo_path(&self) -> String {
        match self.change.settled_by_leaving() {
            Some(leaving) => format!("/doctors/leavings/{leaving}/undo"),
            None => format!("{}/undo", self.change.path()),
        }
    }

    pub fn is_open(&self) -> bool {
        self.change.state == State::Open
    }

    pub fn may_be_dismissed(&self) -> bool {
        matches!(self.change.state, State::Open | State::Pending)
    }

    pub fn may_be_undone(&self) -> bool {
        match self.change.state {
            State::Dismissed if self.change.settled_by_leaving().is_some() => self.rights.may_act,
            State::Dismissed => self.rights.may_dismiss,
            State::Applied if self.change.kind == Kind::Replacement => self.rights.may_dismiss,
            State::Applied => self.rights.may_act,
            State::Open | State::Pending | State::Superseded | State::Expired => false,
        }
    }

    pub fn received(&self) -> String {
        dates::at(self.change.received_at)
    }

    pub fn file_name(&self) -> &str {
        self.change.file_name.as_deref().unwrap_or_default()
    }

    /// What acting on it does, and whether it can be done.
    pub fn act(&self) -> Option<(&'static str, &'static str)> {
        match self.change.kind {
            Kind::Withdrawal if self.is_known && !self.is_employed => Some(("withdraw", "Withdraw the application")),
            Kind::Dates if self.is_known => Some(("apply", "Apply the new dates")),
            Kind::Withdrawal | Kind::Dates | Kind::Replacement | Kind::NewPost => None,
        }
    }

    pub fn dismiss_words(&self) -> &'static str {
        match self.change.kind {
            Kind::Dates => "Keep the current dates",
            Kind::Withdrawal | Kind::Replacement | Kind::NewPost => "Dismiss",
        }
    }

    pub fn dismiss_question(&self) -> &'static str {
        match self.change.kind {
            Kind::Dates => "Why are the current dates kept?",
            Kind::Withdrawal | Kind::Replacement | Kind::NewPost => "Why is nothing to be done about it?",
        }
    }

    /// Under which URP acting falls.
    pub fn urp(&self) -> &'static str {
        self.change.kind.acted_upon_by().label()
    }
}
