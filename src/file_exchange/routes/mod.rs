//! URLs of the pages about interface files.

mod decide;
mod download;
mod expected;
mod list;
mod reason;
mod record;
mod show;
mod upload;

use actix_web::web::{self, ServiceConfig};

use super::held::DecideError;
use super::intake::IntakeError;
use super::name::Interface;
use super::read::Scope;
use crate::access::{Caller, Right};
use crate::error::PageError;

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/interfaces", web::get().to(list::list))
        .route("/interfaces/upload", web::get().to(upload::form))
        .route("/interfaces/upload", web::post().to(upload::upload))
        .route("/interfaces/expected", web::get().to(expected::list))
        .route("/interfaces/expected/{interface}/{sender}", web::get().to(expected::form))
        .route("/interfaces/expected/{interface}/{sender}", web::post().to(expected::change))
        .route("/interfaces/held-posts/{post}", web::get().to(decide::post_form))
        .route("/interfaces/held-posts/{post}", web::post().to(decide::post))
        .route("/interfaces/files/{file}", web::get().to(show::show))
        .route("/interfaces/files/{file}/decide", web::get().to(decide::file_form))
        .route("/interfaces/files/{file}/decide", web::post().to(decide::file))
        .route("/interfaces/files/{file}/process", web::post().to(decide::process_again))
        .route("/interfaces/files/{file}/download", web::get().to(download::form))
        .route("/interfaces/files/{file}/download", web::post().to(download::download))
        .route("/interfaces/files/{file}/records/{record}", web::get().to(record::form))
        .route("/interfaces/files/{file}/records/{record}", web::post().to(record::show));
}

/// Whose files the caller sees: operators all; others those that concern their employer, of the interfaces that their roles serve.
fn scope_of(caller: &Caller) -> Scope {
    if caller.has(Right::SysAdmin) {
        return Scope::All;
    }
    let mut interfaces = content_of(caller);
    if caller.has(Right::VpdAdmin) {
        interfaces.extend([Interface::GenericOutbound.code(), Interface::Completions.code()]);
    }
    Scope::Of { vpd: caller.vpd.clone(), interfaces }
}

/// The interfaces of whose records the caller may read the content: those that the caller's roles serve.
fn content_of(caller: &Caller) -> Vec<&'static str> {
    let mut interfaces = Vec::new();
    if caller.has(Right::MedicalStaffingOfficer) {
        interfaces.extend([Interface::Applicants.code(), Interface::Notifications.code()]);
    }
    if caller.has(Right::LocalWorkstructuresAdministration) {
        interfaces.push(Interface::GenericOutbound.code());
    }
    if caller.has(Right::LearningAdministration) {
        interfaces.extend([Interface::Completions.code(), Interface::Learning.code()]);
    }
    interfaces
}

impl From<DecideError> for PageError {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NotFound => Self::NotFound,
            DecideError::Decided(text) => Self::Conflict(text),
            DecideError::Database(error) => error.into(),
        }
    }
}

impl From<IntakeError> for PageError {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Database(error) => error.into(),
            IntakeError::Read(error) => Self::unexpected(&error),
        }
    }
}
