use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

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
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let mut command = program(data_dir);
        let child = command.arg("serve").env("CHANGEOVER_LISTEN", &listen).stdout(Stdio::null()).stderr(log);
        let serving = Self { child: child.spawn().unwrap(), base: format!("http://{listen}") };
        let deadline = Instant::now() + Duration::from_secs(30);
        while tokio::net::TcpStream::connect(&listen).await.is_err() {
            assert!(Instant::now() < deadline, "the portal does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}
