use std::collections::HashSet;

use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// A stretch of a telephone number's history.
pub struct PhoneVersion<'a> {
    pub phone_id: &'a str,
    pub person_id: &'a str,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub phone_type: Option<&'a str>,
    pub number: Option<&'a str>,
    pub record: String,
    pub digest: Vec<u8>,
}

/// Saves telephones; gives the id and start of those that were new or said something else before.
pub async fn save_phones(tx: &mut VpdTx, rows: &[PhoneVersion<'_>]) -> sqlx::Result<HashSet<(String, NaiveDate)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let changed = sqlx::query!(
        "insert into person_phones (vpd, phone_id, person_id, effective_from, effective_to, phone_type, number, record, digest)
         select $1, r.id, r.person, r.from_on, r.to_on, r.type, r.number, r.record::jsonb, r.digest
           from unnest($2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::text[], $8::text[], $9::bytea[])
             as r (id, person, from_on, to_on, type, number, record, digest)
         on conflict (vpd, phone_id, effective_from) do update
            set person_id = excluded.person_id, effective_to = excluded.effective_to, phone_type = excluded.phone_type,
                number = excluded.number, record = excluded.record, digest = excluded.digest
          where person_phones.digest <> excluded.digest
         returning phone_id, effective_from",
        vpd,
        &rows.iter().map(|r| r.phone_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.person_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.effective_from).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.effective_to).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &rows.iter().map(|r| r.phone_type).collect::<Vec<_>>() as &[Option<&str>],
        &rows.iter().map(|r| r.number).collect::<Vec<_>>() as &[Option<&str>],
        &rows.iter().map(|r| r.record.as_str()).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.digest.as_slice()).collect::<Vec<_>>() as &[&[u8]],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.phone_id, row.effective_from)).collect())
}

/// Removes telephones that ESR deleted; gives those that were there.
pub async fn delete_phones(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "delete from person_phones where vpd = $1 and phone_id = any($2) returning phone_id",
        vpd,
        ids as &[&str]
    );
    Ok(gone.fetch_all(&mut **tx).await?.into_iter().collect())
}

/// A stretch of an address's history.
pub struct AddressVersion<'a> {
    pub address_id: &'a str,
    pub person_id: &'a str,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub is_primary: bool,
    pub line1: Option<&'a str>,
    pub line2: Option<&'a str>,
    pub line3: Option<&'a str>,
    pub town: Option<&'a str>,
    pub county: Option<&'a str>,
    pub postcode: Option<&'a str>,
    pub country: Option<&'a str>,
    pub record: String,
    pub digest: Vec<u8>,
}

/// Saves addresses; gives the id and start of those that were new or said something else before.
pub async fn save_addresses(tx: &mut VpdTx, rows: &[AddressVersion<'_>]) -> sqlx::Result<HashSet<(String, NaiveDate)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let some = |get: for<'r> fn(&'r AddressVersion<'_>) -> Option<&'r str>| rows.iter().map(get).collect::<Vec<_>>();
    let changed = sqlx::query!(
        "insert into person_addresses (vpd, address_id, person_id, effective_from, effective_to, primary_flag, line1, line2, line3, town, county,
                                       postcode, country, record, digest)
         select $1, r.id, r.person, r.from_on, r.to_on, r.main, r.line1, r.line2, r.line3, r.town, r.county, r.postcode, r.country,
                r.record::jsonb, r.digest
           from unnest($2::text[], $3::text[], $4::date[], $5::date[], $6::boolean[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                       $12::text[], $13::text[], $14::text[], $15::bytea[])
             as r (id, person, from_on, to_on, main, line1, line2, line3, town, county, postcode, country, record, digest)
         on conflict (vpd, address_id, effective_from) do update
            set person_id = excluded.person_id, effective_to = excluded.effective_to, primary_flag = excluded.primary_flag,
                line1 = excluded.line1, line2 = excluded.line2, line3 = excluded.line3, town = excluded.town, county = excluded.county,
                postcode = excluded.postcode, country = excluded.country, record = excluded.record, digest = excluded.digest
          where person_addresses.digest <> excluded.digest
         returning address_id, effective_from",
        vpd,
        &rows.iter().map(|r| r.address_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.person_id).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.effective_from).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.effective_to).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &rows.iter().map(|r| r.is_primary).collect::<Vec<_>>(),
        &some(|r| r.line1) as &[Option<&str>],
        &some(|r| r.line2) as &[Option<&str>],
        &some(|r| r.line3) as &[Option<&str>],
        &some(|r| r.town) as &[Option<&str>],
        &some(|r| r.county) as &[Option<&str>],
        &some(|r| r.postcode) as &[Option<&str>],
        &some(|r| r.country) as &[Option<&str>],
        &rows.iter().map(|r| r.record.as_str()).collect::<Vec<_>>() as &[&str],
        &rows.iter().map(|r| r.digest.as_slice()).collect::<Vec<_>>() as &[&[u8]],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.address_id, row.effective_from)).collect())
}

/// Removes addresses that ESR deleted; gives those that were there.
pub async fn delete_addresses(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<HashSet<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    let gone = sqlx::query_scalar!(
        "delete from person_addresses where vpd = $1 and address_id = any($2) returning address_id",
        vpd,
        ids as &[&str]
    );
    Ok(gone.fetch_all(&mut **tx).await?.into_iter().collect())
}
