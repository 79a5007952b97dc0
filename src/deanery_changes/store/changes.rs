use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::deanery_changes::model::{Change, Kind, State, Told};
use crate::rotation::model::Named;
use crate::tenancy::VpdTx;

/// A row of the table; every reading of it goes through here.
pub(super) struct Row {
    pub change_id: Uuid,
    pub kind: String,
    pub state: String,
    pub file_id: Uuid,
    pub file_name: Option<String>,
    pub record_no: i32,
    pub unannounced: bool,
    pub dpn: String,
    pub dpn_key: String,
    pub body_code: String,
    pub specialty: Option<String>,
    pub site: Option<String>,
    pub host_or_lead: Option<String>,
    pub occupation_code: Option<String>,
    pub last_name: Option<String>,
    pub first_name: Option<String>,
    pub gmc_number: Option<String>,
    pub hire_on: Option<NaiveDate>,
    pub end_on: Option<NaiveDate>,
    pub reason_code: Option<String>,
    pub current_place: Option<String>,
    pub person_id: Option<String>,
    pub application_id: Option<Uuid>,
    pub position_id: Option<String>,
    pub pending_until: Option<NaiveDate>,
    pub before: Value,
    pub received_on: NaiveDate,
    pub received_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
}

impl TryFrom<Row> for Change {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        let unknown =
            |what: &str, code: &str| sqlx::Error::Decode(format!("{code:?} is not the {what} of a change").into());
        Ok(Self {
            change_id: row.change_id,
            kind: Kind::from_code(&row.kind).ok_or_else(|| unknown("kind", &row.kind))?,
            state: State::from_code(&row.state).ok_or_else(|| unknown("state", &row.state))?,
            file_id: row.file_id,
            file_name: row.file_name,
            record_no: row.record_no,
            unannounced: row.unannounced,
            dpn: row.dpn,
            dpn_key: row.dpn_key,
            body_code: row.body_code,
            specialty: row.specialty,
            site: row.site,
            host_or_lead: row.host_or_lead,
            occupation_code: row.occupation_code,
            who: Named { last_name: row.last_name, first_name: row.first_name, gmc_number: row.gmc_number },
            hire_on: row.hire_on,
            end_on: row.end_on,
            reason_code: row.reason_code,
            current_place: row.current_place,
            person_id: row.person_id,
            application_id: row.application_id,
            position_id: row.position_id,
            pending_until: row.pending_until,
            before: row.before,
            received_on: row.received_on,
            received_at: row.received_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            reason: row.reason,
        })
    }
}

/// A change to be kept, with whom and what it was found to be about.
#[derive(Clone, Debug)]
pub struct NewChange<'a> {
    pub change_id: Uuid,
    pub told: &'a Told,
    pub person_id: Option<String>,
    pub application_id: Option<Uuid>,
    pub position_id: Option<String>,
    pub pending_until: Option<NaiveDate>,
}

