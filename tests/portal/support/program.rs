use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sqlx::ConnectOptions;

use super::running::{KEY, LOGIN, Portal};

/// The built program with a private database, as an operator runs it; nothing of our own environment reaches it.
#[expect(clippy::disallowed_methods, reason = "the commands are tested as commands")]
pub fn program(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_changeover"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CHANGEOVER_") || name == "DATABASE_URL") {
        command.env_remove(name);
    }
    command.env("CHANGEOVER_DATA_DIR", data_dir).env("RUST_LOG", "info").stdin(Stdio::null());
    command
}

impl Portal {
    /// The built program on this portal's own database, with the login that owns nothing, its key and its folder.
    pub fn program(&self) -> Command {
        let login = self.owner.connect_options().as_ref().clone().username(LOGIN);
        let mut command = program(&self.data_dir);
        command.env("DATABASE_URL", login.to_url_lossy().as_str()).env("CHANGEOVER_TODAY", "2026-05-06");
        command.env("CHANGEOVER_SECRET_KEY", KEY);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// The same command in a process that gets so many kilobytes of addresses and no more.
#[expect(clippy::disallowed_methods, reason = "a limit of memory is a process's")]
pub fn within(kilobytes: u32, command: &Command) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit -v {kilobytes}; exec \"$0\" \"$@\"")]).arg(command.get_program());
    limited.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    // One heap: a reserve for each thread would be more addresses than everything that is in them.
    limited.env("MALLOC_ARENA_MAX", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    limited
}

/// A process of the program; killed with the test.
pub struct Running(pub Child);

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// `changeover serve --no-worker` on a free port, and where it is.
    pub async fn serve_pages(mut command: Command) -> (Self, String) {
        let (listen, base) = free_address();
        let running = Self::start(command.args(["serve", "--no-worker"]).env("CHANGEOVER_LISTEN", &listen));
        until_listening(&listen).await;
        (running, base)
    }

    /// `kill -9`, if it has not ended by itself.
    pub fn kill(mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}

fn free_address() -> (String, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let base = format!("http://{listen}");
    (listen, base)
}

async fn until_listening(listen: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while tokio::net::TcpStream::connect(listen).await.is_err() {
        assert!(Instant::now() < deadline, "the portal does not listen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Runs a command to its end.
pub fn run(data_dir: &Path, arguments: &[&str]) -> Output {
    program(data_dir).args(arguments).output().unwrap()
}

/// What a successful command wrote.
#[track_caller]
pub fn succeed(data_dir: &Path, arguments: &[&str]) -> String {
    let output = run(data_dir, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?} gave {:?}: {errors}", output.status.code());
    String::from_utf8(output.stdout).unwrap()
}

/// `changeover serve` on a free port; killed with the test.
pub struct Serving {
    pub child: Child,
    pub base: String,
}

impl Serving {
    pub async fn start(data_dir: &Path) -> Self {
        Self::start_logging_to(data_dir, Stdio::null()).await
    }

    /// The same, and the file that its log goes to.
    pub async fn start_logged(data_dir: &Path) -> (Self, PathBuf) {
        let log = data_dir.join("serve.log");
        let file = std::fs::File::create(&log).unwrap();
        (Self::start_logging_to(data_dir, file.into()).await, log)
    }

    async fn start_logging_to(data_dir: &Path, log: Stdio) -> Self {
        let (listen, base) = free_address();
        let mut command = program(data_dir);
        let child = command.arg("serve").env("CHANGEOVER_LISTEN", &listen).stdout(Stdio::null()).stderr(log);
        let serving = Self { child: child.spawn().unwrap(), base };
        until_listening(&listen).await;
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}
