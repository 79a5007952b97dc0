use askama::Template;
use chrono::NaiveDate;

use crate::applicants::status::Status;
use crate::employment_checks::model::Checks;
use crate::hiring::model::usual_type;
use crate::hiring::store::{StartFilter, Starter};
use crate::positions::model::HostOrLead;
use crate::ui::{self, ErrorSummary, Field, Layout, Pagination, dates};

/// One doctor of the list: what is right, and what is not yet with the way to mend it.
pub struct Row {
    pub starter: Starter,
    pub checks: String,
    /// Sentence, address of the page that mends it, words of the link.
    pub problems: Vec<(String, String, &'static str)>,
}

impl Row {
    pub const COLUMNS: &'static [&'static str] = &[
        "Position Number",
        "Position",
        "Deanery Post Number",
        "Last Name",
        "First Name",
        "GMC Number",
        "Projected Hire Date",
        "Employer type",
        "Application status",
        "Hired on",
        "Person type",
        "Checks",
        "To do",
    ];

    pub fn new(starter: Starter, checks: &Checks, today: NaiveDate) -> Self {
        let mut problems = Vec::new();
        let hire = format!("/doctors/applications/{}/hire", starter.application_id);
        let doctor = format!("/doctors/{}", starter.person_id);
        let position = format!("/positions/{}", starter.position_id);
        let check_page = format!("/doctors/applications/{}/checks", starter.application_id);
        let host = starter.host_or_lead.as_deref().and_then(HostOrLead::parse);
        let blocking = checks.blocking(starter.hire_on);
        let status = starter.status.parse::<Status>().ok();
        match (status, starter.hired_on) {
            (Some(Status::Hired), hired_on) => {
                if let (Some(on), Some(hire_id)) = (hired_on, starter.hire_id) {
                    let correct = format!("{hire}?corrects={hire_id}");
                    if on != starter.hire_on {
                        let text = format!(
                            "Hired from {}, and the deanery says {}",
                            dates::short_day(on),
                            dates::short_day(starter.hire_on)
                        );
                        problems.push((text, correct.clone(), "Correct the hire"));
                    }
                    let usual = usual_type(host);
                    if let (Some(usual), Some(kind)) = (usual, &starter.hired_as)
                        && usual != kind
                        && (usual == "Honorary" || kind == "Honorary")
                    {
                        let text = format!(
                            "Hired as {kind}, where {usual} is usual for a {}",
                            host.map_or("", HostOrLead::label)
                        );
                        problems.push((text, correct, "Correct the hire"));
                    }
                    let holds = |day: NaiveDate| {
                        starter.assigned_from.is_some_and(|from| from <= day)
                            && starter.assigned_to.is_none_or(|to| to >= day)
                    };
                    if !holds(on) {
                        problems.push((
                            "No assignment holds on the first day".to_owned(),
                            doctor.clone(),
                            "Open the doctor",
                        ));
                    }
                    if starter.contract_end_on != starter.end_on && starter.assigned_from.is_some() {
                        let said = |day: Option<NaiveDate>| day.map_or("no end".to_owned(), dates::short_day);
                        let text = format!(
                            "The contract ends {}, and the deanery says {}",
                            said(starter.contract_end_on),
                            said(starter.end_on)
                        );
                        problems.push((text, format!("{doctor}/leaving"), "Extend or end it"));
                    }
                }
            }
            (Some(Status::OfferAccepted), _) => {
                let text = if starter.hire_on < today { "Not hired, and the first day is past" } else { "Not hired" };
                problems.push((text.to_owned(), hire.clone(), "Hire"));
            }
            (status, _) => {
                let label = status.map_or("not known", Status::label);
                problems.push((format!("Not hired: the application is “{label}”"), doctor.clone(), "Move it on"));
            }
        }
        if !blocking.is_empty() {
            // One or two are named; more would drown the rest of the line.
            let text = match blocking.len() {
                1 | 2 => blocking.join("; "),
                n => format!("{n} checks are not complete"),
            };
            problems.push((text, check_page, "See the checks"));
        }
        if !starter.position_is_active {
            problems.push((
                "The position is not active on the first day".to_owned(),
                position.clone(),
                "Open the position",
            ));
        }
        if host.is_none() {
            problems.push((
                "Nobody has said whether the post is of a host or a lead".to_owned(),
                position,
                "Open the position",
            ));
        }
        if starter.holds_another {
            let text = "Holds another assignment here on that day".to_owned();
            problems.push((text, doctor, "Deal with it"));
        }
        Self { checks: checks.progress(starter.hire_on), starter, problems }
    }

