use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::super::actions::{Around, Elsewhere, Held, Judged};
use super::super::model::{Draft, HostOrLead, Stretch, title};
use crate::tenancy::VpdTx;

/// Keeps others from changing this employer's positions until this transaction ends.
pub async fn lock(tx: &mut VpdTx) -> sqlx::Result<()> {
    let name = format!("positions of {}", tx.vpd());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).execute(&mut **tx).await?;
    Ok(())
}

/// The stretches of these positions, oldest first, and which of the positions ESR deleted.
pub async fn stretches(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<(HashMap<String, Vec<Stretch>>, HashSet<String>)> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select position_id, effective_from, effective_to, position_number, name, job_role, workplace_code, hiring_status, position_type,
                  budgeted_fte, dpn, managing_body, host_or_lead as "host_or_lead: HostOrLead", out_of_hours, rota_pattern, prospective_cover,
                  split_of, deleted_at is not null as "deleted!"
             from positions where vpd = $1 and position_id = any($2) order by position_id, effective_from"#,
        vpd,
        ids as &[&str]
    )
    .fetch_all(&mut **tx)
    .await?;
    let (mut all, mut deleted) = (HashMap::<String, Vec<Stretch>>::new(), HashSet::new());
    for row in rows {
        if row.deleted {
            deleted.insert(row.position_id.clone());
        }
        all.entry(row.position_id).or_default().push(Stretch {
            effective_from: row.effective_from,
            effective_to: row.effective_to,
            position_number: row.position_number,
            name: row.name,
            job_role: row.job_role,
            workplace_code: row.workplace_code,
            hiring_status: row.hiring_status,
            position_type: row.position_type,
            budgeted_fte: row.budgeted_fte,
            dpn: row.dpn,
            managing_body: row.managing_body,
            host_or_lead: row.host_or_lead,
            out_of_hours: row.out_of_hours,
            rota_pattern: row.rota_pattern,
            prospective_cover: row.prospective_cover,
            split_of: row.split_of,
        });
    }
    Ok((all, deleted))
}

/// Who bears these numbers in this organisation; each number has its entry.
pub async fn bearers(tx: &mut VpdTx, keys: &[String]) -> sqlx::Result<HashMap<String, Vec<Held>>> {
    let mut all: HashMap<String, Vec<Held>> = keys.iter().map(|key| (key.clone(), Vec::new())).collect();
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select p.dpn_key as "dpn_key!", p.position_id, p.position_number, p.name, p.dpn as "dpn!", p.effective_from,
                  least(p.effective_to, (select min(later.effective_from) - 1 from positions later
                    where later.vpd = p.vpd and later.position_id = p.position_id and later.effective_from > p.effective_from)) as effective_to
             from positions p
            where p.vpd = $1 and p.dpn_key = any($2) and p.deleted_at is null and coalesce(p.effective_to, 'infinity') >= p.effective_from
            order by p.position_number, p.effective_from"#,
        vpd,
        keys
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let held = Held {
            position_id: row.position_id,
            position_number: row.position_number,
            title: title(&row.name).to_owned(),
            dpn: row.dpn,
            from: row.effective_from,
            to: row.effective_to,
        };
        all.entry(row.dpn_key).or_default().push(held);
    }
    Ok(all)
}

/// What the rules ask about beside the positions.
pub async fn around(tx: &mut VpdTx, keys: &[String]) -> sqlx::Result<Around> {
    let vpd = tx.vpd().as_str().to_owned();
    let known = sqlx::query!(
        r#"select array(select code from managing_bodies) as "bodies!",
                  array(select code from code_values where list = 'job_role' and training) as "training_roles!",
                  exists (select 1 from positions where vpd = $1 and host_or_lead is not null) as "asks_host_or_lead!""#,
        vpd
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Around {
        bodies: known.bodies.into_iter().collect(),
        training_roles: known.training_roles.into_iter().collect(),
        asks_host_or_lead: known.asks_host_or_lead,
        elsewhere: if keys.is_empty() { HashMap::new() } else { elsewhere(tx, keys).await? },
    })
}

