use askama::Template;
use chrono::NaiveDate;

use super::{person_type, position_title, status_tag};
use crate::applicants::status::Status;
use crate::applicants::store::{ListFilter, ListRow};
use crate::ui::{Choice, Field, Layout, Pagination, dates};

#[derive(Template)]
#[template(path = "doctors/list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub search: Field,
    pub status: Field,
    pub statuses: Vec<Choice>,
    pub rows: Vec<Row>,
    pub total: i64,
    pub is_filtered: bool,
    pub links: Pagination,
    pub may_enter: bool,
}

/// A line of the list.
pub struct Row {
    pub href: String,
    pub name: String,
    pub gmc: String,
    pub person_type: &'static str,
    pub dpn: String,
    pub position: String,
    pub starts: String,
    pub when: String,
    pub status: (String, &'static str),
}

impl ListPage {
    pub fn new(
        layout: Layout,
        filter: &ListFilter,
        rows: Vec<ListRow>,
        page: u64,
        today: NaiveDate,
        may_enter: bool,
    ) -> Self {
        let total = rows.first().map_or(0, |row| row.total);
        let pages = u64::try_from(total).unwrap_or(0).div_ceil(u64::try_from(filter.limit).unwrap_or(1).max(1));
        let address = |number: u64| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in [("q", &filter.search), ("status", &filter.status)] {
                if !value.is_empty() {
                    query.append_pair(name, value);
                }
            }
            query.append_pair("page", &number.to_string());
            format!("/doctors?{}", query.finish())
        };
        let mut statuses = vec![Choice::new("", "Any status")];
        statuses.extend(Status::ALL.map(|status| Choice::new(status.code(), status.label())));
        let row = |row: ListRow| Row {
            href: format!("/doctors/{}", row.person_id),
            name: format!("{}, {}", row.last_name, row.first_name),
            gmc: row.gmc_number.unwrap_or_default(),
            person_type: person_type(&row.system_type, true),
            dpn: row.dpn,
            position: position_title(row.position_name.as_deref()),
            starts: dates::short_day(row.hire_on),
            when: dates::relative(row.hire_on, today),
            status: status_tag(&row.status),
        };
        Self {
            layout,
            search: Field::new("q", filter.search.clone()),
            status: Field::new("status", filter.status.clone()),
            statuses,
            rows: rows.into_iter().map(row).collect(),
            total,
            is_filtered: !filter.search.trim().is_empty() || !filter.status.is_empty(),
            links: Pagination::numbered(page, pages, address),
            may_enter,
        }
    }
}
