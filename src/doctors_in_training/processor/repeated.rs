//! Records of one file that say the same: for one person, position and hire date the first counts.

use std::collections::HashMap;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::applicants::matching::{Identity, is_same_person};
use crate::doctors_in_training::checks::{is_gmc, read_date};
use crate::doctors_in_training::files::app::{AppRecord, Column};
use crate::doctors_in_training::processor::post_key;
use crate::file_exchange::failed_records;
use crate::people::values::{GmcNumber, NiNumber, name_key};
use crate::tenancy::VpdTx;

/// Whom a record is about, as far as it can be read at all.
pub(in crate::doctors_in_training) fn identity_of(record: &AppRecord) -> Identity {
    let clean = |column| record[column].trim();
    let professional = [(Column::ProfBody1, Column::RegNo1), (Column::ProfBody2, Column::RegNo2)];
    let gmc_number = professional.into_iter().find_map(|(body, number)| {
        let is_doctor = is_gmc(clean(body), clean(number));
        is_doctor.then(|| GmcNumber::read(clean(number)).ok().flatten()).flatten()
    });
    Identity {
        gmc_number: gmc_number.map(|number| number.as_str().to_owned()),
        ni_eight: clean(Column::NiNumber).parse::<NiNumber>().ok().map(|number| number.first_eight().to_owned()),
        born_on: read_date(clean(Column::DateOfBirth)),
        last_name_key: name_key(clean(Column::LastName)),
        first_name_key: name_key(clean(Column::FirstName)),
    }
}

/// The records of a file that came so far, by position and hire date.
#[derive(Default)]
pub(super) struct Seen {
    by_post_and_day: HashMap<(String, NaiveDate), Vec<(i32, Identity)>>,
}

impl Seen {
    /// Notes a record; gives the earlier one that says the same.
    pub fn add(&mut self, no: i32, record: &AppRecord) -> Option<i32> {
        // Of a record with too many or too few columns nobody can say what stands where.
        if !record.is_complete() || &record[Column::RecordType] != "APP" {
            return None;
        }
        let hire_on = read_date(record[Column::ProjectedHireDate].trim())?;
        let position_id = record[Column::PositionId].trim();
        if position_id.is_empty() {
            return None;
        }
        let who = identity_of(record);
        let here = self.by_post_and_day.entry((position_id.to_owned(), hire_on)).or_default();
        let first = here.iter().find(|(_, other)| is_same_person(&who, other)).map(|(first, _)| *first);
        if first.is_none() {
            here.push((no, who));
        }
        first
    }
}

/// The earlier record of its file that says the same as this one.
pub async fn repeats(tx: &mut VpdTx, file_id: Uuid, record_no: i32, record: &AppRecord) -> sqlx::Result<Option<i32>> {
    let mut seen = Seen::default();
    let ids = [record[Column::PositionId].trim().to_owned()];
    for (no, raw) in failed_records::list_earlier_of_file(tx, file_id, record_no, &ids).await? {
        seen.add(no, &AppRecord::parse(&raw));
    }
    Ok(seen.add(record_no, record))
}

/// True when a record is another try at what a failed one was to be: the same post, and by what both give the same doctor.
pub(super) fn answers(failed: &AppRecord, later: &AppRecord) -> bool {
    let same = |column: Column| !failed[column].trim().is_empty() && failed[column].trim() == later[column].trim();
    let same_post = same(Column::PositionId) || same(Column::PositionNumber) || post_key(failed) == post_key(later);
    if !same_post {
        return false;
    }
    let explanation = crate::applicants::matching::compare(&identity_of(failed), &identity_of(later));
    use crate::applicants::matching::Feature::{BirthDate, FirstName, GmcNumber, LastName, NiNumber};
    let agrees = |feature| explanation.agreed.contains(&feature);
    let differs = |feature| explanation.differed.contains(&feature);
    if agrees(GmcNumber) || (agrees(NiNumber) && !differs(GmcNumber)) {
        return true;
    }
    let names = usize::from(agrees(BirthDate)) + usize::from(agrees(LastName)) + usize::from(agrees(FirstName));
    names >= 2 && !differs(GmcNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "APP~1~~20260506~9041003~29040003~KSS/R9A01/024/STR/004~Davies~Yusuf~~Dr.~~19900705~M~TX958941B~~~~~~~~~~GB~~~~~~~~~General Medical Council~9779858~~~~~20260805~~1.00~~~~~~";

    fn with(changes: &[(Column, &str)]) -> AppRecord {
        let mut record = AppRecord::parse(LINE);
        for (column, value) in changes {
            record.set(*column, *value);
        }
        record
    }

    #[test]
    fn file_16_the_first_of_a_person_post_and_day_counts() {
        let mut seen = Seen::default();
        assert_eq!(seen.add(1, &with(&[])), None);
        assert_eq!(seen.add(2, &with(&[])), Some(1));
        assert_eq!(seen.add(3, &with(&[(Column::Grade, "ST4"), (Column::FirstName, "Joe")])), Some(1));
        assert_eq!(seen.add(4, &with(&[(Column::ProjectedHireDate, "20260806")])), None);
        assert_eq!(seen.add(5, &with(&[(Column::PositionId, "9041004")])), None);
        assert_eq!(seen.add(6, &with(&[(Column::RegNo1, "9000001"), (Column::NiNumber, "")])), None);
        assert_eq!(seen.add(7, &with(&[(Column::ProjectedHireDate, "soon")])), None);
        assert_eq!(seen.add(8, &with(&[(Column::RegNo1, ""), (Column::NiNumber, "TX958941A")])), Some(1));
    }

    #[test]
    fn a_later_record_answers_a_failed_one_of_the_same_doctor_and_post() {
        for (failed, is_answered) in [
            (with(&[(Column::LastName, "")]), true),
            (with(&[(Column::RegNo1, "912345")]), true),
            (with(&[(Column::PositionId, "999999999")]), true),
            (with(&[(Column::DeaneryNumber, "KSS/R9A01/024/STR/999")]), true),
            (with(&[(Column::RegNo1, ""), (Column::NiNumber, ""), (Column::DateOfBirth, "19901332")]), true),
            (
                with(&[
                    (Column::RegNo1, ""),
                    (Column::NiNumber, ""),
                    (Column::FirstName, ""),
                    (Column::DateOfBirth, ""),
                ]),
                false,
            ),
            (with(&[(Column::RegNo1, "9000001")]), false),
            (
                with(&[
                    (Column::PositionId, "1"),
                    (Column::PositionNumber, "2"),
                    (Column::DeaneryNumber, "KSS/R9A01/024/STR/999"),
                ]),
                false,
            ),
        ] {
            assert_eq!(answers(&failed, &with(&[])), is_answered, "{}", failed.to_line());
        }
    }
}
