//! What the pages about doctors say.

mod duplicate;
mod last_step;
mod new;
mod record;
mod show;
mod words;

pub use duplicate::{DuplicatePage, DuplicatesPage};
pub use last_step::{StepBack, settled_by};
pub use new::{NewPage, columns, read_form, values_of};
pub use record::RecordPage;
pub use show::{Doctor, Refused, ShowPage};
pub use words::plain;

use crate::applicants::matching::Kind;
use crate::applicants::plan::kind_of;
use crate::applicants::status::Status;

/// Text and colour of an application's status; a code of a later release reads as itself.
fn status_tag(code: &str) -> (String, &'static str) {
    match code.parse::<Status>() {
        Ok(status) => (status.label().to_owned(), status.colour()),
        Err(_) => (code.to_owned(), "grey"),
    }
}

/// The title in a position's name, which stands between its number and its codes.
fn position_title(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    name.split('|').nth(1).unwrap_or(name).trim().to_owned()
}

/// ESR's person type, as far as applications make a difference to it.
fn person_type(system_type: &str, applies: bool) -> &'static str {
    match (kind_of(system_type), applies) {
        (Kind::Employee, true) => "Applicant.Employee",
        (Kind::Employee, false) => "Employee",
        (Kind::ExEmployee, _) => "Ex-employee",
        (Kind::Applicant, _) => "Applicant",
    }
}
