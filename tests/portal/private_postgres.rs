//! The database that Changeover starts for itself where none is named.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use changeover::private_postgres::PrivatePostgres;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

fn data_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    // The server may run as another user, who must get through.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

async fn start(folder: &Path) -> PrivatePostgres {
    PrivatePostgres::start_or_adopt(folder, None).await.unwrap()
}

async fn count(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection).await.unwrap()
}

async fn keep_rows(url: &str, rows: i32) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql("create table if not exists kept (n integer)").execute(&mut connection).await.unwrap();
    for n in 0..rows {
        sqlx::query("insert into kept values ($1)").bind(n).execute(&mut connection).await.unwrap();
    }
}

fn running(pid: i32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_user_stops_the_database() {
    let folder = data_folder();
    let serve = start(folder.path()).await;
    let receive = start(folder.path()).await;
    assert!(serve.started_here() && !receive.started_here());
    assert_eq!(serve.pid(), receive.pid());

    let (pid, url) = (serve.pid(), receive.owner_url());
    serve.leave(); // the one that started it goes first
    keep_rows(&url, 3).await;
    receive.leave();
    assert!(!running(pid));

    let again = start(folder.path()).await;
    assert!(again.started_here());
    assert_eq!(count(&again.owner_url()).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_commands_at_once_make_one_database() {
    let folder = data_folder();
    let (one, other) = tokio::join!(start(folder.path()), start(folder.path()));
    assert_eq!(one.pid(), other.pid());
    assert_ne!(one.started_here(), other.started_here());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_is_there_after_kill_9_of_the_server() {
    let folder = data_folder();
    let first = start(folder.path()).await;
    keep_rows(&first.owner_url(), 200).await;
    kill_process(Pid::from_raw(first.pid()).unwrap(), Signal::KILL).unwrap();
    drop(first);

    let second = start(folder.path()).await;
    assert_eq!(count(&second.owner_url()).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_left_half_made_is_made_again() {
    let folder = data_folder();
    let half = folder.path().join("postgres/pg/base");
    fs::create_dir_all(&half).unwrap();
    fs::write(folder.path().join("postgres/pg/PG_VERSION"), "15\n").unwrap();
    fs::write(folder.path().join("postgres/initdb.unfinished"), "").unwrap();
    keep_rows(&start(folder.path()).await.owner_url(), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_of_serve_owns_nothing_and_takes_either_role() {
    let folder = data_folder();
    let database = start(folder.path()).await;
    let mut login = PgConnection::connect(&database.login_url()).await.unwrap();
    for role in ["set role changeover_app", "set role changeover_system", "reset role"] {
        sqlx::raw_sql(role).execute(&mut login).await.unwrap();
    }
    let refused = sqlx::raw_sql("create table mine (n integer)").execute(&mut login).await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
    let superuser: bool = sqlx::query_scalar("select rolsuper from pg_roles where rolname = session_user")
        .fetch_one(&mut login)
        .await
        .unwrap();
    assert!(!superuser);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_deep_down_gets_a_socket_with_a_short_name() {
    let folder = data_folder();
    let deep = folder.path().join("a-folder-with-quite-a-long-name/".repeat(5));
    let database = start(&deep).await;
    keep_rows(&database.owner_url(), 1).await;
    database.leave();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_only_root_may_enter_works_or_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    match PrivatePostgres::start_or_adopt(&folder.path().join("var"), None).await {
        Ok(database) => keep_rows(&database.owner_url(), 1).await,
        // Where user namespaces are forbidden
        Err(problem) => {
            let folder = folder.path().to_string_lossy().into_owned();
            assert!(problem.to_string().contains(&folder) && problem.to_string().contains("CHANGEOVER_DATA_DIR"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_postgresql_it_names_the_one_command() {
    let (folder, empty) = (data_folder(), data_folder());
    let problem = PrivatePostgres::start_or_adopt(folder.path(), Some(empty.path())).await.unwrap_err();
    assert!(problem.to_string().contains("`apt-get install -y postgresql`"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_takes_less_than_ten_seconds_after_an_immediate_stop() {
    let folder = data_folder();
    let first = start(folder.path()).await;
    kill_process(Pid::from_raw(first.pid()).unwrap(), Signal::QUIT).unwrap(); // what `pg_ctl -m immediate` sends
    drop(first);
    let begun = Instant::now();
    drop(start(folder.path()).await);
    assert!(begun.elapsed() < Duration::from_secs(10));
}
