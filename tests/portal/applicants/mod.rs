//! Applicants from the deanery: what a file does to each record, whatever it holds.

mod held;
mod matching;
mod records;
mod right;
mod samples;

use changeover::file_exchange::FileReport;

use crate::support::Portal;
use crate::support::files::{framed, sample};

/// The first record of the main sample: clean, new, for a post of 904.
pub const LINE: &str = "APP~1~904-DiT1~20260506~9041003~29040003~KSS/R9A01/024/STR/004~Davies~Yusuf~~Dr.~~19900705~M~TX958941B~dr9779858@nhs.example~~07700 900858~2 Example Street~~~Northmoor~~ZZ99 3VZ~GB~A~GB~~~~~~~General Medical Council~9779858~~~~~20260805~20270803~1.00~~~~~~ST3";

/// Columns of an APP record that tests change.
pub mod column {
    pub const VACANCY: usize = 2;
    pub const POSITION_ID: usize = 4;
    pub const POSITION_NUMBER: usize = 5;
    pub const DPN: usize = 6;
    pub const LAST_NAME: usize = 7;
    pub const FIRST_NAME: usize = 8;
    pub const BORN: usize = 12;
    pub const NI: usize = 14;
    pub const ETHNIC: usize = 25;
    pub const DISABILITY: usize = 29;
    pub const GMC: usize = 34;
    pub const HIRE: usize = 39;
    pub const GRADE: usize = 47;
}

/// A record like [`LINE`] with other values.
pub fn record(changes: &[(usize, &str)]) -> String {
    let mut fields: Vec<&str> = LINE.split('~').collect();
    for (at, value) in changes {
        fields[*at] = value;
    }
    fields.join("~")
}

/// A record for another position: its number ends as its id does.
pub fn for_position(id: &str, dpn: &str, changes: &[(usize, &str)]) -> String {
    let number = format!("2{}0{}", &id[..3], &id[4..]);
    let mut all = vec![(column::POSITION_ID, id), (column::POSITION_NUMBER, number.as_str()), (column::DPN, dpn)];
    all.extend_from_slice(changes);
    record(&all)
}

/// A portal into which the three trusts have loaded themselves.
pub async fn with_trusts(portal: &Portal) {
    for vpd in ["904", "917", "931"] {
        let report = portal.receive_sample(&format!("GO_{vpd}_EXP_GOF_20260505_00000001.DAT")).await;
        assert_eq!((report.outcome.as_str(), report.fail), ("processed", 0));
    }
}

/// Takes in an APP file of these records.
pub async fn load(portal: &Portal, number: u32, records: &[String]) -> FileReport {
    let name = format!("DE_KSS_APP_20260506_{number:08}.DAT");
    portal.receive(&name, framed(&name, "KSS", records)).await
}

/// What the reply says: record, SUCCESS or FAIL, type, text, applicant number, assignment id.
pub fn reply(report: &FileReport) -> Vec<Vec<String>> {
    let path = report.confirmation.as_ref().expect("a file that was taken is answered");
    let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    let header: Vec<&str> = lines[0].split('~').collect();
    assert_eq!((header[0], header[7]), ("HDR", report.file.as_str()), "the reply names the file that it answers");
    assert_eq!(lines.last().unwrap(), &format!("TRL~{}", lines.len() - 2));
    let rows = lines[1..lines.len() - 1].iter().map(|line| line.split('~').map(str::to_owned).collect::<Vec<_>>());
    rows.inspect(|row| assert_eq!((row[0].as_str(), row.len()), ("APC", 11))).collect()
}

/// Type and text of each message about one record.
pub fn said(rows: &[Vec<String>], record: usize) -> Vec<(String, String)> {
    let ours = rows.iter().filter(|row| row[1] == record.to_string());
    ours.map(|row| (row[7].clone(), row[8].clone())).collect()
}

/// The codes that a record got, as its page shows them.
pub async fn codes(portal: &Portal, record_no: i32) -> Vec<String> {
    let sql = "select r.codes from file_records r join interface_files f on f.file_id = r.file_id
                where f.interface = 'applicants' and r.record_no = $1 order by f.received_at desc limit 1";
    sqlx::query_scalar(sql).bind(record_no).fetch_one(&portal.owner).await.unwrap()
}

/// The expected outcomes of the samples.
pub fn expected() -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(sample("expected.json")).unwrap()).unwrap()
}
