//! What every handler and job is given: the database, the settings, the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::London;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::config::Config;
use crate::tenancy::Database;

/// Cheap to clone: all of it is shared.
#[derive(Clone)]
pub struct App {
    pub db: Database,
    pub config: Arc<Config>,
    secret: Arc<SecretString>,
    rehearsal: Option<NaiveDate>,
    stopping: Arc<AtomicBool>,
    clock_off: TimeDelta,
}

impl App {
    /// `secret` is the key of this installation; `rehearsal` the date that the database fixes, if it does.
    pub fn new(db: Database, config: Config, secret: SecretString, rehearsal: Option<NaiveDate>) -> Self {
        let (config, secret, stopping) = (Arc::new(config), Arc::new(secret), Arc::default());
        Self { db, config, secret, rehearsal, stopping, clock_off: TimeDelta::zero() }
    }

    /// Says to balancers, by `/readyz`, that this process is about to end.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The real clock: sessions, audit, mail, claims.
    #[expect(clippy::disallowed_methods, reason = "this is where every instant comes from")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.clock_off
    }

    /// The same on a machine whose clock is wrong by so much: for tests of what must not depend on it.
    pub fn with_clock_off(&self, by: TimeDelta) -> Self {
        Self { clock_off: by, ..self.clone() }
    }

    /// The business date: windows, days to start, reminders, expiry.
    pub fn today(&self) -> NaiveDate {
        self.config.today.or(self.rehearsal).unwrap_or_else(|| self.now().with_timezone(&London).date_naive())
    }

    /// The date that pages show as a rehearsal's, where the date is not the calendar's.
    pub fn rehearsal_on(&self) -> Option<NaiveDate> {
        self.rehearsal.map(|_| self.today())
    }

    /// The same, with the database's rehearsal date as it has just been fixed.
    pub fn rehearsing(&self, on: NaiveDate) -> Self {
        Self { rehearsal: Some(on), ..self.clone() }
    }

    /// A key of its own for one purpose, derived from the installation's.
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Reads the date that this database fixes for rehearsals.
pub async fn rehearsal_date(db: &Database) -> sqlx::Result<Option<NaiveDate>> {
    let mut connection = db.system_connection().await?;
    let text = sqlx::query_scalar!("select value from portal_settings where name = 'rehearsal_date'")
        .fetch_optional(&mut *connection)
        .await?;
    Ok(text.and_then(|text| text.parse().ok()))
}
