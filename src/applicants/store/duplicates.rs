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
