use std::fs;
use std::path::{Path, PathBuf};

use super::Problem;

/// The oldest PostgreSQL that the migrations run on.
const OLDEST: u32 = 15;

/// Finds the folder with `initdb`, `pg_ctl` and `postgres`: the one named, Debian's newest, or one on the path.
/// A cluster that exists already fixes the version.
pub fn find(named: Option<&Path>, pgdata: &Path) -> Result<PathBuf, Problem> {
    if let Some(named) = named {
        return complete(named).then(|| named.to_owned()).ok_or(Problem::NoBinaries);
    }
    let made_by = fs::read_to_string(pgdata.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(version, folder)| *version >= OLDEST && complete(folder))
        .collect();
    debian.sort();
    if let Some(version) = made_by {
        let same = debian.iter().find(|(candidate, _)| *candidate == version).map(|(_, folder)| folder.clone());
        return same.or_else(on_path).ok_or_else(|| Problem::OtherVersion(pgdata.to_owned(), version));
    }
    debian.pop().map(|(_, folder)| folder).or_else(on_path).ok_or(Problem::NoBinaries)
}

fn on_path() -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| complete(folder))
}

fn complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}