/// Who bears these numbers at other employers.
async fn elsewhere(tx: &mut VpdTx, keys: &[String]) -> sqlx::Result<HashMap<String, Vec<Elsewhere>>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select dpn_key as "dpn_key!", vpd, effective_from, effective_to, host_or_lead as "host_or_lead: HostOrLead"
             from position_directory
            where dpn_key = any($1) and vpd <> $2 and coalesce(effective_to, 'infinity') >= effective_from order by vpd, position_id"#,
        keys,
        vpd
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut elsewhere: HashMap<String, Vec<Elsewhere>> = HashMap::new();
    for row in rows {
        let other =
            Elsewhere { vpd: row.vpd, from: row.effective_from, to: row.effective_to, host_or_lead: row.host_or_lead };
        elsewhere.entry(row.dpn_key).or_default().push(other);
    }
    Ok(elsewhere)
}

/// Writes what became of positions' stretches: new ones are cut from the one that they begin in, none is taken away.
pub async fn write(tx: &mut VpdTx, judged: &[Judged]) -> sqlx::Result<()> {
    let rows: Vec<(&str, &Stretch)> = judged
        .iter()
        .flat_map(|one| {
            let changed = one.after.iter().filter(|stretch| !one.before.contains(stretch));
            changed.map(|stretch| (one.position_id.as_str(), stretch))
        })
        .collect();
    write_stretches(tx, &rows).await
}

