use askama::Template;

use crate::deanery_changes::model::{Change, Kind, State};
use crate::deanery_changes::store::ListFilter;
use crate::ui::{Choice, Field, Layout, Pagination, dates};

#[derive(Template)]
#[template(path = "doctors/changes/list.html")]
pub struct ListPage {
    pub layout: Layout,
    /// How many filters are set; what waits is shown without one.
    pub set: usize,
    pub search: Field,
    pub kind: Field,
    pub kinds: Vec<Choice>,
    pub state: Field,
    pub states: Vec<Choice>,
    pub rows: Vec<Row>,
    pub total: i64,
    pub links: Pagination,
    /// Whether several changes of dates can be decided at once from here.
    pub has_boxes: bool,
}

/// A line of the list.
pub struct Row {
    pub id: String,
    pub href: String,
    pub name: String,
    pub gmc: String,
    pub dpn: String,
    pub what: &'static str,
    pub says: String,
    pub received: String,
    pub tag: (&'static str, &'static str),
    pub has_box: bool,
}

impl ListPage {
    pub fn new(
        layout: Layout,
        filter: &ListFilter,
        changes: Vec<Change>,
        total: i64,
        page: u64,
        may_act: bool,
    ) -> Self {
        let pages = u64::try_from(total).unwrap_or(0).div_ceil(u64::try_from(filter.limit).unwrap_or(1).max(1));
        let address = |number: u64| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query
                .append_pair("q", &filter.search)
                .append_pair("kind", &filter.kind)
                .append_pair("state", &filter.state);
            query.append_pair("page", &number.to_string());
            format!("/doctors/changes?{}", query.finish())
        };
        let kinds =
            [Kind::Withdrawal, Kind::Dates, Kind::Replacement].map(|kind| Choice::new(kind.code(), kind.label()));
        let states = [
            ("open", "Waiting for a decision"),
            ("pending", "Waiting for their applicant"),
            ("applied", "Acted upon"),
            ("dismissed", "Dismissed"),
            ("superseded", "Overtaken by a later one"),
            ("expired", "No applicant came"),
        ];
        let rows: Vec<Row> = changes.iter().map(|change| row(change, may_act)).collect();
        let set = [!filter.search.trim().is_empty(), !filter.kind.is_empty(), !matches!(&*filter.state, "" | "open")];
        Self {
            layout,
            set: set.into_iter().filter(|is_set| *is_set).count(),
            search: Field::new("q", filter.search.clone()),
            kind: Field::new("kind", filter.kind.clone()),
            kinds: [Choice::new("", "Every kind")].into_iter().chain(kinds).collect(),
            state: Field::new("state", filter.state.clone()),
            states: [Choice::new("", "Any state")]
                .into_iter()
                .chain(states.map(|(code, words)| Choice::new(code, words)))
                .collect(),
            has_boxes: rows.iter().any(|row| row.has_box),
            rows,
            total,
            links: Pagination::numbered(page, pages, address),
        }
    }
}

fn row(change: &Change, may_act: bool) -> Row {
    let day = |day: Option<chrono::NaiveDate>| day.map(dates::short_day);
    let says = match (change.kind, day(change.hire_on), day(change.end_on)) {
        (Kind::Dates, Some(hire), Some(end)) => format!("From {hire} to {end}"),
        (Kind::Dates, Some(hire), None) => format!("From {hire}"),
        (Kind::Dates, None, Some(end)) => format!("To {end}"),
        (Kind::Replacement, Some(hire), _) => format!("From {hire}"),
        _ => String::new(),
    };
    Row {
        id: change.change_id.to_string(),
        href: change.path(),
        name: change.name_in_list(),
        gmc: change.who.gmc_number.clone().unwrap_or_default(),
        dpn: change.dpn.clone(),
        what: if change.unannounced { "Dates changed without notice" } else { change.kind.label() },
        says,
        received: dates::short_at(change.received_at),
        tag: change.state.tag(),
        has_box: may_act && change.kind == Kind::Dates && change.state == State::Open,
    }
}
