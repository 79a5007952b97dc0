//! Interface files: how they are taken in, refused, held, and processed once whatever happens.

mod cut_off;
mod every_type;
mod floods;
mod killed;
mod order;
mod outbound;
mod own;
mod pages;
mod refused;

use changeover::file_exchange::FileReport;
use uuid::Uuid;

use crate::support::files::framed;
use crate::support::{Page, Portal};

pub fn app_name(number: u32) -> String {
    format!("DE_KSS_APP_20260506_{number:08}.DAT")
}

/// A file of applicants that each fail, which is all that these tests need of them.
pub fn applicants(number: u32, records: usize) -> (String, String) {
    let name = app_name(number);
    let records: Vec<String> = (1..=records).map(|n| format!("APP~{n}~not an applicant")).collect();
    (name.clone(), framed(&name, "KSS", &records))
}

pub async fn send(portal: &Portal, number: u32) -> FileReport {
    let (name, text) = applicants(number, 1);
    portal.receive(&name, text).await
}

/// A page's source, with codes in one piece.
pub trait Html {
    fn html(&self) -> String;
}

impl Html for Page {
    fn html(&self) -> String {
        String::from_utf8_lossy(&self.bytes).replace("<wbr>", "")
    }
}

pub async fn id_of(portal: &Portal, name: &str) -> Uuid {
    let found = sqlx::query_scalar("select file_id from interface_files where file_name = $1").bind(name);
    found.fetch_one(&portal.owner).await.unwrap()
}

pub fn code(report: &FileReport) -> (&str, &str) {
    (report.outcome.as_str(), report.code.as_deref().unwrap_or(""))
}
