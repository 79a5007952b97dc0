//! Readiness: go or no-go for a managing body's interface, why, and what to do; and the request to go live.
//!
//! A request bears its questions, the approving e-mail and the DPN report, which attaches itself; it cannot be sent while one of them is
//! missing. Operators answer on it. States: sent, in discussion, answered; then done or refused. Tables: `readiness_steps`,
//! `readiness_requests`, `readiness_messages`. Questions and conditions: Streamlined Doctors in Training Interface, December 2020.

pub mod actions;
mod jobs;
pub mod model;
mod routes;
pub mod store;
mod views;

pub use jobs::{TELL_ANSWER, TELL_REQUEST, tell_answer, tell_request};
pub use routes::configure;
