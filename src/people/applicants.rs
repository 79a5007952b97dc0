//! Persons as applicant records find, add and change them. All in sets: a file brings thousands.

use chrono::{DateTime, NaiveDate, Utc};

pub use super::merged::{find, list_merged_into, save_merged_into};
use crate::people::values::{name_key, ni_match_key};
use crate::tenancy::VpdTx;

/// A person of this employer, with what matching compares and an applicant record may change.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Known {
    pub person_id: String,
    pub system_type: String,
    pub applicant_number: Option<String>,
    pub title: Option<String>,
    pub last_name: String,
    pub first_name: String,
    pub middle_names: Option<String>,
    pub previous_last_name: Option<String>,
    pub date_of_birth: Option<NaiveDate>,
    pub gender: Option<String>,
    pub ni_number: Option<String>,
    pub gmc_number: Option<String>,
    pub email: Option<String>,
    pub home_phone: Option<String>,
    pub mobile_phone: Option<String>,
    pub nationality: Option<String>,
    pub merged_into: Option<String>,
}

/// Special category data of one person, to be kept apart.
#[derive(Clone, PartialEq, Eq)]
pub struct EqualityRow {
    pub person_id: String,
    pub ethnic_origin: Option<String>,
    pub disability: Option<String>,
    pub sexual_orientation: Option<String>,
    pub religious_belief: Option<String>,
    pub marital_status: Option<String>,
    pub country_of_birth: Option<String>,
}

/// By what people are looked for; each list by itself.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub gmc_numbers: Vec<String>,
    pub ni_keys: Vec<String>,
    pub last_name_keys: Vec<String>,
    pub first_name_keys: Vec<String>,
    pub births: Vec<NaiveDate>,
}

/// Keeps others from adding or changing applicants of this employer until this transaction ends: of two files at one
/// time the second sees what the first brought.
pub async fn lock_applicants(tx: &mut VpdTx) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('applicants of ' || $1, 0))", vpd)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Everybody who shares a GMC number, a National Insurance number, or names and birth date with one of those looked
/// for, and whoever such a person was merged into.
pub async fn list_candidates(tx: &mut VpdTx, search: &Search) -> sqlx::Result<Vec<Known>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Known,
        r#"with hit as (
             select person_id, merged_into from people where vpd = $1 and gmc_number = any($2) and deleted_at is null
             union
             select person_id, merged_into from people where vpd = $1 and ni_key = any($3) and deleted_at is null
             union
             select p.person_id, p.merged_into
               from unnest($4::text[], $5::text[], $6::date[]) as sought (last_name_key, first_name_key, date_of_birth)
               join people p on p.vpd = $1 and p.last_name_key = sought.last_name_key
                            and p.first_name_key = sought.first_name_key and p.date_of_birth = sought.date_of_birth
              where p.deleted_at is null)
           select person_id, system_type, applicant_number, title, last_name, first_name, middle_names, previous_last_name,
                  date_of_birth, gender, ni_number, gmc_number, email, home_phone, mobile_phone, nationality, merged_into
             from people
            where vpd = $1 and person_id in (select person_id from hit union select merged_into from hit where merged_into is not null)"#,
        vpd,
        &search.gmc_numbers,
        &search.ni_keys,
        &search.last_name_keys,
        &search.first_name_keys,
        &search.births
    )
    .fetch_all(&mut **tx)
    .await
}

/// Numbers that ESR has not given yet: persons, applicants, assignments. They start at 900000000.
pub async fn next_numbers(tx: &mut VpdTx, count: usize) -> sqlx::Result<Vec<String>> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    sqlx::query_scalar!(
        r#"select nextval('person_numbers')::text as "number!" from generate_series(1, $1::bigint)"#,
        count
    )
    .fetch_all(&mut **tx)
    .await
}

/// A statement over [`Columns`], which are bound after the values that it names first.
macro_rules! query_of_people {
    ($c:ident, $sql:literal, $($first:expr),*) => {
        sqlx::query!(
            $sql,
            $($first,)*
            &$c.person_id,
            &$c.applicant_number as &[Option<String>],
            &$c.title as &[Option<String>],
            &$c.last_name,
            &$c.first_name,
            &$c.middle_names as &[Option<String>],
            &$c.previous_last_name as &[Option<String>],
            &$c.last_name_key,
            &$c.first_name_key,
            &$c.previous_name_key as &[Option<String>],
            &$c.date_of_birth as &[Option<NaiveDate>],
            &$c.gender as &[Option<String>],
            &$c.ni_number as &[Option<String>],
            &$c.ni_key as &[Option<String>],
            &$c.gmc_number as &[Option<String>],
            &$c.email as &[Option<String>],
            &$c.home_phone as &[Option<String>],
            &$c.mobile_phone as &[Option<String>],
            &$c.nationality as &[Option<String>],
        )
    };
}

/// Adds applicants who are nobody this employer knows.
pub async fn insert_applicants(
    tx: &mut VpdTx,
    people: &[&Known],
    origin: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let c = Columns::of(people);
    query_of_people!(
        c,
        "insert into people (vpd, person_id, system_type, user_type, applicant_number, title, last_name, first_name, middle_names,
                             previous_last_name, last_name_key, first_name_key, previous_name_key, date_of_birth, gender, ni_number,
                             ni_key, gmc_number, email, home_phone, mobile_phone, nationality, origin, updated_at)
         select $1, n.person_id, 'APL', 'Applicant', n.applicant_number, n.title, n.last_name, n.first_name, n.middle_names,
                n.previous_last_name, n.last_name_key, n.first_name_key, n.previous_name_key, n.date_of_birth, n.gender, n.ni_number,
                n.ni_key, n.gmc_number, n.email, n.home_phone, n.mobile_phone, n.nationality, $2, $3
           from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
                       $13::text[], $14::date[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],
                       $21::text[], $22::text[])
             as n (person_id, applicant_number, title, last_name, first_name, middle_names, previous_last_name, last_name_key,
                   first_name_key, previous_name_key, date_of_birth, gender, ni_number, ni_key, gmc_number, email, home_phone,
                   mobile_phone, nationality)",
        vpd,
        origin,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Saves what applicant records changed of persons who were known.
