//! Sessions are rows in PostgreSQL behind actix-session; only a SHA-256 of the key is stored.
//!
//! One statement loads a session together with who it belongs to and what that user may do, so a right that is taken away is gone at the
//! very next request, on every replica. Idle 30 minutes, absolute 12 hours.

use std::collections::{BTreeSet, HashMap};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use chrono::TimeDelta;
use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};
use sqlx::types::Json;

use crate::error::is_outage;
use crate::tenancy::Database;

type State = HashMap<String, String>;

/// Key of the caller's own entry, which is loaded and never stored.
pub const CALLER: &str = "caller";
/// Key of the hash by which the session's row is found, loaded and never stored.
pub const KEY_HASH: &str = "key_hash";
/// In place of a session when the database does not answer: nobody is signed out by that, and the page says 503.
pub const UNAVAILABLE: &str = "unavailable";

/// Key of the instant of signing in, from which the absolute limit counts.
pub const SIGNED_IN_AT: &str = "signed_in_at";

/// How long a session lives without a page being asked for, and at most: what the statement below and the server's cookie say.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(12);

/// The store behind actix-session.
#[derive(Clone)]
pub struct PgSessions(pub Database);

fn hash(key: &SessionKey) -> Vec<u8> {
    Sha256::digest(key.as_ref().as_bytes()).to_vec()
}

/// A value of the state; actix-session keeps each as JSON.
fn text(state: &State, name: &str) -> Option<String> {
    state.get(name).and_then(|json| serde_json::from_str(json).ok())
}

fn kept(state: &State) -> Json<HashMap<&str, &str>> {
    Json(
        state
            .iter()
            .filter(|(name, _)| ![CALLER, KEY_HASH, UNAVAILABLE].contains(&name.as_str()))
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect(),
    )
}

impl SessionStore for PgSessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let key_hash = hash(key);
        let row = async {
            let mut connection = self.0.system_connection().await?;
            sqlx::query!(
                r#"select s.state as "state: Json<State>", u.user_id as "user_id?", u.username as "username?", u.name as "name?", u.mail_problem,
                          u.after_decision as "after_decision?", s.vpd, v.name as "vpd_name?", s.session_id as "session_id!",
                          s.last_seen_at < now() - interval '1 minute' as "stale!",
                          (select array_agg(g.vpd || '/' || g.name) from user_grants g where g.user_id = u.user_id and g.ended_at is null) as grants,
                          (select sum(t.n) from item_tallies t
                            where t.vpd = s.vpd and t.class = 'action' and t.role = any(array(
                                  select g.name from user_grants g where g.user_id = u.user_id and g.vpd = s.vpd and g.ended_at is null))) as waiting
                     from sessions s
                     left join users u on u.user_id = s.user_id and u.disabled_at is null
                     left join vpds v on v.vpd = s.vpd
                    where s.key_hash = $1 and s.expires_at > now() and s.last_seen_at > now() - interval '30 minutes'"#,
                key_hash
            )
            .fetch_optional(&mut *connection)
            .await
        }
        .await;
        let row = match row {
            Ok(row) => row,
            Err(error) if is_outage(&error) => {
                tracing::error!(%error, "the database does not answer");
                return Ok(Some(HashMap::from([(UNAVAILABLE.to_owned(), "true".to_owned())])));
            }
            Err(error) => return Err(LoadError::Other(error.into())),
        };
        Ok(row.map(|row| {
            let mut state = row.state.0;
            let hex: String = key_hash.iter().map(|b| format!("{b:02x}")).collect();
            state.insert(KEY_HASH.to_owned(), serde_json::Value::String(hex).to_string());
            if let Some(user_id) = row.user_id {
                let grants = row.grants.unwrap_or_default();
                let grants = || grants.iter().filter_map(|grant| grant.split_once('/'));
                let caller = serde_json::json!({
                    "user_id": user_id,
                    "username": row.username,
                    "name": row.name,
                    "mail_problem": row.mail_problem,
                    "after_decision": row.after_decision,
                    "vpd": row.vpd,
                    "vpd_name": row.vpd_name,
                    "session_id": row.session_id,
                    "stale": row.stale,
                    "waiting": row.waiting.unwrap_or_default(),
                    "rights": grants().filter(|(vpd, _)| row.vpd.as_deref() == Some(*vpd)).map(|(_, name)| name).collect::<Vec<_>>(),
                    "organisations": grants().map(|(vpd, _)| vpd).collect::<BTreeSet<_>>(),
                });
                state.insert(CALLER.to_owned(), caller.to_string());
            }
            state
        }))
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        let key: SessionKey =
            Alphanumeric.sample_string(&mut rand::rng(), 64).try_into().expect("64 bytes is a valid session key");
        let save = async {
            let mut connection = self.0.system_connection().await?;
            sqlx::query!(
                "insert into sessions (key_hash, state, user_id, vpd, agent, address, created_at, expires_at)
                 values ($1, $2, $3::text::uuid, $4, $5, $6, coalesce($8::text::timestamptz, now()),
                         coalesce($8::text::timestamptz, now()) + make_interval(secs => $7))",
                hash(&key),
                kept(&state) as _,
                text(&state, "user_id"),
                text(&state, "vpd"),
                text(&state, "agent"),
                text(&state, "address"),
                ttl.as_seconds_f64(),
                // A new id, as after a switch of organisation, does not make the session last longer.
                text(&state, SIGNED_IN_AT)
            )
            .execute(&mut *connection)
            .await
        };
        save.await.map_err(|error: sqlx::Error| SaveError::Other(error.into()))?;
        Ok(key)
    }

    async fn update(&self, key: SessionKey, state: State, ttl: &Duration) -> Result<SessionKey, UpdateError> {
        // The absolute end stays where it was: a session is never lengthened.
        let update = async {
            let mut connection = self.0.system_connection().await?;
            sqlx::query!(
                "update sessions set state = $2, user_id = $3::text::uuid, vpd = $4 where key_hash = $1 and expires_at > now()",
                hash(&key),
                kept(&state) as _,
                text(&state, "user_id"),
                text(&state, "vpd"),
            )
            .execute(&mut *connection)
            .await
        };
        let done = update.await.map_err(|error: sqlx::Error| UpdateError::Other(error.into()))?;
        if done.rows_affected() == 0 {
            // Revoked or expired meanwhile: a new key with nobody in it, never the old one again.
            let mut state = state;
            state.retain(|name, _| name == "csrf");
            return self.save(state, ttl).await.map_err(|error| UpdateError::Other(error.into()));
        }
        Ok(key)
    }

    async fn update_ttl(&self, _key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let mut connection = self.0.system_connection().await?;
        sqlx::query!("delete from sessions where key_hash = $1", hash(key)).execute(&mut *connection).await?;
        Ok(())
    }
}
