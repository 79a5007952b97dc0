//! What the deanery tells after its applicants: the grid of the changeover, and one change of every kind.

use super::files::Employer;
use super::names::{Invented, person};
use crate::doctors_in_training::files::dnc::{Column, LAYOUT};

/// One record of a notification file, made by setting fields.
#[derive(Debug)]
pub struct Notification(Vec<String>);

impl Notification {
    /// A notification of a title code about a post.
    pub fn new(title: &str, dpn: &str, body: &str) -> Self {
        let record = Self(vec![String::new(); LAYOUT.len()]);
        record
            .set(Column::RecordType, "NOT")
            .set(Column::NotificationTitleCode, title)
            .set(Column::DeaneryBody, "Health Education England Wessex")
            .set(Column::DeaneryPostNumber, dpn)
            .set(Column::ManagingDeaneryBodyCode, body)
    }

    /// The same with one field set.
    pub fn set(mut self, column: Column, value: &str) -> Self {
        value.clone_into(&mut self.0[column as usize]);
        self
    }

    /// The same with somebody named in these columns: last name, first name, GMC number.
    pub fn names(self, columns: [Column; 3], who: &Invented) -> Self {
        self.set(columns[0], who.last_name).set(columns[1], who.first_name).set(columns[2], &who.gmc_number)
    }

    /// The record as the file has it.
    pub fn line(self) -> String {
        self.0.join("~")
    }
}

/// Where the holder now, the next one, one who withdrew and a replacement are named.
pub const CURRENT: [Column; 3] = [Column::CurrentLastName, Column::CurrentFirstName, Column::CurrentGmcNumber];
pub const NEXT: [Column; 3] = [Column::NextLastName, Column::NextFirstName, Column::NextGmcNumber];
pub const WITHDRAWN: [Column; 3] = [Column::WithdrawnLastName, Column::WithdrawnFirstName, Column::WithdrawnGmcNumber];
pub const REPLACEMENT: [Column; 3] =
    [Column::ReplacementLastName, Column::ReplacementFirstName, Column::ReplacementGmcNumber];

/// The doctor of a number, as the applicant file invents him or her.
fn doctor(number: u64) -> Invented {
    person(1_000_000_000 + number)
}

/// The records of the demonstration's notification file.
pub fn records(host: &Employer, lead: &Employer) -> Vec<String> {
    let mut all = Vec::new();
    for (employer, posts, first) in [(host, 0..46_usize, 0), (lead, 24..32, 100)] {
        for index in posts {
            all.push(row(employer, index, first));
        }
    }
    let change = |title: &str, post: usize| Notification::new(title, &host.post(post).dpn, &host.body);
    let withdrawn = |post: usize, number: u64| {
        change("2", post).names(WITHDRAWN, &doctor(number)).set(Column::WithdrawalReason, "3")
    };
    let moved = |post: usize, number: u64, hire: &str, end: &str| {
        let record = change("4", post).names(NEXT, &doctor(number));
        record.set(Column::ChangeOfProjectedHireDate, hire).set(Column::ChangeOfProjectedEndDate, end)
    };
    all.push(withdrawn(5, 5).line());
    // Never received: no number is known.
    all.push(withdrawn(7, 990).line());
    all.push(moved(2, 2, "20260902", "20270831").set(Column::PostSpeciality, "Otolaryngology").line());
    all.push(moved(3, 3, "20260902", "").set(Column::PostSpeciality, "Paediatrics").line());
    all.push(moved(4, 4, "", "20270202").line());
    // Its applicant has not come: it waits.
    all.push(moved(60, 980, "20260902", "").line());
    let replaced =
        change("3", 8).names(REPLACEMENT, &doctor(985)).set(Column::ReplacementProjectedHireDate, "20260805");
    all.push(replaced.set(Column::ReplacementCurrentPlacementVpd, "Alderbrook University Hospitals").line());
    let dpn = format!("{}/{}01/052/STR/301", host.body, host.ods_code);
    let created = Notification::new("5", &dpn, &host.body).set(Column::PostSpeciality, "Anaesthetics");
    let site = format!("{} Main Site", host.name);
    all.push(created.set(Column::NewTrainingPositionLocation, &site).set(Column::PostVacantAtNextRotation, "Y").line());
    all.push(Notification::new("2", "WES/R9Z99/024/STR/001", &host.body).names(WITHDRAWN, &doctor(991)).line());
    all
}

/// Who holds a post and who comes: one start differs from the application's without notice, and some posts stay vacant.
fn row(employer: &Employer, index: usize, first: u64) -> String {
    let post = employer.post(index);
    let record = Notification::new("1", &post.dpn, &employer.body)
        .names(CURRENT, &employer.employee(index))
        .set(Column::CurrentProjectedEndDate, "20260804")
        .set(Column::CurrentVpdForNextPlacement, "NOT KNOWN")
        .set(Column::CurrentWorkingHours, "1.0");
    if index >= 32 {
        return record.set(Column::PostVacantAtNextRotation, "Y").line();
    }
    let number = first + index as u64;
    let next = doctor(number);
    let start = match (index, first) {
        (2 | 3, 0) => "20260902",
        (6, 0) => "20260819",
        _ => "20260805",
    };
    record
        .names(NEXT, &next)
        .set(Column::NextCurrentPlacementVpd, "NOT KNOWN")
        .set(Column::NextProjectedStartDate, start)
        .set(Column::NextEmailAddress, &next.email)
        .set(Column::NextGrade, "ST3")
        .set(Column::WorkingHourIndicator, "1.0")
        .set(Column::PostVacantAtNextRotation, "N")
        .line()
}
