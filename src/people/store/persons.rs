use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::super::values::{name_key, ni_match_key};
use crate::tenancy::VpdTx;

/// A stretch of a person's history, as the Generic Outbound file brings it.
pub struct PersonVersion<'a> {
    pub person_id: &'a str,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub system_type: &'a str,
    pub user_type: Option<&'a str>,
    pub employee_number: Option<&'a str>,
    pub title: Option<&'a str>,
    pub last_name: &'a str,
    pub first_name: &'a str,
    pub middle_names: Option<&'a str>,
    pub previous_last_name: Option<&'a str>,
    pub preferred_name: Option<&'a str>,
    pub date_of_birth: Option<NaiveDate>,
    pub gender: Option<&'a str>,
    pub ni_number: Option<&'a str>,
    pub email: Option<&'a str>,
    pub nationality: Option<&'a str>,
    /// Special category data: kept apart, shown nowhere.
    pub ethnic_origin: Option<&'a str>,
    pub disability: Option<&'a str>,
    pub marital_status: Option<&'a str>,
    pub country_of_birth: Option<&'a str>,
    /// The whole record without the special categories.
    pub record: String,
    pub digest: Vec<u8>,
}

/// Saves versions, and today's values of the persons whose versions changed; gives the id and start of those that changed.
pub async fn save_persons(
    tx: &mut VpdTx,
    rows: &[PersonVersion<'_>],
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<HashSet<(String, NaiveDate)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let changed = sqlx::query!(
        "insert into person_versions (vpd, person_id, effective_from, effective_to, record, digest)
         select $1, r.id, r.from_on, r.to_on, r.record::jsonb, r.digest
           from unnest($2::text[], $3::date[], $4::date[], $5::text[], $6::bytea[]) as r (id, from_on, to_on, record, digest)
         on conflict (vpd, person_id, effective_from) do update
            set effective_to = excluded.effective_to, record = excluded.record, digest = excluded.digest
          where person_versions.digest <> excluded.digest
         returning person_id, effective_from",
        vpd,
        &rows.iter().map(|r| r.person_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.effective_from).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.effective_to).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &rows.iter().map(|r| r.record.as_str()).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.digest.as_slice()).collect::<Vec<_>>() as &[&[u8]],
    )
    .fetch_all(&mut **tx)
    .await?;
    let changed: HashSet<(String, NaiveDate)> =
        changed.into_iter().map(|row| (row.person_id, row.effective_from)).collect();
    let current =
        of_today(rows.iter().filter(|r| changed.contains(&(r.person_id.to_owned(), r.effective_from))), today);
    if !current.is_empty() {
        save_current(tx, &current, today, now).await?;
        save_equality(tx, &current, now).await?;
    }
    Ok(changed)
}

/// Of each person the version that holds today: the one that began last, or else the one that will begin first.
fn of_today<'r, 'a>(rows: impl Iterator<Item = &'r PersonVersion<'a>>, today: NaiveDate) -> Vec<&'r PersonVersion<'a>> {
    let mut chosen: HashMap<&str, &PersonVersion<'a>> = HashMap::new();
    let rank = |row: &PersonVersion<'_>| {
        let began = row.effective_from <= today;
        let distance = (row.effective_from - today).num_days();
        (began, if began { distance } else { -distance })
    };
    for row in rows {
        let best = chosen.entry(row.person_id).or_insert(row);
        if rank(row) > rank(best) {
            *best = row;
        }
    }
    let mut chosen: Vec<_> = chosen.into_values().collect();
    chosen.sort_by_key(|row| row.person_id);
    chosen
}

