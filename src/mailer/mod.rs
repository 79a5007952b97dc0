//! Hands one mail to the SMTP server, or says that none is set, so that it is kept.
//!
//! Every conversation ends after 30 seconds. A server that cannot be reached is asked again every half minute by one mail,
//! and the others wait without that counting as a failure of theirs.

mod message;
mod seal;

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::config::Config;
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use url::Url;

pub use message::{Outgoing, clean};
pub use seal::{open, seal};

/// How long one mail's conversation may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a server that could not be reached is left alone.
const PAUSE: Duration = Duration::from_secs(30);

/// What became of a mail that did not go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Sent,
    /// No server is set: it stays where administrators read it.
    Kept,
}

/// Why a mail did not go. The texts are shown to administrators.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server cannot be reached; nothing is wrong with the mail. Worth asking again after the pause.
    Unreachable(String, Duration),
    /// This mail did not go this time.
    Later(String),
    /// The server will never deliver to this address.
    AddressRefused(String),
    /// The server, or we, will never accept this mail.
    Refused(String),
}

/// The way to the SMTP server; cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    server: Option<Server>,
    from: String,
    /// The name in Message-IDs.
    domain: String,
}

#[derive(Clone)]
struct Server {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    host: String,
    port: u16,
    closed_until: Arc<Mutex<Option<Instant>>>,
}

impl Mailer {
    /// The mailer of this installation. The address of the server was checked with the other settings.
    pub fn from_config(config: &Config) -> Self {
        let url = config.smtp_url.as_ref().map(|url| url.expose_secret());
        let domain = config.mail_from.rsplit('@').next().unwrap_or_default();
        Self::new(url, &config.mail_from, domain).unwrap_or_else(|problem| {
            tracing::error!(problem, "mail is kept until CHANGEOVER_SMTP_URL is right");
            Self { server: None, from: config.mail_from.clone(), domain: domain.to_owned() }
        })
    }

    /// `smtp_url` as `CHANGEOVER_SMTP_URL` has it; `from` is the sender's address.
    pub fn new(smtp_url: Option<&str>, from: &str, domain: &str) -> Result<Self, String> {
        let server = smtp_url.map(Server::new).transpose()?;
        Ok(Self { server, from: from.to_owned(), domain: domain.to_owned() })
    }

    /// Whether mail leaves this installation at all.
    pub fn has_server(&self) -> bool {
        self.server.is_some()
    }

    /// Sends it, or keeps it where no server is set.
    pub async fn send(&self, mail: &Outgoing) -> Result<Fate, Trouble> {
        let Some(server) = &self.server else { return Ok(Fate::Kept) };
        // lettre panics at some names and addresses instead of refusing them; such a mail must not take others with it.
        let built = std::panic::catch_unwind(AssertUnwindSafe(|| mail.build(&self.from, &self.domain)));
        let message = match built {
            Ok(built) => built.map_err(|error| Trouble::Refused(format!("The mail cannot be written: {error}")))?,
            Err(_) => {
                return Err(Trouble::Refused("The mail cannot be written: its name or address is not usable".into()));
            }
        };
        server.send(message).await.map(|()| Fate::Sent)
    }
}

impl Server {
    fn new(address: &str) -> Result<Self, String> {
        let mut url = Url::parse(address).map_err(|error| format!("CHANGEOVER_SMTP_URL is not an address: {error}"))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let ours = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let told = url.query_pairs().any(|(name, _)| name == "tls");
        // In the clear only to ourselves; a password never.
        if url.scheme() == "smtp" && !told && !ours {
            let level = if url.password().is_some() { "required" } else { "opportunistic" };
            url.query_pairs_mut().append_pair("tls", level);
        }
        let port = match (url.port(), url.scheme()) {
            (Some(port), _) => port,
            (None, "smtps") => 465,
            (None, _) if url.query_pairs().any(|(name, _)| name == "tls") => 587,
            (None, _) => 25,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str());
        let builder = builder.map_err(|error| format!("CHANGEOVER_SMTP_URL cannot be used: {error}"))?;
        let transport = builder
            // A connection for each mail: one that was given up in the middle must not serve the next.
            .pool_config(PoolConfig::new().max_size(0))
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, host, port, closed_until: Arc::default() })
    }

    async fn send(&self, message: lettre::Message) -> Result<(), Trouble> {
        if let Some(left) = self.pause_left() {
            return Err(Trouble::Unreachable("The mail server cannot be reached".into(), left));
        }
        // The same limit over the whole conversation: a server that drips one byte now and then is no server.
        let (outcome, answered) = match timeout(PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_answer)) => return Ok(()),
            Ok(Err(error)) => (explain(&error), error.status().is_some()),
            Err(_) => (Trouble::Later("The mail server did not answer within 30 seconds".into()), false),
        };
        if !answered && matches!(outcome, Trouble::Later(_)) && !self.answers().await {
            *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PAUSE);
            return Err(Trouble::Unreachable("The mail server cannot be reached".into(), PAUSE));
        }
        Err(outcome)
    }

    /// Whether anybody listens there: tells a server that is down from one that does not like this mail.
    async fn answers(&self) -> bool {
        let connecting = TcpStream::connect((self.host.as_str(), self.port));
        timeout(Duration::from_secs(5), connecting).await.is_ok_and(|connected| connected.is_ok())
    }

    fn pause_left(&self) -> Option<Duration> {
        let until = (*self.closed_until.lock().unwrap_or_else(PoisonError::into_inner))?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

/// Reads the server's answer. Its words are kept: they name the reason and our own user's address, no more.
fn explain(error: &SmtpError) -> Trouble {
    let words = match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    };
    let code = error.status().map(u16::from);
    let text = clean(&code.map_or_else(|| words.clone(), |code| format!("{code} {words}")), 300);
    if !error.is_permanent() {
        return Trouble::Later(text);
    }
    // 5.7.x is policy and 53x is our own sign-in there: neither says anything of the address.
    match code {
        Some(530..=538) => Trouble::Later(text),
        Some(550 | 551 | 553 | 556) if !words.contains("5.7.") => Trouble::AddressRefused(text),
        _ => Trouble::Refused(text),
    }
}
