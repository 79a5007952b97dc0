//! A database of the bench's own, and the portal on it as it is in production: through a login that owns nothing.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use changeover::app::App;
use changeover::config::{Config, PasswordCost};
use changeover::schema;
use changeover::tenancy::{Database, PoolSize};
use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool};

const LOGIN: &str = "changeover_bench_login";

/// One measured portal.
pub struct Ground {
    pub app: App,
    pub owner: PgPool,
    pub folder: PathBuf,
    listener: Option<TcpListener>,
}

impl Ground {
    /// Makes the database anew on the server that `DATABASE_URL` names.
    pub async fn prepare(name: &str) -> Result<Self> {
        let server: PgConnectOptions = std::env::var("DATABASE_URL")?.parse()?;
        let mut connection = server.connect().await?;
        sqlx::query(AssertSqlSafe(format!("drop database if exists {name} with (force)")))
            .execute(&mut connection)
            .await?;
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await?;
        sqlx::raw_sql(AssertSqlSafe(format!(
            "do $$ begin create role {LOGIN} login; exception when duplicate_object then null; end $$"
        )))
        .execute(&mut connection)
        .await?;
        let options = server.clone().database(name);
        schema::migrate(&options, &[LOGIN.to_owned()]).await?;
        let owner = PgPoolOptions::new().max_connections(4).connect_with(options.clone()).await?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base = format!("http://{}", listener.local_addr()?);
        let folder = std::env::temp_dir().join(format!("changeover-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let settings = BTreeMap::from([
            ("CHANGEOVER_DATA_DIR".to_owned(), folder.display().to_string()),
            ("CHANGEOVER_BASE_URL".to_owned(), base.clone()),
            ("CHANGEOVER_TODAY".to_owned(), "2026-05-06".to_owned()),
        ]);
        let mut config = Config::from_settings(&settings)?;
        config.passwords = PasswordCost { memory_kib: 8, passes: 1 };
        let size = PoolSize { connections: 12, statement_timeout_ms: 900_000 };
        let db = Database::connect(options.username(LOGIN), size).await?;
        let app = App::new(db, config, SecretString::from("a key for benches alone, of forty-eight letters."), None);
        Ok(Self { app, owner, folder, listener: Some(listener) })
    }

    /// The portal's own listening socket; to be had once.
    pub fn listener(&mut self) -> TcpListener {
        self.listener.take().expect("the portal is started once")
    }

    pub async fn sql(&self, text: String) -> Result<()> {
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&self.owner).await?;
        Ok(())
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// How long a piece of work takes.
pub async fn timed<T>(work: impl Future<Output = Result<T>>) -> Result<(T, Duration)> {
    let started = Instant::now();
    let result = work.await?;
    Ok((result, started.elapsed()))
}

/// Watches this process's resident memory while something runs; gives its greatest growth in MiB.
pub async fn growth<T>(work: impl Future<Output = Result<T>>) -> Result<(T, f64)> {
    let before = resident_mib();
    let peak = std::sync::Arc::new(std::sync::Mutex::new(before));
    let watcher = tokio::spawn({
        let peak = peak.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let now = resident_mib();
                if let Ok(mut peak) = peak.lock() {
                    *peak = peak.max(now);
                }
            }
        }
    });
    let result = work.await;
    watcher.abort();
    let greatest = *peak.lock().map_err(|_| anyhow::anyhow!("the watcher stopped"))?;
    Ok((result?, greatest - before))
}

/// This process's resident memory.
pub fn resident_mib() -> f64 {
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
