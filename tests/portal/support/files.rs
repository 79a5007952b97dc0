use std::path::PathBuf;

use changeover::audit::Actor;
use changeover::file_exchange::{self, FileReport};
use changeover::worker;

use super::running::Portal;

/// Where the sample files lie.
pub fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/doctors-in-training").join(name)
}

/// A file with its frame: header, records, trailer.
pub fn framed(name: &str, sender: &str, records: &[String]) -> String {
    let body: String = records.iter().map(|record| format!("{record}\r\n")).collect();
    format!("HDR~{name}~20260506 180000~{sender}~20260505 180000~20260506 180000~01\r\n{body}TRL~{}\r\n", records.len())
}

impl Portal {
    /// Takes a sample in, as `changeover receive` does.
    pub async fn receive_sample(&self, name: &str) -> FileReport {
        self.receive_path(sample(name)).await
    }

    /// Takes these bytes in under this name.
    pub async fn receive(&self, name: &str, bytes: impl AsRef<[u8]>) -> FileReport {
        let path = self.write(name, bytes);
        self.receive_path(path).await
    }

    /// Writes a file into a folder of the sender's.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let folder = self.data_dir.join("sender");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub async fn receive_path(&self, path: PathBuf) -> FileReport {
        file_exchange::receive(&self.app, &worker::processors(), &path, &Actor::Command).await.unwrap()
    }

    /// Loads the three employers of the samples.
    pub async fn load_employers(&self) {
        for vpd in ["904", "917", "931"] {
            let report = self.receive_sample(&format!("GO_{vpd}_EXP_GOF_20260505_00000001.DAT")).await;
            assert_eq!(report.outcome, "processed", "{report:?}");
        }
    }

    /// One text, asked as the superuser.
    pub async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }
}
