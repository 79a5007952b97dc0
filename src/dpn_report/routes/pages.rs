use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::access::Authorised;
use crate::access::permissions::{ChangePositions, SeeDpnReport};
use crate::app::App;
use crate::dpn_report::views::{AllPage, DuplicatesPage, SummaryPage};
use crate::dpn_report::{report, store};
use crate::error::PageResult;
use crate::positions::quality::{Fault, Line};
use crate::positions::views::section;
use crate::ui::{self, Field};

const PAGE: usize = 100;

/// The front page: statistics, what is wrong by its harm, the last weeks.
pub async fn summary(app: Data<App>, who: Authorised<SeeDpnReport>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let report = report::read(&mut tx, app.today(), app.now()).await?;
    let weeks = store::weeks(&mut tx, app.today()).await?;
    tx.commit().await?;
    let section = section(&who, "/positions/dpn-report");
    Ok(ui::page(StatusCode::OK, &SummaryPage { layout: who.layout(), section, report, weeks }))
}

/// Every number on several positions, with the way to settle it.
pub async fn duplicates(app: Data<App>, who: Authorised<SeeDpnReport>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let report = report::read(&mut tx, app.today(), app.now()).await?;
    let shared: Vec<String> =
        report.duplicates().iter().flat_map(|(_, lines)| lines.iter().map(|line| line.position_id.clone())).collect();
    let people = crate::positions::store::people_of(&mut tx, &shared, app.today()).await?;
    tx.commit().await?;
    let may_change = who.may::<ChangePositions>();
    let section = section(&who, "/positions/dpn-report");
    Ok(ui::page(StatusCode::OK, &DuplicatesPage { layout: who.layout(), section, report, people, may_change }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AllQuery {
    problem: String,
    page: String,
}

/// Every position of the report, or those with one fault.
pub async fn all(app: Data<App>, who: Authorised<SeeDpnReport>, query: Query<AllQuery>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let report = report::read(&mut tx, app.today(), app.now()).await?;
    tx.commit().await?;
    let fault = Fault::from_code(&query.problem);
    let any = query.problem == "any";
    let fits = |line: &Line| match (query.problem.as_str(), fault) {
        ("any", _) => !line.faults.is_empty(),
        ("dpn", _) => line.has_issue(false),
        ("name", _) => line.has_issue(true),
        (_, Some(fault)) => line.faults.contains(&fault),
        (_, None) => true,
    };
    // A hint on a position without a number is not in the old report's last part: asked for by name, it is shown all the same.
    let lines = report
        .quality
        .lines
        .iter()
        .filter(|line| line.has_dpn() || fault.is_some() || any || line.faults.iter().any(|f| f.is_counted()));
    let wanted: Vec<_> = lines.filter(|line| fits(line)).cloned().collect();
    let pages = wanted.len().div_ceil(PAGE).max(1);
    let page = query.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let page = AllPage {
        layout: who.layout(),
        section: section(&who, "/positions/dpn-report"),
        lines: wanted.iter().skip((page - 1) * PAGE).take(PAGE).cloned().collect(),
        total: wanted.len(),
        page: page as u64,
        pages: pages as u64,
        problem: Field::new("problem", query.problem.clone()),
        report,
        may_change: who.may::<ChangePositions>(),
    };
    Ok(ui::page(StatusCode::OK, &page))
}
