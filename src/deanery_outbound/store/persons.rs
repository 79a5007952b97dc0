use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::deanery_outbound::files::PersonNow;
use crate::tenancy::VpdTx;

/// The doctors whom this employer pays, in posts of a managing body, as today has them; honorary records are left out.
pub async fn persons_now(tx: &mut VpdTx, body: &str, on: NaiveDate) -> sqlx::Result<Vec<PersonNow>> {
    persons_on(tx, body, on, None).await
}

/// Those of some who have left by today, as they were on the last day.
pub async fn persons_left(
    tx: &mut VpdTx,
    body: &str,
    ids: &[String],
    today: NaiveDate,
) -> sqlx::Result<Vec<PersonNow>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select distinct on (person_id) person_id, record->>'ActualTerminationDate' as left_on from person_versions
            where vpd = $1 and person_id = any($2) and effective_from <= $3 order by person_id, effective_from desc"#,
        vpd,
        ids,
        today
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut by_day: BTreeMap<NaiveDate, Vec<String>> = BTreeMap::new();
    for row in rows {
        let day = row.left_on.and_then(|text| NaiveDate::parse_from_str(&text, "%Y%m%d").ok());
        if let Some(day) = day.filter(|day| *day <= today) {
            by_day.entry(day).or_default().push(row.person_id);
        }
    }
    let mut left = Vec::new();
    for (day, ids) in by_day {
        left.extend(persons_on(tx, body, day, Some(&ids)).await?);
    }
    Ok(left)
}

/// Every doctor, or these alone, as a day has them. A leaving that is known of counts from the moment it is.
async fn persons_on(tx: &mut VpdTx, body: &str, on: NaiveDate, ids: Option<&[String]>) -> sqlx::Result<Vec<PersonNow>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select p.person_id, a.position_id as "position_id!", post.dpn as "dpn!", post.name as "position_name!", p.employee_number, p.ni_number, p.last_name, p.first_name,
                  p.middle_names, p.preferred_name, p.title, p.gender, p.date_of_birth, p.gmc_number, p.home_phone, p.mobile_phone,
                  p.previous_last_name, p.email, e.ethnic_origin as "ethnic_origin?", p.nationality, e.marital_status as "marital_status?",
                  e.country_of_birth as "country_of_birth?", v.effective_from as "effective_on?",
                  coalesce(v.record->>'UserPersonType', p.user_type) as user_type, p.updated_at, v.record->>'HireDate' as hired_on,
                  coalesce(nullif(v.record->>'ActualTerminationDate', ''),
                           (select l.record->>'ActualTerminationDate' from person_versions l
                             where l.vpd = p.vpd and l.person_id = p.person_id and l.effective_from > $3
                               and l.record->>'ActualTerminationDate' <> '' order by l.effective_from limit 1)) as left_on,
                  e.religious_belief as "religious_belief?", e.sexual_orientation as "sexual_orientation?", e.disability as "disability?",
                  a.assignment_id, a.assignment_number, a.effective_from, a.effective_to, a.contract_end_on, a.fte, a.grade,
                  a.record->>'UserAssignmentStatus' as assignment_status
             from assignments a
             join people p on p.vpd = a.vpd and p.person_id = a.person_id and p.deleted_at is null and p.merged_into is null
             join lateral (select * from positions q where q.vpd = a.vpd and q.position_id = a.position_id and q.deleted_at is null
                              and q.effective_from <= $3 and coalesce(q.effective_to, $3) >= $3
                            order by q.effective_from desc limit 1) post on true
             left join lateral (select * from person_versions v where v.vpd = p.vpd and v.person_id = p.person_id and v.effective_from <= $3
                                 order by v.effective_from desc limit 1) v on true
             left join person_equality e on e.vpd = p.vpd and e.person_id = p.person_id
            where a.vpd = $1 and post.managing_body = $2 and post.dpn_key is not null and post.host_or_lead is distinct from 'host'
              and coalesce(v.record->>'SystemPersonType', p.system_type) in ('EMP', 'EMP_APL')
              and coalesce(v.record->>'UserPersonType', p.user_type) is distinct from 'Honorary' and ($4::text[] is null or p.person_id = any($4))
              and a.effective_from <= $3 and coalesce(a.effective_to, $3) >= $3
              and not exists (select 1 from assignments later where later.vpd = a.vpd and later.assignment_id = a.assignment_id
                                 and later.effective_from > a.effective_from and later.effective_from <= $3)
            order by p.person_id, a.assignment_id"#,
        vpd,
        body,
        on,
        ids as Option<&[String]>
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: Vec<String> = rows.iter().map(|row| row.person_id.clone()).collect();
    let mut addresses = addresses(tx, &ids, on).await?;
    let unknown: Vec<String> = ids.into_iter().filter(|id| !addresses.contains_key(id)).collect();
    addresses.extend(applicants_addresses(tx, &unknown).await?);
    let text = |value: Option<String>| value.unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|row| PersonNow {
            addresses: addresses.get(&row.person_id).cloned().unwrap_or_default(),
            person_id: row.person_id,
            position_id: row.position_id,
            dpn: row.dpn,
            position_name: row.position_name,
            body: body.to_owned(),
            employee_number: text(row.employee_number),
            ni_number: text(row.ni_number),
            last_name: row.last_name,
            first_name: row.first_name,
            middle_names: text(row.middle_names),
            preferred_name: text(row.preferred_name),
            title: text(row.title),
            gender: text(row.gender),
            born_on: row.date_of_birth,
            gmc_number: text(row.gmc_number),
            home_phone: text(row.home_phone),
            mobile_phone: text(row.mobile_phone),
            previous_last_name: text(row.previous_last_name),
            email: text(row.email),
            ethnic_origin: text(row.ethnic_origin),
            nationality: text(row.nationality),
            marital_status: text(row.marital_status),
            country_of_birth: text(row.country_of_birth),
            effective_on: row.effective_on,
            person_type: text(row.user_type),
            hired_on: text(row.hired_on),
            left_on: text(row.left_on),
            religious_belief: text(row.religious_belief),
            sexual_orientation: text(row.sexual_orientation),
            disability: text(row.disability),
            assignment_id: row.assignment_id,
            assignment_number: text(row.assignment_number),
            assigned_from: Some(row.effective_from),
            assigned_to: row.effective_to.or(row.contract_end_on),
            fte: text(row.fte),
            grade: text(row.grade),
            assignment_status: text(row.assignment_status),
            updated_at: Some(row.updated_at),
        })
        .collect())
}

