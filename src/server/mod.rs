//! The web server: middleware, then one `.configure(feature::configure)` for each feature.

mod headers;
mod health;
mod reports;

use std::net::TcpListener;

use actix_session::SessionMiddleware;
use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_web::cookie::{Key, SameSite, time::Duration};
use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App as WebApp, HttpServer};

use crate::access::sessions::PgSessions;
use crate::access::{self, Passwords};
use crate::app::App;
use crate::deanery_lists;
use crate::dpn_report;
use crate::error::PageError;
use crate::lead_and_host;
use crate::mass_updates;
use crate::readiness;
use crate::unbucketing;
use crate::{
    administration, deanery_changes, deanery_outbound, doctors_in_training, employment_checks, file_exchange, hiring,
    inbox, people, positions, reference, rotation, ui, whereabouts, worker,
};

/// Every route of the portal.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .configure(health::configure)
        .configure(reports::configure)
        .configure(ui::assets::configure)
        // Routes are tried in their order: what is asked for most stands first.
        .configure(inbox::configure)
        .configure(access::configure)
        .configure(administration::configure)
        .configure(file_exchange::configure)
        .configure(reference::configure)
        .configure(rotation::configure)
        .configure(deanery_changes::configure)
        // Before the positions: a report's name would be taken for the id of one.
        .configure(dpn_report::configure)
        .configure(readiness::configure)
        .configure(mass_updates::configure)
        .configure(deanery_lists::configure)
        .configure(unbucketing::configure)
        .configure(lead_and_host::configure)
        .configure(positions::configure)
        .configure(people::configure)
        .configure(employment_checks::configure)
        .configure(hiring::configure)
        .configure(whereabouts::configure)
        .configure(doctors_in_training::configure)
        .configure(deanery_outbound::configure)
        .default_service(web::to(|| async { Err::<actix_web::HttpResponse, _>(PageError::NotFound) }));
}

/// Starts the server on a listening socket; the caller awaits or stops it.
pub fn start(app: App, listener: TcpListener) -> std::io::Result<Server> {
    let passwords = Passwords::new(app.config.passwords);
    start_with(app, passwords, listener)
}

/// The same with what hashes passwords given, so that its work can be counted.
pub fn start_with(app: App, passwords: Passwords, listener: TcpListener) -> std::io::Result<Server> {
    if health::recorder().is_none() {
        tracing::warn!("no figures are collected: another recorder is installed");
    }
    let passwords = Data::new(passwords);
    let data = Data::new(app.clone());
    let processors = Data::new(worker::processors());
    let rate = Data::new(reports::Rate::default());
    let boards = Data::new(rotation::Boards::default());
    let key = Key::derive_from(&app.key("session cookie"));
    let production = app.config.is_production();
    let server = HttpServer::new(move || {
        let sessions = SessionMiddleware::builder(PgSessions(data.db.clone()), key.clone())
            .cookie_name(if production { "__Host-sid" } else { "sid" }.to_owned())
            .cookie_secure(production)
            .cookie_http_only(true)
            .cookie_same_site(SameSite::Lax)
            .cookie_path("/".to_owned())
            .cookie_content_security(CookieContentSecurity::Signed)
            .session_lifecycle(PersistentSession::default().session_ttl(Duration::hours(12)))
            .build();
        WebApp::new()
            .app_data(data.clone())
            .app_data(passwords.clone())
            .app_data(processors.clone())
            .app_data(rate.clone())
            .app_data(boards.clone())
            .app_data(PayloadConfig::new(256 * 1024))
            .app_data(web::QueryConfig::default().error_handler(|error, _| {
                tracing::debug!(%error, "an address cannot be read");
                let text = "One of the values in the address is not one that this page knows. Go back, and use the page's own links and forms.";
                PageError::BadRequest(text.to_owned()).into()
            }))
            .app_data(web::PathConfig::default().error_handler(|_, _| PageError::NotFound.into()))
            .wrap(from_fn(headers::error_pages))
            .wrap(sessions)
            .wrap(Compress::default())
            .wrap(from_fn(headers::guard))
            .configure(routes)
    })
    // Without it a page sent in pieces waits 40 ms for the browser's acknowledgement.
    .tcp_nodelay(true)
    .client_request_timeout(std::time::Duration::from_secs(5))
    .shutdown_timeout(30)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}