/// Writes today's values, unless a stored version that is not among these holds today.
pub(super) async fn save_current(
    tx: &mut VpdTx,
    rows: &[&PersonVersion<'_>],
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let text = |get: for<'r> fn(&'r PersonVersion<'_>) -> &'r str| rows.iter().map(|r| get(r)).collect::<Vec<_>>();
    let some =
        |get: for<'r> fn(&'r PersonVersion<'_>) -> Option<&'r str>| rows.iter().map(|r| get(r)).collect::<Vec<_>>();
    let key = |name: Option<&str>| name.map(name_key).filter(|key| !key.is_empty());
    sqlx::query!(
        "insert into people (vpd, person_id, system_type, user_type, employee_number, title, last_name, first_name, middle_names,
                             previous_last_name, preferred_name, last_name_key, first_name_key, previous_name_key, date_of_birth, gender,
                             ni_number, ni_key, email, nationality, origin, updated_at)
         select $1, r.id, r.system_type, r.user_type, r.employee_number, r.title, r.last_name, r.first_name, r.middle_names, r.previous,
                r.preferred, r.last_key, r.first_key, r.previous_key, r.born_on, r.gender, r.ni, r.ni_key, r.email, r.nationality,
                'generic_outbound', $2
           from unnest($3::text[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
                       $13::text[], $14::text[], $15::text[], $16::text[], $17::date[], $18::text[], $19::text[], $20::text[], $21::text[],
                       $22::text[])
             as r (id, from_on, system_type, user_type, employee_number, title, last_name, first_name, middle_names, previous, preferred,
                   last_key, first_key, previous_key, born_on, gender, ni, ni_key, email, nationality)
          where not exists (select 1 from person_versions v
                             where v.vpd = $1 and v.person_id = r.id and v.effective_from <> r.from_on
                               and case when r.from_on <= $23 then v.effective_from > r.from_on and v.effective_from <= $23
                                        else v.effective_from < r.from_on end)
         on conflict (vpd, person_id) do update
            set system_type = excluded.system_type, user_type = excluded.user_type, employee_number = excluded.employee_number,
                title = excluded.title, last_name = excluded.last_name, first_name = excluded.first_name,
                middle_names = excluded.middle_names, previous_last_name = excluded.previous_last_name,
                preferred_name = excluded.preferred_name, last_name_key = excluded.last_name_key, first_name_key = excluded.first_name_key,
                previous_name_key = excluded.previous_name_key, date_of_birth = excluded.date_of_birth, gender = excluded.gender,
                ni_number = excluded.ni_number, ni_key = excluded.ni_key, email = coalesce(excluded.email, people.email),
                nationality = excluded.nationality, deleted_at = null, updated_at = excluded.updated_at",
        vpd,
        now,
        &text(|r| r.person_id) as &[&str],
        &rows.iter().map(|r| r.effective_from).collect::<Vec<_>>(),
        &text(|r| r.system_type) as &[&str],
        &some(|r| r.user_type) as &[Option<&str>],
        &some(|r| r.employee_number) as &[Option<&str>],
        &some(|r| r.title) as &[Option<&str>],
        &text(|r| r.last_name) as &[&str],
        &text(|r| r.first_name) as &[&str],
        &some(|r| r.middle_names) as &[Option<&str>],
        &some(|r| r.previous_last_name) as &[Option<&str>],
        &some(|r| r.preferred_name) as &[Option<&str>],
        &rows.iter().map(|r| name_key(r.last_name)).collect::<Vec<_>>(),
        &rows.iter().map(|r| name_key(r.first_name)).collect::<Vec<_>>(),
        &rows.iter().map(|r| key(r.previous_last_name)).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.date_of_birth).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &some(|r| r.gender) as &[Option<&str>],
        &some(|r| r.ni_number) as &[Option<&str>],
        &rows.iter().map(|r| r.ni_number.and_then(ni_match_key)).collect::<Vec<_>>() as &[Option<String>],
        &some(|r| r.email) as &[Option<&str>],
        &some(|r| r.nationality) as &[Option<&str>],
        today,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn save_equality(tx: &mut VpdTx, rows: &[&PersonVersion<'_>], now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let some =
        |get: for<'r> fn(&'r PersonVersion<'_>) -> Option<&'r str>| rows.iter().map(|r| get(r)).collect::<Vec<_>>();
    sqlx::query!(
        "insert into person_equality (vpd, person_id, ethnic_origin, disability, marital_status, country_of_birth, updated_at)
         select $1, r.id, r.ethnic_origin, r.disability, r.marital_status, r.country_of_birth, $2
           from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
             as r (id, ethnic_origin, disability, marital_status, country_of_birth)
         on conflict (vpd, person_id) do update
            set ethnic_origin = excluded.ethnic_origin, disability = excluded.disability, marital_status = excluded.marital_status,
                country_of_birth = excluded.country_of_birth, updated_at = excluded.updated_at",
        vpd,
        now,
        &rows.iter().map(|r| r.person_id).collect::<Vec<_>>() as &[&str],
        &some(|r| r.ethnic_origin) as &[Option<&str>],
        &some(|r| r.disability) as &[Option<&str>],
        &some(|r| r.marital_status) as &[Option<&str>],
        &some(|r| r.country_of_birth) as &[Option<&str>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes away what ESR deleted: a person with history, telephones, addresses and assignments. The row stays, marked, because
/// applications may name it. Gives those that were there.
pub async fn delete_persons(tx: &mut VpdTx, ids: &[&str], now: DateTime<Utc>) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "with costing as (delete from costings c using assignments a
                           where c.vpd = $1 and a.vpd = $1 and a.person_id = any($2) and c.assignment_id = a.assignment_id),
              assignment as (delete from assignments where vpd = $1 and person_id = any($2)),
              phone as (delete from person_phones where vpd = $1 and person_id = any($2)),
              address as (delete from person_addresses where vpd = $1 and person_id = any($2)),
              equality as (delete from person_equality where vpd = $1 and person_id = any($2)),
              version as (delete from person_versions where vpd = $1 and person_id = any($2))
         update people set deleted_at = $3, updated_at = $3 where vpd = $1 and person_id = any($2) and deleted_at is null returning person_id",
        vpd,
        ids as &[&str],
        now
    );
    Ok(gone.fetch_all(&mut **tx).await?.into_iter().collect())
}
