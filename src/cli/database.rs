use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use super::Failure;
use super::key;
use crate::app::{App, rehearsal_date};
use crate::config::Config;
use crate::private_postgres::PrivatePostgres;
use crate::schema;
use crate::tenancy::{Database, PoolSize};

/// The database of this command, named or private, and both logins.
pub struct Opened {
    pub config: Config,
    /// Owns nothing.
    pub login: PgConnectOptions,
    /// May change the schema.
    pub owner: PgConnectOptions,
    private: Option<PrivatePostgres>,
}

impl Opened {
    /// Finds the database that the settings name, or starts the private one.
    pub async fn find(config: Config) -> Result<Self, Failure> {
        let Some(login) = &config.database_url else {
            let private = PrivatePostgres::start_or_adopt(&config.data_dir, config.pg_bin.as_deref()).await?;
            let login = PgConnectOptions::from_str(&private.login_url())?;
            let owner = PgConnectOptions::from_str(&private.owner_url())?;
            return Ok(Self { config, login, owner, private: Some(private) });
        };
        let owner = options(config.owner_url.as_ref().unwrap_or(login), "CHANGEOVER_OWNER_URL")?;
        let login = options(login, "DATABASE_URL")?;
        Ok(Self { login, owner, config, private: None })
    }

    /// A database of this release, ready to work with.
    pub async fn app(&self, size: PoolSize) -> Result<App, Failure> {
        schema::check(&self.login).await?;
        self.check_login().await?;
        let db = Database::connect(self.login.clone(), size).await?;
        let rehearsal = rehearsal_date(&db).await?;
        Ok(App::new(db, self.config.clone(), key::find_or_make(&self.config)?, rehearsal))
    }

    /// Says whether the private database serves here, for the lines that a person reads.
    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Leaves; the last command on a private database stops it.
    pub async fn close(self) {
        if let Some(private) = self.private {
            let left = tokio::task::spawn_blocking(move || private.leave()).await;
            if let Err(error) = left {
                tracing::warn!(%error, "the private database could not be left in order");
            }
        }
    }

    async fn check_login(&self) -> Result<(), Failure> {
        let faults = schema::faults_of_login(&self.login).await?;
        if faults.is_empty() {
            return Ok(());
        }
        let text = format!("DATABASE_URL must name a login that owns nothing: {}", faults.join(", "));
        if self.config.is_production() {
            return Err(Failure::new(text));
        }
        tracing::warn!("{text}; with an address that begins with https this is refused");
        Ok(())
    }
}

fn options(url: &SecretString, name: &str) -> Result<PgConnectOptions, Failure> {
    // The error of a wrong address may hold the password, so only the setting is named.
    PgConnectOptions::from_str(url.expose_secret()).map_err(|_| {
        Failure::usage(format!("{name} is not the address of a PostgreSQL, such as postgres://login@host/changeover"))
    })
}
