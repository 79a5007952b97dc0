use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::applicants::matching::Explanation;
use crate::tenancy::VpdTx;

/// Two persons who may be one, to be settled.
#[derive(Clone, Debug)]
pub struct Duplicate {
    pub duplicate_id: Uuid,
    pub person_a: String,
    pub person_b: String,
    pub explanation: Explanation,
}

/// Adds pairs; one that was settled before stays settled. Gives those that are new.
pub async fn insert_duplicates(tx: &mut VpdTx, pairs: &[Duplicate], now: DateTime<Utc>) -> sqlx::Result<Vec<Uuid>> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let vpd = tx.vpd().as_str().to_owned();
    // Arrays of arrays do not unnest into rows of arrays: the lists go as text.
    let features = |of: fn(&Explanation) -> &Vec<crate::applicants::matching::Feature>| {
        let joined =
            pairs.iter().map(|pair| of(&pair.explanation).iter().map(|f| f.as_str()).collect::<Vec<_>>().join(","));
        joined.collect::<Vec<_>>()
    };
    sqlx::query_scalar!(
        "insert into possible_duplicates (vpd, duplicate_id, person_a, person_b, rule, agreed, differed, found_at)
         select $1, n.duplicate_id, least(n.a, n.b), greatest(n.a, n.b), 'applicant_file',
                array_remove(string_to_array(n.agreed, ','), ''), array_remove(string_to_array(n.differed, ','), ''), $2
           from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) as n (duplicate_id, a, b, agreed, differed)
         on conflict (vpd, person_a, person_b) do nothing returning duplicate_id",
        vpd,
        now,
        &pairs.iter().map(|p| p.duplicate_id).collect::<Vec<_>>(),
        &pairs.iter().map(|p| p.person_a.clone()).collect::<Vec<_>>(),
        &pairs.iter().map(|p| p.person_b.clone()).collect::<Vec<_>>(),
        &features(|e| &e.agreed),
        &features(|e| &e.differed),
    )
    .fetch_all(&mut **tx)
    .await
}

/// A pair with where it stands.
#[derive(Clone, Debug)]
pub struct PairRow {
    pub duplicate_id: Uuid,
    pub person_a: String,
    pub person_b: String,
    pub found_at: DateTime<Utc>,
    pub state: String,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
}

/// One pair.
pub async fn find_pair(tx: &mut VpdTx, duplicate_id: Uuid) -> sqlx::Result<Option<PairRow>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        PairRow,
        "select duplicate_id, person_a, person_b, found_at, state, decided_by, decided_at, reason
           from possible_duplicates where vpd = $1 and duplicate_id = $2",
        vpd,
        duplicate_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// One pair, which nobody else can settle until this transaction ends.
pub async fn lock_pair(tx: &mut VpdTx, duplicate_id: Uuid) -> sqlx::Result<Option<PairRow>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        PairRow,
        "select duplicate_id, person_a, person_b, found_at, state, decided_by, decided_at, reason
           from possible_duplicates where vpd = $1 and duplicate_id = $2 for update",
        vpd,
        duplicate_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The pairs of a person that wait to be settled: id of the pair, and the other person.
pub async fn list_open_pairs(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<Vec<(Uuid, String)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query!(
        r#"select duplicate_id, case when person_a = $2 then person_b else person_a end as "other!"
             from possible_duplicates where vpd = $1 and state = 'open' and (person_a = $2 or person_b = $2) order by found_at"#,
        vpd,
        person_id
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.duplicate_id, row.other)).collect())
}

/// A pair that waits to be settled, with the names of the two.
#[derive(Clone, Debug)]
pub struct OpenPair {
    pub duplicate_id: Uuid,
    pub person_a: String,
    pub name_a: String,
    pub person_b: String,
    pub name_b: String,
    pub found_at: DateTime<Utc>,
}

/// The pairs that wait to be settled, those that have waited longest first, up to a limit.
pub async fn open_pairs(tx: &mut VpdTx, limit: i64) -> sqlx::Result<Vec<OpenPair>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        OpenPair,
        r#"select d.duplicate_id, d.person_a, a.last_name || ', ' || a.first_name as "name_a!",
                  d.person_b, b.last_name || ', ' || b.first_name as "name_b!", d.found_at
             from possible_duplicates d
             join people a on a.vpd = d.vpd and a.person_id = d.person_a
             join people b on b.vpd = d.vpd and b.person_id = d.person_b
            where d.vpd = $1 and d.state = 'open' order by d.found_at, d.duplicate_id limit $2"#,
        vpd,
        limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// How many pairs wait to be settled.
pub async fn count_open_pairs(tx: &mut VpdTx) -> sqlx::Result<i64> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from possible_duplicates where vpd = $1 and state = 'open'"#,
        vpd
    )
    .fetch_one(&mut **tx)
    .await
}

/// Writes what was decided of a pair; `open` takes the decision back.
pub async fn save_pair(
    tx: &mut VpdTx,
    duplicate_id: Uuid,
    state: &str,
    by: Option<&str>,
    reason: Option<&str>,
    at: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "update possible_duplicates set state = $3, decided_by = $4, reason = $5, decided_at = $6 where vpd = $1 and duplicate_id = $2",
        vpd,
        duplicate_id,
        state,
        by,
        reason,
        at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
