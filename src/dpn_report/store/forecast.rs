use chrono::NaiveDate;

use crate::tenancy::VpdTx;

/// A post as the deanery sees it: one number, with all who bear it and all who are on it or on their way.
#[derive(Clone, Debug)]
pub struct Post {
    pub dpn: String,
    pub dpn_key: String,
    /// Our active positions with the number, and their numbers.
    pub position_ids: Vec<String>,
    pub position_numbers: Vec<String>,
    pub title: String,
    /// Active positions with the number at other employers.
    pub elsewhere: i64,
    pub holders: i64,
    pub coming: i64,
    /// Of our positions, those that nobody has held for a year and nobody is coming to.
    pub stale: i64,
    /// Records of it in files that national operations hold now, and those files.
    pub held: i64,
    pub held_in: Vec<String>,
}

impl Post {
    /// How many doctors the deanery is likely to send in one file.
    pub fn doctors(&self) -> i64 {
        self.holders.max(self.coming)
    }

    /// How many records that makes: each doctor once for each position that bears the number.
    pub fn records(&self) -> i64 {
        self.doctors() * (i64::try_from(self.position_ids.len()).unwrap_or_default() + self.elsewhere)
    }
}

/// The posts that are held now, and those of which several doctors or several positions make many records, most records first.
pub async fn forecast(tx: &mut VpdTx, day: NaiveDate) -> sqlx::Result<Vec<Post>> {
    let vpd = tx.vpd().as_str().to_owned();
    let mut posts = sqlx::query_as!(
        Post,
        r#"with mine as (
             select p.position_id, p.position_number, p.name, p.dpn, p.dpn_key
               from positions p
              where p.vpd = $1 and p.dpn_key is not null and p.deleted_at is null and p.effective_from <= $2 and coalesce(p.effective_to, $2) >= $2
                and not exists (select 1 from positions later where later.vpd = p.vpd and later.position_id = p.position_id
                                 and later.effective_from > p.effective_from and later.effective_from <= $2)),
           held as (
             select a.position_id, count(distinct a.person_id) filter (where a.effective_from <= $2 and coalesce(a.effective_to, $2) >= $2) as now,
                    bool_or(coalesce(a.effective_to, 'infinity') >= $2::date - 365) as lately
               from assignments a where a.vpd = $1 and a.position_id is not null group by a.position_id),
           coming as (
             select a.position_id, count(*) as next from applications a
              where a.vpd = $1 and a.hire_on >= $2 and a.status not in ('hired', 'withdrawn', 'terminated') group by a.position_id),
           waiting as (
             select h.dpn_key, sum(h.records)::bigint as records, array_agg(f.file_name order by f.received_at) as files
               from held_posts h join interface_files f on f.file_id = h.file_id where h.state = 'held' group by h.dpn_key),
           posts as (
             select m.dpn_key, min(m.dpn) as dpn, array_agg(m.position_id order by m.position_number) as position_ids,
                    array_agg(m.position_number order by m.position_number) as position_numbers, min(m.name) as name,
                    coalesce(sum(h.now), 0)::bigint as holders, coalesce(sum(c.next), 0)::bigint as coming,
                    count(*) filter (where not coalesce(h.lately, false) and c.next is null) as stale
               from mine m left join held h using (position_id) left join coming c using (position_id) group by m.dpn_key)
           select p.dpn as "dpn!", p.dpn_key as "dpn_key!", p.position_ids as "position_ids!", p.position_numbers as "position_numbers!",
                  split_part(p.name, '|', 2) as "title!", p.holders as "holders!", p.coming as "coming!", p.stale as "stale!",
                  coalesce(w.records, 0) as "held!", coalesce(w.files, '{}') as "held_in!",
                  (select count(*) from position_directory d
                    where d.dpn_key = p.dpn_key and d.vpd <> $1 and d.effective_from <= $2 and coalesce(d.effective_to, $2) >= $2) as "elsewhere!"
             from posts p left join waiting w using (dpn_key)
            where greatest(p.holders, p.coming) > 1 or cardinality(p.position_ids) > 1 or w.records is not null"#,
        vpd,
        day
    )
    .fetch_all(&mut **tx)
    .await?;
    posts.sort_by_key(|post| (-post.held, -post.records(), post.dpn_key.clone()));
    Ok(posts)
}
