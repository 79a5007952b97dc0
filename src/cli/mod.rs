//! The commands of `changeover`: results to standard output, logs to standard error.
//!
//! Exit status: 0 done, 1 failed, 2 wrong usage, 65 the input was refused and nothing of it was taken, 69 the database
//! cannot be reached.

mod audit;
mod daily;
mod database;
mod demo;
mod dpn_report;
mod key;
mod receive;
mod send;
mod serve;
mod setup;
mod users;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, ConfigError};
use crate::private_postgres::Problem;
use crate::schema::SchemaError;
use crate::telemetry;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const REFUSED: u8 = 65;
const UNREACHABLE: u8 = 69;

/// Moves NHS staff between employers without losing anyone's record, training or pay.
#[derive(Parser)]
#[command(name = "changeover", version, propagate_version = true)]
struct Cli {
    /// Writes the result as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the web server, and background work in the same process.
    Serve {
        /// Leaves the background work to `changeover work`.
        #[arg(long)]
        no_worker: bool,
    },
    /// Runs the background work alone.
    Work,
    /// Brings the database to this version.
    Migrate,
    /// Loads the demonstration: three employers, and a persona for each role. Running it again changes nothing.
    Demo,
    /// Fills an empty database with generated data, for load tests.
    Seed(demo::Seed),
    /// Does the day's scheduled work for a business date. Safe to repeat.
    Daily(daily::Daily),
    /// Takes interface files in now, as the inbound folder would. A file is known by its name.
    Receive(receive::Receive),
    /// The DPN report of an employer: a table, or a workbook, CSV or PDF.
    DpnReport(dpn_report::DpnReport),
    /// Writes an outbound file now; with --full all of it instead of what changed.
    Send(send::Send),
    /// Accounts, URPs and notification roles.
    #[command(subcommand)]
    User(users::UserCommand),
    /// The audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Checks the hash chain of every organisation and names the first broken link.
    Verify,
}

/// Why a command did not do its work: the sentence for standard error, and the exit status.
#[derive(Debug)]
struct Failure {
    status: u8,
    text: String,
}

impl Failure {
    fn new(text: impl Into<String>) -> Self {
        Self { status: FAILED, text: text.into() }
    }

    fn usage(text: impl Into<String>) -> Self {
        Self { status: USAGE, text: text.into() }
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    telemetry::start();
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was installed before");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return end(Err(Failure::new(format!("This machine gives no threads: {error}")))),
    };
    end(runtime.block_on(dispatch(cli)))
}

async fn dispatch(cli: Cli) -> Result<(), Failure> {
    let config = Config::from_env()?;
    let json = cli.json;
    match cli.command {
        Command::Serve { no_worker } => serve::serve(config, !no_worker).await,
        Command::Work => serve::work(config).await,
        Command::Migrate => setup::migrate(config, json).await,
        Command::Demo => demo::run(config, json).await,
        Command::Seed(size) => demo::seed(config, size, json).await,
        Command::Daily(day) => daily::run(config, day, json).await,
        Command::Receive(files) => receive::run(config, files, json).await,
        Command::DpnReport(wanted) => dpn_report::run(config, wanted, json).await,
        Command::Send(what) => send::run(config, what, json).await,
        Command::User(command) => users::run(config, command, json).await,
        Command::Audit(AuditCommand::Verify) => audit::verify(config, json).await,
    }
}

fn end(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("changeover: {}", failure.text);
            ExitCode::from(failure.status)
        }
    }
}

/// Writes one JSON object on a line of its own.
fn print_json(value: &serde_json::Value) {
    println!("{value}");
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { status: UNREACHABLE, text: problem.to_string() }
    }
}

impl From<SchemaError> for Failure {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::Database(error) => error.into(),
            error => Self::new(error.to_string()),
        }
    }
}

impl From<crate::file_exchange::intake::IntakeError> for Failure {
    fn from(error: crate::file_exchange::intake::IntakeError) -> Self {
        match error {
            crate::file_exchange::intake::IntakeError::Database(error) => error.into(),
            error => Self::new(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        // 08 connection, 28 sign-in, 3D no such database, 53 no room, 57P the server stops or starts
        let refused = |code: &str| ["08", "28", "3D", "53", "57P"].iter().any(|class| code.starts_with(class));
        let unreachable = match &error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Configuration(_) => {
                true
            }
            sqlx::Error::Database(error) => error.code().is_some_and(|code| refused(&code)),
            _ => false,
        };
        if unreachable {
            Self { status: UNREACHABLE, text: format!("The database cannot be reached: {error}") }
        } else {
            Self::new(format!("The database refused: {error}"))
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}