async fn addresses(
    tx: &mut VpdTx,
    person_ids: &[String],
    on: NaiveDate,
) -> sqlx::Result<HashMap<String, Vec<[String; 12]>>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select distinct on (address_id) person_id, address_id, record->>'Type' as kind, coalesce(primary_flag, false) as "is_primary!",
                  line1, line2, line3, town, county, postcode, country, effective_from, effective_to
             from person_addresses where vpd = $1 and person_id = any($2) and effective_from <= $3 and coalesce(effective_to, $3) >= $3
            order by address_id, effective_from desc"#,
        vpd,
        person_ids,
        on
    )
    .fetch_all(&mut **tx)
    .await?;
    let day = |day: Option<NaiveDate>| day.map(|day| day.format("%Y%m%d").to_string()).unwrap_or_default();
    let mut all: HashMap<String, Vec<[String; 12]>> = HashMap::new();
    for row in rows {
        let some = |value: Option<String>| value.unwrap_or_default();
        all.entry(row.person_id).or_default().push([
            row.address_id,
            some(row.kind),
            if row.is_primary { "Y" } else { "N" }.to_owned(),
            some(row.line1),
            some(row.line2),
            some(row.line3),
            some(row.town),
            some(row.county),
            some(row.postcode),
            some(row.country),
            day(Some(row.effective_from)),
            day(row.effective_to),
        ]);
    }
    Ok(all)
}

struct ApplicantsAddress {
    person_id: String,
    applicant_number: String,
    address: serde_json::Value,
    given_from: String,
}

/// The primary address of each who has one of an application alone: the latest that an applicant record, or a person by hand, brought. It
/// goes by the applicant's number, as it has none of its own.
async fn applicants_addresses(
    tx: &mut VpdTx,
    person_ids: &[String],
) -> sqlx::Result<HashMap<String, Vec<[String; 12]>>> {
    if person_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query_as!(
        ApplicantsAddress,
        r#"select distinct on (person_id) person_id, applicant_number, received->'address' as "address!",
                  coalesce(replace(received->>'effective_on', '-', ''), '') as "given_from!"
             from applications
            where vpd = $1 and person_id = any($2) and jsonb_typeof(received->'address') = 'array'
              and exists (select 1 from jsonb_array_elements_text(received->'address') l (said) where l.said <> '')
            order by person_id, received_at desc, application_id desc"#,
        vpd,
        person_ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let of = |row: &ApplicantsAddress| {
        let said = |at: usize| row.address[at].as_str().unwrap_or_default().to_owned();
        [
            row.applicant_number.clone(),
            String::new(),
            "Y".to_owned(),
            said(0),
            said(1),
            said(2),
            said(3),
            said(4),
            said(5),
            said(6),
            row.given_from.clone(),
            String::new(),
        ]
    };
    Ok(rows.into_iter().map(|row| (row.person_id.clone(), vec![of(&row)])).collect())
}

/// What was last sent of a doctor: under which post, and a digest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSent {
    pub person_id: String,
    pub action: String,
    pub position_id: String,
    pub dpn: String,
    pub digest: Vec<u8>,
}

/// What was last sent of each doctor, by files that left.
pub async fn persons_sent(tx: &mut VpdTx, body: &str) -> sqlx::Result<HashMap<String, PersonSent>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query_as!(
        PersonSent,
        "select distinct on (s.person_id) s.person_id, s.action, s.position_id, s.dpn, s.digest
           from persons_sent s join interface_files f on f.file_id = s.file_id and f.state in ('queued', 'sent', 'confirmed')
          where s.vpd = $1 and s.body = $2 order by s.person_id, s.sent_no desc",
        vpd,
        body
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.person_id.clone(), row)).collect())
}

pub async fn insert_persons_sent(tx: &mut VpdTx, file_id: Uuid, body: &str, sent: &[PersonSent]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let column = |of: fn(&PersonSent) -> &String| sent.iter().map(|one| of(one).clone()).collect::<Vec<_>>();
    sqlx::query!(
        "insert into persons_sent (vpd, file_id, person_id, body, action, position_id, dpn, digest)
         select $1, $2, n.person_id, $3, n.action, n.position_id, n.dpn, n.digest
           from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[]) with ordinality
             as n (person_id, action, position_id, dpn, digest, place) order by n.place",
        vpd,
        file_id,
        body,
        &column(|one| &one.person_id),
        &column(|one| &one.action),
        &column(|one| &one.position_id),
        &column(|one| &one.dpn),
        &sent.iter().map(|one| one.digest.clone()).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
