//! What the pages of the DPN report show.

mod forecast;
mod report;
mod settle;

pub use forecast::ForecastPage;
pub use report::{AllPage, DuplicatesPage, SummaryPage};
pub use settle::{Bearer, CheckPage, SettlePage};

use super::Report;
use crate::ui::NavItem;

/// The parts of the report, as its own pages.
fn parts(report: &Report, current: &str) -> Vec<NavItem> {
    let duplicates = u64::try_from(report.quality.statistics.dpns_on_several_positions).unwrap_or_default();
    let all = report.lines().count() as u64;
    let link = |href: &str, text: &str, count| NavItem {
        href: href.to_owned(),
        text: text.to_owned(),
        count,
        current: href == current,
    };
    vec![
        link("/positions/dpn-report", "Summary", None),
        link("/positions/dpn-report/duplicates", "Duplicates", Some(duplicates)),
        link("/positions/dpn-report/all", "All DPN positions", Some(all)),
    ]
}
