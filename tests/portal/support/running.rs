use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;

use actix_web::dev::ServerHandle;
use changeover::access::Passwords;
use changeover::app::{App, rehearsal_date};
use changeover::config::{Config, PasswordCost};
use changeover::jobs::{self, Lane, Registry};
use changeover::tenancy::{Database, PoolSize, VpdTx};
use changeover::{server, worker};
use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgPool};
use tempfile::TempDir;

/// The login that the portal under test has: member of the two roles, owner of nothing.
pub(super) const LOGIN: &str = "changeover_test_login";

/// The key of an installation under test.
pub(super) const KEY: &str = "a key for tests that nobody else has, 48 letters";

/// A portal of the test's own.
pub struct Portal {
    pub app: App,
    pub base: String,
    /// The database as its superuser sees it: for asking what is really there.
    pub owner: PgPool,
    pub passwords: Passwords,
    pub data_dir: PathBuf,
    registry: Registry,
    server: ServerHandle,
    _folder: TempDir,
}

impl Portal {
    pub async fn start(pool: PgPool) -> Self {
        Self::start_with(pool, &[]).await
    }

    /// The same with settings of its own, by the names of the environment.
    pub async fn start_with(pool: PgPool, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let data_dir = folder.path().join("var");
        std::fs::create_dir_all(&data_dir).unwrap();
        let defaults = [
            ("CHANGEOVER_DATA_DIR", data_dir.to_str().unwrap()),
            ("CHANGEOVER_BASE_URL", base.as_str()),
            ("CHANGEOVER_TODAY", "2026-05-06"),
        ];
        let settings: BTreeMap<String, String> =
            defaults.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut config = Config::from_settings(&settings).unwrap();
        // A test signs in often and is nobody's enemy.
        config.passwords = PasswordCost { memory_kib: 8, passes: 1 };

        let options = login(&pool).await;
        let size = PoolSize { connections: 5, statement_timeout_ms: 30_000 };
        let db = Database::connect(options, size).await.unwrap();
        let rehearsal = rehearsal_date(&db).await.unwrap();
        let secret = SecretString::from(KEY);
        let passwords = Passwords::new(config.passwords);
        let app = App::new(db, config, secret, rehearsal);
        let server = server::start_with(app.clone(), passwords.clone(), listener).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        let registry = worker::registry(&app);
        Self { app, base, owner: pool, passwords, data_dir, registry, server: handle, _folder: folder }
    }

    /// Another server on the same database, at an address of its own.
    pub fn replica(&self) -> String {
        self.replica_of(self.app.clone())
    }

    /// The same of an app that differs in something.
    pub fn replica_of(&self, app: App) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(server::start_with(app, self.passwords.clone(), listener).unwrap());
        base
    }

    /// A transaction of one organisation, as a handler has it.
    pub async fn begin(&self, vpd: &str) -> VpdTx {
        self.app.db.vpd(&vpd.parse().unwrap()).await.unwrap()
    }

    /// Runs what waits and what that leads to, until nothing is due.
    pub async fn run_jobs(&self) {
        for _ in 0..1000 {
            let work = jobs::run_due(&self.app, &self.registry, Lane::Work, 20).await.unwrap();
            let mail = jobs::run_due(&self.app, &self.registry, Lane::Mail, 20).await.unwrap();
            if work + mail == 0 {
                return;
            }
        }
        panic!("the jobs never end");
    }

    /// Lets the time pass that failed jobs wait for, and runs them.
    pub async fn run_jobs_later(&self) {
        sqlx::query("update jobs set run_at = now() where state = 'ready'").execute(&self.owner).await.unwrap();
        self.run_jobs().await;
    }

    /// Jobs that wait, by kind.
    pub async fn waiting_jobs(&self) -> Vec<String> {
        sqlx::query_scalar("select kind from jobs where state = 'ready' order by kind")
            .fetch_all(&self.owner)
            .await
            .unwrap()
    }

    /// Jobs that were given up: kind and why.
    pub async fn dead_jobs(&self) -> Vec<(String, String)> {
        sqlx::query_as("select kind, coalesce(last_error, '') from jobs where state = 'dead' order by created_at")
            .fetch_all(&self.owner)
            .await
            .unwrap()
    }

    /// The titles of an organisation's messages, oldest first.
    pub async fn inbox(&self, vpd: &str) -> Vec<String> {
        sqlx::query_scalar("select title from messages where vpd = $1 order by number")
            .bind(vpd)
            .fetch_all(&self.owner)
            .await
            .unwrap()
    }

    /// An organisation's items, oldest first: type, title, state.
    pub async fn items(&self, vpd: &str) -> Vec<(String, String, String)> {
        sqlx::query_as("select type, title, state from items where vpd = $1 order by created_at, item_id")
            .bind(vpd)
            .fetch_all(&self.owner)
            .await
            .unwrap()
    }

    /// The events of the audit trail of an organisation, oldest first.
    pub async fn audit(&self, vpd: &str) -> Vec<String> {
        sqlx::query_scalar("select event from audit where vpd = $1 order by seq")
            .bind(vpd)
            .fetch_all(&self.owner)
            .await
            .unwrap()
    }

    /// One number, asked as the superuser.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let server = self.server.clone();
        // Not waited for: the test's database is dropped by force.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { server.stop(false).await });
        }
    }
}

/// Makes the login once for the whole cluster; tests that start at once may both try.
async fn login(pool: &PgPool) -> PgConnectOptions {
    for _ in 0..20 {
        let made = sqlx::raw_sql(AssertSqlSafe(format!(
            "do $$ begin
               if not exists (select from pg_roles where rolname = '{LOGIN}') then create role {LOGIN} login noinherit; end if;
               if not pg_has_role('{LOGIN}', 'changeover_app', 'member') then grant changeover_app to {LOGIN}; end if;
               if not pg_has_role('{LOGIN}', 'changeover_system', 'member') then grant changeover_system to {LOGIN}; end if;
             end $$"
        )))
        .execute(pool)
        .await;
        if made.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    pool.connect_options().as_ref().clone().username(LOGIN)
}
