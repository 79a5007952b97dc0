use std::collections::BTreeSet;
use std::future::{Future, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_session::{Session, SessionExt};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::permissions::Permission;
use super::rights::Right;
use super::sessions::{ABSOLUTE, CALLER, IDLE, KEY_HASH, SIGNED_IN_AT, UNAVAILABLE};
use crate::app::App;
use crate::audit::Actor;
use crate::error::PageError;
use crate::tenancy::{Database, Vpd, VpdTx};
use crate::ui::{Flash, Layout, NavItem, SignedIn, dates};

/// The nonce of this response, put into the request by the server's middleware.
#[derive(Clone)]
pub struct Nonce(pub String);

/// Who asks, for which organisation, with which rights: as the database says at this request.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user_id: Uuid,
    pub username: String,
    pub name: String,
    pub vpd: Vpd,
    pub vpd_name: String,
    pub rights: BTreeSet<Right>,
    /// Every organisation in which the user has a right.
    pub organisations: Vec<Vpd>,
    pub session_id: Uuid,
    /// What the mail server said when it refused the user's address for good.
    pub mail_problem: Option<String>,
    /// After a decision: on to the next item, rather than back to the list.
    pub goes_to_next: bool,
    /// How many items need action by holders of the caller's rights.
    pub waiting: u64,
}

impl Caller {
    pub fn has(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Whether the caller may do what the permission names.
    pub fn may<P: Permission>(&self) -> bool {
        P::RIGHTS.is_empty() || P::RIGHTS.iter().any(|right| self.rights.contains(right))
    }

    /// The caller as the audit trail knows him or her.
    pub fn actor(&self) -> Actor {
        Actor::Person { user_id: self.user_id, username: self.username.clone() }
    }
}

#[derive(Deserialize)]
struct Loaded {
    user_id: Uuid,
    username: String,
    name: String,
    vpd: Option<Vpd>,
    vpd_name: Option<String>,
    rights: Vec<String>,
    organisations: Vec<Vpd>,
    session_id: Uuid,
    mail_problem: Option<String>,
    after_decision: String,
    stale: bool,
    waiting: i64,
}

/// A caller whom the permission `P` lets in. In a handler's signature it says who may call it.
pub struct Authorised<P: Permission> {
    caller: Caller,
    context: Context,
    permission: PhantomData<P>,
}

/// A caller who is signed in, even with no organisation chosen yet: for the account's own pages.
pub struct SignedInUser {
    pub user_id: Uuid,
    pub username: String,
    pub name: String,
    pub organisations: Vec<Vpd>,
    /// The caller in full, once an organisation is chosen.
    pub caller: Option<Caller>,
    pub session_id: Uuid,
    context: Context,
}

/// What a page shows around its content, taken from the request.
#[derive(Clone)]
struct Context {
    session: Session,
    nonce: String,
    path: String,
    rehearsal_on: Option<NaiveDate>,
    now: Option<DateTime<Utc>>,
}

impl<P: Permission> Deref for Authorised<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Permission> Authorised<P> {
    /// Begins a transaction of the organisation that the caller acts for.
    pub async fn begin(&self, db: &Database) -> sqlx::Result<VpdTx> {
        db.vpd(&self.caller.vpd).await
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The shell of a page for this caller; takes the flash of the action before out of the session.
    pub fn layout(&self) -> Layout {
        self.context.layout(Some(&self.caller), None)
    }

    /// Says something on the next page.
    pub fn flash(&self, flash: &Flash) {
        self.context.flash(flash);
    }

    pub fn session(&self) -> &Session {
        &self.context.session
    }
}

impl SignedInUser {
    pub fn layout(&self) -> Layout {
        self.context.layout(self.caller.as_ref(), Some(self))
    }

    pub fn flash(&self, flash: &Flash) {
        self.context.flash(flash);
    }

    pub fn session(&self) -> &Session {
        &self.context.session
    }

    pub fn actor(&self) -> Actor {
        Actor::Person { user_id: self.user_id, username: self.username.clone() }
    }
}

impl Context {
    fn of(request: &HttpRequest) -> Self {
        let nonce = request.extensions().get::<Nonce>().map(|n| n.0.clone()).unwrap_or_default();
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let app = request.app_data::<Data<App>>();
        let rehearsal_on = app.and_then(|app| app.rehearsal_on());
        Self { session: request.get_session(), nonce, path, rehearsal_on, now: app.map(|app| app.now()) }
    }

    fn layout(&self, caller: Option<&Caller>, user: Option<&SignedInUser>) -> Layout {
        // Removing what is not there would write the session at every page, and pages of one session would wait for each other.
        let has_flash = self.session.contains_key("flash");
        let flash = if has_flash { self.session.remove_as::<Flash>("flash").and_then(Result::ok) } else { None };
        let mut warnings = Vec::new();
        if let Some(problem) = caller.and_then(|c| c.mail_problem.as_ref()) {
            warnings.push(format!("Mail to your address was refused: {problem}. Ask an administrator to correct it."));
        }
        let signed_in = match (caller, user) {
            (Some(caller), _) => Some(SignedIn {
                name: caller.name.clone(),
                username: caller.username.clone(),
                vpd: caller.vpd.to_string(),
                vpd_name: caller.vpd_name.clone(),
                several_organisations: caller.organisations.len() > 1,
                navigation: navigation(caller, &self.path),
                times_out_at: self.times_out_at(),
                printed_on: self.now.map(dates::london_day),
            }),
            (None, Some(user)) => Some(SignedIn {
                name: user.name.clone(),
                username: user.username.clone(),
                several_organisations: user.organisations.len() > 1,
                ..SignedIn::default()
            }),
            (None, None) => None,
        };
        Layout {
            nonce: self.nonce.clone(),
            csrf: super::csrf::token(&self.session, caller.map(|c| &c.vpd)),
            path: self.path.clone(),
            user: signed_in,
            rehearsal_on: self.rehearsal_on,
            flash,
            warnings,
        }
    }

