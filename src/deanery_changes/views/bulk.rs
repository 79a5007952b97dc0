use askama::Template;
use chrono::NaiveDate;

use super::{Compared, comparison, consequences};
use crate::deanery_changes::model::{Change, State};
use crate::deanery_changes::store::Standing;
use crate::ui::{self, ErrorSummary, Field, Layout};

#[derive(Template)]
#[template(path = "doctors/changes/bulk.html")]
pub struct BulkPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub rows: Vec<Row>,
    /// The ids, with commas between them.
    pub ids: String,
    pub reason: Field,
}

/// One doctor's dates.
pub struct Row {
    pub href: String,
    pub name: String,
    pub dpn: String,
    pub compared: Vec<Compared>,
    pub consequences: Vec<String>,
    pub is_open: bool,
}

impl BulkPage {
    pub fn new(layout: Layout, changes: Vec<(Change, Option<Standing>)>, reason: Field, today: NaiveDate) -> Self {
        let ids = changes.iter().map(|(change, _)| change.change_id.to_string()).collect::<Vec<_>>().join(",");
        let rows = changes.iter().map(|(change, standing)| Row {
            href: change.path(),
            name: change.name_in_list(),
            dpn: change.dpn.clone(),
            compared: comparison(change, standing.as_ref()),
            consequences: consequences(change, standing.as_ref(), today),
            is_open: change.state == State::Open,
        });
        Self { layout, errors: ErrorSummary::of([&reason]), rows: rows.collect(), ids, reason }
    }

    pub fn title(&self) -> String {
        format!("New dates for {}", ui::count(self.rows.len(), "doctor", "doctors"))
    }
}
