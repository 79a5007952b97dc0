use std::collections::HashMap;

use askama::Template;
use chrono::NaiveDate;

use super::words;
use crate::deanery_changes::actions::{decided_words, suggest};
use crate::deanery_changes::model::{Change, Kind, State};
use crate::positions::model::HostOrLead;
use crate::positions::views::Confirmation;
use crate::reference::store::WhomToAsk;
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

/// What the forms of a new post hold.
#[derive(Clone, Debug, Default)]
pub struct NewPostFields {
    pub title: Field,
    pub occupation_code: Field,
    pub area: Field,
    pub site: Field,
    pub budgeted_fte: Field,
    pub host_or_lead: Field,
    pub effective: Field,
    pub position_number: Field,
    pub reason: Field,
    /// What should be looked at before it is done all the same.
    pub warnings: Vec<String>,
    /// What is wrong with the number itself, which is the deanery's to mend.
    pub general: Vec<String>,
    /// What linking it would take away, to be confirmed.
    pub linking: Option<Confirmation>,
}

impl NewPostFields {
    pub fn suggested(change: &Change, today: NaiveDate) -> Self {
        let draft = suggest(change, today);
        let text = |value: Option<String>| value.unwrap_or_default();
        Self {
            title: Field::new("title", draft.title),
            occupation_code: Field::new("occupation_code", draft.occupation_code),
            area: Field::new("area", draft.area),
            site: Field::new("site", text(draft.workplace_code)),
            budgeted_fte: Field::new("budgeted_fte", text(draft.budgeted_fte)),
            host_or_lead: Field::new("host_or_lead", draft.host_or_lead.map_or("", HostOrLead::code)),
            effective: Field::new("effective", today.to_string()),
            position_number: Field::empty("position_number"),
            reason: Field::empty("reason"),
            warnings: Vec::new(),
            general: Vec::new(),
            linking: None,
        }
    }

    fn all(&self) -> [&Field; 9] {
        [
            &self.title,
            &self.occupation_code,
            &self.area,
            &self.site,
            &self.budgeted_fte,
            &self.host_or_lead,
            &self.effective,
            &self.position_number,
            &self.reason,
        ]
    }

    pub fn has_errors(&self) -> bool {
        self.all().iter().any(|field| field.error.is_some())
    }
}

#[derive(Template)]
#[template(path = "positions/new_posts/show.html")]
pub struct NewPostPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub change: Change,
    pub words: &'static str,
    pub standing_words: String,
    pub contact: Option<WhomToAsk>,
    pub may_make: bool,
    pub colleagues: Vec<Choice>,
    pub fields: NewPostFields,
    /// This employer's own sites; none where ESR has sent no locations.
    pub sites: Vec<Choice>,
    pub then: String,
}

impl NewPostPage {
    pub fn new(
        layout: Layout,
        change: Change,
        contact: Option<WhomToAsk>,
        may_make: bool,
        colleagues: Vec<Choice>,
        (fields, sites): (NewPostFields, HashMap<String, String>),
        then: String,
    ) -> Self {
        let linking = fields.linking.as_ref().map(|asked| &asked.field);
        let mut errors = ErrorSummary::of(fields.all().into_iter().chain(linking));
        let mut sites: Vec<Choice> =
            sites.into_iter().map(|(code, name)| Choice::new(code.clone(), format!("{code} {name}"))).collect();
        sites.sort_by(|one, other| one.value.cmp(&other.value));
        errors.0.extend(fields.general.iter().map(|text| ("draft".to_owned(), text.clone())));
        Self {
            layout,
            errors,
            words: words(Kind::NewPost, false),
            standing_words: decided_words(&change),
            change,
            contact,
            may_make,
            colleagues,
            fields,
            sites,
            then,
        }
    }

    /// The sites to choose from, and none.
    pub fn site_choices(&self) -> Vec<Choice> {
        let none = Choice::new("", "Select a site");
        std::iter::once(none).chain(self.sites.iter().cloned()).collect()
    }

    /// Says so where the site that the number or the form names is none of this employer's.
    pub fn site_hint(&self) -> String {
        let named = self.change.dpn.split('/').nth(1).map(str::trim).filter(|site| !site.is_empty());
        match named.filter(|site| !self.sites.iter().any(|one| one.value.eq_ignore_ascii_case(site))) {
            Some(site) => format!("The number says {site}, which is not a site of yours"),
            None => String::new(),
        }
    }

    pub fn is_open(&self) -> bool {
        self.change.state == State::Open
    }

    pub fn may_be_undone(&self) -> bool {
        match self.change.state {
            State::Dismissed => true,
            State::Applied => self.may_make,
            State::Open | State::Pending | State::Superseded | State::Expired => false,
        }
    }

    pub fn text<'a>(&self, value: &'a Option<String>) -> &'a str {
        value.as_deref().unwrap_or_default()
    }

    pub fn received(&self) -> String {
        dates::at(self.change.received_at)
    }

    pub fn host_or_lead(&self) -> Vec<Choice> {
        let choice = |one: HostOrLead| Choice::new(one.code(), one.label());
        vec![choice(HostOrLead::Host), choice(HostOrLead::Lead)]
    }
}

#[derive(Template)]
#[template(path = "positions/new_posts/list.html")]
pub struct NewPostsPage {
    pub layout: Layout,
    pub rows: Vec<PostRow>,
}

/// A line of the list of new posts.
pub struct PostRow {
    pub href: String,
    pub dpn: String,
    pub specialty: String,
    pub site: String,
    pub received: String,
    pub tag: (&'static str, &'static str),
    pub standing: String,
}

impl NewPostsPage {
    pub fn new(layout: Layout, changes: Vec<Change>) -> Self {
        let rows = changes.iter().map(|change| PostRow {
            href: change.path(),
            dpn: change.dpn.clone(),
            specialty: change.specialty.clone().unwrap_or_default(),
            site: change.site.clone().unwrap_or_default(),
            received: dates::short_at(change.received_at),
            tag: change.state.tag(),
            standing: if change.state == State::Open { String::new() } else { decided_words(change) },
        });
        Self { layout, rows: rows.collect() }
    }
}
