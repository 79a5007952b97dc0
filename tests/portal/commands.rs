//! The commands as an operator types them, on a private database.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::Visitor;
use crate::support::program::{Serving, program, run, succeed};

fn data_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// The processes that have this folder in their command line: the private database and its guard.
fn processes_of(folder: &Path) -> Vec<i32> {
    let name = folder.to_str().unwrap();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(name))
    })
    .collect()
}

async fn wait_until_none(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !processes_of(folder).is_empty() {
        assert!(Instant::now() < deadline, "the database runs on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_beside_serve_and_without_it() {
    let folder = data_folder();
    assert!(succeed(folder.path(), &["migrate"]).contains("is at version"));
    wait_until_none(folder.path()).await;

    let link = succeed(folder.path(), &["user", "add", "Op.One", "--name", "Op One", "--email", "op@nhs.example"]);
    assert!(link.contains("/password/"), "{link}");
    let serving = Serving::start(folder.path()).await;
    succeed(folder.path(), &["user", "grant", "op.one", "--urp", "SYS_ADMIN"]);
    assert_eq!(Visitor::new(&serving.base).get("/readyz").await.status, 200, "serve keeps its database");
    let users = succeed(folder.path(), &["user", "list", "--json"]);
    let user: serde_json::Value = serde_json::from_str(users.trim()).unwrap();
    assert_eq!(user["username"], "op.one");
    assert_eq!(user["rights"][0]["right"], "sys_admin");
    assert!(succeed(folder.path(), &["audit", "verify"]).contains("is intact"));

    kill_process(Pid::from_raw(serving.child.id().try_into().unwrap()).unwrap(), Signal::INT).unwrap();
    wait_until_none(folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_ends_when_its_last_user_is_killed_and_is_found_again() {
    let folder = data_folder();
    succeed(folder.path(), &["migrate"]);
    let serving = Serving::start(folder.path()).await;
    succeed(folder.path(), &["user", "add", "kept", "--name", "Kept", "--email", "kept@nhs.example"]);
    drop(serving); // kill -9 of the program alone
    wait_until_none(folder.path()).await;

    let serving = Serving::start(folder.path()).await;
    for pid in processes_of(folder.path()) {
        // kill -9 of everything: the database, its guard and the program
        let _ended_already = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
    }
    drop(serving);
    assert!(succeed(folder.path(), &["user", "list"]).contains("kept@nhs.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_user_can_run_it_too() {
    if !rustix::process::geteuid().is_root() {
        return; // then every other test here is that ordinary user
    }
    let folder = data_folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    // A user of this machine, and a copy of the program where that user can read it.
    let copy = folder.path().join("changeover");
    fs::copy(env!("CARGO_BIN_EXE_changeover"), &copy).unwrap();
    let data = folder.path().join("var");
    #[expect(clippy::disallowed_methods, reason = "the commands are tested as commands")]
    let output = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(&copy)
        .arg("migrate")
        .env_remove("DATABASE_URL")
        .env("CHANGEOVER_DATA_DIR", &data)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_statuses_say_what_went_wrong() {
    let folder = data_folder();
    let status = |arguments: &[&str]| run(folder.path(), arguments).status.code();
    assert_eq!(status(&["nonsense"]), Some(2));
    assert_eq!(status(&["user", "grant", "sam", "--role", "Nonsense", "--vpd", "904"]), Some(1), "no tables yet");
    succeed(folder.path(), &["migrate"]);
    assert_eq!(status(&["user", "grant", "sam", "--role", "Nonsense", "--vpd", "904"]), Some(2));
    assert_eq!(status(&["user", "grant", "sam", "--role", "Medical Staffing Officer", "--vpd", "904"]), Some(1));

    let mut nowhere = program(folder.path());
    let output =
        nowhere.args(["user", "list"]).env("DATABASE_URL", "postgres://nobody:swordfish@127.0.0.1:1/x").output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(69));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("swordfish"));
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_says_what_to_do_with_a_database_of_another_release() {
    let folder = data_folder();
    let refused = run(folder.path(), &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("Run `changeover migrate`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_loads_once_and_keeps_to_its_own_database() {
    let folder = data_folder();
    succeed(folder.path(), &["migrate"]);
    let table = succeed(folder.path(), &["demo"]);
    assert!(table.contains("mso.941") && table.contains("first wednesday of august"), "{table}");
    assert_eq!(succeed(folder.path(), &["demo"]), table, "again changes nothing");
    let day = succeed(folder.path(), &["daily", "--date", "2026-05-06", "--json"]);
    assert!(day.contains("\"date\":\"2026-05-06\""), "{day}");
    let refused = run(folder.path(), &["seed", "--size", "small"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("did not make"));
}

#[tokio::test(flavor = "multi_thread")]
async fn seed_fills_an_empty_database_once() {
    let folder = data_folder();
    succeed(folder.path(), &["migrate"]);
    let seeded = succeed(folder.path(), &["seed", "--size", "small", "--json"]);
    let line: serde_json::Value = serde_json::from_str(seeded.trim()).unwrap();
    assert_eq!((line["staff"].as_u64(), line["doctors"].as_u64()), (Some(500), Some(25)));
    assert_eq!(succeed(folder.path(), &["seed", "--size", "small", "--json"]), seeded);
    assert_eq!(run(folder.path(), &["seed", "--size", "trust"]).status.code(), Some(1));
    assert_eq!(run(folder.path(), &["seed", "--size", "enormous"]).status.code(), Some(2));
}
