//! The SQL for what lead and host tell each other.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::model::{Contact, Other, Placement, Stage};
use crate::tenancy::VpdTx;

/// Brings what the other side may see of these applications up to what is stored of them.
pub async fn tell(tx: &mut VpdTx, application_ids: &[Uuid]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into placements_told (vpd, application_id, dpn_key, hire_on, end_on, stage)
         select vpd, application_id, upper(btrim(dpn)), hire_on, end_on,
                case status when 'preferred_applicant' then 'received' when 'offer_accepted' then 'accepted' when 'hired' then 'hired'
                            when 'withdrawn' then 'withdrawn' when 'terminated' then 'withdrawn' else 'offered' end
           from applications where vpd = $1 and application_id = any($2)
         on conflict (vpd, application_id) do update
            set dpn_key = excluded.dpn_key, hire_on = excluded.hire_on, end_on = excluded.end_on, stage = excluded.stage",
        vpd,
        application_ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The other employers of these posts from a day on, by Deanery Post Number; what each may be seen of is the database's to say.
pub async fn others(tx: &mut VpdTx, dpn_keys: &[String], from: NaiveDate) -> sqlx::Result<HashMap<String, Vec<Other>>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select d.dpn_key as "dpn_key!", d.vpd, v.name, d.host_or_lead, d.effective_from, d.effective_to,
                  c.name as "contact_name?", c.address as "address?", c.telephone as "telephone?"
             from position_directory d join vpds v on v.vpd = d.vpd left join employer_contacts c on c.vpd = d.vpd
            where d.dpn_key = any($2) and d.vpd <> $1 and coalesce(d.effective_to, 'infinity') >= greatest($3, d.effective_from)
            order by d.dpn_key, d.vpd, d.effective_from"#,
        vpd,
        dpn_keys,
        from
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut all: HashMap<String, Vec<Other>> = HashMap::new();
    for row in rows {
        let contact = row.contact_name.zip(row.address);
        let other = Other {
            vpd: row.vpd,
            name: row.name,
            host_or_lead: row.host_or_lead,
            from: row.effective_from,
            to: row.effective_to,
            contact: contact.map(|(name, address)| Contact { name, address, telephone: row.telephone }),
            placements: Vec::new(),
        };
        let known = all.entry(row.dpn_key).or_default();
        // The stretches of one position, or of several, are one employer.
        match known.last_mut() {
            Some(last) if last.vpd == other.vpd => {
                last.to = last.to.and(other.to).map(|to| last.to.map_or(to, |known| known.max(to)));
                last.host_or_lead = other.host_or_lead.or(last.host_or_lead.take());
            }
            _ => known.push(other),
        }
    }
    if all.is_empty() {
        return Ok(all);
    }
    let shared: Vec<String> = all.keys().cloned().collect();
    let rows = sqlx::query!(
        "select t.dpn_key, t.vpd, t.hire_on, t.end_on, t.stage from placements_told t
          where t.dpn_key = any($2) and t.vpd <> $1 and coalesce(t.end_on, t.hire_on) >= $3 order by t.dpn_key, t.vpd, t.hire_on, t.stage",
        vpd,
        &shared,
        from
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let stage = Stage::from_code(&row.stage)
            .ok_or_else(|| sqlx::Error::Decode(format!("{:?} is not the stage of a placement", row.stage).into()))?;
        let others = all.get_mut(&row.dpn_key).into_iter().flatten();
        for other in others.filter(|other| other.vpd == row.vpd) {
            other.placements.push(Placement { hire_on: row.hire_on, end_on: row.end_on, stage });
        }
    }
    Ok(all)
}

/// Whom the others are told to ask here.
pub async fn contact(tx: &mut VpdTx) -> sqlx::Result<Option<Contact>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(Contact, "select name, address, telephone from employer_contacts where vpd = $1", vpd)
        .fetch_optional(&mut **tx)
        .await
}

pub async fn save_contact(tx: &mut VpdTx, contact: &Contact, by: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into employer_contacts (vpd, name, address, telephone, saved_by, saved_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (vpd) do update set name = excluded.name, address = excluded.address, telephone = excluded.telephone,
                saved_by = excluded.saved_by, saved_at = excluded.saved_at",
        vpd,
        contact.name,
        contact.address,
        contact.telephone,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
