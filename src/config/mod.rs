//! Settings, read once from the environment and an optional file named by `CHANGEOVER_CONFIG`; the environment wins.
//!
//! Every problem is listed at once, so that an operator mends a file in one go. No setting is read anywhere else.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use chrono::NaiveDate;
use secrecy::SecretString;

/// Everything that an operator can set.
#[derive(Clone, Debug)]
pub struct Config {
    /// A PostgreSQL from 15 on; `None`: a private one under the data folder.
    pub database_url: Option<SecretString>,
    /// The login that may change the schema; `None`: the same.
    pub owner_url: Option<SecretString>,
    /// The private database, the exchange folders and the secret key.
    pub data_dir: PathBuf,
    /// Folder with the private database's programs; `None`: where Debian puts them, or on the path.
    pub pg_bin: Option<PathBuf>,
    pub listen: SocketAddr,
    /// Origin of every link that we send, without a slash at its end.
    pub base_url: url::Url,
    pub smtp_url: Option<SecretString>,
    /// The sender of every mail.
    pub mail_from: String,
    /// The business date, where it is fixed.
    pub today: Option<NaiveDate>,
    pub trusted_proxies: Vec<IpAddr>,
    /// Folder with `inbound/`, `outbound/`, `archive/` and `refused/`.
    pub exchange: PathBuf,
    pub metrics_from: Vec<IpAddr>,
    /// `None`: made on first start and kept in the data folder.
    pub secret_key: Option<SecretString>,
    pub passwords: PasswordCost,
}

/// What one password hash costs. OWASP's equal-strength set for Argon2id: 46 MiB, one pass, one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self { memory_kib: 47_104, passes: 1 }
    }
}

/// All that is wrong with the settings, a line each.
#[derive(Debug, thiserror::Error)]
#[error("These settings cannot be used:\n{}", .0.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<String>);

const NAMES: &[&str] = &[
    "DATABASE_URL",
    "CHANGEOVER_OWNER_URL",
    "CHANGEOVER_DATA_DIR",
    "CHANGEOVER_PG_BIN",
    "CHANGEOVER_LISTEN",
    "CHANGEOVER_BASE_URL",
    "CHANGEOVER_SMTP_URL",
    "CHANGEOVER_MAIL_FROM",
    "CHANGEOVER_TODAY",
    "CHANGEOVER_TRUSTED_PROXIES",
    "CHANGEOVER_EXCHANGE",
    "CHANGEOVER_METRICS_FROM",
    "CHANGEOVER_SECRET_KEY",
];

impl Config {
    /// Reads the environment and the file that it names.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut settings = match std::env::var("CHANGEOVER_CONFIG") {
            Ok(path) => from_file(&path).map_err(|problem| ConfigError(vec![problem]))?,
            Err(_) => BTreeMap::new(),
        };
        for name in NAMES {
            if let Ok(value) = std::env::var(name) {
                settings.insert((*name).to_owned(), value);
            }
        }
        Self::from_settings(&settings)
    }

    /// The settings in a map of names and values; an empty value counts as not set.
    pub fn from_settings(settings: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let get = |name: &str| settings.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
        for name in settings.keys().filter(|name| !NAMES.contains(&name.as_str())) {
            problems.push(format!("{name} is not a setting of Changeover: remove it or correct its name"));
        }
        let data_dir = PathBuf::from(get("CHANGEOVER_DATA_DIR").unwrap_or("./var"));
        let listen = parsed(
            get("CHANGEOVER_LISTEN"),
            "CHANGEOVER_LISTEN",
            "an address and port such as 127.0.0.1:8080",
            &mut problems,
        )
        .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        let base_url = base_url(get("CHANGEOVER_BASE_URL"), listen, &mut problems);
        let exchange = match get("CHANGEOVER_EXCHANGE") {
            None => data_dir.join("exchange"),
            Some(text) => match text.strip_prefix("file:") {
                Some(path) => PathBuf::from(path.strip_prefix("//").unwrap_or(path)),
                None => {
                    problems.push(format!(
                        "CHANGEOVER_EXCHANGE is {text:?}: this release takes a folder, as file:/srv/exchange"
                    ));
                    data_dir.join("exchange")
                }
            },
        };
        let config = Self {
            database_url: get("DATABASE_URL").map(SecretString::from),
            owner_url: get("CHANGEOVER_OWNER_URL").map(SecretString::from),
            listen,
            smtp_url: get("CHANGEOVER_SMTP_URL").map(|text| {
                // The address may hold a password, so it is not repeated.
                if lettre::SmtpTransport::from_url(text).is_err() {
                    problems.push(
                        "CHANGEOVER_SMTP_URL is no address of a mail server: give smtp://server:25 or smtps://user:password@server"
                            .to_owned(),
                    );
                }
                SecretString::from(text)
            }),
            today: parsed(get("CHANGEOVER_TODAY"), "CHANGEOVER_TODAY", "a date such as 2026-05-06", &mut problems),
            trusted_proxies: addresses(get("CHANGEOVER_TRUSTED_PROXIES"), "CHANGEOVER_TRUSTED_PROXIES", &mut problems),
            metrics_from: addresses(get("CHANGEOVER_METRICS_FROM"), "CHANGEOVER_METRICS_FROM", &mut problems),
            secret_key: get("CHANGEOVER_SECRET_KEY").map(|text| {
                if text.len() < 32 {
                    problems.push(
                        "CHANGEOVER_SECRET_KEY is too short: give at least 32 characters made at random".to_owned(),
                    );
                }
                SecretString::from(text)
            }),
            pg_bin: get("CHANGEOVER_PG_BIN").map(PathBuf::from),
            mail_from: mail_from(get("CHANGEOVER_MAIL_FROM"), &base_url, &mut problems),
            base_url,
            exchange,
            data_dir,
            passwords: PasswordCost::default(),
        };
        if problems.is_empty() { Ok(config) } else { Err(ConfigError(problems)) }
    }

    /// Whether real data is expected here: links begin with https.
    pub fn is_production(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// The origin as browsers send it in `Origin`.
    pub fn origin(&self) -> String {
        self.base_url.origin().ascii_serialization()
    }

    /// A link that works in a mail.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.as_str().trim_end_matches('/'))
    }
}

