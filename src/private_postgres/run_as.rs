use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Problem;

/// As whom the server runs. PostgreSQL refuses root, so root lends it another user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunAs {
    Ourselves,
    User {
        uid: u32,
        gid: u32,
    },
    /// Root, seen as `nobody` in a user namespace: for a data folder under `/root`, where no other user gets in.
    Namespace,
}

impl RunAs {
    /// Chooses by who we are and by whether another user can get to the cluster's folder.
    pub fn choose(dir: &Path) -> Result<Self, Problem> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        let (uid, gid) = server_user()?;
        let Some(closed) = dir.ancestors().find(|folder| !enterable(folder, uid, gid)) else {
            return Ok(Self::User { uid, gid });
        };
        let probe = Self::Namespace.command(Path::new("true")).status();
        if probe.is_ok_and(|status| status.success()) {
            return Ok(Self::Namespace);
        }
        Err(Problem::Unreachable(closed.to_owned()))
    }

    /// A command that runs as the server's user, without our terminal and our locale.
    #[expect(clippy::disallowed_methods, reason = "the private database is a process")]
    pub fn command(self, program: &Path) -> Command {
        let mut command = match self {
            Self::Namespace => {
                let mut unshare = Command::new("unshare");
                unshare.args(["--user", "--map-user=65534", "--map-group=65534", "--"]).arg(program);
                unshare
            }
            Self::Ourselves | Self::User { .. } => Command::new(program),
        };
        if let Self::User { uid, gid } = self {
            command.gid(gid).uid(uid); // std clears the other groups too
        }
        // Builds from npm and wheels carry their libraries beside their programs.
        let libraries = program.parent().and_then(Path::parent).map(|folder| folder.join("lib"));
        if let Some(libraries) = libraries.filter(|folder| folder.is_dir() && !program.starts_with("/usr")) {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        // A process group of its own: Ctrl-C in the terminal goes to Changeover, which stops the server when it is done.
        command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").current_dir("/").process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Makes a folder that only the server's user enters; refuses one that somebody else has put there.
    pub fn own_folder(self, folder: &Path) -> Result<(), Problem> {
        let problem = |error| Problem::Io(folder.to_owned(), error);
        let us = rustix::process::geteuid().as_raw();
        let owner = if let Self::User { uid, .. } = self { uid } else { us };
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(problem(error)),
            _ => {}
        }
        let found = fs::symlink_metadata(folder).map_err(problem)?;
        if !found.is_dir() || (found.uid() != owner && found.uid() != us) {
            return Err(Problem::ForeignFolder(folder.to_owned()));
        }
        if let Self::User { uid, gid } = self {
            chown(folder, Some(uid), Some(gid)).map_err(problem)?;
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(problem)
    }
}

fn server_user() -> Result<(u32, u32), Problem> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).ok_or(Problem::NoServerUser)
}

fn enterable(folder: &Path, uid: u32, gid: u32) -> bool {
    let Ok(found) = fs::metadata(folder) else { return false };
    let bit = if found.uid() == uid {
        0o100
    } else if found.gid() == gid {
        0o010
    } else {
        0o001
    };
    found.mode() & bit != 0
}
