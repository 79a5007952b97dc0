//! Suppliers' systems: opaque tokens, each for one supplier, one employing organisation and one interface.
//!
//! A token is its number and a secret of 256 bits; the table has a hash of the secret, and it is shown once. It ends by its date or by
//! being revoked, at once. A caller has 50 calls at once and 10 more each second, in each server; wrong tokens are slowed by address.

mod rate;
mod store;

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, TimeDelta, Utc};
use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

pub use store::{Listed, insert, list, revoke};

use super::sign_in::address;
use super::throttle;
use crate::app::App;
use crate::audit::Actor;
use crate::error::ApiError;
use crate::tenancy::{Database, Vpd, VpdTx};

/// What a token opens. In a handler's signature it says which interface is called.
pub trait Scope: 'static {
    const CODE: &'static str;
}

/// Get and Set of employment checks.
pub struct EmploymentChecks;
impl Scope for EmploymentChecks {
    const CODE: &'static str = "employment_checks";
}

/// How every token begins, so that one that leaked is found by those who look for such.
const PREFIX: &str = "chg1";
/// A last use is written at most so often.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A token that has just been made: the only time that its text exists.
pub struct NewToken {
    pub token_id: Uuid,
    pub text: String,
    pub secret_hash: Vec<u8>,
}

impl NewToken {
    pub fn make() -> Self {
        let (token_id, secret) = (Uuid::now_v7(), Alphanumeric.sample_string(&mut rand::rng(), 43));
        let text = format!("{PREFIX}_{}_{secret}", token_id.simple());
        Self { token_id, text, secret_hash: hash(&secret) }
    }
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn parse(text: &str) -> Option<(Uuid, &str)> {
    let (id, secret) = text.strip_prefix(PREFIX)?.strip_prefix('_')?.split_once('_')?;
    (secret.len() == 43).then_some((id.parse().ok()?, secret))
}

/// A supplier's system that calls with a valid token of this interface.
pub struct ApiCaller<S: Scope> {
    pub token_id: Uuid,
    pub supplier: String,
    pub vpd: Vpd,
    scope: PhantomData<S>,
}

impl<S: Scope> ApiCaller<S> {
    /// Begins a transaction of the organisation that the token is of.
    pub async fn begin(&self, db: &Database) -> sqlx::Result<VpdTx> {
        db.vpd(&self.vpd).await
    }

    pub fn actor(&self) -> Actor {
        Actor::Supplier(self.supplier.clone())
    }
}

impl<S: Scope> FromRequest for ApiCaller<S> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = request.app_data::<Data<App>>().ok_or_else(|| ApiError::unexpected("no App in the request"))?;
            let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            let token = sent.and_then(|value| {
                let (scheme, token) = value.split_once(' ')?;
                scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
            });
            let now = app.now();
            match find::<S>(app, token.unwrap_or_default(), now).await? {
                Some(caller) => match rate::take(caller.token_id) {
                    Ok(()) => Ok(caller),
                    Err(seconds) => Err(ApiError::too_many(seconds)),
                },
                None => {
                    tracing::warn!(route = request.match_pattern(), "a supplier's token was refused");
                    // In this process alone, and without the database: a flood of these must cost others nothing.
                    let from = format!("{} {}", app.config.origin(), throttle::network(&address(app, &request)));
                    let wait = rate::wait(&from);
                    rate::wrong(&from);
                    Err(wait.map_or_else(ApiError::unauthorised, ApiError::too_many))
                }
            }
        })
    }
}

/// The caller of a token that is known, of this scope, in force: as the database says at this request.
async fn find<S: Scope>(app: &App, text: &str, now: DateTime<Utc>) -> Result<Option<ApiCaller<S>>, ApiError> {
    let Some((token_id, secret)) = parse(text) else { return Ok(None) };
    let mut connection = app.db.system_connection().await?;
    let Some(known) = store::find(&mut connection, token_id).await? else { return Ok(None) };
    let is_right = bool::from(known.secret_hash.ct_eq(&hash(secret)));
    if !is_right || known.scope != S::CODE || !known.in_force {
        return Ok(None);
    }
    if known.last_used_at.is_none_or(|at| now - at > TOUCH_EVERY) {
        store::touch(&mut connection, token_id, now).await?;
    }
    Ok(Some(ApiCaller { token_id, supplier: known.supplier, vpd: known.vpd, scope: PhantomData }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_like_it_does() {
        let token = NewToken::make();
        let (id, secret) = parse(&token.text).unwrap();
        assert_eq!((id, hash(secret)), (token.token_id, token.secret_hash));
        for bad in ["", "chg1", "chg1__", "chg1_x_y", &token.text[1..], &token.text[..60], &format!("{}x", token.text)]
        {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
