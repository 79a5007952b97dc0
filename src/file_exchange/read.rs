//! The SQL for the pages about files: what is listed, one file, its records.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::tenancy::Vpd;

/// Whose files a caller sees: every one, or those of some interfaces that concern one employer.
#[derive(Clone, Debug)]
pub enum Scope {
    All,
    Of { vpd: Vpd, interfaces: Vec<&'static str> },
}

/// Which files a list shows; empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct FileFilter {
    pub direction: Option<&'static str>,
    pub interface: Option<String>,
    pub states: Vec<String>,
    pub sender: Option<String>,
    pub name: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub with_failures: bool,
    pub offset: i64,
    pub limit: i64,
}

/// A file in a list; its counts are those of the caller's employer.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedFile {
    pub file_id: Uuid,
    pub file_name: String,
    pub direction: String,
    pub interface: String,
    pub sender: Option<String>,
    pub state: String,
    pub code: Option<String>,
    pub received_at: DateTime<Utc>,
    pub records: i32,
    pub fail: i32,
    pub held: i32,
    pub warned: i32,
}

/// The files that match, newest first, and how many there are.
pub async fn list(
    connection: &mut PgConnection,
    scope: &Scope,
    filter: &FileFilter,
) -> sqlx::Result<(Vec<ListedFile>, i64)> {
    let mut count: QueryBuilder<Postgres> = QueryBuilder::new("select count(*)");
    narrow(&mut count, scope, filter);
    let total: i64 = count.build_query_scalar().fetch_one(&mut *connection).await?;
    let counts = match scope {
        Scope::All => "f.records, f.fail, f.held, f.warned",
        Scope::Of { .. } => "v.records, v.fail, v.held, v.warned",
    };
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "select f.file_id, f.file_name, f.direction, f.interface, f.sender, f.state, f.code, f.received_at, ",
    );
    query.push(counts);
    narrow(&mut query, scope, filter);
    query.push(" order by f.received_at desc, f.file_id desc offset ").push_bind(filter.offset);
    query.push(" limit ").push_bind(filter.limit);
    Ok((query.build_query_as().fetch_all(&mut *connection).await?, total))
}

fn narrow(query: &mut QueryBuilder<Postgres>, scope: &Scope, filter: &FileFilter) {
    query.push(" from interface_files f");
    match scope {
        Scope::All => {
            query.push(" where f.state <> 'receiving'");
        }
        Scope::Of { vpd, interfaces } => {
            query.push(" join file_vpds v on v.file_id = f.file_id and v.vpd = ").push_bind(vpd.as_str().to_owned());
            query.push(" where f.interface = any(").push_bind(interfaces.clone()).push(")");
        }
    }
    if let Some(direction) = filter.direction {
        query.push(" and f.direction = ").push_bind(direction);
    }
    if let Some(interface) = &filter.interface {
        query.push(" and f.interface = ").push_bind(interface.clone());
    }
    if !filter.states.is_empty() {
        query.push(" and f.state = any(").push_bind(filter.states.clone()).push(")");
    }
    if let Some(sender) = &filter.sender {
        query.push(" and f.sender = ").push_bind(sender.clone());
    }
    if let Some(name) = &filter.name {
        let like = format!("%{}%", name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        query.push(" and f.file_name ilike ").push_bind(like);
    }
    // Days are London's.
    if let Some(from) = filter.from {
        query.push(" and f.received_at >= (").push_bind(from).push("::timestamp at time zone 'Europe/London')");
    }
    if let Some(to) = filter.to {
        query.push(" and f.received_at < ((").push_bind(to).push(" + 1)::timestamp at time zone 'Europe/London')");
    }
    if filter.with_failures {
        let column = if matches!(scope, Scope::All) { " and f.fail > 0" } else { " and v.fail > 0" };
        query.push(column);
    }
}

/// How many files wait for a decision, as far as the caller sees them.
pub async fn waiting_for_decision(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from interface_files f
            where f.state = 'held_for_order' or (f.state = 'held' and f.interface = 'notifications')
               or exists (select 1 from held_posts h where h.file_id = f.file_id and h.state = 'held')"#
    )
    .fetch_one(&mut *connection)
    .await
}

/// Everything that the register says of a file.
#[derive(Clone, Debug)]
pub struct FileRow {
    pub file_id: Uuid,
    pub file_name: String,
    pub direction: String,
    pub interface: String,
    pub file_type: Option<String>,
    pub sender: Option<String>,
    pub sequence: Option<i64>,
    pub sha256: Vec<u8>,
    pub size_bytes: i64,
    pub header: Option<Value>,
    pub trailer_count: Option<i64>,
    pub state: String,
    pub code: Option<String>,
    pub reason: Option<String>,
    pub warnings: Value,
    pub source: String,
    pub received_by: String,
    pub received_at: DateTime<Utc>,
    pub records: i32,
    pub success: i32,
    pub unchanged: i32,
    pub fail: i32,
    pub held: i32,
    pub warned: i32,
    pub answers: Option<Uuid>,
}

