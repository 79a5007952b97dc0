//! URLs of the inbox, the home page and the help pages.

mod bulk;
mod deeds;
mod export;
mod help;
mod home;
mod list;
mod message;

use actix_web::web::{self, ServiceConfig};
use chrono::DateTime;

use crate::access::Caller;
use crate::app::App;
use crate::error::PageError;
use crate::inbox::filter::{Filter, NoSuch};
use crate::inbox::store::Reader;
use crate::notifications::actions::{self, ActError};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/", web::get().to(home::show))
        .route("/inbox", web::get().to(list::list))
        .route("/inbox/export.csv", web::get().to(export::export))
        .route("/inbox/unallocated", web::get().to(home::unallocated))
        .route("/inbox/next", web::get().to(message::next))
        .route("/inbox/bulk", web::get().to(bulk::confirm))
        .route("/inbox/bulk", web::post().to(bulk::act))
        .route("/inbox/undo", web::post().to(deeds::undo))
        .route("/inbox/items/{item}/claim", web::post().to(deeds::claim))
        .route("/inbox/items/{item}/take-over", web::post().to(deeds::take_over))
        .route("/inbox/items/{item}/release", web::post().to(deeds::release))
        .route("/inbox/items/{item}/reassign", web::post().to(deeds::reassign))
        .route("/inbox/items/{item}/note", web::post().to(deeds::note))
        .route("/inbox/items/{item}/done", web::post().to(deeds::done))
        .route("/inbox/items/{item}/reopen", web::post().to(deeds::reopen))
        .route("/inbox/{message}", web::get().to(message::show))
        .route("/help", web::get().to(help::help))
        .route("/help/contact", web::get().to(help::contact))
        .route("/help/privacy", web::get().to(help::privacy))
        .route("/help/accessibility", web::get().to(help::accessibility));
}

fn reader(caller: &Caller, app: &App) -> Reader {
    Reader { user_id: caller.user_id, roles: actions::roles_of(caller), now: app.now(), today: app.today() }
}

/// The filter that a form brings back; a broken one is the plain list.
fn filter_of(query: &str) -> Filter {
    Filter::parse(query).map(|(filter, ..)| filter).unwrap_or_default()
}

impl From<NoSuch> for PageError {
    fn from(error: NoSuch) -> Self {
        Self::BadRequest(error.to_string())
    }
}

impl From<ActError> for PageError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::NotFound => Self::NotFound,
            ActError::Database(error) => error.into(),
        }
    }
}

/// An instant as a form carries it: microseconds, which is what the database keeps.
fn instant(micros: &str) -> Option<DateTime<chrono::Utc>> {
    micros.parse().ok().and_then(DateTime::from_timestamp_micros)
}
