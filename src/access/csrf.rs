//! Three walls on every unsafe request: the browser's own word on where it came from, the token of the session, SameSite cookies.

use actix_session::Session;
use actix_web::HttpRequest;
use rand::distr::{Alphanumeric, SampleString};
use subtle::ConstantTimeEq;

use crate::tenancy::Vpd;

const KEY: &str = "csrf";

/// Why a form is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another site sent it, or nothing says who did.
    ForeignSite,
    /// The token is missing or another session's: most often the session ended while the form was open.
    WrongToken,
    /// The form was shown for another organisation than the caller now acts for.
    OtherOrganisation,
}

/// The token that every form of this session bears; names the organisation, so that a tab left open for another one is refused.
pub fn token(session: &Session, vpd: Option<&Vpd>) -> String {
    let secret = match session.get::<String>(KEY) {
        Ok(Some(secret)) => secret,
        _ => {
            let secret = new_secret();
            if let Err(error) = session.insert(KEY, &secret) {
                tracing::warn!(%error, "a form's token could not be kept");
            }
            secret
        }
    };
    format!("{}.{secret}", vpd.map_or("-", Vpd::as_str))
}

/// A new secret, for a session that begins.
pub fn new_secret() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 43)
}

/// Checks one unsafe request against the portal's own origin and the session's token.
pub fn check(
    request: &HttpRequest,
    session: &Session,
    origin: &str,
    sent: Option<&str>,
    vpd: Option<&Vpd>,
) -> Result<(), Refusal> {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    match (header("Sec-Fetch-Site"), header("Origin")) {
        (Some("same-origin"), _) => {}
        (Some(_), _) => return Err(Refusal::ForeignSite),
        (None, Some(from)) if from == origin => {}
        (None, _) => return Err(Refusal::ForeignSite),
    }
    let sent = sent.or_else(|| header("X-CSRF-Token")).unwrap_or_default();
    let (for_vpd, secret) = sent.split_once('.').unwrap_or(("", ""));
    let ours = session.get::<String>(KEY).ok().flatten().unwrap_or_default();
    let other_organisation = for_vpd != vpd.map_or("-", Vpd::as_str);
    if ours.is_empty() || !bool::from(ours.as_bytes().ct_eq(secret.as_bytes())) {
        // A form of an earlier session must not be offered again where it would act for another organisation.
        let acts_elsewhere = other_organisation && vpd.is_some() && !matches!(for_vpd, "" | "-");
        return Err(if acts_elsewhere { Refusal::OtherOrganisation } else { Refusal::WrongToken });
    }
    if other_organisation { Err(Refusal::OtherOrganisation) } else { Ok(()) }
}
