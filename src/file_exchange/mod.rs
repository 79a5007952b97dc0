//! Interface files in and out: register, states, envelope, folders.

pub mod delimited;
pub mod envelope;
pub mod lines;
pub mod name;
pub mod refusal;

pub use name::{FileName, Interface, SequencePolicy};
pub use refusal::{Code, Refusal};

pub fn configure(_routes: &mut actix_web::web::ServiceConfig) {}