pub(super) async fn write_stretches(tx: &mut VpdTx, rows: &[(&str, &Stretch)]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let ids: Vec<&str> = rows.iter().map(|(id, _)| *id).collect();
    let from: Vec<NaiveDate> = rows.iter().map(|(_, s)| s.effective_from).collect();
    let split: Vec<Option<NaiveDate>> = rows.iter().map(|(_, s)| s.split_of).collect();
    // A new stretch begins as a copy of the one before it, with all that the file said of that.
    sqlx::query!(
        "insert into positions (vpd, position_id, effective_from, effective_to, position_number, name, staff_group, job_role, occupation_code,
                                pay_scale, organisation_id, workplace_code, hiring_status, position_type, budgeted_fte, dpn, dpn_key,
                                managing_body, record, digest, split_of)
         select p.vpd, p.position_id, r.from_on, p.effective_to, p.position_number, p.name, p.staff_group, p.job_role, p.occupation_code,
                p.pay_scale, p.organisation_id, p.workplace_code, p.hiring_status, p.position_type, p.budgeted_fte, p.dpn, p.dpn_key,
                p.managing_body, p.record, p.digest, r.split_of
           from unnest($2::text[], $3::date[], $4::date[]) as r (id, from_on, split_of)
           join positions p on p.vpd = $1 and p.position_id = r.id
            and p.effective_from = (select max(b.effective_from) from positions b
                                     where b.vpd = $1 and b.position_id = r.id and b.effective_from < r.from_on)
          where r.split_of is not null
         on conflict (vpd, position_id, effective_from) do nothing",
        vpd,
        &ids as &[&str],
        &from,
        &split as &[Option<NaiveDate>],
    )
    .execute(&mut **tx)
    .await?;
    let to: Vec<Option<NaiveDate>> = rows.iter().map(|(_, s)| s.effective_to).collect();
    let names: Vec<&str> = rows.iter().map(|(_, s)| s.name.as_str()).collect();
    let keys: Vec<Option<String>> = rows.iter().map(|(_, s)| s.dpn_key()).collect();
    let host: Vec<Option<&str>> = rows.iter().map(|(_, s)| s.host_or_lead.map(HostOrLead::code)).collect();
    let text = |get: for<'r> fn(&'r Stretch) -> Option<&'r str>| rows.iter().map(|(_, s)| get(s)).collect::<Vec<_>>();
    sqlx::query!(
        "update positions p
            set effective_to = r.to_on, name = r.name, job_role = r.job_role, workplace_code = r.workplace, hiring_status = r.hiring_status,
                position_type = r.type, budgeted_fte = r.fte, dpn = r.dpn, dpn_key = r.dpn_key, managing_body = r.body,
                host_or_lead = r.host_or_lead, out_of_hours = r.out_of_hours, rota_pattern = r.rota, prospective_cover = r.cover
           from unnest($2::text[], $3::date[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                       $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
             as r (id, from_on, to_on, name, job_role, workplace, hiring_status, type, fte, dpn, dpn_key, body, host_or_lead, out_of_hours,
                   rota, cover)
          where p.vpd = $1 and p.position_id = r.id and p.effective_from = r.from_on",
        vpd,
        &ids as &[&str],
        &from,
        &to as &[Option<NaiveDate>],
        &names as &[&str],
        &text(|s| s.job_role.as_deref()) as &[Option<&str>],
        &text(|s| s.workplace_code.as_deref()) as &[Option<&str>],
        &text(|s| s.hiring_status.as_deref()) as &[Option<&str>],
        &text(|s| s.position_type.as_deref()) as &[Option<&str>],
        &text(|s| s.budgeted_fte.as_deref()) as &[Option<&str>],
        &text(|s| s.dpn.as_deref()) as &[Option<&str>],
        &keys as &[Option<String>],
        &text(|s| s.managing_body.as_deref()) as &[Option<&str>],
        &host as &[Option<&str>],
        &text(|s| s.out_of_hours.as_deref()) as &[Option<&str>],
        &text(|s| s.rota_pattern.as_deref()) as &[Option<&str>],
        &text(|s| s.prospective_cover.as_deref()) as &[Option<&str>],
    )
    .execute(&mut **tx)
    .await?;
    enter(tx, &ids).await
}

/// Brings the directory's entries of these positions up to what is stored of them.
pub(super) async fn enter(tx: &mut VpdTx, ids: &[&str]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into position_directory (position_id, effective_from, effective_to, vpd, position_number, dpn_key, host_or_lead)
         select position_id, effective_from, effective_to, vpd, position_number, dpn_key, host_or_lead
           from positions where vpd = $1 and position_id = any($2) and deleted_at is null
         on conflict (position_id, effective_from) do update
            set effective_to = excluded.effective_to, position_number = excluded.position_number, dpn_key = excluded.dpn_key,
                host_or_lead = excluded.host_or_lead
          where (position_directory.effective_to, position_directory.position_number, position_directory.dpn_key, position_directory.host_or_lead)
                is distinct from (excluded.effective_to, excluded.position_number, excluded.dpn_key, excluded.host_or_lead)",
        vpd,
        ids as &[&str],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An id, and so a number, for a position that ESR has not given yet.
pub async fn next_position_id(tx: &mut VpdTx) -> sqlx::Result<String> {
    sqlx::query_scalar!(r#"select nextval('position_numbers')::text as "id!""#).fetch_one(&mut **tx).await
}

/// Whether a position of this organisation bears the number.
pub async fn number_is_taken(tx: &mut VpdTx, number: &str) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select exists (select 1 from positions where vpd = $1 and position_number = $2 and deleted_at is null) as "taken!""#,
        vpd,
        number
    )
    .fetch_one(&mut **tx)
    .await
}

/// Stores a position that was drafted here.
pub async fn insert_draft(tx: &mut VpdTx, position_id: &str, draft: &Draft, stretch: &Stretch) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let staff_group = draft.staff_group.as_deref().unwrap_or("Medical and Dental");
    let occupation = Some(draft.occupation_code.trim()).filter(|code| !code.is_empty());
    sqlx::query!(
        r#"insert into positions (vpd, position_id, effective_from, effective_to, position_number, name, staff_group, job_role, occupation_code,
                                pay_scale, organisation_id, workplace_code, hiring_status, position_type, budgeted_fte, dpn, dpn_key,
                                managing_body, host_or_lead, out_of_hours, rota_pattern, prospective_cover, record, digest)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, '{}', '\x')"#,
        vpd,
        position_id,
        stretch.effective_from,
        stretch.effective_to,
        stretch.position_number,
        stretch.name,
        staff_group,
        stretch.job_role,
        occupation,
        draft.pay_scale,
        draft.organisation_id,
        stretch.workplace_code,
        stretch.hiring_status,
        stretch.position_type,
        stretch.budgeted_fte,
        stretch.dpn,
        stretch.dpn_key(),
        stretch.managing_body,
        stretch.host_or_lead.map(HostOrLead::code),
        stretch.out_of_hours,
        stretch.rota_pattern,
        stretch.prospective_cover,
    )
    .execute(&mut **tx)
    .await?;
    enter(tx, &[position_id]).await
}