pub async fn save_applicants(tx: &mut VpdTx, people: &[&Known], now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let c = Columns::of(people);
    query_of_people!(
        c,
        "update people p set applicant_number = n.applicant_number, title = n.title, last_name = n.last_name, first_name = n.first_name,
                middle_names = n.middle_names, previous_last_name = n.previous_last_name, last_name_key = n.last_name_key,
                first_name_key = n.first_name_key, previous_name_key = n.previous_name_key, date_of_birth = n.date_of_birth,
                gender = n.gender, ni_number = n.ni_number, ni_key = n.ni_key, gmc_number = n.gmc_number, email = n.email,
                home_phone = n.home_phone, mobile_phone = n.mobile_phone, nationality = n.nationality, updated_at = $2
           from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                       $12::text[], $13::date[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                       $20::text[], $21::text[])
             as n (person_id, applicant_number, title, last_name, first_name, middle_names, previous_last_name, last_name_key,
                   first_name_key, previous_name_key, date_of_birth, gender, ni_number, ni_key, gmc_number, email, home_phone,
                   mobile_phone, nationality)
          where p.vpd = $1 and p.person_id = n.person_id",
        vpd,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps special category data apart; what a record leaves out stays as it was.
pub async fn save_equality(tx: &mut VpdTx, rows: &[EqualityRow], now: DateTime<Utc>) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let column = |of: fn(&EqualityRow) -> &Option<String>| rows.iter().map(|row| of(row).clone()).collect::<Vec<_>>();
    sqlx::query!(
        "insert into person_equality as e (vpd, person_id, ethnic_origin, disability, sexual_orientation, religious_belief, marital_status,
                                           country_of_birth, updated_at)
         select $1, n.person_id, n.ethnic_origin, n.disability, n.sexual_orientation, n.religious_belief, n.marital_status,
                n.country_of_birth, $2
           from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
             as n (person_id, ethnic_origin, disability, sexual_orientation, religious_belief, marital_status, country_of_birth)
         on conflict (vpd, person_id) do update set
           ethnic_origin = coalesce(excluded.ethnic_origin, e.ethnic_origin), disability = coalesce(excluded.disability, e.disability),
           sexual_orientation = coalesce(excluded.sexual_orientation, e.sexual_orientation),
           religious_belief = coalesce(excluded.religious_belief, e.religious_belief),
           marital_status = coalesce(excluded.marital_status, e.marital_status),
           country_of_birth = coalesce(excluded.country_of_birth, e.country_of_birth), updated_at = excluded.updated_at",
        vpd,
        now,
        &rows.iter().map(|row| row.person_id.clone()).collect::<Vec<_>>(),
        &column(|row| &row.ethnic_origin) as &[Option<String>],
        &column(|row| &row.disability) as &[Option<String>],
        &column(|row| &row.sexual_orientation) as &[Option<String>],
        &column(|row| &row.religious_belief) as &[Option<String>],
        &column(|row| &row.marital_status) as &[Option<String>],
        &column(|row| &row.country_of_birth) as &[Option<String>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Rows as one array a column, which is how a set goes to the database.
#[derive(Default)]
struct Columns {
    person_id: Vec<String>,
    applicant_number: Vec<Option<String>>,
    title: Vec<Option<String>>,
    last_name: Vec<String>,
    first_name: Vec<String>,
    middle_names: Vec<Option<String>>,
    previous_last_name: Vec<Option<String>>,
    last_name_key: Vec<String>,
    first_name_key: Vec<String>,
    previous_name_key: Vec<Option<String>>,
    date_of_birth: Vec<Option<NaiveDate>>,
    gender: Vec<Option<String>>,
    ni_number: Vec<Option<String>>,
    ni_key: Vec<Option<String>>,
    gmc_number: Vec<Option<String>>,
    email: Vec<Option<String>>,
    home_phone: Vec<Option<String>>,
    mobile_phone: Vec<Option<String>>,
    nationality: Vec<Option<String>>,
}

impl Columns {
    fn of(people: &[&Known]) -> Self {
        let mut c = Self::default();
        for who in people {
            c.person_id.push(who.person_id.clone());
            c.applicant_number.push(who.applicant_number.clone());
            c.title.push(who.title.clone());
            c.last_name_key.push(name_key(&who.last_name));
            c.first_name_key.push(name_key(&who.first_name));
            c.previous_name_key.push(who.previous_last_name.as_deref().map(name_key));
            c.last_name.push(who.last_name.clone());
            c.first_name.push(who.first_name.clone());
            c.middle_names.push(who.middle_names.clone());
            c.previous_last_name.push(who.previous_last_name.clone());
            c.date_of_birth.push(who.date_of_birth);
            c.gender.push(who.gender.clone());
            c.ni_key.push(who.ni_number.as_deref().and_then(ni_match_key));
            c.ni_number.push(who.ni_number.clone());
            c.gmc_number.push(who.gmc_number.clone());
            c.email.push(who.email.clone());
            c.home_phone.push(who.home_phone.clone());
            c.mobile_phone.push(who.mobile_phone.clone());
            c.nationality.push(who.nationality.clone());
        }
        c
    }
}
