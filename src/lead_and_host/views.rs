//! What the page about the contact says.

use askama::Template;

use crate::ui::{ErrorSummary, Field, Layout};

#[derive(Template)]
#[template(path = "lead_and_host/contact.html")]
pub struct ContactPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub name: Field,
    pub address: Field,
    pub telephone: Field,
}

impl ContactPage {
    pub fn new(layout: Layout, fields: [Field; 3]) -> Self {
        let errors = ErrorSummary::of(&fields);
        let [name, address, telephone] = fields;
        Self { layout, errors, name, address, telephone }
    }
}
