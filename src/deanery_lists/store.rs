//! The SQL for lists and their posts, and for what differs from the positions.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::model::Post;
use crate::tenancy::VpdTx;

/// A list that was loaded.
#[derive(Clone, Debug)]
pub struct List {
    pub list_id: Uuid,
    pub file_name: String,
    pub warnings: Vec<String>,
    pub loaded_by: String,
    pub loaded_at: DateTime<Utc>,
    pub posts: i64,
}

/// Keeps a list.
pub async fn insert(
    tx: &mut VpdTx,
    id: Uuid,
    file_name: &str,
    posts: &[Post],
    warnings: &[String],
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!(
        "insert into deanery_lists (vpd, list_id, file_name, warnings, loaded_by, loaded_at) values ($1, $2, $3, $4, $5, $6)",
        vpd,
        id,
        file_name,
        warnings,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    let some = |get: fn(&Post) -> &Option<String>| posts.iter().map(|post| get(post).clone()).collect::<Vec<_>>();
    sqlx::query!(
        "insert into deanery_list_posts (vpd, list_id, row_no, dpn, dpn_key, body, site, specialty, grade, valid_from, valid_to, note)
         select $1, $2, r.* from unnest($3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::date[],
                                        $11::date[], $12::text[]) as r",
        vpd,
        id,
        &posts.iter().map(|post| post.row_no).collect::<Vec<_>>(),
        &posts.iter().map(|post| post.dpn.clone()).collect::<Vec<_>>(),
        &posts.iter().map(|post| post.dpn_key.clone()).collect::<Vec<_>>(),
        &some(|post| &post.body) as &[Option<String>],
        &some(|post| &post.site) as &[Option<String>],
        &some(|post| &post.specialty) as &[Option<String>],
        &some(|post| &post.grade) as &[Option<String>],
        &posts.iter().map(|post| post.valid_from).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &posts.iter().map(|post| post.valid_to).collect::<Vec<_>>() as &[Option<NaiveDate>],
        &some(|post| &post.note) as &[Option<String>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The lists so far, newest first.
pub async fn lists(tx: &mut VpdTx) -> sqlx::Result<Vec<List>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        List,
        r#"select list_id, file_name, warnings, loaded_by, loaded_at,
                  (select count(*) from deanery_list_posts p where p.vpd = l.vpd and p.list_id = l.list_id) as "posts!"
             from deanery_lists l where vpd = $1 order by loaded_at desc limit 50"#,
        vpd
    )
    .fetch_all(&mut **tx)
    .await
}

/// One list.
pub async fn find(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Option<List>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        List,
        r#"select list_id, file_name, warnings, loaded_by, loaded_at,
                  (select count(*) from deanery_list_posts p where p.vpd = l.vpd and p.list_id = l.list_id) as "posts!"
             from deanery_lists l where vpd = $1 and list_id = $2"#,
        vpd,
        id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// A post of a list, with who asked the deanery about it last, in this list or an earlier one.
#[derive(Clone, Debug)]
pub struct Listed {
    pub row_no: i32,
    pub dpn: String,
    pub body: Option<String>,
    pub site: Option<String>,
    pub specialty: Option<String>,
    pub grade: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub queried_by: Option<String>,
    pub queried_at: Option<DateTime<Utc>>,
}

/// One post of a list.
pub async fn post(tx: &mut VpdTx, id: Uuid, row_no: i32) -> sqlx::Result<Option<Listed>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Listed,
        r#"select l.row_no, l.dpn, l.body, l.site, l.specialty, l.grade, l.valid_from, l.valid_to, asked.queried_by as "queried_by?",
                  asked.queried_at as "queried_at?"
             from deanery_list_posts l
             left join lateral (select a.queried_by, a.queried_at from deanery_list_posts a
                                 where a.vpd = $1 and a.dpn_key = l.dpn_key and a.queried_at is not null
                                 order by a.queried_at desc limit 1) asked on true
            where l.vpd = $1 and l.list_id = $2 and l.row_no = $3"#,
        vpd,
        id,
        row_no
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The posts of a list that no position carries, today or from a later day.
pub async fn without_position(tx: &mut VpdTx, id: Uuid, today: NaiveDate) -> sqlx::Result<Vec<Listed>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Listed,
        r#"select l.row_no, l.dpn, l.body, l.site, l.specialty, l.grade, l.valid_from, l.valid_to, asked.queried_by as "queried_by?",
                  asked.queried_at as "queried_at?"
           from deanery_list_posts l
           left join lateral (select a.queried_by, a.queried_at from deanery_list_posts a
                               where a.vpd = $1 and a.dpn_key = l.dpn_key and a.queried_at is not null
                               order by a.queried_at desc limit 1) asked on true
          where l.vpd = $1 and l.list_id = $2 and coalesce(l.valid_to, $3) >= $3
            and not exists (select 1 from positions p where p.vpd = $1 and p.dpn_key = l.dpn_key and p.deleted_at is null
                               and coalesce(p.effective_to, 'infinity') >= greatest(p.effective_from, $3))
          order by l.row_no"#,
        vpd,
        id,
        today
    )
    .fetch_all(&mut **tx)
    .await
}

/// A position that the list does not agree with.
#[derive(Clone, Debug)]
pub struct Other {
    pub position_id: String,
    pub position_number: String,
    pub name: String,
    pub dpn: Option<String>,
}

/// Active positions with a number of one of the list's bodies that the list does not have.
pub async fn not_on_the_list(tx: &mut VpdTx, id: Uuid, today: NaiveDate) -> sqlx::Result<Vec<Other>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Other,
        "select p.position_id, p.position_number, p.name, p.dpn from positions p
          where p.vpd = $1 and p.dpn_key is not null and p.deleted_at is null and p.effective_from <= $3 and coalesce(p.effective_to, $3) >= $3
            and not exists (select 1 from positions later where later.vpd = p.vpd and later.position_id = p.position_id
                               and later.effective_from > p.effective_from and later.effective_from <= $3)
            and coalesce(p.managing_body, split_part(p.dpn_key, '/', 1)) in
                (select l.body from deanery_list_posts l where l.vpd = $1 and l.list_id = $2)
            and not exists (select 1 from deanery_list_posts l where l.vpd = $1 and l.list_id = $2 and l.dpn_key = p.dpn_key)
          order by p.position_number",
        vpd,
        id,
        today
    )
    .fetch_all(&mut **tx)
    .await
}

