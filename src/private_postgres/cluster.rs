use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Problem;
use super::binaries;
use super::run_as::RunAs;

/// The login that `initdb` makes: superuser of this cluster, reached through the socket's folder alone.
pub const SUPERUSER: &str = "changeover_owner_login";
/// Only names the socket file: there is no port.
const PORT: u16 = 5432;
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server and where it lives.
#[derive(Debug)]
pub struct Cluster {
    pub pid: i32,
    dir: PathBuf,
    bin: PathBuf,
    run_as: RunAs,
    socket_dir: PathBuf,
    child: Option<Child>,
}

impl Cluster {
    /// The caller holds the start lock of `dir`.
    pub fn start_or_adopt(dir: PathBuf, named_bin: Option<&Path>) -> Result<(Self, bool), Problem> {
        let bin = binaries::find(named_bin, &dir.join("pg"))?;
        let run_as = RunAs::choose(&dir)?;
        let mut cluster = Self { pid: 0, socket_dir: socket_dir(&dir), dir, bin, run_as, child: None };
        run_as.own_folder(&cluster.pgdata())?;
        run_as.own_folder(&cluster.socket_dir)?;
        cluster.make()?;
        let started = !cluster.adopt();
        if started {
            cluster.start()?;
        }
        Ok((cluster, started))
    }

    /// The address of a database of this cluster, as sqlx takes it.
    pub fn url(&self, login: &str, database: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("host", &self.socket_dir.to_string_lossy())
            .finish();
        format!("postgres://{login}@localhost:{PORT}/{database}?{query}")
    }

    /// Leaves a `flock` behind that stops the server once no user is left: what `kill -9` of the last one needs.
    ///
    /// It waits on `users.lock`, which the kernel frees with its holder. One is enough, so a second gives up.
    pub fn watch_over(&mut self) {
        let mut guard = self.run_as.command(Path::new("flock"));
        guard.args(["--wait", "2"]).arg(self.dir.join("guard.lock"));
        guard.arg("flock").arg(self.dir.join("users.lock"));
        guard.arg(self.bin.join("pg_ctl")).args(["stop", "--silent", "--mode=fast", "--pgdata"]).arg(self.pgdata());
        if let Err(error) = guard.spawn() {
            tracing::warn!(%error, "no flock: if this program is killed, its database runs on until the next start");
        }
    }

