//! The DPN report: which positions carry a Deanery Post Number, which number several carry, and what is wrong with the others.
//!
//! As a page, a workbook, CSV and PDF, in the three parts of the service desk's old report; duplicates are settled on one page; the counts
//! of each night make the chart; a forecast says which posts would be held for too many applicants. Table: `dpn_report_counts`. Wording
//! and statistics: Streamlined Doctors in Training Interface, December 2020 (Example DPN Report).

pub mod actions;
pub mod files;
mod jobs;
mod keeper;
mod report;
mod routes;
pub mod store;
mod views;

pub use jobs::{COUNT, count, queue};
pub use report::{Report, read};
pub use routes::configure;