    /// When the session ends if no other page is asked for. The idle clock moves once a minute, so it may stand a minute back.
    fn times_out_at(&self) -> Option<DateTime<Utc>> {
        let idle = self.now? + IDLE - TimeDelta::minutes(1);
        let signed_in = self.session.get::<DateTime<Utc>>(SIGNED_IN_AT).ok().flatten();
        Some(signed_in.map_or(idle, |at| idle.min(at + ABSOLUTE)))
    }

    fn flash(&self, flash: &Flash) {
        if let Err(error) = self.session.insert("flash", flash) {
            tracing::warn!(%error, "a notice could not be kept for the next page");
        }
    }
}

/// The shell of a page for somebody who may not be signed in.
pub fn public_layout(request: &HttpRequest) -> Layout {
    let context = Context::of(request);
    match load(request) {
        Ok(user) => context.layout(user.caller.as_ref(), Some(&user)),
        Err(_) => context.layout(None, None),
    }
}

/// The shell of an error page for a caller who is signed in.
pub fn error_layout(request: &HttpRequest) -> Option<Layout> {
    let caller = load(request).ok()?.caller?;
    Some(Context::of(request).layout(Some(&caller), None))
}

/// Links of the main navigation: only what the caller's rights open.
fn navigation(caller: &Caller, path: &str) -> Vec<NavItem> {
    use super::permissions as p;
    let all = [
        ("/inbox", "Inbox", caller.may::<p::ReadInbox>()),
        ("/doctors", "Doctors", caller.may::<p::SeeDoctors>()),
        ("/rotation", "Rotation", caller.may::<p::SeeRotation>()),
        ("/positions", "Positions", caller.may::<p::SeePositions>()),
        ("/interfaces", "Files", caller.may::<p::SeeInterfaces>()),
        ("/admin", "Admin", caller.may::<p::OpenAdministration>()),
    ];
    let links = all.into_iter().filter(|(_, _, shown)| *shown);
    links
        .map(|(href, text, _)| NavItem {
            href: href.to_owned(),
            text: text.to_owned(),
            count: (href == "/inbox").then_some(caller.waiting),
            current: path == href || path.starts_with(&format!("{href}/")) || path.starts_with(&format!("{href}?")),
        })
        .collect()
}

fn load(request: &HttpRequest) -> Result<SignedInUser, PageError> {
    let context = Context::of(request);
    let next = if request.method().is_safe() { context.path.clone() } else { "/".to_owned() };
    if context.session.contains_key(UNAVAILABLE) {
        return Err(PageError::Unavailable);
    }
    let Ok(Some(loaded)) = context.session.get::<Loaded>(CALLER) else { return Err(PageError::SignIn { next }) };
    if loaded.stale && !request.headers().contains_key("X-Background") {
        touch(request, &context.session);
    }
    let caller = match (loaded.vpd, loaded.vpd_name) {
        // A user whose last right in the organisation was taken away chooses again.
        (Some(vpd), Some(vpd_name)) if loaded.organisations.contains(&vpd) => Some(Caller {
            user_id: loaded.user_id,
            username: loaded.username.clone(),
            name: loaded.name.clone(),
            vpd,
            vpd_name,
            rights: loaded.rights.iter().filter_map(|code| Right::from_code(code)).collect(),
            organisations: loaded.organisations.clone(),
            session_id: loaded.session_id,
            mail_problem: loaded.mail_problem,
            goes_to_next: loaded.after_decision == "next",
            waiting: u64::try_from(loaded.waiting).unwrap_or_default(),
        }),
        _ => None,
    };
    Ok(SignedInUser {
        user_id: loaded.user_id,
        username: loaded.username,
        name: loaded.name,
        organisations: loaded.organisations,
        caller,
        session_id: loaded.session_id,
        context,
    })
}

/// Moves the idle clock on, at most once a minute, and never for polling.
fn touch(request: &HttpRequest, session: &Session) {
    let (Some(app), Ok(Some(key_hash))) = (request.app_data::<Data<App>>().cloned(), session.get::<String>(KEY_HASH))
    else {
        return;
    };
    actix_web::rt::spawn(async move {
        let touched = async {
            let mut connection = app.db.system_connection().await?;
            sqlx::query!("update sessions set last_seen_at = now() where key_hash = decode($1, 'hex')", key_hash)
                .execute(&mut *connection)
                .await
        };
        if let Err(error) = touched.await {
            tracing::warn!(%error, "the idle clock of a session could not be moved on");
        }
    });
}

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, PageError>>>>;

impl<P: Permission> FromRequest for Authorised<P> {
    type Error = PageError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let result = load(request).and_then(|user| {
            let caller = user.caller.ok_or(PageError::ChooseOrganisation)?;
            if caller.may::<P>() {
                Ok(Self { caller, context: user.context, permission: PhantomData })
            } else {
                tracing::warn!(user.id = %caller.user_id, vpd = %caller.vpd, permission = P::NAME, route = request.match_pattern(), "refused for want of a right");
                Err(PageError::Forbidden { needed: P::RIGHTS.iter().map(|right| right.label()).collect() })
            }
        });
        Box::pin(ready(result))
    }
}

impl FromRequest for SignedInUser {
    type Error = PageError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(ready(load(request)))
    }
}
