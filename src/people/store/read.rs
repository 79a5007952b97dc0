use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::tenancy::VpdTx;

/// A person as known today.
#[derive(Clone, Debug)]
pub struct Person {
    pub person_id: String,
    pub system_type: String,
    pub user_type: Option<String>,
    pub employee_number: Option<String>,
    pub applicant_number: Option<String>,
    pub title: Option<String>,
    pub last_name: String,
    pub first_name: String,
    pub middle_names: Option<String>,
    pub previous_last_name: Option<String>,
    pub preferred_name: Option<String>,
    pub date_of_birth: Option<NaiveDate>,
    pub ni_number: Option<String>,
    pub gmc_number: Option<String>,
    pub email: Option<String>,
    pub merged_into: Option<String>,
    pub deleted_at: Option<DateTime<Utc>>,
    pub origin: String,
}

/// One person of this employer, deleted or not.
pub async fn find(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Option<Person>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Person,
        "select person_id, system_type, user_type, employee_number, applicant_number, title, last_name, first_name, middle_names,
                previous_last_name, preferred_name, date_of_birth, ni_number, gmc_number, email, merged_into, deleted_at, origin
           from people where vpd = $1 and person_id = $2",
        vpd,
        person_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// A stretch of a person's history: the record as the file brought it, without special categories.
#[derive(Clone, Debug)]
pub struct Version {
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub record: Value,
}

impl Version {
    /// A field of the record; empty when the file had none.
    pub fn field(&self, name: &str) -> &str {
        self.record[name].as_str().unwrap_or_default()
    }
}

/// Every stretch of a person's history, oldest first.
pub async fn versions(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Vec<Version>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Version,
        "select effective_from, effective_to, record from person_versions where vpd = $1 and person_id = $2 order by effective_from",
        vpd,
        person_id
    )
    .fetch_all(&mut **tx)
    .await
}

/// An assignment as it stands on a day.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub assignment_id: String,
    pub assignment_number: Option<String>,
    /// The first day of all.
    pub began_on: NaiveDate,
    /// Of what holds on the day.
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub status: Option<String>,
    pub position_id: Option<String>,
    pub position_name: Option<String>,
    pub position_is_known: bool,
    pub organisation_name: Option<String>,
    pub fte: Option<String>,
    pub grade: Option<String>,
    pub contract_end_on: Option<NaiveDate>,
    pub is_primary: bool,
}

/// The assignments of a person that hold on a day.
pub async fn assignments(tx: &mut VpdTx, person_id: &str, on: NaiveDate) -> sqlx::Result<Vec<Assignment>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Assignment,
        r#"select a.assignment_id, a.assignment_number, a.effective_from, a.effective_to, a.record->>'UserAssignmentStatus' as status,
                  (select min(first.effective_from) from assignments first
                    where first.vpd = a.vpd and first.assignment_id = a.assignment_id) as "began_on!",
                  a.position_id, a.record->>'PositionName' as position_name, a.fte, a.grade, a.contract_end_on,
                  coalesce(a.primary_flag, false) as "is_primary!",
                  exists (select 1 from positions p where p.vpd = a.vpd and p.position_id = a.position_id) as "position_is_known!",
                  (select o.name from organisations o where o.vpd = a.vpd and o.organisation_id = a.organisation_id
                    order by o.effective_from desc limit 1) as organisation_name
             from assignments a
            where a.vpd = $1 and a.person_id = $2 and a.effective_from <= $3 and coalesce(a.effective_to, $3) >= $3
              and not exists (select 1 from assignments later
                               where later.vpd = a.vpd and later.assignment_id = a.assignment_id and later.effective_from > a.effective_from
                                 and later.effective_from <= $3)
            order by a.primary_flag desc nulls last, a.assignment_number"#,
        vpd,
        person_id,
        on
    )
    .fetch_all(&mut **tx)
    .await
}

/// A telephone number.
#[derive(Clone, Debug)]
pub struct Phone {
    pub phone_type: Option<String>,
    pub number: Option<String>,
}

/// The telephone numbers of a person that hold on a day.
pub async fn phones(tx: &mut VpdTx, person_id: &str, on: NaiveDate) -> sqlx::Result<Vec<Phone>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Phone,
        r#"select distinct on (phone_id) phone_type as "phone_type?", number as "number?" from person_phones
            where vpd = $1 and person_id = $2 and effective_from <= $3 and coalesce(effective_to, $3) >= $3
            order by phone_id, effective_from desc"#,
        vpd,
        person_id,
        on
    )
    .fetch_all(&mut **tx)
    .await
}

/// An address.
#[derive(Clone, Debug)]
pub struct Address {
    pub is_primary: bool,
    pub lines: Vec<String>,
}

/// The addresses of a person that hold on a day.
pub async fn addresses(tx: &mut VpdTx, person_id: &str, on: NaiveDate) -> sqlx::Result<Vec<Address>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select distinct on (address_id) coalesce(primary_flag, false) as "is_primary!",
                  array_remove(array[line1, line2, line3, town, county, postcode, country], null) as "lines!"
             from person_addresses
            where vpd = $1 and person_id = $2 and effective_from <= $3 and coalesce(effective_to, $3) >= $3
            order by address_id, effective_from desc"#,
        vpd,
        person_id,
        on
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| Address { is_primary: row.is_primary, lines: row.lines }).collect())
}
