//! The mail that asks a managing body to send a record again.

use askama::Template;

/// The text part, and what both parts say.
#[derive(Template)]
#[template(path = "doctors/emails/ask_again.txt")]
pub struct AskAgainText {
    pub organisation: String,
    pub file_name: String,
    pub record_no: i32,
    pub vacancy_ref: String,
    pub deanery_number: String,
    pub position_number: String,
    pub messages: Vec<String>,
}

/// The HTML part.
#[derive(Template)]
#[template(path = "doctors/emails/ask_again.html")]
pub struct AskAgainHtml<'a> {
    pub mail: &'a AskAgainText,
}
