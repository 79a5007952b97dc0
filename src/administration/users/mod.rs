//! `/admin/users`: who may sign in, and what each may do. Administrators never see or set a password.

mod account;
mod add;
mod link;
mod list;
mod rights;
mod show;

use actix_web::web;
use serde::Deserialize;
use uuid::Uuid;

use super::actions::AdminError;
use super::place::Place;
use crate::access::store::{self, User};
use crate::access::{Caller, Right, RightKind};
use crate::app::App;
use crate::error::PageError;
use crate::tenancy::SystemTx;
use crate::ui::{Choice, Flash};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/admin/users", web::get().to(list::show))
        .route("/admin/users/new", web::get().to(add::show))
        .route("/admin/users/new", web::post().to(add::add))
        .route("/admin/users/{user}", web::get().to(show::show))
        .route("/admin/users/{user}/details", web::post().to(account::details))
        .route("/admin/users/{user}/rights", web::post().to(rights::grant))
        .route("/admin/users/{user}/rights/end", web::post().to(rights::end))
        .route("/admin/users/{user}/link", web::post().to(link::mail))
        .route("/admin/users/{user}/link/hand-over", web::post().to(link::hand_over))
        .route("/admin/users/{user}/sessions/end", web::post().to(account::end_sessions))
        .route("/admin/users/{user}/disable", web::post().to(account::disable))
        .route("/admin/users/{user}/enable", web::post().to(account::enable));
}

/// A form that names nothing but the organisation that the page was about.
#[derive(Deserialize)]
pub struct PlaceForm {
    #[serde(default)]
    pub organisation: String,
    /// Set by the page that said what will happen.
    #[serde(default)]
    pub confirmed: String,
}

/// The user of a page, if the administrator may know of them there.
async fn find(tx: &mut SystemTx, caller: &Caller, place: &Place, user_id: Uuid) -> Result<User, PageError> {
    let known = place.is_operator || store::is_known_in(tx, &place.vpd, user_id).await?;
    if !known {
        tracing::debug!(user.id = %caller.user_id, "a user of another organisation was asked for");
        return Err(PageError::NotFound);
    }
    store::find(tx, user_id).await?.ok_or(PageError::NotFound)
}

/// What every deed to a user begins with: the place that the form speaks of, and the user, if the administrator may know of them there.
async fn open(
    app: &App,
    caller: &Caller,
    organisation: &str,
    user_id: Uuid,
) -> Result<(SystemTx, Place, User), PageError> {
    let mut tx = app.db.system().await?;
    let place = Place::of(&mut tx, caller, organisation).await?;
    let user = find(&mut tx, caller, &place, user_id).await?;
    Ok((tx, place, user))
}

/// The user's page in that place.
fn page_of(place: &Place, user: &User) -> String {
    format!("/admin/users/{}{}", user.user_id, place.query())
}

/// Rights that can be given in a place, as checkboxes, of one kind.
fn choices(place: &Place, kind: RightKind, chosen: &[String], without: &[Right]) -> Vec<Choice> {
    Right::ALL
        .iter()
        .copied()
        .filter(|right| {
            right.kind() == kind && right.is_national() == place.vpd.is_operations() && !without.contains(right)
        })
        .map(|right| {
            let hint = match right {
                Right::VpdAdmin => "Users, rights, role map, sent mail and audit trail of this organisation",
                Right::IgAuditor => "Reads the audit trail, nothing else",
                Right::OhPractitioner => "The only one who sees immunisations",
                Right::SysAdmin => "Files, organisations and users everywhere; no personal data without a reason",
                _ => "",
            };
            Choice::new(right.code(), right.label()).hint(hint).chosen(chosen.iter().any(|code| code == right.code()))
        })
        .collect()
}

/// What an administrator is told where an action refuses: a sentence on the next page, or the page for our own faults.
fn told(error: AdminError) -> Result<Flash, PageError> {
    match error {
        AdminError::Database(error) => Err(error.into()),
        AdminError::Mail(error) => Err(PageError::unexpected(&error)),
        words => Ok(Flash::problem(format!("{words}."))),
    }
}
