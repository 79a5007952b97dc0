use askama::Template;

use super::super::model::{LISTS, List};
use super::super::store::Code;
use crate::ui::{Choice, ErrorSummary, Field, Layout};

#[derive(Template)]
#[template(path = "reference/lists.html")]
pub struct ListsPage {
    pub layout: Layout,
    /// Values in use and out of use, by list.
    pub counts: Vec<(String, i64, i64)>,
}

impl ListsPage {
    fn lists(&self) -> &'static [List] {
        LISTS
    }

    fn values(&self, list: &List) -> String {
        let (used, unused) = self
            .counts
            .iter()
            .find(|(code, ..)| code == list.code)
            .map_or((0, 0), |(_, used, unused)| (*used, *unused));
        if unused == 0 { used.to_string() } else { format!("{used}, and {unused} out of use") }
    }
}

#[derive(Template)]
#[template(path = "reference/codes.html")]
pub struct CodesPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub list: &'static List,
    pub codes: Vec<Code>,
    pub code: Field,
    pub label: Field,
    pub training: Field,
}

impl CodesPage {
    fn columns(&self) -> Vec<&'static str> {
        if self.list.marks_training() {
            vec!["Code", "Meaning", "Training post", "In use", "Change"]
        } else {
            vec!["Code", "Meaning", "In use", "Change"]
        }
    }

    /// Codes may hold slashes and spaces.
    fn change_href(&self, code: &Code) -> String {
        let value: String = url::form_urlencoded::byte_serialize(code.code.as_bytes()).collect();
        format!("/interfaces/codes/{}/change?code={value}", self.list.code)
    }

    fn trainings(&self) -> [Choice; 2] {
        trainings()
    }
}

#[derive(Template)]
#[template(path = "reference/code.html")]
pub struct ChangeCodePage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub list: &'static List,
    pub code: String,
    pub label: Field,
    pub training: Field,
    pub active: Field,
}

impl ChangeCodePage {
    fn crumbs(&self) -> Vec<(String, String)> {
        [
            ("/".to_owned(), "Home"),
            ("/interfaces/codes".to_owned(), "Code lists"),
            (format!("/interfaces/codes/{}", self.list.code), self.list.name),
        ]
        .map(|(href, text)| (href, text.to_owned()))
        .to_vec()
    }

    fn trainings(&self) -> [Choice; 2] {
        trainings()
    }

    fn uses(&self) -> [Choice; 2] {
        [
            Choice::new("yes", "Yes"),
            Choice::new("no", "No")
                .hint("Records keep it, and nobody can choose it any more. Files that bring it are told so."),
        ]
    }
}

fn trainings() -> [Choice; 2] {
    [
        Choice::new("yes", "Yes")
            .hint("Positions of this role without a Deanery Post Number are pointed out in the DPN report."),
        Choice::new("no", "No"),
    ]
}