/// Adds changes that one file told.
pub async fn insert(
    tx: &mut VpdTx,
    file_id: Uuid,
    body_code: &str,
    new: &[NewChange<'_>],
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    let maybe = |of: fn(&Told) -> &Option<String>| new.iter().map(|n| of(n.told).as_deref()).collect::<Vec<_>>();
    let day = |of: fn(&Told) -> Option<NaiveDate>| new.iter().map(|n| of(n.told)).collect::<Vec<_>>();
    sqlx::query!(
        "insert into deanery_changes (vpd, change_id, kind, state, file_id, record_no, unannounced, dpn, dpn_key, body_code, specialty, site,
                                      host_or_lead, occupation_code, last_name, first_name, gmc_number, person_key, hire_on, end_on, reason_code,
                                      current_place, person_id, application_id, position_id, pending_until, received_on, received_at)
         select $1, n.id, n.kind, case when n.pending is null then 'open' else 'pending' end, $2, n.no, n.unannounced, n.dpn, n.dpn_key, $3,
                n.specialty, n.site, n.host, n.occupation, n.last, n.first, n.gmc, n.person_key, n.hire, n.until, n.reason, n.place,
                n.person, n.application, n.position, n.pending, $4, $5
           from unnest($6::uuid[], $7::text[], $8::integer[], $9::boolean[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
                       $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::date[], $21::date[], $22::text[], $23::text[],
                       $24::text[], $25::uuid[], $26::text[], $27::date[])
             as n (id, kind, no, unannounced, dpn, dpn_key, specialty, site, host, occupation, last, first, gmc, person_key, hire, until, reason,
                   place, person, application, position, pending)",
        vpd,
        file_id,
        body_code,
        today,
        now,
        &new.iter().map(|n| n.change_id).collect::<Vec<_>>(),
        &new.iter().map(|n| n.told.kind.code()).collect::<Vec<_>>() as &[&str],
        &new.iter().map(|n| n.told.record_no).collect::<Vec<_>>(),
        &new.iter().map(|n| n.told.unannounced).collect::<Vec<_>>(),
        &new.iter().map(|n| n.told.dpn.clone()).collect::<Vec<_>>(),
        &new.iter().map(|n| n.told.dpn_key.clone()).collect::<Vec<_>>(),
        &maybe(|t| &t.specialty) as &[Option<&str>],
        &maybe(|t| &t.site) as &[Option<&str>],
        &maybe(|t| &t.host_or_lead) as &[Option<&str>],
        &maybe(|t| &t.occupation_code) as &[Option<&str>],
        &maybe(|t| &t.who.last_name) as &[Option<&str>],
        &maybe(|t| &t.who.first_name) as &[Option<&str>],
        &maybe(|t| &t.who.gmc_number) as &[Option<&str>],
        &new.iter().map(|n| n.told.who.key()).collect::<Vec<_>>(),
        &day(|t| t.hire_on) as &[Option<NaiveDate>],
        &day(|t| t.end_on) as &[Option<NaiveDate>],
        &maybe(|t| &t.reason_code) as &[Option<&str>],
        &maybe(|t| &t.current_place) as &[Option<&str>],
        &new.iter().map(|n| n.person_id.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &new.iter().map(|n| n.application_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &new.iter().map(|n| n.position_id.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &new.iter().map(|n| n.pending_until).collect::<Vec<_>>() as &[Option<NaiveDate>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What was told before about a post: enough to see whether a new change says anything new.
#[derive(Clone, Debug)]
pub struct Known {
    pub change_id: Uuid,
    pub kind: String,
    pub state: String,
    pub file_id: Uuid,
    pub dpn_key: String,
    pub person_key: String,
    pub hire_on: Option<NaiveDate>,
    pub end_on: Option<NaiveDate>,
}

/// The changes of these posts that wait, or were decided before, the latest first.
pub async fn list_known(tx: &mut VpdTx, dpn_keys: &[String]) -> sqlx::Result<Vec<Known>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Known,
        "select change_id, kind, state, file_id, dpn_key, person_key, hire_on, end_on from deanery_changes
          where vpd = $1 and dpn_key = any($2) order by received_at desc, record_no desc",
        vpd,
        dpn_keys
    )
    .fetch_all(&mut **tx)
    .await
}

/// A later file said something else: these are closed by it.
pub async fn supersede(tx: &mut VpdTx, changes: &[Uuid], by: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update deanery_changes set state = 'superseded', decided_by = $3, decided_at = $4
          where vpd = $1 and change_id = any($2) and state in ('open', 'pending')",
        vpd,
        changes,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Reads a change and keeps others from deciding it until this transaction ends.
pub async fn lock(tx: &mut VpdTx, change_id: Uuid) -> sqlx::Result<Option<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select c.change_id, c.kind, c.state, c.file_id,
                  (select f.file_name from interface_files f where f.file_id = c.file_id) as file_name,
                  c.record_no, c.unannounced, c.dpn, c.dpn_key, c.body_code, c.specialty, c.site, c.host_or_lead, c.occupation_code,
                  c.last_name, c.first_name, c.gmc_number, c.hire_on, c.end_on, c.reason_code, c.current_place, c.person_id,
                  c.application_id, c.position_id, c.pending_until, c.before, c.received_on, c.received_at, c.decided_by, c.decided_at, c.reason
             from deanery_changes c where c.vpd = $1 and c.change_id = $2 for update of c"#,
        vpd,
        change_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(Change::try_from).transpose()
}

/// Records a decision, with what it changed as it was before.
pub async fn decide(
    tx: &mut VpdTx,
    change_id: Uuid,
    state: State,
    by: &str,
    reason: Option<&str>,
    before: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update deanery_changes set state = $3, decided_by = $4, decided_at = $5, reason = $6, before = $7, pending_until = null
          where vpd = $1 and change_id = $2",
        vpd,
        change_id,
        state.code(),
        by,
        now,
        reason,
        before
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether the deanery said something newer of the same kind, about the same post and person.
pub async fn has_later(tx: &mut VpdTx, change: &Change) -> sqlx::Result<bool> {
    Ok(!list_outdone(tx, &[change.change_id]).await?.is_empty())
}

/// Those of these changes of which the deanery said something newer: of the same kind, about the same post and person.
pub async fn list_outdone(tx: &mut VpdTx, changes: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select this.change_id from deanery_changes this
          where this.vpd = $1 and this.change_id = any($2)
            and exists (select 1 from deanery_changes later
                         where later.vpd = $1 and later.change_id <> this.change_id and later.dpn_key = this.dpn_key and later.kind = this.kind
                           and (later.received_at, later.record_no) > (this.received_at, this.record_no)
                           and later.state <> 'superseded'
                           and (later.gmc_number = this.gmc_number
                             or (later.last_name, later.first_name) is not distinct from (this.last_name, this.first_name)))",
        vpd,
        changes
    )
    .fetch_all(&mut **tx)
    .await
}

/// Keeps others from deciding these changes until this transaction ends; gives where each stands.
pub async fn lock_all(tx: &mut VpdTx, changes: &[Uuid]) -> sqlx::Result<HashMap<Uuid, State>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        "select change_id, state from deanery_changes where vpd = $1 and change_id = any($2) order by change_id for update",
        vpd,
        changes
    );
    let rows = rows.fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.change_id, State::from_code(&row.state)?))).collect())
}