fn from_file(path: &str) -> Result<BTreeMap<String, String>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("CHANGEOVER_CONFIG names {path}, which cannot be read: {error}"))?;
    let table: toml::Table =
        text.parse().map_err(|error| format!("CHANGEOVER_CONFIG names {path}, which is not TOML: {error}"))?;
    table
        .into_iter()
        .map(|(name, value)| match value {
            toml::Value::String(text) => Ok((name, text)),
            other => Err(format!("{path}: {name} must be text in quotes, not {other}")),
        })
        .collect()
}

fn parsed<T: FromStr>(text: Option<&str>, name: &str, wanted: &str, problems: &mut Vec<String>) -> Option<T> {
    let text = text?;
    text.parse().ok().or_else(|| {
        problems.push(format!("{name} is {text:?}: give {wanted}"));
        None
    })
}

fn addresses(text: Option<&str>, name: &str, problems: &mut Vec<String>) -> Vec<IpAddr> {
    text.unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .filter_map(|part| parsed(Some(part), name, "addresses with commas between them, such as 10.0.0.5", problems))
        .collect()
}

fn base_url(text: Option<&str>, listen: SocketAddr, problems: &mut Vec<String>) -> url::Url {
    let fallback =
        || url::Url::parse(&format!("http://{listen}")).expect("a socket address makes an address of a page");
    let Some(text) = text else { return fallback() };
    match url::Url::parse(text) {
        Ok(url) if url.scheme() == "https" => url,
        Ok(url) if url.scheme() == "http" && is_loopback(&url) => url,
        Ok(_) => {
            problems.push(format!(
                "CHANGEOVER_BASE_URL is {text:?}: http is accepted for a loopback address only; give https://…"
            ));
            fallback()
        }
        Err(error) => {
            problems.push(format!("CHANGEOVER_BASE_URL is {text:?}: {error}"));
            fallback()
        }
    }
}

/// `changeover@` the host of our links; at an address without a name nobody could answer it anyhow.
fn mail_from(text: Option<&str>, base_url: &url::Url, problems: &mut Vec<String>) -> String {
    match (text, base_url.domain()) {
        (Some(text), _) => {
            if text.parse::<lettre::Address>().is_err() {
                problems.push(format!(
                    "CHANGEOVER_MAIL_FROM is {text:?}: give an address such as changeover@trust.example"
                ));
            }
            text.to_owned()
        }
        (None, Some(domain)) if domain.contains('.') => format!("changeover@{domain}"),
        (None, _) => "changeover@changeover.invalid".to_owned(),
    }
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_settings(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn every_setting_has_a_default() {
        let config = read(&[]).unwrap();
        assert_eq!(config.origin(), "http://127.0.0.1:8080");
        assert_eq!(config.link("/inbox"), "http://127.0.0.1:8080/inbox");
        assert_eq!(config.exchange, PathBuf::from("./var/exchange"));
        assert!(!config.is_production());
    }

    #[test]
    fn all_problems_are_listed_at_once() {
        let ConfigError(problems) = read(&[
            ("CHANGEOVER_TODAY", "6 May"),
            ("CHANGEOVER_LISTEN", "here"),
            ("CHANGEOVER_BASE_URL", "http://changeover.example"),
            ("CHANGEOVER_SECRET_KEY", "short"),
            ("CHANGEOVER_TODYA", "2026-05-06"),
        ])
        .unwrap_err();
        assert_eq!(problems.len(), 5, "{problems:?}");
    }

    #[test]
    fn secrets_do_not_print() {
        let config = read(&[("DATABASE_URL", "postgres://me:swordfish@db/x")]).unwrap();
        assert!(!format!("{config:?}").contains("swordfish"));
    }
}