    /// A "fast" shutdown: sessions are rolled back and a checkpoint is written.
    pub fn stop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.pid).filter(|_| is_postgres(self.pid)) {
            let _ended_already = kill_process(pid, Signal::INT);
        }
        match self.child.take() {
            Some(mut child) => {
                let _status = child.wait();
            }
            None => {
                let deadline = Instant::now() + PATIENCE;
                while is_postgres(self.pid) && Instant::now() < deadline {
                    std::thread::sleep(Duration::from_millis(25));
                }
            }
        }
    }

    fn pgdata(&self) -> PathBuf {
        self.dir.join("pg")
    }

    fn socket(&self) -> PathBuf {
        self.socket_dir.join(format!(".s.PGSQL.{PORT}"))
    }

    fn io(&self, error: io::Error) -> Problem {
        Problem::Io(self.dir.clone(), error)
    }

    /// Makes the cluster if there is none. One that was left half-made is made again.
    fn make(&self) -> Result<(), Problem> {
        let (pgdata, unfinished) = (self.pgdata(), self.dir.join("initdb.unfinished"));
        if pgdata.join("PG_VERSION").exists() && !unfinished.exists() {
            return Ok(());
        }
        for entry in fs::read_dir(&pgdata).map_err(|error| self.io(error))? {
            let path = entry.map_err(|error| self.io(error))?.path();
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.map_err(|error| self.io(error))?;
        }
        File::create(&unfinished).and_then(|file| file.sync_all()).map_err(|error| self.io(error))?;
        let mut initdb = self.run_as.command(&self.bin.join("initdb"));
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth-local=trust"]);
        initdb.args(["--auth-host=reject", "--username", SUPERUSER, "--pgdata"]).arg(&pgdata);
        let made = initdb.stderr(std::process::Stdio::piped()).output().map_err(|error| self.io(error))?;
        if !made.status.success() {
            return Err(Problem::Initdb(String::from_utf8_lossy(&made.stderr).trim().to_owned()));
        }
        fs::remove_file(unfinished).map_err(|error| self.io(error))
    }

    /// Takes over a server that outlived the program that started it, or serves another one now.
    fn adopt(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while let Some(pid) = postmaster_pid(&self.pgdata()) {
            if ready(&self.socket()) {
                self.pid = pid;
                return true;
            }
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(50)); // starting, recovering or stopping
        }
        false
    }

    fn start(&mut self) -> Result<(), Problem> {
        let log_path = self.dir.join("server.log");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = OpenOptions::new().create(true).append(true).open(&log_path).map_err(|error| self.io(error))?;
            let errors = log.try_clone().map_err(|error| self.io(error))?;
            let mut postgres = self.run_as.command(&self.bin.join("postgres"));
            postgres.arg("-D").arg(self.pgdata()).arg("-k").arg(&self.socket_dir);
            postgres.args([OsStr::new("-h"), OsStr::new("")]).args(["-p", &PORT.to_string()]);
            postgres.args(["-c", "unix_socket_permissions=0700", "-c", "max_connections=200"]);
            postgres.args(["-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB"]);
            let mut child = postgres.stdout(log).stderr(errors).spawn().map_err(|error| self.io(error))?;
            let ended = loop {
                if let Some(status) = child.try_wait().map_err(|error| self.io(error))? {
                    break status;
                }
                if ready(&self.socket()) {
                    self.pid = i32::try_from(child.id()).unwrap_or_default();
                    self.child = Some(child);
                    return Ok(());
                }
                if Instant::now() > deadline {
                    let _stopped = child.kill();
                    return Err(Problem::DidNotStart("not ready in 60 seconds".to_owned(), log_path));
                }
                std::thread::sleep(Duration::from_millis(20));
            };
            // Backends of a killed server hold its shared memory for a moment: try again.
            if Instant::now() > deadline || !stale_lock_file(&self.pgdata()) {
                return Err(Problem::DidNotStart(ended.to_string(), log_path));
            }
            std::thread::sleep(Duration::from_millis(250));
        }
    }
}

/// A socket's path has at most 107 bytes, so a deep data folder gets a short name elsewhere.
fn socket_dir(dir: &Path) -> PathBuf {
    let inside = dir.join("run");
    if inside.as_os_str().len() <= 85 {
        return inside;
    }
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    let hash = dir.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    std::env::temp_dir().join(format!("changeover-{hash:016x}"))
}

/// The process that `postmaster.pid` names, if it is alive: a zombie has no command line, another program another one.
fn postmaster_pid(pgdata: &Path) -> Option<i32> {
    let text = fs::read_to_string(pgdata.join("postmaster.pid")).ok()?;
    let pid = text.lines().next()?.trim().parse().ok()?;
    is_postgres(pid).then_some(pid)
}

fn is_postgres(pid: i32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains("postgres"))
}

fn stale_lock_file(pgdata: &Path) -> bool {
    pgdata.join("postmaster.pid").exists()
}

/// Asks by the protocol itself: a startup packet is answered with `R` when sessions are accepted, `E` while not yet.
fn ready(socket: &Path) -> bool {
    let answer = || -> io::Result<u8> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let mut body = 196_608_u32.to_be_bytes().to_vec(); // protocol 3.0
        body.extend_from_slice(format!("user\0{SUPERUSER}\0database\0postgres\0\0").as_bytes());
        let length = u32::try_from(body.len() + 4).unwrap_or_default();
        stream.write_all(&[&length.to_be_bytes()[..], &body].concat())?;
        let mut first = [0];
        stream.read_exact(&mut first)?;
        stream.write_all(&[b'X', 0, 0, 0, 4])?; // says goodbye, so that the log stays clean
        Ok(first[0])
    };
    answer().is_ok_and(|first| first == b'R')
}
