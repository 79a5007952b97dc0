//! A PostgreSQL of our own under the data folder, when `DATABASE_URL` names no other.
//!
//! It listens on a socket in a folder of its own and on no port. Every process that uses it holds a shared lock
//! on `users.lock`; the last one out stops it, and a waiting `flock` does so where the last one was killed.
//! So `receive` or `user add` works beside a running `serve`, and by itself. After `kill -9` of everything the
//! next start replays what was committed. Owns no table.

mod accounts;
mod binaries;
mod cluster;
mod run_as;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use self::cluster::Cluster;

/// Why the private database cannot be had, as a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error(
        "No PostgreSQL 15 or later was found on this machine. Install it with `apt-get install -y postgresql` \
         (as root), name its folder of programs in CHANGEOVER_PG_BIN, or name another database in DATABASE_URL."
    )]
    NoBinaries,
    #[error(
        "The data folder {0} was made by PostgreSQL {1}, which is not on this machine. Install it with \
         `apt-get install -y postgresql-{1}`, or name its folder of programs in CHANGEOVER_PG_BIN."
    )]
    OtherVersion(PathBuf, u32),
    #[error(
        "The folder {0} lets no other user in, and PostgreSQL does not run as root. Put the data folder elsewhere \
         (CHANGEOVER_DATA_DIR=/var/lib/changeover), or run as an ordinary user."
    )]
    Unreachable(PathBuf),
    #[error("Running as root, and neither `postgres` nor `nobody` is a user of this machine; PostgreSQL needs one.")]
    NoServerUser,
    #[error("The folder {0} belongs to another user; run as that user, or set CHANGEOVER_DATA_DIR to another folder.")]
    ForeignFolder(PathBuf),
    #[error("PostgreSQL could not make its data folder: {0}")]
    Initdb(String),
    #[error("PostgreSQL did not start ({0}). Its log is {1}.")]
    DidNotStart(String, PathBuf),
    #[error("The private database could not be prepared: {0}")]
    Accounts(#[from] sqlx::Error),
    #[error("The private database under {0} cannot be used: {1}")]
    Io(PathBuf, io::Error),
}

/// This process's use of the private database; the server stops when its last user has left.
#[derive(Debug)]
pub struct PrivatePostgres {
    cluster: Cluster,
    started_here: bool,
    users: Option<File>,
}

impl PrivatePostgres {
    /// Finds the server of this data folder or starts it, and makes sure that its database and logins are there.
    pub async fn start_or_adopt(data_dir: &Path, pg_bin: Option<&Path>) -> Result<Self, Problem> {
        let (data_dir, pg_bin) = (data_dir.to_owned(), pg_bin.map(Path::to_owned));
        let here = data_dir.join("postgres");
        // Starting waits on locks and on other processes, so it must not hold up the runtime.
        let started = tokio::task::spawn_blocking(move || Self::enter(&data_dir, pg_bin.as_deref())).await;
        let (mut entered, mutex) = started.map_err(|error| Problem::Io(here, io::Error::other(error)))??;
        accounts::ensure(&entered.cluster.url(cluster::SUPERUSER, "postgres")).await?;
        drop(mutex);
        entered.cluster.watch_over();
        Ok(entered)
    }

    /// The address for `migrate`, `demo` and `seed`: this login owns every table.
    pub fn owner_url(&self) -> String {
        self.cluster.url(cluster::SUPERUSER, accounts::DATABASE)
    }

    /// The address for everything else: this login owns nothing.
    pub fn login_url(&self) -> String {
        self.cluster.url(accounts::LOGIN, accounts::DATABASE)
    }

    /// Whether this process started the server, rather than found it running.
    pub fn started_here(&self) -> bool {
        self.started_here
    }

    /// The server's process id.
    pub fn pid(&self) -> i32 {
        self.cluster.pid
    }

    /// Leaves; the last user stops the server and waits until it has ended.
    pub fn leave(mut self) {
        self.go();
    }

    fn enter(data_dir: &Path, pg_bin: Option<&Path>) -> Result<(Self, File), Problem> {
        let problem = |error| Problem::Io(data_dir.to_owned(), error);
        fs::create_dir_all(data_dir.join("postgres")).map_err(problem)?;
        let dir = fs::canonicalize(data_dir.join("postgres")).map_err(problem)?;
        let lock_file = |name: &str| {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(dir.join(name)).map_err(problem)
        };
        // Shared: waits while the last user's server is still stopping, and from here on nobody stops it.
        let users = lock_file("users.lock")?;
        users.lock_shared().map_err(problem)?;
        // Exclusive: two commands that start at once make one server.
        let mutex = lock_file("start.lock")?;
        mutex.lock().map_err(problem)?;
        // The guard may run as another user, who could not make it.
        lock_file("guard.lock")?;
        let (cluster, started_here) = Cluster::start_or_adopt(dir, pg_bin)?;
        Ok((Self { cluster, started_here, users: Some(users) }, mutex))
    }

    fn go(&mut self) {
        let Some(users) = self.users.take() else { return };
        // Asking for the exclusive lock gives up the shared one, so of two that leave at once one stops the server.
        if users.try_lock().is_ok() {
            self.cluster.stop();
        }
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        self.go();
    }
}