/// Records that replacements were dealt with; gives those that waited until now.
pub async fn save_dealt_with(
    tx: &mut VpdTx,
    changes: &[Uuid],
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "update deanery_changes set state = 'applied', decided_by = $3, decided_at = $4
          where vpd = $1 and change_id = any($2) and kind = 'replacement' and state = 'open' returning change_id",
        vpd,
        changes,
        by,
        now
    )
    .fetch_all(&mut **tx)
    .await
}

/// Opens again what was dealt with; gives those of the changes that it was so of.
pub async fn save_all_open(tx: &mut VpdTx, changes: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "update deanery_changes set state = 'open', decided_by = null, decided_at = null
          where vpd = $1 and change_id = any($2) and kind = 'replacement' and state = 'applied' returning change_id",
        vpd,
        changes
    )
    .fetch_all(&mut **tx)
    .await
}

/// Opens a change again.
pub async fn save_open(tx: &mut VpdTx, change_id: Uuid) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update deanery_changes set state = 'open', decided_by = null, decided_at = null, reason = null, before = '{}', pending_until = null
          where vpd = $1 and change_id = $2",
        vpd,
        change_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Says whom and what a change was found to be about after all.
pub async fn save_found(
    tx: &mut VpdTx,
    change_id: Uuid,
    person_id: Option<&str>,
    application_id: Option<Uuid>,
    position_id: Option<&str>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update deanery_changes set person_id = coalesce($3, person_id), application_id = coalesce($4, application_id),
                position_id = coalesce($5, position_id) where vpd = $1 and change_id = $2",
        vpd,
        change_id,
        person_id,
        application_id,
        position_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Changes that wait for an applicant of one of these posts.
pub async fn list_waiting_for(tx: &mut VpdTx, dpn_keys: &[String]) -> sqlx::Result<Vec<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select change_id from deanery_changes where vpd = $1 and dpn_key = any($2) and state = 'pending' order by received_at, record_no",
        vpd,
        dpn_keys
    )
    .fetch_all(&mut **tx)
    .await
}

/// Changes that have waited for their applicant long enough.
pub async fn list_pending_due(tx: &mut VpdTx, today: NaiveDate) -> sqlx::Result<Vec<Uuid>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        "select change_id from deanery_changes where vpd = $1 and state = 'pending' and pending_until < $2 order by received_at, record_no",
        vpd,
        today
    )
    .fetch_all(&mut **tx)
    .await
}
