//! Who is calling, and what they may do.
//!
//! Users hold rights (ESR's User Responsibility Profiles and notification roles, and a few of ours) in organisations; a session acts for
//! one organisation at a time. Tables: `users`, `user_grants`, `sessions`, `one_time_links`, `sign_in_throttles`; all but the first two
//! are seen by the sign-in role alone. Names of URPs and roles: Streamlined Doctors in Training Interface, December 2020.

mod account;
pub mod api_tokens;
mod caller;
mod csrf;
pub mod emails;
mod entered;
mod forgotten;
mod form;
pub mod links;
pub mod mail;
pub mod new_password;
pub mod passwords;
pub mod permissions;
mod rights;
pub mod sessions;
pub mod sign_in;
pub mod store;
mod throttle;
mod upload;

pub use api_tokens::ApiCaller;
pub use caller::{Authorised, Caller, Nonce, SignedInUser, error_layout, public_layout};
pub use csrf::{Refusal, new_secret, token as csrf_token};
pub use entered::Looked;
pub use form::{Empty, Form, check as check_csrf, sent_by_nobody};
pub use passwords::Passwords;
pub use rights::{NoSuchRight, Right, RightKind};
pub use upload::{Upload, read_table, read_upload};

/// The pages of signing in and of one's own account.
pub fn configure(routes: &mut actix_web::web::ServiceConfig) {
    routes.configure(sign_in::configure).configure(account::configure).configure(forgotten::configure);
}

pub use forgotten::{SEND_PASSWORD_LINKS, send_password_links};
