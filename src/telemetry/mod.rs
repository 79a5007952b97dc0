//! Logs that search well and never hold personal data; figures for Prometheus are collected by `metrics` where things happen.
//!
//! Standard error gets a line for each event: JSON for machines, plain text where a person watches a terminal. Lines say
//! what happened to which id, never a name, an address, a form, a token or a file's content.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged when `RUST_LOG` says nothing: no statement of SQL, no conversation with a mail server.
const DEFAULT: &str = "info,sqlx=warn,lettre=warn,actix_server=warn";

/// Logs to standard error from now on; a second call changes nothing.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let registry = tracing_subscriber::registry().with(filter);
    let started = if std::io::stderr().is_terminal() {
        registry
            .with(tracing_subscriber::fmt::layer().compact().with_target(false).with_writer(std::io::stderr))
            .try_init()
    } else {
        registry.with(lines(std::io::stderr)).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}

/// One JSON object a line: whatever a value holds, its line breaks and quotes are escaped.
pub fn lines<S, W>(writer: W) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(writer)
}
