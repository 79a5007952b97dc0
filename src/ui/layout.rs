use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::{assets, dates};

/// What the shell of a page needs to know: plain data, so that a page can be shown without a database.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The nonce that this response's Content-Security-Policy names.
    pub nonce: String,
    /// The token that every form sends back.
    pub csrf: String,
    /// The path and query being shown, for the help link and for coming back.
    pub path: String,
    pub user: Option<SignedIn>,
    /// The business date when it is not today.
    pub rehearsal_on: Option<NaiveDate>,
    /// What the last action did, shown once.
    pub flash: Option<Flash>,
    /// Things about the whole service that everyone should know, in sentences.
    pub warnings: Vec<String>,
}

/// Who is signed in, as the header shows it.
#[derive(Clone, Debug, Default)]
pub struct SignedIn {
    pub name: String,
    pub username: String,
    pub vpd: String,
    pub vpd_name: String,
    pub several_organisations: bool,
    pub navigation: Vec<NavItem>,
    /// When the session ends if nothing more is asked for.
    pub times_out_at: Option<DateTime<Utc>>,
    /// The day that stands on what is printed.
    pub printed_on: Option<NaiveDate>,
}

/// One link of the main navigation.
#[derive(Clone, Debug, Default)]
pub struct NavItem {
    pub href: String,
    pub text: String,
    /// How many things there need action, shown after the text.
    pub count: Option<u64>,
    pub current: bool,
}

/// Said once, on the page after an action.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Flash {
    pub kind: FlashKind,
    pub text: String,
    /// Further sentences, such as the rows that a bulk action left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
}

/// Which banner a flash becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlashKind {
    #[default]
    Success,
    Information,
    /// Something was not done, or only in part.
    Problem,
}

/// The button in a flash that takes the action back: where it posts, and the fields that it sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Undo {
    pub label: String,
    pub action: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
}

/// The help pages that exist, by the first part of the path they help with.
const HELP_TOPICS: &[&str] = &["inbox", "doctors", "interfaces", "positions", "people", "admin", "account", "sign-in"];

impl Layout {
    /// The address of a static file, which changes when the file does.
    pub fn asset(&self, path: &str) -> String {
        assets::href(path)
    }

    /// The help page for where the reader is.
    pub fn help_href(&self) -> String {
        let first = self.path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        match HELP_TOPICS.iter().find(|topic| **topic == first) {
            Some(topic) => format!("/help#{topic}"),
            None => "/help".to_owned(),
        }
    }

    /// From a page that asks about what was entered, the address of the form with it.
    pub fn change_entered(&self) -> Option<String> {
        self.path.contains("?check=").then(|| self.path.replacen("?check=", "?change=", 1))
    }

    /// The rest of the page title: organisation, then product.
    pub fn title_end(&self) -> String {
        match &self.user {
            Some(user) if !user.vpd_name.is_empty() => format!("{} - Changeover", user.organisation()),
            _ => "Changeover".to_owned(),
        }
    }

    pub fn rehearsal(&self) -> Option<String> {
        self.rehearsal_on.map(dates::day)
    }
}

impl SignedIn {
    /// The organisation as a reader knows it: `504 Synthetic Hospitals`.
    pub fn organisation(&self) -> String {
        // "0" is the operators' own organisation, whose number means nothing to anyone.
        if self.vpd == "0" { self.vpd_name.clone() } else { format!("{} {}", self.vpd, self.vpd_name) }
    }

    /// Who prints, for whom and when: `Sam Example, 504 Synthetic Hospitals, 6 May 2026`.
    pub fn printed(&self) -> String {
        let on = self.printed_on.map(|day| format!(", {}", dates::day(day))).unwrap_or_default();
        format!("{}, {}{on}", self.name, self.organisation())
    }

    pub fn times_out(&self) -> Option<String> {
        self.times_out_at.map(dates::time)
    }
}

impl Flash {
    pub fn success(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub fn information(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Information, text: text.into(), ..Self::default() }
    }

    pub fn problem(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Problem, text: text.into(), ..Self::default() }
    }

    /// Adds the button that takes the action back by posting to `action`.
    pub fn undo(mut self, label: impl Into<String>, action: impl Into<String>) -> Self {
        self.undo = Some(Undo { label: label.into(), action: action.into(), fields: Vec::new() });
        self
    }

    /// Adds a sentence below the first.
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.details.push(text.into());
        self
    }

    pub fn is_success(&self) -> bool {
        self.kind == FlashKind::Success
    }

    /// The banner's heading.
    pub fn title(&self) -> &'static str {
        match self.kind {
            FlashKind::Success => "Done",
            FlashKind::Information => "Important",
            FlashKind::Problem => "Not everything was done",
        }
    }
}

/// The page for anything that went wrong: not found, not allowed, changed meanwhile, our fault.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    pub layout: Layout,
    pub heading: &'a str,
    /// What happened and what to do, a sentence or two each.
    pub paragraphs: &'a [String],
    /// What to quote when asking for help, for faults that were logged.
    pub reference: Option<&'a str>,
    /// The page of ours that says how what changed stands now.
    pub back: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        Layout {
            nonce: "n0nce".into(),
            csrf: "t0ken".into(),
            path: "/inbox?state=open".into(),
            rehearsal_on: NaiveDate::from_ymd_opt(2026, 5, 6),
            user: Some(SignedIn {
                name: "Sam <b>Example</b>".into(),
                username: "sam".into(),
                vpd: "999".into(),
                vpd_name: "Synthetic Trust".into(),
                navigation: vec![NavItem {
                    href: "/inbox".into(),
                    text: "Inbox".into(),
                    count: Some(12),
                    current: true,
                }],
                ..SignedIn::default()
            }),
            flash: Some(Flash::success("3 items claimed").undo("Undo", "/inbox/undo")),
            ..Layout::default()
        }
    }

    #[test]
    fn the_shell_escapes_names_and_bears_nonce_token_and_rehearsal() {
        let paragraphs = ["It may have been <moved>.".to_owned()];
        let page = ErrorPage {
            layout: layout(),
            heading: "Page not found",
            paragraphs: &paragraphs,
            reference: None,
            back: Some("/inbox"),
        };
        let html = page.render().unwrap();
        for expected in [
            "<title>Page not found - 999 Synthetic Trust - Changeover</title>",
            "Rehearsal: 6 May 2026",
            "Sam &#60;b&#62;Example&#60;/b&#62;",
            "It may have been &#60;moved&#62;.",
            r#"nonce="n0nce""#,
            r#"name="csrf" value="t0ken""#,
            r#"action="/sign-out""#,
            r#"action="/inbox/undo""#,
            r#"<a href="/inbox">Go back and see how it stands now</a>"#,
            "/help#inbox",
        ] {
            assert!(html.contains(expected), "{expected} is missing from {html}");
        }
        for forbidden in ["<b>", " style=", " onclick", "javascript:"] {
            assert!(!html.contains(forbidden), "{forbidden} is in the page");
        }
    }
}
