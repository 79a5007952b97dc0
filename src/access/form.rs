use std::future::Future;
use std::pin::Pin;

use actix_session::SessionExt;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::{Method, header};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest};
use askama::Template;
use serde::de::DeserializeOwned;

use super::caller::public_layout;
use super::csrf::{self, Refusal};
use super::sessions::{CALLER, UNAVAILABLE};
use crate::app::App;
use crate::error::PageError;
use crate::tenancy::Vpd;
use crate::ui::Layout;

/// The most that a form may send, in bytes.
const LIMIT: usize = 256 * 1024;
/// How long a form's body may take to arrive.
const BODY_DEADLINE: std::time::Duration = std::time::Duration::from_secs(30);

/// A form that this session was shown, with its token checked. Each field of `T` is taken once; what `T` does not have is ignored.
pub struct Form<T>(pub T);

/// A form of a button alone.
#[derive(serde::Deserialize)]
pub struct Empty {}

#[derive(Template)]
#[template(path = "access/resend.html")]
struct ResendPage {
    layout: Layout,
    action: String,
    fields: Vec<(String, String)>,
    offered: bool,
    other_organisation: bool,
    signed_in: bool,
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = Bytes::from_request(&request, payload);
        Box::pin(async move {
            let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
            if !kind.starts_with("application/x-www-form-urlencoded") {
                return Err(PageError::BadRequest("A form was expected.".to_owned()));
            }
            // Who may do it was read with the head of the request: a body that dawdles must not act on rights of long ago.
            let body = tokio::time::timeout(BODY_DEADLINE, body)
                .await
                .map_err(|_| PageError::BadRequest("The form took too long to arrive. Send it again.".to_owned()))?
                .map_err(|_| PageError::TooLarge("A form may send at most 256 kB.".to_owned()))?;
            if body.len() > LIMIT {
                return Err(PageError::TooLarge("A form may send at most 256 kB.".to_owned()));
            }
            let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
            // A password says itself what is wrong with it.
            let unstorable = |(name, value): &(String, String)| {
                format!("{name}{value}").contains('\0') && !name.contains("password")
            };
            if pairs.iter().any(unstorable) {
                return Err(PageError::BadRequest("The form holds a character that cannot be stored.".to_owned()));
            }
            let (tokens, fields): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name == "csrf");
            check(&request, tokens.first().map(|(_, value)| value.as_str()), &fields)?;
            parse(&fields).map(Self)
        })
    }
}

/// A form that comes when nobody is signed in, most often because the session ended while it was open: what was typed is kept, and its
/// sender signs in. Asked before any handler, which would only see that nobody is there.
pub async fn sent_by_nobody(request: &mut ServiceRequest) -> Option<PageError> {
    let path = request.path();
    // What browsers report is no form of ours, whatever its kind says: nobody gets a session for it.
    let open_to_all =
        ["/sign-in", "/csp-reports"].contains(&path) || path.starts_with("/password/") || path.starts_with("/api/");
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if request.method() != Method::POST
        || open_to_all
        || !kind.starts_with("application/x-www-form-urlencoded")
        || [CALLER, UNAVAILABLE].iter().any(|known| request.get_session().contains_key(known))
    {
        return None;
    }
    let Ok(body) = request.extract::<Bytes>().await else {
        return Some(PageError::TooLarge("A form may send at most 256 kB.".to_owned()));
    };
    let pairs = url::form_urlencoded::parse(&body).into_owned();
    let (tokens, fields): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| name == "csrf");
    let checked = check(request.request(), tokens.first().map(|(_, value)| value.as_str()), &fields);
    Some(checked.err().unwrap_or_else(|| PageError::SignIn { next: "/".to_owned() }))
}

fn parse<T: DeserializeOwned>(fields: &[(String, String)]) -> Result<T, PageError> {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        encoded.append_pair(name, value);
    }
    serde_html_form::from_str(&encoded.finish())
        .map_err(|error| PageError::BadRequest(format!("The form cannot be read: {error}.")))
}

/// Checks the token of a request that is not a plain form, such as an upload.
pub fn check(request: &HttpRequest, token: Option<&str>, fields: &[(String, String)]) -> Result<(), PageError> {
    let session = request.get_session();
    if session.contains_key(UNAVAILABLE) {
        return Err(PageError::Unavailable);
    }
    let app = request.app_data::<Data<App>>().ok_or_else(|| PageError::unexpected("no App in the request"))?;
    let caller = session.get::<serde_json::Value>(CALLER).ok().flatten();
    let vpd = caller.as_ref().and_then(|c| c["vpd"].as_str()).and_then(|text| text.parse::<Vpd>().ok());
    let refusal = match csrf::check(request, &session, &app.config.origin(), token, vpd.as_ref()) {
        Ok(()) => return Ok(()),
        Err(refusal) => refusal,
    };
    tracing::warn!(route = request.match_pattern(), reason = ?refusal, "csrf_rejected");
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    if caller.is_none() && request.path() == "/sign-out" && refusal == Refusal::WrongToken {
        // Signed out already.
        return Err(PageError::SignIn { next: "/".to_owned() });
    }
    // A form of another site, or for another organisation, is not offered at all; one that is all password cannot be.
    let offered =
        refusal == Refusal::WrongToken && request.path() != "/sign-in" && !request.path().starts_with("/password/");
    let page = ResendPage {
        layout: public_layout(request),
        action: path,
        // Passwords are never written into a page.
        fields: fields.iter().filter(|(name, _)| offered && !name.contains("password")).cloned().collect(),
        offered,
        other_organisation: refusal == Refusal::OtherOrganisation,
        signed_in: caller.is_some(),
    };
    if offered && caller.is_none() {
        // The session ended while the form was open: keep what was typed, sign in, and send it then with one press.
        let shown_for = token.and_then(|token| token.split_once('.')).map_or("-", |(vpd, _)| vpd);
        super::sign_in::keep_form(&session, &page.action, &page.fields, shown_for);
    }
    Err(page.render().map_or_else(|error| PageError::unexpected(&error), PageError::Csrf))
}