/// Active training posts without a number: where the list's numbers may belong.
pub async fn training_without_number(tx: &mut VpdTx, today: NaiveDate) -> sqlx::Result<Vec<Other>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Other,
        "select p.position_id, p.position_number, p.name, p.dpn from positions p
          where p.vpd = $1 and p.dpn_key is null and p.deleted_at is null and p.effective_from <= $2 and coalesce(p.effective_to, $2) >= $2
            and p.job_role in (select code from code_values where list = 'job_role' and training)
            and not exists (select 1 from positions later where later.vpd = p.vpd and later.position_id = p.position_id
                               and later.effective_from > p.effective_from and later.effective_from <= $2)
          order by p.position_number",
        vpd,
        today
    )
    .fetch_all(&mut **tx)
    .await
}

/// Who asked the deanery about each position last, and when.
pub async fn positions_asked(tx: &mut VpdTx) -> sqlx::Result<HashMap<String, (String, DateTime<Utc>)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows =
        sqlx::query!("select position_id, queried_by, queried_at from deanery_position_queries where vpd = $1", vpd);
    let rows = rows.fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (row.position_id, (row.queried_by, row.queried_at))).collect())
}

/// Keeps that the deanery was asked about a position; `false` where it was asked before and is not to be asked again.
pub async fn save_position_query(
    tx: &mut VpdTx,
    position_id: &str,
    by: &str,
    (again, now): (bool, DateTime<Utc>),
) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    let done = sqlx::query!(
        "insert into deanery_position_queries as q (vpd, position_id, queried_by, queried_at) values ($1, $2, $3, $4)
         on conflict (vpd, position_id) do update set queried_by = excluded.queried_by, queried_at = excluded.queried_at where $5",
        vpd,
        position_id,
        by,
        now,
        again
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The managing bodies whose posts a list has.
pub async fn bodies(tx: &mut VpdTx, id: Uuid) -> sqlx::Result<Vec<String>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_scalar!(
        r#"select distinct body as "body!" from deanery_list_posts
            where vpd = $1 and list_id = $2 and body is not null order by 1"#,
        vpd,
        id
    )
    .fetch_all(&mut **tx)
    .await
}

/// Keeps that the deanery was asked about a post; `false` where it was asked before, in any list, and is not to be asked again.
pub async fn save_query(
    tx: &mut VpdTx,
    id: Uuid,
    row_no: i32,
    by: &str,
    (again, now): (bool, DateTime<Utc>),
) -> sqlx::Result<bool> {
    let vpd = tx.vpd().as_str().to_owned();
    let done = sqlx::query!(
        "update deanery_list_posts l set queried_by = $4, queried_at = $5
          where vpd = $1 and list_id = $2 and row_no = $3
            and ($6 or (queried_at is null
                        and not exists (select 1 from deanery_list_posts a
                                         where a.vpd = $1 and a.dpn_key = l.dpn_key and a.queried_at is not null)))",
        vpd,
        id,
        row_no,
        by,
        now,
        again
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}