/// One file; of another employer's files row-level security shows none.
pub async fn find(connection: &mut PgConnection, file_id: Uuid) -> sqlx::Result<Option<FileRow>> {
    sqlx::query_as!(
        FileRow,
        "select file_id, file_name, direction, interface, file_type, sender, sequence, sha256, size_bytes, header, trailer_count, state, code,
                reason, warnings, source, received_by, received_at, records, success, unchanged, fail, held, warned, answers
           from interface_files where file_id = $1",
        file_id
    )
    .fetch_optional(&mut *connection)
    .await
}

/// A step in a file's life.
#[derive(Clone, Debug)]
pub struct FileEvent {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub state: String,
    pub note: Option<String>,
}

/// The steps of a file, newest first.
pub async fn events(connection: &mut PgConnection, file_id: Uuid) -> sqlx::Result<Vec<FileEvent>> {
    sqlx::query_as!(
        FileEvent,
        "select at, actor, state, note from file_events where file_id = $1 order by at desc, event_id desc limit 200",
        file_id
    )
    .fetch_all(&mut *connection)
    .await
}

/// One employer's part of a file.
#[derive(Clone, Debug)]
pub struct Part {
    pub vpd: String,
    pub name: String,
    pub records: i32,
    pub success: i32,
    pub unchanged: i32,
    pub fail: i32,
    pub held: i32,
    pub detail: Value,
}

/// The employers that a file concerns: all for operators, its own for an employer.
pub async fn parts(connection: &mut PgConnection, file_id: Uuid) -> sqlx::Result<Vec<Part>> {
    sqlx::query_as!(
        Part,
        "select f.vpd, v.name, f.records, f.success, f.unchanged, f.fail, f.held, f.detail
           from file_vpds f join vpds v on v.vpd = f.vpd where f.file_id = $1 order by f.vpd",
        file_id
    )
    .fetch_all(&mut *connection)
    .await
}

/// The employers of whose people a file that we sent speaks, each with how many of its rows are about it.
pub async fn concerned(connection: &mut PgConnection, file: &FileRow) -> sqlx::Result<Vec<(Vpd, i64)>> {
    let rows = sqlx::query!(
        r#"select vpd as "vpd!: Vpd", sum(n)::bigint as "rows!" from (
             select r.vpd, count(*) as n from file_replies r
              where r.file_id = $2 and r.round = coalesce(($3::jsonb->>'round')::integer, 0) group by r.vpd
             union all
             select v.vpd, v.records from file_vpds v where v.file_id = $1) concerned
            group by vpd order by vpd"#,
        file.file_id,
        file.answers,
        file.header
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.vpd, row.rows)).collect())
}

/// A post of a file that waits, or waited, for an operator.
#[derive(Clone, Debug)]
pub struct HeldPost {
    pub held_post_id: Uuid,
    pub file_id: Uuid,
    pub dpn_key: String,
    pub records: i32,
    pub state: String,
    pub reason: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// The posts of a file that were held.
pub async fn held_posts(connection: &mut PgConnection, file_id: Uuid) -> sqlx::Result<Vec<HeldPost>> {
    sqlx::query_as!(
        HeldPost,
        "select held_post_id, file_id, dpn_key, records, state, reason, decided_by, decided_at
           from held_posts where file_id = $1 order by dpn_key",
        file_id
    )
    .fetch_all(&mut *connection)
    .await
}

/// One held post.
pub async fn held_post(connection: &mut PgConnection, held_post_id: Uuid) -> sqlx::Result<Option<HeldPost>> {
    sqlx::query_as!(
        HeldPost,
        "select held_post_id, file_id, dpn_key, records, state, reason, decided_by, decided_at from held_posts where held_post_id = $1",
        held_post_id
    )
    .fetch_optional(&mut *connection)
    .await
}

/// A file that answers another.
#[derive(Clone, Debug)]
pub struct Reply {
    pub file_id: Uuid,
    pub file_name: String,
    pub records: i32,
    pub state: String,
}

/// The files that answer this one, in the order of their numbers.
pub async fn replies(connection: &mut PgConnection, file_id: Uuid) -> sqlx::Result<Vec<Reply>> {
    sqlx::query_as!(
        Reply,
        "select file_id, file_name, records, state from interface_files where answers = $1 order by sequence",
        file_id
    )
    .fetch_all(&mut *connection)
    .await
}

/// The files that wait for an operator's decision: out of order, or with posts that are held.
pub async fn list_waiting(connection: &mut PgConnection) -> sqlx::Result<(Vec<ListedFile>, i64)> {
    let files = sqlx::query_as!(
        ListedFile,
        "select f.file_id, f.file_name, f.direction, f.interface, f.sender, f.state, f.code, f.received_at, f.records, f.fail, f.held, f.warned
           from interface_files f
          where f.state = 'held_for_order' or (f.state = 'held' and f.interface = 'notifications')
             or exists (select 1 from held_posts h where h.file_id = f.file_id and h.state = 'held')
          order by f.received_at limit 500"
    )
    .fetch_all(&mut *connection)
    .await?;
    let total = i64::try_from(files.len()).unwrap_or(i64::MAX);
    Ok((files, total))
}
