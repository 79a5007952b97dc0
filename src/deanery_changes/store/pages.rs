use uuid::Uuid;

use super::changes::Row;
use crate::deanery_changes::model::Change;
use crate::tenancy::VpdTx;

/// Which changes a list shows; empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    pub kind: String,
    pub state: String,
    /// Part of a Deanery Post Number, a GMC number, or the beginning of a last name.
    pub search: String,
    pub limit: i64,
    pub offset: i64,
}

macro_rules! read_changes {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            "select c.change_id, c.kind, c.state, c.file_id,
                    (select f.file_name from interface_files f where f.file_id = c.file_id) as file_name,
                    c.record_no, c.unannounced, c.dpn, c.dpn_key, c.body_code, c.specialty, c.site, c.host_or_lead, c.occupation_code,
                    c.last_name, c.first_name, c.gmc_number, c.hire_on, c.end_on, c.reason_code, c.current_place, c.person_id,
                    c.application_id, c.position_id, c.pending_until, c.before, c.received_on, c.received_at, c.decided_by, c.decided_at, c.reason
               from deanery_changes c where c.vpd = $1 " + $tail,
            $($argument),*
        )
    };
}

fn read(rows: Vec<Row>) -> sqlx::Result<Vec<Change>> {
    rows.into_iter().map(Change::try_from).collect()
}

/// One change.
pub async fn find(tx: &mut VpdTx, change_id: Uuid) -> sqlx::Result<Option<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = read_changes!("and c.change_id = $2", vpd, change_id).fetch_optional(&mut **tx).await?;
    row.map(Change::try_from).transpose()
}

/// What the deanery changed about a person, the latest first.
pub async fn for_person(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Vec<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows =
        read_changes!("and c.person_id = $2 order by c.received_at desc, c.record_no desc limit 100", vpd, person_id);
    read(rows.fetch_all(&mut **tx).await?)
}

/// Changes by their ids; those of another organisation are not there.
pub async fn list_by_ids(tx: &mut VpdTx, ids: &[Uuid]) -> sqlx::Result<Vec<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = read_changes!("and c.change_id = any($2) order by c.received_at, c.record_no", vpd, ids);
    read(rows.fetch_all(&mut **tx).await?)
}

/// Withdrawals that wait, of an application, or of its person and post where no application was known when they came.
pub async fn list_withdrawals_of(tx: &mut VpdTx, application_id: Uuid, person_id: &str) -> sqlx::Result<Vec<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = read_changes!(
        "and c.kind = 'withdrawal' and c.state = 'open'
            and (c.application_id = $2
              or (c.application_id is null and c.dpn_key = (select upper(btrim(a.dpn)) from applications a where a.vpd = $1 and a.application_id = $2)
                  and (c.person_id = $3 or c.gmc_number = (select p.gmc_number from people p where p.vpd = $1 and p.person_id = $3))))
          order by c.received_at, c.record_no for update of c",
        vpd,
        application_id,
        person_id
    );
    read(rows.fetch_all(&mut **tx).await?)
}

/// Changes that wait about somebody's employment: of an application that he or she was hired from, or of a post held without one.
pub async fn list_about_employment(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Vec<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = read_changes!(
        "and c.person_id = $2 and c.state = 'open'
            and (c.application_id is null
              or exists (select 1 from applications a where a.vpd = $1 and a.application_id = c.application_id and a.status = 'hired'))
          order by c.received_at, c.record_no for update of c",
        vpd,
        person_id
    );
    read(rows.fetch_all(&mut **tx).await?)
}

/// Changes that a decision about an employment settled.
pub async fn list_settled_by(tx: &mut VpdTx, person_id: &str, leaving_id: Uuid) -> sqlx::Result<Vec<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = read_changes!(
        "and c.person_id = $2 and c.state in ('applied', 'dismissed') and c.before->>'leaving' = $3
          order by c.received_at, c.record_no for update of c",
        vpd,
        person_id,
        leaving_id.to_string()
    );
    read(rows.fetch_all(&mut **tx).await?)
}

/// Changes that match, what waits first and then the latest, and how many there are.
pub async fn list(tx: &mut VpdTx, filter: &ListFilter) -> sqlx::Result<(Vec<Change>, i64)> {
    let vpd = tx.vpd().as_str().to_owned();
    let search = filter.search.trim().to_lowercase();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "count!" from deanery_changes c
            where c.vpd = $1 and ($2 = '' or c.kind = $2) and ($3 = '' or c.state = $3) and c.kind <> 'new_post'
              and ($4 = '' or strpos(lower(c.dpn), $4) > 0 or c.gmc_number = $4 or starts_with(lower(c.last_name), $4))"#,
        vpd,
        filter.kind,
        filter.state,
        search
    )
    .fetch_one(&mut **tx)
    .await?;
    let rows = read_changes!(
        "and ($2 = '' or c.kind = $2) and ($3 = '' or c.state = $3) and c.kind <> 'new_post'
         and ($4 = '' or strpos(lower(c.dpn), $4) > 0 or c.gmc_number = $4 or starts_with(lower(c.last_name), $4))
         order by c.state not in ('open', 'pending'), c.received_at desc, c.record_no limit $5 offset $6",
        vpd,
        filter.kind,
        filter.state,
        search,
        filter.limit,
        filter.offset
    );
    Ok((read(rows.fetch_all(&mut **tx).await?)?, total))
}

/// New posts, what waits first and then the latest.
pub async fn list_new_posts(tx: &mut VpdTx) -> sqlx::Result<Vec<Change>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = read_changes!(
        "and c.kind = 'new_post' order by c.state <> 'open', c.received_at desc, c.record_no limit 500",
        vpd
    );
    read(rows.fetch_all(&mut **tx).await?)
}