    pub fn name(&self) -> String {
        format!("{}, {}", self.starter.last_name, self.starter.first_name)
    }

    pub fn gmc(&self) -> &str {
        self.starter.gmc_number.as_deref().unwrap_or_default()
    }

    pub fn title(&self) -> &str {
        let name = self.starter.position_name.as_deref().unwrap_or_default();
        name.split('|').nth(1).unwrap_or(name).trim()
    }

    pub fn day(&self) -> String {
        dates::short_day(self.starter.hire_on)
    }

    pub fn employer(&self) -> &'static str {
        match self.starter.host_or_lead.as_deref().and_then(HostOrLead::parse) {
            Some(HostOrLead::Host) => "Host: hire as Honorary",
            Some(HostOrLead::Lead) => "Lead: hire as Employee",
            None => "",
        }
    }

    pub fn hired(&self) -> String {
        match (self.starter.hired_on, &self.starter.hired_as) {
            (Some(on), Some(kind)) => format!("{kind} from {}", dates::short_day(on)),
            _ => String::new(),
        }
    }

    /// Where the doctor stands now, in a few words.
    pub fn now(&self) -> String {
        match (self.hired(), self.starter.status.parse::<Status>()) {
            (hired, _) if !hired.is_empty() => format!("Hired: {hired}"),
            (_, Ok(status)) => status.label().to_owned(),
            (_, Err(_)) => self.starter.status.clone(),
        }
    }

    pub fn cells(&self) -> Vec<String> {
        let starter = &self.starter;
        let status = starter.status.parse::<Status>().map_or(starter.status.clone(), |s| s.label().to_owned());
        let to_do: Vec<&str> = self.problems.iter().map(|(text, ..)| text.as_str()).collect();
        vec![
            starter.position_number.clone(),
            starter.position_name.clone().unwrap_or_default(),
            starter.dpn.clone(),
            starter.last_name.clone(),
            starter.first_name.clone(),
            self.gmc().to_owned(),
            dates::esr_day(starter.hire_on),
            self.employer().to_owned(),
            status,
            starter.hired_on.map(dates::esr_day).unwrap_or_default(),
            starter.hired_as.clone().unwrap_or_default(),
            self.checks.clone(),
            to_do.join(" / "),
        ]
    }
}

#[derive(Template)]
#[template(path = "hiring/day_one.html")]
pub struct DayOnePage {
    layout: Layout,
    errors: ErrorSummary,
    rows: Vec<Row>,
    from: Field,
    to: Field,
    show: Field,
    heading: String,
    caption: String,
    csv: String,
    links: Pagination,
}

impl DayOnePage {
    pub fn new(
        layout: Layout,
        rows: Vec<Row>,
        total: i64,
        page: u64,
        (from, to): (Field, Field),
        filter: StartFilter,
    ) -> Self {
        let show = if filter.only_waiting { "waiting" } else { "all" };
        let query = format!("from={}&to={}&show={show}", filter.from, filter.to);
        let total = u64::try_from(total).unwrap_or(0);
        let pages = total.div_ceil(u64::try_from(filter.limit).unwrap_or(50));
        let errors = ErrorSummary::of([&from, &to]);
        let heading = match filter.from == filter.to {
            // On no day that could be read nobody starts.
            _ if !errors.is_empty() => "Doctors starting".to_owned(),
            true => format!("Doctors starting on {}", dates::day(filter.from)),
            false => format!("Doctors starting from {} to {}", dates::day(filter.from), dates::day(filter.to)),
        };
        Self {
            layout,
            rows: if errors.is_empty() { rows } else { Vec::new() },
            errors,
            from,
            to,
            show: Field::new("show", show),
            heading,
            caption: ui::count(total, "doctor", "doctors"),
            csv: format!("/doctors/day-one.csv?{query}"),
            links: Pagination::numbered(page, pages, |n| format!("/doctors/day-one?{query}&page={n}")),
        }
    }

    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    fn shows(&self) -> Vec<ui::Choice> {
        vec![ui::Choice::new("all", "Everybody"), ui::Choice::new("waiting", "Only those not hired")]
    }
}
