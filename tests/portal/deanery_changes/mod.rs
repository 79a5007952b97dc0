//! Notifications from the deanery: what a file does, what it raises, and what is done about it.

mod actions;
mod files;
mod items;
mod samples;

use changeover::file_exchange::FileReport;

use crate::support::Portal;
use crate::support::files::framed;

/// Columns of a NOT record that tests set, by their place.
pub mod column {
    pub const SITE: usize = 7;
    pub const CURRENT_LAST: usize = 8;
    pub const CURRENT_FIRST: usize = 9;
    pub const CURRENT_GMC: usize = 10;
    pub const CURRENT_END: usize = 11;
    pub const NEXT_LAST: usize = 14;
    pub const NEXT_FIRST: usize = 15;
    pub const NEXT_GMC: usize = 16;
    pub const NEXT_START: usize = 18;
    pub const WITHDRAWN_LAST: usize = 21;
    pub const WITHDRAWN_FIRST: usize = 22;
    pub const WITHDRAWN_GMC: usize = 23;
    pub const REASON: usize = 24;
    pub const REPLACEMENT_LAST: usize = 25;
    pub const REPLACEMENT_FIRST: usize = 26;
    pub const REPLACEMENT_GMC: usize = 27;
    pub const REPLACEMENT_HIRE: usize = 29;
    pub const HIRE: usize = 30;
    pub const END: usize = 31;
    pub const SPECIALTY: usize = 32;
    pub const DELETE: usize = 35;
}

/// A notification of a title code for a post.
pub fn notification(title: &str, dpn: &str, changes: &[(usize, &str)]) -> String {
    let mut fields = vec![""; 36];
    (fields[0], fields[1], fields[3], fields[4]) = ("NOT", title, dpn, "KSS");
    for (at, value) in changes {
        fields[*at] = value;
    }
    fields.join("~")
}

/// New dates for a next holder.
pub fn new_dates(dpn: &str, (last, first, gmc): (&str, &str, &str), hire: &str, end: &str) -> String {
    use column::*;
    notification("4", dpn, &[(NEXT_LAST, last), (NEXT_FIRST, first), (NEXT_GMC, gmc), (HIRE, hire), (END, end)])
}

/// A withdrawal, reason 3.
pub fn withdrawal(dpn: &str, (last, first, gmc): (&str, &str, &str)) -> String {
    use column::*;
    notification("2", dpn, &[(WITHDRAWN_LAST, last), (WITHDRAWN_FIRST, first), (WITHDRAWN_GMC, gmc), (REASON, "3")])
}

/// A row of the grid: current holder until a day, next holder from a day.
pub fn grid_row(dpn: &str, current: (&str, &str, &str), end: &str, next: (&str, &str, &str), start: &str) -> String {
    use column::*;
    let (cl, cf, cg) = current;
    let (nl, nf, ng) = next;
    notification(
        "1",
        dpn,
        &[
            (CURRENT_LAST, cl),
            (CURRENT_FIRST, cf),
            (CURRENT_GMC, cg),
            (CURRENT_END, end),
            (NEXT_LAST, nl),
            (NEXT_FIRST, nf),
            (NEXT_GMC, ng),
            (NEXT_START, start),
        ],
    )
}

/// Takes in a notification file (DNC) of these records.
pub async fn told(portal: &Portal, number: u32, records: &[String]) -> FileReport {
    told_as(portal, "DNC", number, records).await
}

/// The same for a file of one type.
pub async fn told_as(portal: &Portal, kind: &str, number: u32, records: &[String]) -> FileReport {
    let name = format!("DE_KSS_{kind}_20260506_{number:08}.DAT");
    let report = portal.receive(&name, framed(&name, "KSS", records)).await;
    portal.run_jobs().await;
    report
}

/// The rows of the reply: title code, DPN, VPD, status, type, code, by record.
pub fn reply(report: &FileReport) -> Vec<Vec<String>> {
    let path = report.confirmation.as_ref().expect("a file that was taken is answered");
    let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.last().unwrap(), &format!("TRL~{}", lines.len() - 2));
    let rows = lines[1..lines.len() - 1].iter().map(|line| line.split('~').map(str::to_owned).collect::<Vec<_>>());
    rows.inspect(|row| assert_eq!((row[0].as_str(), row.len()), ("DCC", 9))).collect()
}

/// The current grid of an employer: DPN, current GMC or name, next GMC or name.
pub async fn grid(portal: &Portal, vpd: &str) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "select dpn, current_key, next_key from rotation_rows where vpd = $1 and to_grid is null order by dpn, current_key, next_key",
    )
    .bind(vpd)
    .fetch_all(&portal.owner)
    .await
    .unwrap()
}

/// The first applicant of the main sample.
pub const DAVIES: (&str, &str, &str) = ("Davies", "Yusuf", "9779858");
/// The post that he applies for.
pub const POST: &str = "KSS/R9A01/024/STR/004";

/// A portal with the three trusts, and Davies's application in 904.
pub async fn with_davies(portal: &Portal) {
    crate::applicants::with_trusts(portal).await;
    crate::applicants::load(portal, 2601, &[crate::applicants::record(&[])]).await;
    portal.run_jobs().await;
}

/// The link of the one open item of a kind in 904.
pub async fn link(portal: &Portal, kind: &str) -> String {
    sqlx::query_scalar("select link from items where vpd = '904' and type = $1 and state in ('open', 'claimed') order by created_at limit 1")
        .bind(kind)
        .fetch_one(&portal.owner)
        .await
        .unwrap()
}
